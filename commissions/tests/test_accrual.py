from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import transaction
from django.db.models import Sum
from django.db.utils import ProgrammingError

from commissions import accrual
from commissions.models import Entitlement, LedgerEntry
from crm.events.models import Event
from crm.tenancy.context import tenant
from crm.tests import morning
from crm.tests.cast import NOW, TODAY
from customers import amending, cash, contracts, registry
from customers.models import Contract, Customer

pytestmark = pytest.mark.django_db
SIGNED = date(2026, 1, 5)


def customer_of(company, person="li", name="宁波海晟石化装备股份有限公司") -> Customer:
    owner = company.people[person]
    return registry.register(name=name, by=owner, at=NOW, on=SIGNED, developer=owner)


def signed(company, customer, number="HT-1", gross="212000.00", on=SIGNED, shares=None, **terms) -> Contract:
    terms = {
        "line": "维保",
        "vat_rate": Decimal("0.06"),
        "starts_on": on,
        "ends_on": date(on.year + 1, on.month, on.day),
        **terms,
    }
    shares = shares or [(company.people["li"], 7_000), (company.people["zhou"], 3_000)]
    made = contracts.sign(
        customer,
        terms=contracts.Terms(number=number, title="", gross=Decimal(gross), signed_on=on, **terms),
        shares=[contracts.Share(*share) for share in shares],
        by=company.people["li"],
        at=NOW,
        on=on,
    )
    morning.agree(made, on=on)
    return made


def posted(company, person: str) -> list[tuple[str, str, str]]:
    rows = LedgerEntry.objects.filter(member=company.people[person]).order_by("posted_at", "id")
    return [(row.source_event, row.kind, f"{row.amount:.2f}") for row in rows]


def test_a_signature_entitles_its_payees_and_posts_nothing_before_cash(here) -> None:
    contract = signed(here, customer_of(here))
    expected = Entitlement.objects.filter(contract=contract, member__isnull=False).order_by("-amount")
    assert [(row.member.code, row.component, row.amount) for row in expected] == [
        ("li", "NEW_DEV", Decimal("11200.00")),  # 200,000.00 net × 8 % × 70 %
        ("zhou", "NEW_DEV", Decimal("4800.00")),
    ]
    assert not LedgerEntry.objects.exists()


def test_cash_releases_its_share_and_the_rest_when_it_comes(here) -> None:
    contract = signed(here, customer_of(here))
    for number, day in (("R-1", SIGNED), ("R-2", SIGNED + timedelta(20))):
        cash.receive(
            contract,
            number=number,
            amount=Decimal("106000.00"),
            received_on=day,
            by=here.people["qian"],
            at=NOW,
            on=day,
        )
    assert posted(here, "li") == [("cash:R-1", "EARNED", "5600.00"), ("cash:R-2", "EARNED", "5600.00")]
    assert posted(here, "zhou") == [("cash:R-1", "EARNED", "2400.00"), ("cash:R-2", "EARNED", "2400.00")]


def test_the_operations_department_gets_its_share_beside_the_pool(here) -> None:
    contract = signed(here, customer_of(here))
    cash.receive(
        contract,
        number="R-1",
        amount=Decimal("212000.00"),
        received_on=SIGNED,
        by=here.people["qian"],
        at=NOW,
        on=SIGNED,
    )
    (ops,) = LedgerEntry.objects.filter(department__isnull=False)
    assert (ops.department.code, ops.component, ops.amount) == ("OPS", "OPS_SHARE", Decimal("3000.00"))


def test_running_again_posts_nothing(here) -> None:
    contract = signed(here, customer_of(here))
    cash.receive(
        contract,
        number="R-1",
        amount=Decimal("106000.00"),
        received_on=SIGNED,
        by=here.people["qian"],
        at=NOW,
        on=SIGNED,
    )
    assert accrual.accrue([contract.id], on=SIGNED, at=NOW) == 0
    assert accrual.accrue_due(SIGNED, NOW) == 0
    assert accrual.accrue_due(TODAY, NOW) == 0


