from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from crm.accounts.access import Viewer, governed
from crm.refusal import Fault, Refused
from customers.models import Customer


def named(
    viewer: Viewer, ids: Sequence[UUID], scope: Callable[[Viewer, Any], Any] = governed
) -> list[Customer]:
    """The customers with these ids in one query; Refused for those out of `scope` or that do not exist."""
    rows = scope(viewer, Customer.objects.select_related("owner")).filter(pk__in=ids)
    found = {row.pk: row for row in rows}
    words = _("There is no such record.")
    faults = [
        Fault(f"customers.{n}", "does_not_exist", words) for n, key in enumerate(ids) if key not in found
    ]
    if faults:
        raise Refused(*faults)
    return list(found.values())
