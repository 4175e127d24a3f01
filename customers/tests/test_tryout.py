"""A table tried against history names those whom it would really have given to somebody else."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from itertools import product

import pytest

from crm.accounts.models import Department
from crm.tenancy.context import tenant
from crm.tests.callers import statements
from crm.tests.cast import TODAY
from customers import contracts
from customers.assignment import policies
from customers.assignment.asked import SIGNED, History
from customers.assignment.policies import Proposal
from customers.assignment.table import DEFAULT_TABLE
from customers.assignment.tryout import Flow, Page, tryout
from customers.models import AssignmentPolicy, Customer, Territory
from customers.tests.deals import acts, customer, refusal, terms

pytestmark = pytest.mark.django_db
TOMORROW = TODAY + timedelta(days=1)
YEAR = History(date(2026, 1, 1), date(2027, 1, 1))
AMOUNTS = ("0.00", "99999.99", "100000.00", "100000.01", "499999.99", "500000.00")


def changed(row: str, **changes) -> list:
    return [replace(rule, **changes) if rule.code == row else rule for rule in DEFAULT_TABLE]


def proposal(table=DEFAULT_TABLE) -> Proposal:
    return Proposal("V2", TOMORROW, table)


REGIONS = changed("ASSIGN-06", outcome="REGION", region_served=True, amount_below=Decimal("500000.01"))
LARGE_GO_TOO = [*REGIONS, replace(DEFAULT_TABLE[6], code="ASSIGN-10")]
SMALLER = changed("ASSIGN-05", amount_below=Decimal("100000.00"))


@pytest.fixture
def book(here):
    """Regions for two departments, an authority of 100,000.00 in one of them, and customers of both."""
    for code, province in (("EAST", "浙江"), ("NORTH", "北京")):
        Territory.objects.create(department=here.departments[code], province=province)
    Department.objects.filter(code="EAST").update(authority_amount=Decimal("100000.00"))
    Department.objects.filter(code="NORTH").update(is_key_account=True)
    for number, (amount, province, who) in enumerate(product(AMOUNTS, ("浙江", "北京"), ("li", "sun", ""))):
        about = {"province": province, "expected_annual": Decimal(amount)}
        developer = here.people[who] if who else None
        customer(here, f"客户{number:02d}", developer=developer, on=date(2026, 3, 1), **about)
    return here


def moved(found) -> dict[str, tuple[str, str]]:
    return {move.name: (move.before, move.after) for move in found.moves}


def twins(company, table) -> dict[str, tuple[str, str]]:
    """Who would have gone elsewhere, found by registering everybody again under the table."""
    first = {row.name: row for row in Customer.objects.select_related("responsible_dept")}
    credited = {row.pk: row.credits.get(role="MANAGER") for row in first.values()}
    policies.activate(proposal(table), **acts(company.an))
    found = {}
    for name, row in first.items():
        inputs = credited[row.pk].inputs
        developer = next((c.member for c in row.credits.all() if c.role == "DEVELOPER"), None)
        about = {"province": row.province, "expected_annual": Decimal(inputs["annual_amount"])}
        again = customer(company, f"再{name}", developer=developer, on=TOMORROW, **about)
        places = tuple(one.responsible_dept.code if one.responsible_dept else "" for one in (row, again))
        if places[0] != places[1]:
            found[name] = places
    return found


@pytest.mark.parametrize(
    "table",
    [
        SMALLER,
        changed("ASSIGN-04", outcome="DEVELOPER"),
        changed("ASSIGN-08", outcome="POOL"),
        LARGE_GO_TOO,
    ],
    ids=["threshold", "authority ignored", "inbound waits", "large go too"],
)
def test_exactly_those_are_named_whom_the_table_would_give_to_somebody_else(book, table) -> None:
    found = tryout(proposal(table), YEAR, book.viewer("an"), on=TODAY)
    assert moved(found) == twins(book, table) != {}
    assert found.moved == len(found.moves)


def test_the_table_in_force_changes_nothing(book) -> None:
    found = tryout(proposal(), YEAR, book.viewer("an"), on=TODAY)
    assert (found.asked, found.moved, found.flows, found.moves) == (36, 0, [], [])
    assert sum(found.wins.values()) == 36


def test_it_is_told_from_where_whither_how_many_and_worth_what(book) -> None:
    found = tryout(proposal(SMALLER), YEAR, book.viewer("an"), on=TODAY)
    assert found.flows == [
        Flow("EAST", "NORTH", 3, Decimal("700000.00"), 0),
        Flow("NORTH", "EAST", 3, Decimal("700000.00"), 0),
    ]
    assert found.names["EAST"] == "华东商务部"
    one = next(move for move in found.moves if move.before == "EAST")
    assert (one.day, one.contract, one.rule, one.anyway) == (date(2026, 3, 1), "", "ASSIGN-06", False)


def test_what_the_table_in_force_would_change_too_is_told_apart(book) -> None:
    """The region of 北京 has changed hands since."""
    Territory.objects.filter(province="北京").update(department=book.departments["EAST"])
    found = tryout(proposal(), YEAR, book.viewer("an"), on=TODAY)
    assert found.moved == found.anyway > 0
    assert all(move.anyway for move in found.moves)


def test_only_the_period_is_looked_at(book) -> None:
    day = date(2026, 3, 1)
    counts = [
        tryout(proposal(SMALLER), History(*span), book.viewer("an"), on=TODAY).asked
        for span in ((day, day + timedelta(1)), (day + timedelta(1), TODAY), (date(2025, 1, 1), day))
    ]
    assert counts == [36, 0, 0]


def test_contracts_are_judged_by_what_was_signed(book) -> None:
    """A customer of 北京 that 李娜 developed expecting nothing, and that signed 200,000.00 in the year."""
    buyer = Customer.objects.get(name="客户03")
    for number, gross in (("HT-1", "200000.00"), ("HT-2", "90000.00")):
        signed = terms(number, gross, signed_on=date(2026, 5, 1))
        contracts.sign(buyer, terms=signed, **acts(book.sun))
    found = tryout(proposal(SMALLER), replace(YEAR, basis=SIGNED), book.viewer("an"), on=TODAY)
    (move,) = found.moves
    assert (found.asked, move.name, move.contract, move.amount) == (2, "客户03", "HT-1", Decimal("200000.00"))
    assert (move.before, move.after, move.rule) == ("NORTH", "EAST", "ASSIGN-06")


def test_the_list_has_pages_and_narrows_to_one_way(book) -> None:
    pages = [
        tryout(proposal(SMALLER), YEAR, book.viewer("an"), on=TODAY, page=Page(number=number, size=4))
        for number in (1, 2)
    ]
    assert [(len(one.moves), one.has_more) for one in pages] == [(4, True), (2, False)]
    names = [move.name for one in pages for move in one.moves]
    assert names == sorted(set(names))
    one = tryout(proposal(SMALLER), YEAR, book.viewer("an"), on=TODAY, page=Page("EAST", "NORTH"))
    assert ({(m.before, m.after) for m in one.moves}, one.listed, one.moved) == ({("EAST", "NORTH")}, 3, 6)


def test_a_period_is_not_empty_and_not_longer_than_three_years(book) -> None:
    def tried(since, until):
        return lambda: tryout(proposal(), History(since, until), book.viewer("an"), on=TODAY)

    assert refusal(tried(TODAY, TODAY)) == [("until", "empty_period")]
    assert refusal(tried(date(2020, 1, 1), TODAY)) == [("until", "period_too_long")]
    wrong = Proposal("V1", TOMORROW, DEFAULT_TABLE)
    asked = refusal(lambda: tryout(wrong, YEAR, book.viewer("an"), on=TODAY))
    assert asked == [("code", "duplicate")]


def test_looking_costs_the_same_for_more_customers_and_changes_nothing(book) -> None:
    before = AssignmentPolicy.objects.count()
    with statements() as few:
        tryout(proposal(SMALLER), YEAR, book.viewer("an"), on=TODAY)
    for number in range(10):
        customer(book, f"更多{number}", on=date(2026, 4, 1), province=f"省{number}")
    with statements() as many:
        assert tryout(proposal(SMALLER), YEAR, book.viewer("an"), on=TODAY).asked == 46
    assert len(few) == len(many) <= 12
    assert AssignmentPolicy.objects.count() == before


def test_a_viewer_is_shown_his_own_customers_and_no_company_anothers(book, beihe) -> None:
    mine = tryout(proposal(SMALLER), YEAR, book.viewer("zhao"), on=TODAY)
    assert 0 < mine.asked < 36
    with tenant(beihe.tenant.id):
        assert tryout(proposal(SMALLER), YEAR, beihe.viewer("an"), on=TODAY).asked == 0