def test_a_follower_that_comes_late_does_not_take_back_what_was_learned_since(here) -> None:
    """What follows an import later speaks of the import's day, and by then newer cash may be posted."""
    contract, later = signed(here, customer_of(here)), SIGNED + timedelta(20)
    about = {"number": "R-1", "amount": Decimal("212000.00"), "received_on": later}
    cash.receive(contract, **about, by=here.people["qian"], at=NOW, on=later)
    before = posted(here, "li")
    accrual.accrue_for(Event.objects.filter(name="contract.signed"))
    assert posted(here, "li") == before == [("cash:R-1", "EARNED", "11200.00")]
    assert contract.accrual.calculated_on == later


def test_an_expense_that_comes_late_arrives_as_a_difference(here) -> None:
    contract = signed(here, customer_of(here))
    cash.receive(
        contract,
        number="R-1",
        amount=Decimal("212000.00"),
        received_on=SIGNED,
        by=here.people["qian"],
        at=NOW,
        on=SIGNED,
    )
    later = SIGNED + timedelta(40)
    cash.book_expense(
        contract,
        number="E-1",
        category="TRAVEL",
        amount=Decimal("10000.00"),
        incurred_on=later,
        by=here.people["chen"],
        at=NOW,
        on=later,
    )
    assert posted(here, "li") == [
        ("cash:R-1", "EARNED", "11200.00"),
        ("expense:E-1", "ADJUSTMENT", "-560.00"),  # 10,000.00 × 8 % × 70 %
    ]


def test_facts_of_one_day_in_any_order_end_at_the_same_sums(here) -> None:
    sums = []
    for name, order in (("甲方一号有限公司", ("cash", "expense")), ("甲方二号有限公司", ("expense", "cash"))):
        contract = signed(here, customer_of(here, name=name), number=f"HT-{name}")
        for what in order:
            if what == "cash":
                cash.receive(
                    contract,
                    number=f"R-{name}",
                    amount=Decimal("106000.00"),
                    received_on=SIGNED,
                    by=here.people["qian"],
                    at=NOW,
                    on=SIGNED,
                )
            else:
                cash.book_expense(
                    contract,
                    number=f"E-{name}",
                    category="TRAVEL",
                    amount=Decimal("10000.00"),
                    incurred_on=SIGNED,
                    by=here.people["chen"],
                    at=NOW,
                    on=SIGNED,
                )
        rows = LedgerEntry.objects.filter(contract=contract, member=here.people["li"])
        sums.append(sum(row.amount for row in rows))
    assert sums == [Decimal("5320.00")] * 2  # (200,000 − 10,000) × 8 % × 70 % × ½


def test_a_renewal_is_paid_by_its_factor(here) -> None:
    customer = customer_of(here)
    first = signed(here, customer)
    renewed = signed(here, customer, "HT-2", on=date(2027, 1, 5), renewal_of=first)
    mine = Entitlement.objects.get(contract=renewed, member=here.people["li"])
    assert (mine.component, mine.amount) == ("RENEWAL", Decimal("5600.00"))  # q 1.0000 → 0.50


def test_a_refund_takes_back_what_was_paid_on_it(here) -> None:
    contract = signed(here, customer_of(here))
    cash.receive(
        contract,
        number="R-1",
        amount=Decimal("212000.00"),
        received_on=SIGNED,
        by=here.people["qian"],
        at=NOW,
        on=SIGNED,
    )
    back = SIGNED + timedelta(30)
    cash.refund(
        contract,
        number="B-1",
        amount=Decimal("212000.00"),
        refunded_on=back,
        by=here.people["qian"],
        at=NOW,
        on=back,
    )
    assert posted(here, "li") == [("cash:R-1", "EARNED", "11200.00"), ("refund:B-1", "CLAWBACK", "-11200.00")]


