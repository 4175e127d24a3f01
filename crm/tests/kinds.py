"""Kinds of records that stand in addresses, each made twice: near (李娜's) and far (孙悦's)."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

import typst
from django.core.files.base import ContentFile

from commissions import adjusting, closing, drafts
from commissions.linedisputes import cases as cases_of_lines
from commissions.models import (
    Adjustment,
    Attachment,
    Commencement,
    DisputePolicy,
    Entitlement,
    LedgerEntry,
    LineDispute,
    Period,
    Plan,
    PlanAssignment,
    PlanVersion,
    PoolDistribution,
    Replay,
    Statement,
)
from commissions.replay import Sums
from crm.events.models import Event
from crm.integrations import keys
from crm.integrations.imports import receiving
from crm.integrations.imports.kinds import kind_of
from crm.nightly.models import NightRun
from crm.periods import add_months
from crm.tests import morning
from crm.tests.cast import NOW, TODAY, Company
from customers import arranging, cash, collaborators, contacts, contracts, interactions, segments, tagging
from customers.disputes import cases, rulings
from customers.intel import relay
from customers.models import (
    AssignmentPolicy,
    BankLine,
    Claim,
    Contract,
    Customer,
    CustomerPool,
    Dunning,
    DunningPolicy,
    Extension,
    Handover,
    HandoverRow,
    OwnershipCredit,
    OwnershipDispute,
    PoolPolicy,
    Receivable,
    Registration,
    Segment,
    SegmentCount,
    SplitConfirmation,
    Usage,
)
from customers.pools import extending, sea
from customers.pools import rules as poolrules
from customers.receivables import credit, reconciling, writeoffs
from customers.registrations import registering
from lifecycle import followups
from lifecycle.models import Neglect, NeglectPolicy, RiskPolicy, RiskScore, StageMove
from tiers import overrides, proposals, reviews, rfm, strategies
from tiers.models import Grade, Review, ReviewLine, RfmPolicy, RfmScore, Strategy, TierPolicy, TierProposal

PEOPLE = ("gao", "chen", "wu", "li", "wang", "he", "qian", "tian", "an", "shen")  # one for each role
ALL = frozenset(PEOPLE)
WIDE = frozenset({"gao", "he", "qian", "tian", "an", "shen"})  # who see every customer
OF_LI = WIDE | {"li", "chen"}
OF_SUN = WIDE
SERVED_OF_LI = OF_LI | {"wang"}  # operations see whom a contract in force is served
SERVED_OF_SUN = OF_SUN | {"wang"}
REVIEWERS = frozenset({"gao", "qian", "tian", "shen"})  # who review the commission of the whole company
PAID_LI = REVIEWERS | {"li", "chen"}
PAID_IN_EAST = REVIEWERS | {"li", "chen", "wu"}
PAID = ALL - {"he", "an"}  # who are paid by the plan, or review what it pays


@dataclass(frozen=True)
class Kind:
    """A kind of record: how the two are made in a company's scope, and who of the cast sees each."""

    near: Callable[[Company], Any]
    far: Callable[[Company], Any]
    near_seen_by: frozenset[str] = ALL
    far_seen_by: frozenset[str] = ALL


def _customer(company: Company, owner: str) -> Customer:
    found = Customer.objects.filter(name=f"矩阵 {owner}").first()
    return found or morning.customer(company.people[owner], f"矩阵 {owner}")


def _of(owner: str, make: Callable[[Company, str], Any]) -> Callable[[Company], Any]:
    return lambda company: make(company, owner)


def _contract(company: Company, owner: str) -> UUID:
    if found := Contract.objects.filter(number=f"M-{owner}").first():
        return found.pk
    buyer = _customer(company, owner)
    return morning.sign(buyer, f"M-{owner}", "120000.00", starts_on=morning.day(-30), due=[morning.day(9)]).pk


def _contact(company: Company, owner: str) -> UUID:
    person = company.people[owner]
    return contacts.add(_customer(company, owner), name="王经理", by=person, at=NOW, on=TODAY).pk


