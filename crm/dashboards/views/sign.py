"""The page that signs a contract (K3), with a live side panel of what the signature would bring."""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from commissions.plans import NoPlan
from commissions.views.told import CASES
from crm.accounts.models import Member
from crm.accounts.rights import Right
from crm.dashboards import customer as found_here
from crm.dashboards import dividing, signing
from crm.dashboards.signing import Draft, Estimate
from crm.periods import add_months, last_day, term_months
from crm.refusal import Refused
from crm.web.access import PageRequest, page
from crm.web.errors import refusal
from crm.web.fragments import done
from customers import confirming
from customers.contracts import Expense, Share, Terms
from customers.forms.sign import Expenses, Milestones, Rhythm, SignForm, Splits
from customers.intel import relay
from customers.models import Contract, Customer, OwnershipCredit
from customers.views.place import acts, crumbs
from tiers.policies import NoPolicy

WHOLE = 10_000
NEEDED = ("gross", "vat_rate", "currency", "signed_on", "starts_on", "ends_on")
BESIDE = {"ends_on": "last_day"}


@dataclass
class Desk:
    """The forms of the page together, and what refuses them."""

    terms: SignForm
    splits: Any
    expenses: Any
    milestones: Any
    split_faults: list[str] = field(default_factory=list)
    expense_faults: list[str] = field(default_factory=list)
    plan_faults: list[str] = field(default_factory=list)
    proposed: list[Share] = field(default_factory=list)  # before anything is typed

    def is_valid(self) -> bool:
        """Whether all are; the faults of the split as a whole are then in `split_faults`."""
        sound = [self.terms.is_valid(), self.splits.is_valid(), self.expenses.is_valid()]
        sound.append(not self.by_milestones or self.milestones.is_valid())
        self.split_faults = [str(error) for error in self.splits.non_form_errors()]
        return all(sound)

    @property
    def by_milestones(self) -> bool:
        """Whether the plan is written row by row; the rows say nothing otherwise."""
        return self.terms.is_bound and self.terms.cleaned_data.get("rhythm") == Rhythm.MILESTONES

    def put_beside(self, refused: Refused) -> None:
        """Put each fault beside the rows or the field it speaks of."""
        for fault in refused.faults:
            room = fault.field.partition("[")[0].partition(".")[0]
            if room == "shares":
                self.split_faults.append(str(fault.message))
            elif room == "expenses":
                self.expense_faults.append(str(fault.message))
            elif room == "instalments":
                self.plan_faults.append(str(fault.message))
            else:
                name = BESIDE.get(room, room)
                self.terms.add_error(name if name in self.terms.fields else None, str(fault.message))

    def draft(self, customer: Customer, home: str) -> Draft | None:
        """What is about to be signed; None while what an estimate needs is missing or wrong."""
        given = self.terms.cleaned_data
        if any(given.get(name) is None for name in NEEDED):
            return None
        plain = ("number", "title", "line", "product_kind", "renewal_of")
        terms = Terms(
            **{name: given[name] for name in NEEDED},
            **{name: given[name] for name in plain if given.get(name)} | {"number": given.get("number", "")},
            book_rate=None if given["currency"] == home else given.get("book_rate"),
            schedule=self.terms.schedule,
        )
        sound = not self.split_faults and self.splits.is_valid()
        shares = [Share(payee, int(share * WHOLE)) for payee, share in self.splits.shares] if sound else []
        expenses = self._expenses(terms) if self.expenses.is_valid() else []
        rows = [row.instalment for row in self.milestones if row.cleaned_data] if self._planned() else []
        return Draft(customer, terms, shares, expenses, rows, self.terms.cleaned_data.get("rhythm") or 0)

    def _planned(self) -> bool:
        return self.by_milestones and self.milestones.is_valid()

    def judge_plan(self, draft: Draft) -> None:
        """Whether the milestones sum to what is agreed, told beside them."""
        if not self._planned():
            return
        if draft.instalments:
            self.plan_faults = [str(fault.message) for fault in signing.plan_faults(draft)]
        else:
            self.plan_faults = [_("Write at least one milestone with its day and amount.")]

    def _expenses(self, terms: Terms) -> list[Expense]:
        rows = [row.cleaned_data for row in self.expenses if row.cleaned_data.get("amount")]
        return [
            Expense(
                number=f"{terms.number}-E{place}",
                category=row["category"],
                amount=row["amount"],
                incurred_on=terms.signed_on,
                contract_year=1,
            )
            for place, row in enumerate(rows, 1)
        ]


@require_http_methods(["GET", "HEAD", "POST"])
@page(Right.CUSTOMER_VIEW, Right.CONTRACT_SIGN)
def sign(request: PageRequest, customer_id: UUID) -> HttpResponse:
    """Terms, amounts, split, expenses and payment plan; "Check" only shows what they would bring."""
    customer = found_here.find(customer_id, request.viewer, to_write=True)
    desk = _desk(request, customer)
    if request.method != "POST":
        return _shown(request, customer, desk, 200)
    if not desk.is_valid() or "check" in request.POST:
        return _shown(request, customer, desk, 200 if desk.is_valid() else 422)
    signed = _signed(request, customer, desk)
    if signed is None:
        return _shown(request, customer, desk, 422)
    waiting = confirming.awaited_of(signed)
    said = (
        _("%(number)s is signed.") if not waiting else _("%(number)s is signed; %(names)s confirm the split.")
    )
    said = said % {"number": signed.number, "names": _(", ").join(waiting)}
    return done(request, reverse("dashboards:customer", args=[customer_id]), said)