def test_the_second_year_is_earned_when_it_starts_and_its_cash_is_there(here) -> None:
    contract = signed(here, customer_of(here), gross="424000.00", ends_on=date(2028, 1, 5))
    cash.receive(
        contract,
        number="R-1",
        amount=Decimal("424000.00"),
        received_on=SIGNED,
        by=here.people["qian"],
        at=NOW,
        on=SIGNED,
    )
    assert posted(here, "li") == [("cash:R-1", "EARNED", "11200.00")]
    assert accrual.accrue_due(date(2027, 1, 4), NOW) == 0
    assert accrual.accrue_due(date(2027, 1, 5), NOW) > 0
    assert posted(here, "li")[1:] == [("@year-2", "EARNED", "5600.00")]


def test_the_trace_of_an_entry_leads_from_the_plan_to_the_posting(here) -> None:
    contract = signed(here, customer_of(here))
    cash.receive(
        contract,
        number="R-1",
        amount=Decimal("106000.00"),
        received_on=SIGNED,
        by=here.people["qian"],
        at=NOW,
        on=SIGNED,
    )
    entry = LedgerEntry.objects.get(member=here.people["li"])
    assert [step["rule"] for step in entry.trace] == [
        "VERSION",
        "CLASS",
        "CASE",
        "BASE",
        "POOL-DEPT",
        "POOL-OPS",
        "SPLIT",
        "POST",
    ]
    assert entry.trace[-1]["result"] == "5600.00"


def test_the_ledger_refuses_to_be_changed(here) -> None:
    contract = signed(here, customer_of(here))
    cash.receive(
        contract,
        number="R-1",
        amount=Decimal("106000.00"),
        received_on=SIGNED,
        by=here.people["qian"],
        at=NOW,
        on=SIGNED,
    )
    with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
        LedgerEntry.objects.update(amount=1)


def test_the_other_company_is_not_touched(here, beihe) -> None:
    with tenant(beihe.tenant.id):
        signed(beihe, customer_of(beihe))
        before = list(Entitlement.objects.values_list("id", flat=True))
    contract = signed(here, customer_of(here))
    cash.receive(
        contract,
        number="R-1",
        amount=Decimal("106000.00"),
        received_on=SIGNED,
        by=here.people["qian"],
        at=NOW,
        on=SIGNED,
    )
    with tenant(beihe.tenant.id):
        assert list(Entitlement.objects.values_list("id", flat=True)) == before
        assert not LedgerEntry.objects.exists()


def test_an_amendment_posts_the_difference_and_leaves_what_was_posted(here) -> None:
    contract = signed(here, customer_of(here))
    later = SIGNED + timedelta(40)
    cash.receive(
        contract,
        number="R-1",
        amount=Decimal("212000.00"),
        received_on=SIGNED,
        by=here.qian,
        at=NOW,
        on=SIGNED,
    )
    amending.amend(
        contract, gross=Decimal("106000.00"), amended_on=later, reason="减项", by=here.li, at=NOW, on=later
    )
    # 200,000.00 net became 100,000.00: × 8 % × 70 % (the class at signature stays)
    assert posted(here, "li") == [
        ("cash:R-1", "EARNED", "11200.00"),
        ("amended:001", "ADJUSTMENT", "-5600.00"),
    ]
    assert accrual.accrue([contract.pk], on=later, at=NOW) == 0


def test_what_is_recorded_of_an_amended_contract_starts_from_what_was_signed(here) -> None:
    contract = signed(here, customer_of(here))
    later = SIGNED + timedelta(40)
    amending.amend(
        contract, gross=Decimal("318000.00"), amended_on=later, reason="增项", by=here.li, at=NOW, on=later
    )
    cash.receive(
        contract, number="R-1", amount=Decimal("318000.00"), received_on=later, by=here.qian, at=NOW, on=later
    )
    total = LedgerEntry.objects.filter(member=here.li).aggregate(sum=Sum("amount"))["sum"]
    assert total == Decimal("16800.00")  # 300,000.00 × 8 % × 70 %
    assert Entitlement.objects.get(member=here.li).amount == Decimal("16800.00")