def _follow_up(company: Company, owner: str) -> UUID:
    person, now = company.people[owner], morning.noon(morning.today())
    row = followups.open(
        _customer(company, owner),
        title="回访",
        due_on=morning.day(5),
        by=person,
        at=now,
        on=morning.today(),
    )
    return row.pk


def _key(company: Company, owner: str) -> UUID:
    member = company.people[owner]
    return keys.issue(member=member, name="m", scopes=["customers:read"], by=member, at=NOW, on=TODAY)[0].pk


def _tag(company: Company, owner: str) -> UUID:
    person = company.people[owner]
    return tagging.put(_customer(company, owner), name="矩阵", by=person, at=NOW, on=TODAY).pk


def _receivable(company: Company, owner: str) -> UUID:
    return Receivable.objects.get(contract=_contract(company, owner)).pk


def _payment(company: Company, owner: str) -> UUID:
    contract = Contract.objects.get(pk=_contract(company, owner))
    return morning.receive(contract, "1000.00", morning.day(-1)).pk


def _expense(company: Company, owner: str) -> UUID:
    contract = Contract.objects.get(pk=_contract(company, owner))
    row = cash.book_expense(
        contract,
        number=f"E-{owner}",
        category="TRAVEL",
        amount=Decimal("100.00"),
        incurred_on=morning.day(-1),
        by=company.people[owner],
        at=NOW,
        on=morning.today(),
    )
    return row.pk


def _credit_terms(company: Company, owner: str) -> UUID:
    contract = Contract.objects.get(pk=_contract(company, owner))
    found = contract.credit_terms.first()
    if found is None:
        told = {"by": company.qian, "at": NOW, "on": morning.today()}
        found = credit.agree(contract, credit_days=15, **told)
    return found.pk


def _write_off(company: Company, owner: str) -> UUID:
    """A proposal of 钱敏's to give up what fell due a week ago."""
    deal = Contract.objects.filter(number=f"W-{owner}").first()
    if deal is None:
        about: dict[str, Any] = {"starts_on": morning.day(-30), "due": [morning.day(-7)]}
        deal = morning.sign(_customer(company, owner), f"W-{owner}", "50000.00", **about)
    if found := deal.write_offs.first():
        return found.pk
    told: dict[str, Any] = {"by": company.qian, "at": NOW, "on": morning.today()}
    return writeoffs.propose(deal.receivables.get(), amount=Decimal("50.00"), reason="注销", **told).pk


def _reconciliation(company: Company, owner: str) -> UUID:
    """The draft of a statement over the last ten days, in which something fell due."""
    buyer = _customer(company, owner)
    if found := buyer.reconciliations.first():
        return found.pk
    _write_off(company, owner)
    about = {"starts_on": morning.day(-10), "ends_on": morning.today(), "currency": "CNY"}
    told: dict[str, Any] = {"by": company.qian, "at": NOW, "on": morning.today()}
    return reconciling.prepare(buyer, **about, **told).pk


def _bank_line(company: Company, owner: str) -> UUID:
    """A line of the bank that nobody has matched; whose it is, nobody knows."""
    about = {"received_on": morning.today(), "amount": Decimal("123.45"), "currency": "CNY"}
    named = {"serial": f"BANK-{owner}", "payer": "某公司", "entered_on": morning.today()}
    return BankLine.objects.get_or_create(serial=named["serial"], defaults=named | about)[0].pk


def _dunning(company: Company, owner: str) -> UUID:
    """An account of which something is a week overdue."""
    _write_off(company, owner)
    deal = Contract.objects.get(number=f"W-{owner}")
    about = {
        "customer_id": deal.customer_id,
        "step": 1,
        "since": morning.day(-7),
        "reached_on": morning.day(-6),
    }
    return Dunning.objects.get_or_create(contract=deal, defaults=about)[0].pk


def _dunning_policy(company: Company) -> UUID:
    return DunningPolicy.objects.get_or_create(valid_from=morning.day(-99))[0].pk


def _interaction(company: Company, owner: str) -> UUID:
    person, on = company.people[owner], morning.today()
    buyer = _customer(company, owner)
    return interactions.log(buyer, kind="CALL", note="通话", happened_on=on, by=person, at=NOW, on=on).pk


