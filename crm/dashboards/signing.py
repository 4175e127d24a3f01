"""What signing a contract would bring: the tier after it, and who is paid what; and the signing itself."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any, cast
from uuid import UUID

from django.db.models import Sum
from django.utils.translation import gettext as _

from commissions import payees, recorded, takenover
from commissions.calculation import calculate, facts
from commissions.calculation.result import Result
from commissions.calculation.shares import RULED, Row
from commissions.classes import judged_by_amount
from commissions.explained import row_steps
from commissions.models import PlanVersion
from commissions.plans import Book, StoredPlan
from commissions.views import told
from crm.accounts.access import Viewer
from crm.accounts.models import Department, Member
from crm.money import from_fen, to_fen
from crm.refusal import Fault, Refused
from crm.web.templatetags.amounts import money
from crm.web.why import Row as Line
from crm.web.why import Why
from customers import contracts
from customers.contracts import Expense, Instalment, Share, Terms
from customers.models import Contract, ContractYear, Customer
from customers.ownership import Takeover
from customers.terms import DAYS, FIELDS, YearRow, in_parts, judged, receivables, years_of
from tiers.models import TierBand
from tiers.policies import in_force


@dataclass(frozen=True)
class Draft:
    """A contract that is about to be signed, due as `instalments` say or `every` so many months."""

    customer: Customer
    terms: Terms
    shares: Sequence[Share] = ()
    expenses: Sequence[Expense] = ()
    instalments: Sequence[Instalment] = ()
    every: int = 0


@dataclass(frozen=True)
class Part:
    """What one payee is to get in all, and why."""

    name: str
    amount: Decimal
    is_mine: bool
    why: Why


@dataclass(frozen=True)
class Estimate:
    """The side panel: tier and amounts after signing. Amounts are in the plan's currency."""

    years: Sequence[YearRow]
    tier: TierBand
    tier_before: str
    annual: Decimal
    currency: str
    case: str
    pool: Decimal
    parts: list[Part] = field(default_factory=list)


def faults(draft: Draft, home: str, on: date) -> list[Fault]:
    """What stands against the terms of a draft, for a tenant whose currency is `home`."""
    terms = draft.terms
    row = Contract(
        **{name: getattr(terms, name) for name in (*FIELDS, *DAYS) if name != "book_rate"},
        book_rate=1 if terms.book_rate is None else terms.book_rate,
        customer=draft.customer,
    )
    return judged(row, terms, home=home, on=on)


def plan_faults(draft: Draft) -> list[Fault]:
    """What stands against the payment plan of a draft with sound terms."""
    terms = draft.terms
    row = Contract(customer=draft.customer, starts_on=terms.starts_on, ends_on=terms.ends_on)
    return receivables(row, draft.instalments, years_of(terms))[1]


def sign(draft: Draft, home: str, *, by: Any, at: datetime, on: date) -> Contract:
    """Sign the draft. Refused as customers.contracts.sign."""
    if found := faults(draft, home, on):
        raise Refused(*found)
    return contracts.sign(
        draft.customer,
        terms=draft.terms,
        shares=draft.shares,
        instalments=draft.instalments or in_parts(years_of(draft.terms), draft.every),
        expenses=draft.expenses,
        by=by,
        at=at,
        on=on,
    )


def estimate(draft: Draft, viewer: Viewer, currency: str) -> Estimate:
    """What the draft would bring. Sound terms and shares only: customers.contracts judges them."""
    plan, years = _paying(draft), years_of(draft.terms)
    result = calculate(judged_by_amount(_request(draft, plan, currency)))
    annual = _annual(draft, years)
    bands = sorted(in_force(draft.terms.signed_on).bands.all(), key=lambda band: band.rank)
    signing = result.signing
    assert signing is not None  # the request has a contract
    return Estimate(
        years=years,
        tier=_band(bands, annual, _override(draft.customer, draft.terms.signed_on)),
        tier_before=draft.customer.standing.tier,
        annual=annual,
        currency=plan.currency,
        case=signing.case.name,
        pool=from_fen(sum(pool.dept_pool for pool in result.years)),
        parts=_parts(draft, result, plan, viewer),
    )


def _paying(draft: Draft) -> StoredPlan:
    """The plan by which the signed contract would be paid."""
    return Book().paying(draft.customer.responsible_dept_id, draft.terms.signed_on)


