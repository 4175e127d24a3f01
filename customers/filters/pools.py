"""What pools, claims and pooled customers may be filtered by, on the page and in the API."""

import django_filters
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from crm.web.filters import Day, Filters, Related
from crm.web.templatetags.marks import TIERS
from customers import search
from customers.filters.records import FOUND_MOST, AnyWord, Words, between
from customers.models import Claim, CustomerPool, PooledCustomer, PoolPolicy


class PooledFilters(Filters):
    """Pooled customers by what everybody may know of them; people and phones cannot be searched."""

    search = django_filters.CharFilter(method="found", label=_("Find"), max_length=100)
    pool = Related("pool", label=_("Pool"), to=CustomerPool)
    tier = AnyWord(
        "standing__tier", label=_("Tier"), labels={code: words[1] for code, words in TIERS.items()}
    )
    region = AnyWord(method="in_region", label=_("Region"))
    industry = AnyWord("industry", label=_("Industry"))

    class Meta:
        model = PooledCustomer
        fields = ["is_locked"]

    def found(self, rows: QuerySet, name: str, term: str) -> QuerySet:
        """Rows that the term finds by name, pinyin or initials."""
        return rows.filter(pk__in=search.find(term, FOUND_MOST))

    def in_region(self, rows: QuerySet, name: str, words: Words) -> QuerySet:
        """Rows in any of several provinces or cities."""
        return rows.filter(province__in=words) | rows.filter(city__in=words)


class PoolFilters(Filters):
    """Pools by department."""

    class Meta:
        model = CustomerPool
        fields = ["code", "department"]


class PoolPolicyFilters(Filters):
    """Versions of the rules by pool."""

    class Meta:
        model = PoolPolicy
        fields = ["pool", "code"]


class ClaimFilters(Filters):
    """Claims by person, pool and day."""

    for _name, _filter in between("on", "on", Day, _("Date")):
        locals()[_name] = _filter
    del _name, _filter

    class Meta:
        model = Claim
        fields = ["customer", "member", "pool"]