def _usage(company: Company, owner: str) -> UUID:
    buyer = _customer(company, owner)
    return Usage.objects.create(customer=buyer, day=morning.today(), measure="logins", value=1).pk


def _ownership(company: Company, owner: str) -> UUID:
    return OwnershipCredit.objects.filter(customer=_customer(company, owner)).order_by("id")[0].pk


def _pool(company: Company, owner: str) -> UUID:
    """The pool of the owner's department."""
    department = company.people[owner].department
    if found := CustomerPool.objects.filter(department=department).first():
        return found.pk
    about: dict[str, Any] = {"code": department.code, "name": f"{department.name}公海"}
    return poolrules.open_pool(**about, department=department, by=company.an, at=NOW, on=TODAY).pk


def _pooled(company: Company, owner: str) -> UUID:
    """A customer that the owner has given back."""
    _pool(company, owner)
    found = Customer.objects.filter(name=f"公海 {owner}").first()
    row = found or morning.customer(company.people[owner], f"公海 {owner}")
    if row.owner is not None:
        told: dict[str, Any] = {"at": morning.noon(morning.today()), "on": morning.today()}
        sea.give_back(row, reason="无需求", by=company.people[owner], **told)
    return row.pk


def _claim(company: Company, owner: str) -> UUID:
    """A customer that the owner has claimed out of the company's pool."""
    about = {"member": company.people[owner], "pool": CustomerPool.objects.get(department=None)}
    day = {"on": morning.today(), "at": morning.noon(morning.today())}
    return Claim.objects.create(customer=_customer(company, owner), **about, **day).pk


def _event(company: Company) -> UUID:
    return Event.objects.order_by("id").values_list("pk", flat=True)[0]


def _pool_policy(company: Company) -> UUID:
    return PoolPolicy.objects.get(pool__department=None).pk


def _arrangement(company: Company, owner: str) -> UUID:
    """The owner's department is responsible for a customer of his by decision of the company."""
    buyer, told = _customer(company, owner), {"at": morning.noon(morning.today()), "on": morning.today()}
    department = company.people[owner].department
    return arranging.arrange(buyer, department=department, reason="矩阵", by=company.gao, **told).pk


def _assignment_policy(company: Company) -> UUID:
    return AssignmentPolicy.objects.get().pk


def _paid_contract(company: Company, owner: str) -> UUID:
    """A contract of which half was paid, so that it has entitlements and entries."""
    key = _contract(company, owner)
    morning.receive(Contract.objects.get(pk=key), "60000.00", morning.day(-1), f"half of M-{owner}")
    return key


def _entry(company: Company, owner: str) -> UUID:
    whose = {"contract": _paid_contract(company, owner), "member": company.people[owner]}
    return LedgerEntry.objects.filter(**whose).order_by("id")[0].pk


def _entitlement(company: Company, owner: str) -> UUID:
    whose = {"contract": _paid_contract(company, owner), "member": company.people[owner]}
    return Entitlement.objects.get(**whose).pk


def _period(company: Company) -> UUID:
    """Last month, approved, with what it pays 李娜 and 孙悦."""
    last = add_months(morning.today().replace(day=1), -1)
    if found := Period.objects.filter(month=f"{last:%Y-%m}", state="APPROVED").first():
        return found.pk
    for owner in ("li", "sun"):
        buyer = _customer(company, owner)
        signed = morning.sign(buyer, f"P-{owner}", "1000.00", starts_on=last, signed_on=last)
        morning.receive(signed, "1000.00", last)
    row, acts = Period.objects.get(month=f"{last:%Y-%m}"), {"at": NOW, "on": morning.today()}
    for verb, person in ((closing.calculate, "tian"), (closing.review, "gao"), (closing.approve, "gao")):
        verb(row, by=company.viewer(person), **acts)
    return row.pk


def _commencement(company: Company) -> UUID:
    """A proposal of this month, laid down beside the verb: other kinds have approved a month by now."""
    if found := Commencement.objects.first():
        return found.pk
    month = f"{morning.today():%Y-%m}"
    return Commencement.objects.create(month=month, proposed_by=company.tian, proposed_at=NOW).pk


