"""One FilterSet for a page and its API resource; a filter on a hidden field does not exist.

Only the filters that a request names are built: a list of thirty filters costs as much as the two in use.
"""

import re
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from functools import cache
from types import MappingProxyType
from typing import Any
from uuid import UUID

import django_filters
from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q, QuerySet
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from crm.accounts.access import Viewer
from crm.accounts.models import Department
from crm.accounts.rights import Right
from crm.refusal import Fault, Refused
from crm.tenancy.context import tenant

ME, NONE = "me", "none"


class Several(forms.SelectMultiple):
    """Values given by repetition or with commas: `tier=KEY&tier=MAJOR`, `tier=KEY,MAJOR`."""

    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[str]:
        given = data.getlist(name) if hasattr(data, "getlist") else [data.get(name, "")]
        return [word.strip() for text in given for word in text.split(",") if word.strip()]


class References(forms.Field):
    """Ids of records, `me` for the reader's own, `none` for rows without one."""

    widget = Several
    default_error_messages = {"invalid": _("“%(value)s” is no id.")}

    def to_python(self, value: Any) -> list[UUID | str]:
        return [word if word in (ME, NONE) else self._id(word) for word in value or ()]

    def _id(self, word: str) -> UUID:
        try:
            return UUID(word)
        except ValueError:
            raise ValidationError(self.error_messages["invalid"], "invalid", {"value": word}) from None


class Choices(django_filters.Filter):
    """Any of several fixed words."""

    field_class = forms.MultipleChoiceField

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"widget": Several, **kwargs})

    def filter(self, qs: QuerySet, value: Any) -> QuerySet:
        return qs.filter(**{f"{self.field_name}__in": value}) if value else qs


class Related(django_filters.Filter):
    """Any of several records that a foreign key points at; `to` lets a page name them."""

    field_class = References

    def __init__(self, *args: Any, to: type[models.Model] | None = None, **kwargs: Any) -> None:
        self.to = to
        super().__init__(*args, **kwargs)

    def filter(self, qs: QuerySet, value: list[UUID | str]) -> QuerySet:
        if not value:
            return qs
        found = Q(**{f"{self.field_name}__isnull": True}) if NONE in value else Q()
        ids = [self.own(self.parent.viewer) if word == ME else word for word in value if word != NONE]
        return qs.filter(found | self.among(ids) if ids else found)

    def own(self, viewer: Viewer) -> UUID:
        return viewer.id

    def among(self, ids: list[Any]) -> Q:
        return Q(**{f"{self.field_name}__in": ids})


class DepartmentTree(Related):
    """A department with everything below it; `me` is the reader's own."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"to": Department, **kwargs})

    def own(self, viewer: Viewer) -> UUID:
        return viewer.department_id

    def among(self, ids: list[Any]) -> Q:
        return Q(**{f"{self.field_name}__in": Department.objects.filter(ancestors__overlap=ids).values("id")})


class Day(django_filters.DateFilter):
    """A date as ISO 8601 writes it, in every language, or one counted from today: `today-60`, `today+90`."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"input_formats": ["%Y-%m-%d"], **kwargs})


DEFAULTS = {
    **django_filters.FilterSet.FILTER_DEFAULTS,
    models.ForeignKey: {"filter_class": Related, "extra": lambda f: {"to": f.related_model}},
    models.DateField: {"filter_class": Day},
    models.DateTimeField: {"filter_class": django_filters.IsoDateTimeFilter},
}


FROM_TODAY = re.compile(r"today(?:([+ -])(\d{1,4}))?")  # a plus that nobody escaped arrives as a space


def counted_from(text: str, on: date) -> str:
    """`today-60` as a date, counted from `on`; any other text as it is."""
    found = FROM_TODAY.fullmatch(text)
    if not found:
        return text
    days = timedelta(int(found[2] or 0))
    return (on - days if found[1] == "-" else on + days).isoformat()


def _dated(data: QueryDict, offered: Mapping[str, django_filters.Filter], on: date) -> QueryDict:
    """The words with the days that are counted from today told as dates."""
    moving = [name for name in data if isinstance(offered.get(name), Day)]
    if not moving:
        return data
    dated = data.copy()
    for name in moving:
        dated.setlist(name, [counted_from(text, on) for text in data.getlist(name)])
    return dated


class Filters(django_filters.FilterSet):
    """Base of every FilterSet. `secrets` names the right behind a filter and all its lookups."""

    FILTER_DEFAULTS = DEFAULTS
    secrets: Mapping[str, Right] = {}

    def __init__(
        self,
        data: QueryDict,
        rows: QuerySet,
        *,
        viewer: Viewer | None,
        every: bool = False,
        on: date | None = None,
    ) -> None:
        """Filters named in `data`; `every` builds them all, for a form. `on` is the day that is today.

        Without a viewer, as in the night, all filters are offered and `me` is nobody.
        """
        self.viewer: Any = viewer
        self.on = on
        offered = self.offered(viewer)
        data = _dated(data, offered, on) if on else data
        wanted = offered if every else [name for name in data if name in offered]
        self.base_filters = {name: offered[name] for name in wanted}
        super().__init__(data, rows)

    @classmethod
    def offered(cls, viewer: Viewer | None) -> Mapping[str, django_filters.Filter]:
        """The filters that a viewer may use; all of them for the documentation."""
        filters: Any = cls
        return _offered(filters, None if viewer is None else viewer.rights)

    @classmethod
    def get_filters(cls) -> dict[str, django_filters.Filter]:
        with tenant(0):  # the library asks the manager for its lookups, which needs a scope but no row
            return super().get_filters()

    @classmethod
    def filter_for_lookup(cls, field: models.Field, lookup_type: str) -> tuple[Any, dict[str, Any]]:
        found, extra = super().filter_for_lookup(field, lookup_type)
        if found is django_filters.ChoiceFilter:  # a filter takes several words everywhere
            return Choices, {"choices": field.choices}
        return found, extra

    def rows(self) -> QuerySet:
        """The filtered rows; Refused with the filters that hold nonsense."""
        if self.base_filters and not self.is_valid():
            raise Refused(*self._faults())
        return self.filter_queryset(self.queryset) if self.base_filters else self.queryset

    def _faults(self) -> Iterable[Fault]:
        for name, errors in self.errors.get_json_data().items():
            for each in errors:
                yield Fault(name, each["code"] or "invalid", each["message"])


@cache
def _offered(filters: Any, rights: frozenset[Right] | None) -> Mapping[str, django_filters.Filter]:
    """The filters of a list for a holder of `rights`, found once and read by everybody."""
    offered = {}
    for name, each in filters.base_filters.items():
        right = filters.secrets.get(name.partition("__")[0])
        if rights is None or right is None or right in rights:
            offered[name] = each
    return MappingProxyType(offered)
