"""What a quota counts: the new business of a department in a calendar year (crm/decisions/014).

Credited is the agreed amount of the first contract year, at the book rate, with or without tax as the plan's
base is. The department is the responsible one, the year that of the signature. Contracts count in the order
(signed_on, id). Neither expenses nor a cancellation change what was credited.
"""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from itertools import accumulate
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import F, Q, QuerySet

from commissions.calculation.plan import Plan, PlanVersion
from crm.money import net_of_tax, round_ratio, to_fen
from customers.models import Contract

FIRST_YEAR = ("signed_on", "id", "gross_of_year", "book_rate", "vat_rate")


class Signed(NamedTuple):
    """The contracts of one department and year in their order, and what all before each were credited."""

    places: Sequence[tuple[date, UUID]]
    before: Sequence[int]


class Credited:
    """What departments were credited before each contract, read once for a run: one query a year of one."""

    def __init__(self) -> None:
        self._known: dict[tuple[UUID, int, str], Signed] = {}

    def fed(
        self, plan: Plan, department_id: UUID | None, signed_on: date, contract_id: UUID | None = None
    ) -> Plan:
        """The plan with its quotas told what was credited before a contract; None is one not yet signed."""
        if department_id is None or not has_quota(plan):
            return plan
        versions = tuple(
            self._fed(version, department_id, signed_on, contract_id) for version in plan.versions
        )
        return replace(plan, versions=versions)

    def _fed(
        self, version: PlanVersion, department_id: UUID, signed_on: date, contract_id: UUID | None
    ) -> PlanVersion:
        if version.quota is None:
            return version
        signed = self._signed(department_id, signed_on.year, version.base_tax)
        if contract_id is None:
            place = sum(day <= signed_on for day, _id in signed.places)
        else:
            place = bisect_left(signed.places, (signed_on, contract_id))
        credited = version.quota.credited_before + signed.before[place]
        return replace(version, quota=version.quota._replace(credited_before=credited))

    def _signed(self, department_id: UUID, year: int, base_tax: str) -> Signed:
        asked = (department_id, year, base_tax)
        if asked not in self._known:
            rows = list(_of_year(department_id, year).values_list(*FIRST_YEAR))
            amounts = [_amount(gross, rate, vat, base_tax) for _day, _id, gross, rate, vat in rows]
            places = [(day, key) for day, key, *_rest in rows]
            self._known[asked] = Signed(places, [0, *accumulate(amounts)])
        return self._known[asked]


def has_quota(plan: Plan) -> bool:
    """Whether a version of the plan has an accelerator."""
    return any(version.quota is not None for version in plan.versions)


def later(contracts: Iterable[Contract]) -> set[UUID]:
    """Contracts whose quota counts one of these: signed later in the same year for the same department."""
    after = Q(pk__in=())
    for row in contracts:
        rest = Q(signed_on__gt=row.signed_on) | Q(signed_on=row.signed_on, id__gt=row.id)
        same = Q(responsible_dept=row.responsible_dept_id, signed_on__year=row.signed_on.year)
        after |= same & rest
    return set(Contract.objects.filter(after).values_list("id", flat=True))


def _of_year(department_id: UUID, year: int) -> QuerySet[Any]:
    rows = Contract.objects.filter(responsible_dept=department_id, signed_on__year=year, years__number=1)
    return rows.annotate(gross_of_year=F("years__gross")).order_by("signed_on", "id")


def _amount(gross: Decimal, book_rate: Decimal, vat_rate: Decimal, base_tax: str) -> int:
    rate = Fraction(book_rate)
    fen = round_ratio(to_fen(gross) * rate.numerator, rate.denominator)
    return fen if base_tax == "INCLUSIVE" else net_of_tax(fen, Fraction(vat_rate))