def _statement(company: Company, owner: str) -> UUID:
    return Statement.objects.get(period=_period(company), member=company.people[owner]).pk


def _own_line(company: Company, owner: str) -> UUID:
    """The line of the owner's statement of last month."""
    row = Statement.objects.get(pk=_statement(company, owner))
    lines = LedgerEntry.objects.filter(posting_period=row.period.month, member=row.member, kind="EARNED")
    return lines.order_by("id")[0].pk


def _line_dispute(company: Company, owner: str) -> UUID:
    """The owner disputes it, with a file; his head is to answer."""
    entry = LedgerEntry.objects.get(pk=_own_line(company, owner))
    if found := LineDispute.objects.filter(entry=entry).first():
        return found.pk
    row, act = Statement.objects.get(pk=_statement(company, owner)), {"at": NOW, "on": morning.today()}
    about = {"category": "RATE", "words": "比例", "expected": entry.amount + 1, "file": _file()}
    return cases_of_lines.open_dispute(row, entry, by=company.viewer(owner), **about, **act).pk


def _file() -> ContentFile:
    return ContentFile(typst.compile(b"matrix", ignore_system_fonts=True), name="matrix.pdf")


def _adjustment(company: Company, owner: str) -> UUID:
    """One that the commission admin proposes for the owner."""
    if found := Adjustment.objects.filter(member=company.people[owner]).first():
        return found.pk
    _period(company)
    about = {"amount": Decimal("7.00"), "reason": "矩阵", "file": _file(), "payee": company.people[owner]}
    act = {"by": company.viewer("tian"), "at": NOW, "on": morning.today()}
    return adjusting.propose(**about, **act).pk


def _attachment(company: Company, owner: str) -> UUID:
    return Attachment.objects.get(dispute=_line_dispute(company, owner)).pk


def _dispute_policy(company: Company) -> UUID:
    about = {"open_days": 30, "answer_workdays": 10, "head_below": 1, "finance_below": 2}
    found = DisputePolicy.objects.get_or_create(valid_from=morning.day(900), defaults=about)
    return found[0].pk


def _plan(company: Company) -> UUID:
    return Plan.objects.get(code="DEFAULT").pk


def _plan_version(company: Company) -> UUID:
    return PlanVersion.objects.get(state="APPROVED", plan__code="DEFAULT").pk


def _plan_draft(company: Company) -> UUID:
    if found := PlanVersion.objects.filter(state="DRAFT").first():
        return found.pk
    told: dict[str, Any] = {"by": company.tian, "at": NOW, "on": morning.today()}
    plan = Plan.objects.get(code="DEFAULT")
    return drafts.draft(plan, code="2", valid_from=morning.day(40), settings={}, **told).pk


def _replay(company: Company) -> UUID:
    """One that found nothing."""
    days = {"since": morning.day(-365), "until": morning.day(-1), "on": morning.today(), "asked_at": NOW}
    version = PlanVersion.objects.get(pk=_plan_version(company))
    return Replay.objects.create(plan_version=version, state="DONE", result=Sums().written(), **days).pk


def _plan_assignment(company: Company, owner: str) -> UUID:
    """The owner's department is paid by a plan of its own."""
    department = company.people[owner].department
    if found := PlanAssignment.objects.filter(department=department).first():
        return found.pk
    plan = Plan.objects.create(code=f"M-{department.code}", name="矩阵")
    day, more = morning.today(), {"currency": "CNY"}
    PlanVersion.objects.create(plan=plan, code="1", valid_from=day, settings=more, state="APPROVED")
    return PlanAssignment.objects.create(plan=plan, department=department, valid_from=day).pk


def _payee(company: Company, owner: str) -> UUID:
    _paid_contract(company, owner)
    return company.people[owner].pk


def _payees_contract(company: Company, owner: str) -> dict[str, UUID]:
    return {"contract_id": _paid_contract(company, owner), "payee_id": company.people[owner].pk}


