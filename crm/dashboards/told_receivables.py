"""What happened to the accounts of a customer (往来账款), told in one line; amounts only to who sees them."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.accounts.access import Viewer
from crm.accounts.roles import Right
from crm.dashboards.entries import Kind


def _terms(data: Mapping[str, Any], viewer: Viewer) -> str:
    words = _("%(days)s days of credit, a statement every %(months)s months")
    told = words % {"days": data.get("credit_days"), "months": data.get("statement_months")}
    return f"{data.get('contract', '')} · {told}"


KINDS: dict[str, Kind] = {
    "credit_terms.agreed": Kind(
        "contract",
        "calendar",
        gettext_lazy("Credit terms agreed"),
        _terms,
        right=Right.RECEIVABLE_VIEW,
    ),
}