@require_POST
@page(Right.CUSTOMER_VIEW, Right.CONTRACT_SIGN)
def estimate(request: PageRequest, customer_id: UUID) -> HttpResponse:
    """The side panel alone, for the form as it stands."""
    customer = found_here.find(customer_id, request.viewer, to_write=True)
    desk = _desk(request, customer)
    desk.is_valid()
    return render(request, "dashboards/_estimated.html", _context(request, customer, desk))


def _signed(request: PageRequest, customer: Customer, desk: Desk) -> Contract | None:
    draft, home = desk.draft(customer, request.tenant.currency), request.tenant.currency
    assert draft is not None  # the forms are valid
    if desk.by_milestones and not draft.instalments:
        desk.judge_plan(draft)
        return None
    try:
        with transaction.atomic():
            return signing.sign(draft, home, **acts(request))
    except Exception as error:
        known = refusal(error)
        if known is None or not known[1].faults:
            raise
        desk.put_beside(known[1])
    return None


def _shown(request: PageRequest, customer: Customer, desk: Desk, status: int) -> HttpResponse:
    context = {"crumbs": crumbs(customer), **_context(request, customer, desk)}
    return render(request, "dashboards/sign.html", context, status=status)


def _context(request: PageRequest, customer: Customer, desk: Desk) -> dict[str, Any]:
    home = request.tenant.currency
    found, wrong = _estimate(request, customer, desk) if desk.terms.is_bound else (None, [])
    names = {band.tier: found_here.own_name(band) for band in found_here.bands(request.today)}
    draft = desk.draft(customer, home) if desk.terms.is_bound else None
    shares = draft.shares if draft else desk.proposed
    day = draft.terms.signed_on if draft else request.today
    return {
        "customer": customer,
        "pooled": dividing.is_pooled(customer, day),
        "kept": dividing.kept(customer, shares, day),
        "awaited": dividing.awaited(customer, shares, request.viewer, request.today) if shares else [],
        "form": desk.terms,
        "splits": desk.splits,
        "expenses": desk.expenses,
        "split_faults": desk.split_faults,
        "expense_faults": desk.expense_faults,
        "milestones": desk.milestones,
        "plan_faults": desk.plan_faults,
        "currency": desk.terms["currency"].value() or home,
        "home_currency": home,
        "news": relay.proposal(customer, request.today),
        "estimate": found,
        "estimate_faults": wrong,
        "tier_name": names.get(found.tier.tier, "") if found else "",
        "tier_before_name": names.get(found.tier_before, "") if found else "",
        "case_name": CASES.get(found.case, found.case) if found else "",
    }


def _estimate(request: PageRequest, customer: Customer, desk: Desk) -> tuple[Estimate | None, list[str]]:
    home, draft = request.tenant.currency, desk.draft(customer, request.tenant.currency)
    if draft is None:
        return None, desk.split_faults
    wrong = [fault for fault in signing.faults(draft, home, request.today) if fault.field != "number"]
    if wrong:
        return None, [str(fault.message) for fault in wrong]
    if not desk.plan_faults:
        desk.judge_plan(draft)
    try:
        return signing.estimate(draft, request.viewer, home), []
    except (NoPlan, NoPolicy, Refused):
        return None, [_("No plan is in force on that day.")]


def _desk(request: PageRequest, customer: Customer) -> Desk:
    data = request.POST if request.method == "POST" else None
    about: dict[str, Any] = {"form_kwargs": {"on": request.today}}
    proposed = _proposed(customer, request.viewer.member, request.today)
    return Desk(
        SignForm(data, customer=customer, on=request.today, initial=_initial(request, customer)),
        Splits(data, prefix="splits", initial=proposed, **about),
        Expenses(data, prefix="expenses", **about),
        Milestones(data, prefix="plan", **about),
        proposed=[Share(part["payee"], int(part["share"] * WHOLE)) for part in proposed],
    )


def _initial(request: PageRequest, customer: Customer) -> dict[str, Any]:
    """The terms of the contract to renew moved on by their length; else a year from today."""
    today, home = request.today, request.tenant.currency
    blank = {"signed_on": today, "starts_on": today, "currency": home}
    old = _renewed(customer, request.GET.get("renews", ""))
    if old is None:
        return blank | {"last_day": last_day(add_months(today, 12))}
    months = round(term_months(old.starts_on, old.ends_on))
    same = ("title", "line", "product_kind", "gross", "vat_rate", "currency", "book_rate")
    return (
        blank
        | {name: getattr(old, name) for name in same}
        | {
            "renewal_of": old,
            "starts_on": old.ends_on,
            "last_day": last_day(add_months(old.ends_on, months or 12)),
        }
    )


def _renewed(customer: Customer, text: str) -> Contract | None:
    try:
        return Contract.objects.filter(customer=customer, pk=UUID(text)).first()
    except ValueError:
        return None


def _proposed(customer: Customer, signer: Member, on: date) -> list[dict[str, Any]]:
    """The split that ownership suggests: collaborators and whose news led here their part, the responsible
    person the rest."""
    role = OwnershipCredit.Role.COLLABORATOR
    credits = OwnershipCredit.objects.filter(customer=customer, role=role, valid_to__isnull=True)
    parts: list[dict[str, Any]] = [
        {"payee": credit.member or credit.department, "share": Decimal(credit.basis_points) / WHOLE}
        for credit in credits.select_related("member", "department")
    ]
    news = relay.proposal(customer, on)
    if news and news.department not in [part["payee"] for part in parts]:
        parts.append({"payee": news.department, "share": Decimal(news.basis_points) / WHOLE})
    rest = 1 - sum((part["share"] for part in parts), Decimal(0))
    return [{"payee": customer.owner or signer, "share": rest}, *parts]