def _import(company: Company, owner: str) -> UUID:
    file = ContentFile("客户编号,客户名称\nC1,甬江\n".encode())
    about: dict[str, Any] = {"name": "customers.csv", "kind": kind_of("customers"), "at": NOW}
    return receiving.receive(file, by=company.viewer(owner), **about).pk


def _night(company: Company) -> UUID:
    day = morning.today()
    return NightRun.objects.get_or_create(business_day=day, defaults={"started_at": NOW})[0].pk


def _risk(company: Company, owner: str) -> UUID:
    about = {"customer": _customer(company, owner), "on": morning.today(), "at": NOW}
    rules = {"policy": RiskPolicy.objects.get(), "score": 80, "band": "RED"}
    return RiskScore.objects.create(**about, **rules).pk


def _stage(company: Company, owner: str) -> UUID:
    buyer = Contract.objects.get(pk=_contract(company, owner)).customer
    return StageMove.objects.filter(customer=buyer).order_by("id")[0].pk


def _grade(company: Company, owner: str) -> UUID:
    return Grade.objects.filter(customer=_customer(company, owner)).order_by("id")[0].pk


def _rfm_score(company: Company, owner: str) -> RfmScore:
    """What the owner's customer was worth last night."""
    buyer = Contract.objects.get(pk=_contract(company, owner)).customer
    rfm.score_all(morning.today(), NOW)
    return RfmScore.objects.filter(customer=buyer).order_by("id")[0]


def _tier_decision(company: Company, owner: str) -> UUID:
    row = _customer(company, owner)
    told = {"by": company.gao, "at": morning.noon(morning.today()), "on": morning.today()}
    return overrides.decide(row, tier="KEY", until=morning.day(90), reason="矩阵", **told).pk


def _tier_proposal(company: Company, owner: str) -> UUID:
    """A proposal of the owner's head."""
    head = company.people["chen" if owner == "li" else "zhao"]
    told = {"by": head, "at": morning.noon(morning.today()), "on": morning.today()}
    waiting = TierProposal.objects.filter(customer=_customer(company, owner), outcome="").first()
    row = waiting or proposals.propose(
        _customer(company, owner), tier="KEY", until=morning.day(90), reason="矩阵", **told
    )
    return row.pk


def _review(company: Company) -> UUID:
    """The running cycle, with 李娜's customer and 孙悦's in it."""
    if running := Review.objects.filter(signed_on__isnull=True).first():
        return running.pk
    for owner in ("li", "sun"):
        _contract(company, owner)
    days = {"due_on": morning.day(20), "holds_until": morning.day(180)}
    told = {"by": company.gao, "at": morning.noon(morning.today()), "on": morning.today()}
    return reviews.begin(code="矩阵", **days, **told).pk


def _review_line(company: Company, owner: str) -> UUID:
    review = _review(company)
    return ReviewLine.objects.get(review=review, customer=_customer(company, owner)).pk


def _strategy(company: Company) -> UUID:
    """One for all customers."""
    act = {"by": company.an, "at": NOW, "on": morning.today()}
    found = Strategy.objects.first()
    return (found or strategies.lay_down(service_level="标准", rhythm_days=30, **act)).pk


def _served(company: Company, owner: str) -> UUID:
    """A customer of the owner's that a strategy speaks of."""
    _strategy(company)
    return _customer(company, owner).pk


def _segment(company: Company, owner: str) -> UUID:
    """A filter that the owner keeps for himself."""
    act = {"by": company.viewer(owner), "at": NOW, "on": morning.today()}
    found = Segment.objects.filter(name=f"矩阵 {owner}").first()
    return (found or segments.make(name=f"矩阵 {owner}", query="tier=KEY", **act)).pk


def _segment_count(company: Company) -> UUID:
    """The nightly count of a segment for everybody."""
    act = {"by": company.viewer("an"), "at": NOW, "on": morning.today()}
    if not Segment.objects.filter(name="公司").exists():
        segments.make(name="公司", query="tier=KEY", is_shared=True, **act)
    segments.count_all(morning.today(), NOW)
    return SegmentCount.objects.get(segment__name="公司").pk


