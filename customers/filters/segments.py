"""The filter of the customer list by segments, which are filters of that list themselves; and theirs."""

from typing import Any

from django.db.models import Q
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from crm.accounts.access import reach
from crm.accounts.models import Member
from crm.web.filters import Day, Filters, Related
from customers.models import Customer, Segment, SegmentCount


class InSegment(Related):
    """Customers in any of several segments; in one that is out of the reader's reach there is nobody."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"to": Segment, **kwargs})

    def among(self, ids: list[Any]) -> Q:
        filters: Any = self.parent
        segments = Segment.objects.filter(pk__in=ids)
        found = Q(pk__in=[])
        for each in segments if filters.viewer is None else reach(filters.viewer, segments):
            rows = Customer.objects.order_by()
            inside = type(filters)(QueryDict(each.query), rows, viewer=None, on=filters.on).rows()
            found |= Q(pk__in=inside.values("pk"))
        return found


class SegmentFilters(Filters):
    """Segments by name, by who made them, and whether they are for everybody."""

    owner = Related("owner", label=_("Made by"), to=Member)

    class Meta:
        model = Segment
        fields = ["name", "is_shared"]


class SegmentCountFilters(Filters):
    """Nightly counts by segment and day."""

    for _lookup in ("", "__gte", "__lte"):
        locals()[f"on{_lookup}"] = Day("on", _lookup[2:] or "exact", label=_("Business date"))
    del _lookup

    class Meta:
        model = SegmentCount
        fields = ["segment"]