def _band(bands: list[TierBand], annual: Decimal, decided: facts.ClassOverride | None) -> TierBand:
    """The tier by decision if there is one, else that of the amount; `bands` rise."""
    by_amount = [band for band in bands if band.lower <= annual][-1]
    return next((band for band in bands if decided and band.tier == decided.customer_class), by_amount)


def _annual(draft: Draft, years: Sequence[YearRow]) -> Decimal:
    """What counts a year on the first day of the new contract, the others of the customer included."""
    day = max(draft.terms.signed_on, draft.terms.starts_on)
    others = ContractYear.objects.filter(
        customer=draft.customer, counts_from__lte=day, counts_until__gt=day
    ).aggregate(sum=Sum("annual_amount"))["sum"]
    return (others or Decimal("0.00")) + years[0].annual_amount


def _request(draft: Draft, plan: StoredPlan, currency: str) -> facts.Request:
    terms, customer = draft.terms, draft.customer
    return facts.Request(
        plan=plan.plan,
        contract=_fact(draft, currency),
        others=_family(customer, plan.currency),
        class_override=_override(customer, terms.signed_on),
        splits=tuple(facts.Share(payees.of_payee(s.payee), s.basis_points) for s in draft.shares) or None,
        ops_splits=(facts.Share(payees.ops_department(), facts.ALL),),
        events=tuple(takenover.events(_taken(customer), terms.signed_on)),
        as_of=terms.signed_on,
    )


def _taken(customer: Customer) -> list[Takeover]:
    return takenover.takeovers_of({customer.pk})[customer.pk]


def _family(customer: Customer, currency: str) -> tuple[facts.Contract, ...]:
    return tuple(recorded.families({customer.pk}, currency)[customer.pk].values())


def _override(customer: Customer, day: date) -> facts.ClassOverride | None:
    return recorded.override_on(recorded.overrides_of({customer.pk})[customer.pk], day)


def _fact(draft: Draft, currency: str) -> facts.Contract:
    terms = draft.terms
    foreign = bool(terms.currency) and terms.currency != currency
    return facts.Contract(
        number=terms.number,
        gross=to_fen(terms.gross),
        signed_on=terms.signed_on,
        starts_on=terms.starts_on,
        ends_on=terms.ends_on,
        line=terms.line,
        vat_rate=Fraction(terms.vat_rate),
        currency=terms.currency or currency,
        book_rate=Fraction(terms.book_rate) if foreign and terms.book_rate else None,
        schedule=None if terms.schedule is None else tuple(map(to_fen, terms.schedule)),
        responsible_dept=payees.of_department(cast(UUID, draft.customer.responsible_dept_id)),
        renewal_of=terms.renewal_of.number if terms.renewal_of else None,
        expenses=tuple(facts.Expense(to_fen(each.amount), each.category) for each in draft.expenses),
    )


def _parts(draft: Draft, result: Result, plan: StoredPlan, viewer: Viewer) -> list[Part]:
    """Each payee's sum over all years, in the order of the split, then who keeps a part; not the ops pool."""
    rows = [row for row in result.rows if row.component in RULED]
    version = PlanVersion.objects.select_related("plan").get(pk=plan.version_id(result.version.code))
    found = []
    for key, payee in _payees(draft).items():
        own = [row for row in rows if row.payee == key]
        if own:
            amount = from_fen(sum(row.amount for row in own))
            why = _why(result, own[0], money(amount, plan.currency), version, viewer)
            found.append(Part(str(payee), amount, payee.pk == viewer.id, why))
    return found


def _payees(draft: Draft) -> dict[str, Member | Department]:
    """Who has a share, and after them from whom the customer was taken over: he may keep a part."""
    named: dict[str, Any] = {payees.of_payee(share.payee): share.payee for share in draft.shares}
    before = Member.objects.in_bulk([each.from_member_id for each in _taken(draft.customer)])
    return named | {
        payees.of_member(key): who for key, who in before.items() if payees.of_member(key) not in named
    }


def _why(result: Result, row: Row, amount: str, version: PlanVersion, viewer: Viewer) -> Why:
    """The steps that lead to a payee's first year, told as those of a signed contract are."""
    return Why(
        title=_("Why %(amount)s?") % {"amount": amount},
        sentence=_("What the contract pays in all, when its cash arrives in time."),
        rows=told.rows(row_steps(result, row), row.component, viewer),
        result=Line(_("In all"), (amount,)),
        rule=version.plan.name,
        version=version.code,
        valid_from=version.valid_from,
    )