def _intel(company: Company, owner: str) -> UUID:
    """News of the owner's customer from a colleague of another department."""
    sender = company.people["zhao" if owner == "li" else "zhou"]
    about = {"sender": sender, "at": morning.noon(morning.today()), "on": morning.today()}
    return relay.relay(_customer(company, owner), called="矩阵", text="听说要招标", **about).pk


def _collaboration(company: Company, owner: str) -> UUID:
    """A colleague's help with the owner's customer, to read; nobody of the matrix."""
    one, told = _customer(company, owner), {"at": morning.noon(morning.today()), "on": morning.today()}
    found = collaborators.in_force(one).first()
    about = {"member": company.zhou if owner == "li" else company.zhao, **told}
    return (found or collaborators.add(one, by=company.people[owner], **about)).pk


def _registration(company: Company, owner: str) -> UUID:
    """A company that the owner has registered today."""
    if found := Registration.objects.filter(name=f"报备 {owner}").first():
        return found.pk
    told = {"by": company.people[owner], "at": morning.noon(morning.today()), "on": morning.today()}
    about = registering.Company(f"报备 {owner}", need="维保", no_code_reason="新设")
    return registering.register(about, registering.Person("王经理"), **told).pk


def _dispute(company: Company, owner: str) -> UUID:
    """A claim of 赵鹏 to the owner's customer; 高远 is to rule."""
    about = {"claimant": company.people["zhao"], "at": morning.noon(morning.today()), "on": morning.today()}
    one = _customer(company, owner)
    found = OwnershipDispute.objects.filter(customer=one).first()
    return (found or cases.open_dispute(one, called="矩阵", statement="我在跟", **about)).pk


def _evidence(company: Company, owner: str) -> UUID:
    found = OwnershipDispute.objects.get(pk=_dispute(company, owner))
    about = {"kind": "OTHER", "text": "记录", "at": morning.noon(morning.today()), "on": morning.today()}
    return cases.bring(found, by=company.people["zhao"], **about).pk


def _ruling(company: Company, owner: str) -> UUID:
    found = OwnershipDispute.objects.get(pk=_dispute(company, owner))
    about = {"by": company.people["gao"], "at": morning.noon(morning.today()), "on": morning.today()}
    return rulings.rule(found, outcome="RESPONDENT", reason="依证据", **about).pk


def _split_contract(company: Company, owner: str) -> UUID:
    """A contract that the owner shares with a colleague of the department; the head is to confirm it."""
    if found := Contract.objects.filter(number=f"T-{owner}").first():
        return found.pk
    mate = company.zhou if owner == "li" else company.zhao
    today, buyer = morning.today(), _customer(company, owner)
    agreed = contracts.Terms(
        number=f"T-{owner}",
        gross=Decimal("120000.00"),
        signed_on=today,
        starts_on=today,
        ends_on=add_months(today, 12),
    )
    shares = [contracts.Share(company.people[owner], 7_000), contracts.Share(mate, 3_000)]
    about = {"by": company.people[owner], "at": morning.noon(today), "on": today}
    return contracts.sign(buyer, terms=agreed, shares=shares, **about).pk


def _split_confirmation(company: Company, owner: str) -> UUID:
    return SplitConfirmation.objects.get(contract=_split_contract(company, owner)).pk


def _department_pool(company: Company, owner: str) -> UUID:
    """The pool of a contract of the owner, which the head of his department is to distribute."""
    about = {"contract_id": _contract(company, owner), "department_id": company.people[owner].department_id}
    asked = company.chen if owner == "li" else company.zhao
    days = {"asked": asked, "opened_on": morning.today(), "due_on": morning.day(7)}
    return PoolDistribution.objects.get_or_create(**about, defaults=days)[0].pk


def _handover(company: Company, owner: str) -> UUID:
    """The owner leaves, and his customers wait to be handed over."""
    whose = {"member": company.people[owner], "department_id": company.people[owner].department_id}
    return Handover.objects.get_or_create(**whose, defaults={"opened_on": morning.today()})[0].pk


