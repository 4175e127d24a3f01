"""The filters in force in words, as chips and sentences show them."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django.db.models import Model
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django_filters.utils import verbose_field_name

from crm.accounts.access import Viewer, reach
from crm.web.filters import ME, NONE, Choices, Filters, Related
from crm.web.templatetags.days import day

SIGNS = {"gte": "≥ ", "gt": "> ", "lte": "≤ ", "lt": "< "}


def told(filterset: Filters, name: str) -> dict[str, str]:
    """The field and the value of a filter in force, in words; names of records only within reach."""
    # A form gives the filters of one request longer labels than those of the class.
    each = type(filterset).base_filters[name]  # type: ignore[misc]
    label = each._label or verbose_field_name(filterset.queryset.model, each.field_name)
    return {"field": capfirst(str(label)), "value": _value(filterset, name)}


def _value(filterset: Filters, name: str) -> str:
    each = filterset.filters[name]
    value = filterset.form.cleaned_data[name]
    if isinstance(each, Related):
        return ", ".join(_names(filterset.viewer, each.to, value))
    if isinstance(each, Choices):
        labels = {str(key): str(label) for key, label in each.field.choices}
        return ", ".join(labels[word] for word in value)
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    text = day(value) if isinstance(value, date) and not isinstance(value, datetime) else str(value)
    return SIGNS.get(each.lookup_expr, "") + text


def _names(viewer: Viewer, to: type[Model] | None, values: Sequence[Any]) -> list[str]:
    said = [{ME: _("mine"), NONE: _("none")}[word] for word in values if word in (ME, NONE)]
    ids = [word for word in values if word not in (ME, NONE)]
    if not ids or to is None:
        return said
    rows = to._default_manager.filter(pk__in=ids)
    rows = reach(viewer, rows) if hasattr(to, "reach") else rows
    return [*said, *map(str, rows)] or [_("unknown")]