def _handover_row(company: Company, owner: str) -> UUID:
    about = {"handover_id": _handover(company, owner), "customer": _customer(company, owner)}
    there = {"from_department_id": company.people[owner].department_id, "to_member": company.chen}
    return HandoverRow.objects.get_or_create(**about, defaults=there)[0].pk


def _extension(company: Company, owner: str) -> UUID:
    """More days that the owner has asked for."""
    found = Extension.objects.filter(member=company.people[owner]).first()
    if found:
        return found.pk
    about = {"at": morning.noon(morning.today()), "on": morning.today(), "by": company.people[owner]}
    row = morning.customer(company.people[owner], f"期限 {owner}")
    return extending.ask(row, reason="等预算", **about).pk


def _neglect(company: Company, owner: str) -> UUID:
    """A follow-up that the owner missed ten days ago."""
    about = {"owner_told_on": morning.day(-7), "head_told_on": morning.day(-5), "flagged_on": morning.day(-3)}
    person, row = company.people[owner], _customer(company, owner)
    missed = {"owner": person, "missed_on": morning.day(-10), **about}
    return Neglect.objects.get_or_create(customer=row, defaults=missed)[0].pk


def _neglect_policy(company: Company) -> UUID:
    return NeglectPolicy.objects.get_or_create(valid_from=morning.day(-99))[0].pk


def _mine_and_theirs(
    make: Callable[[Company, str], Any], near: frozenset[str] = OF_LI, far: frozenset[str] = OF_SUN
) -> Kind:
    return Kind(_of("li", make), _of("sun", make), near, far)


KINDS: dict[str, Kind] = {
    "member": Kind(lambda c: c.li.pk, lambda c: c.sun.pk),
    "department": Kind(lambda c: c.departments["EAST"].pk, lambda c: c.departments["NORTH"].pk),
    "event": Kind(_event, _event),
    "key": _mine_and_theirs(_key, frozenset({"li", "an"}), frozenset({"an"})),
    "customer": _mine_and_theirs(lambda company, owner: _customer(company, owner).pk),
    "contact": _mine_and_theirs(_contact),
    "follow_up": _mine_and_theirs(_follow_up),
    "contract": _mine_and_theirs(_contract, SERVED_OF_LI, SERVED_OF_SUN),
    "receivable": _mine_and_theirs(_receivable, SERVED_OF_LI, SERVED_OF_SUN),
    "payment": _mine_and_theirs(_payment, SERVED_OF_LI, SERVED_OF_SUN),
    "expense": _mine_and_theirs(_expense, SERVED_OF_LI, SERVED_OF_SUN),
    "write-off": _mine_and_theirs(_write_off, SERVED_OF_LI, SERVED_OF_SUN),
    "reconciliation": _mine_and_theirs(_reconciliation, SERVED_OF_LI, SERVED_OF_SUN),
    "bank line": _mine_and_theirs(_bank_line, WIDE, WIDE),
    "dunning": _mine_and_theirs(_dunning, SERVED_OF_LI, SERVED_OF_SUN),
    "dunning policy": Kind(_dunning_policy, _dunning_policy),
    "credit terms": _mine_and_theirs(_credit_terms, SERVED_OF_LI, SERVED_OF_SUN),
    "interaction": _mine_and_theirs(_interaction),
    "usage": _mine_and_theirs(_usage),
    "pool": _mine_and_theirs(_pool, WIDE | {"li", "chen", "wu"}, WIDE),
    "pooled": _mine_and_theirs(_pooled, WIDE | {"li", "chen", "wu"}, WIDE),
    "pool policy": Kind(_pool_policy, _pool_policy),
    "arrangement": _mine_and_theirs(_arrangement),
    "assignment policy": Kind(_assignment_policy, _assignment_policy),
    "claim": _mine_and_theirs(_claim),
    "ownership": _mine_and_theirs(_ownership),
    "entry": _mine_and_theirs(_entry, PAID_LI, REVIEWERS),
    "entitlement": _mine_and_theirs(_entitlement, PAID_LI, REVIEWERS),
    "paid contract": _mine_and_theirs(_paid_contract, frozenset({"li"}), frozenset()),
    "payee": _mine_and_theirs(_payee, PAID_LI, REVIEWERS),
    "payee's contract": _mine_and_theirs(_payees_contract, PAID_LI, REVIEWERS),
    "plan": Kind(_plan, _plan, PAID, PAID),
    "plan version": Kind(_plan_version, _plan_version, PAID, PAID),
    "plan draft": Kind(_plan_draft, _plan_draft, REVIEWERS, REVIEWERS),
    "replay": Kind(_replay, _replay, REVIEWERS, REVIEWERS),
    "plan assignment": Kind(
        _of("li", _plan_assignment), _of("sun", _plan_assignment), PAID_IN_EAST, REVIEWERS
    ),
    "import": Kind(
        _of("chen", _import),
        _of("zhao", _import),
        frozenset({"chen", "qian", "an"}),
        frozenset({"qian", "an"}),
    ),
    "period": Kind(_period, _period),
    "commencement": Kind(_commencement, _commencement),
    "statement": Kind(_of("li", _statement), _of("sun", _statement), PAID_LI, REVIEWERS),
    "own line": Kind(_of("li", _own_line), _of("sun", _own_line), frozenset({"li"}), frozenset()),
    "line dispute": _mine_and_theirs(_line_dispute, PAID_LI, REVIEWERS),
    "adjustment": _mine_and_theirs(_adjustment, PAID_LI - {"li"}, REVIEWERS),
    "attachment": _mine_and_theirs(_attachment, PAID_LI, REVIEWERS),
    "dispute policy": Kind(_dispute_policy, _dispute_policy),
    "own statement": Kind(_of("li", _statement), _of("sun", _statement), frozenset({"li"}), frozenset()),
    "night": Kind(_night, _night),
    "risk": _mine_and_theirs(_risk),
    "stage": _mine_and_theirs(_stage, SERVED_OF_LI, SERVED_OF_SUN),
    "grade": _mine_and_theirs(_grade),
    "rfm score": _mine_and_theirs(
        lambda company, owner: _rfm_score(company, owner).pk, SERVED_OF_LI, SERVED_OF_SUN
    ),
    "valued customer": _mine_and_theirs(
        lambda company, owner: _rfm_score(company, owner).customer_id, SERVED_OF_LI, SERVED_OF_SUN
    ),
    "strategy": Kind(_strategy, _strategy),
    "served customer": _mine_and_theirs(_served),
    "rfm policy": Kind(lambda c: RfmPolicy.objects.get().pk, lambda c: RfmPolicy.objects.get().pk),
    "tier policy": Kind(lambda c: TierPolicy.objects.get().pk, lambda c: TierPolicy.objects.get().pk),
    "neglect": _mine_and_theirs(_neglect),
    "neglect policy": Kind(_neglect_policy, _neglect_policy),
    "extension": _mine_and_theirs(_extension),
    "review": Kind(_review, _review),
    "review line": _mine_and_theirs(_review_line, SERVED_OF_LI, SERVED_OF_SUN),
    "tier decision": _mine_and_theirs(_tier_decision),
    "tier proposal": _mine_and_theirs(_tier_proposal),
    "intel": _mine_and_theirs(_intel),
    "registration": _mine_and_theirs(_registration),
    "department pool": _mine_and_theirs(_department_pool, REVIEWERS | {"chen"}, REVIEWERS),
    "split contract": _mine_and_theirs(_split_contract, SERVED_OF_LI, SERVED_OF_SUN),
    "split confirmation": _mine_and_theirs(_split_confirmation, SERVED_OF_LI, SERVED_OF_SUN),
    "handover": _mine_and_theirs(_handover),
    "handover row": _mine_and_theirs(_handover_row),
    "dispute": _mine_and_theirs(_dispute),
    "evidence": _mine_and_theirs(_evidence),
    "ruling": _mine_and_theirs(_ruling),
    "segment": _mine_and_theirs(_segment, frozenset({"li"}), frozenset()),
    "segment count": Kind(_segment_count, _segment_count, WIDE, WIDE),
    "collaboration": _mine_and_theirs(_collaboration),
    "tag": Kind(_of("li", _tag), _of("sun", _tag)),
}
