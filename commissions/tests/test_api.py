"""Commission by the API: the ledger, plans, and the what-if that writes nothing."""

from decimal import Decimal
from types import SimpleNamespace

import pytest

from commissions.models import LedgerEntry, PlanVersion
from commissions.tests import worked
from crm.events.models import Event
from crm.tenancy.context import tenant
from crm.tests import morning
from crm.tests.callers import Api, statements
from crm.tests.cast import PEOPLE

pytestmark = pytest.mark.django_db

CASES = worked.load(worked.COPIES, "commission")["cases"]


@pytest.fixture
def book(yunheng):
    """A contract of 600,000 that 李娜 and 周毅 share 70 : 30; half of it is paid."""
    with tenant(yunheng.tenant.id):
        buyer = morning.customer(yunheng.li, "华信精密仪器")
        shares = [(yunheng.li, 7000), (yunheng.zhou, 3000)]
        signed = morning.sign(buyer, "K-1", "600000.00", starts_on=morning.day(-20), shares=shares)
        morning.receive(signed, "300000.00", morning.today())
    return SimpleNamespace(company=yunheng, contract=signed)


# Entries


def test_a_member_reads_his_own_entries(book) -> None:
    (row,) = Api(book.company, "li").get("entries/").json()["results"]
    assert (row["amount"], row["currency"], row["kind"]) == ("12600.00", "CNY", "EARNED")
    assert row["member"] == str(book.company.li.id)
    assert (row["posting_period"], row["department"]) == (f"{morning.today():%Y-%m}", None)


def test_an_entry_tells_its_steps(book) -> None:
    api = Api(book.company, "li")
    (row,) = api.get("entries/").json()["results"]
    steps = api.get(f"entries/{row['id']}/").json()["steps"]
    assert {"label": "Share", "value": "× 70.00%"} in steps
    assert {"label": "Due by then", "value": "12,600.00"} in steps


def test_who_sees_which_entries(book) -> None:
    seen = {
        code: {row["amount"] for row in Api(book.company, code).get("entries/").json()["results"]}
        for code, *_ in PEOPLE
    }
    everything = {"12600.00", "5400.00", "6000.00"}
    assert {code for code, amounts in seen.items() if amounts == everything} == {
        "gao",
        "qian",
        "tian",
        "shen",
    }
    assert seen["chen"] == {"12600.00", "5400.00"}
    assert (seen["li"], seen["zhou"]) == ({"12600.00"}, {"5400.00"})
    assert all(not seen[code] for code in ("wu", "zhao", "sun", "wang", "he", "an"))


def test_anothers_entry_is_not_found_by_its_id_nor_by_a_filter(book, beihe) -> None:
    with tenant(book.company.tenant.id):
        entry = LedgerEntry.objects.get(member=book.company.zhou)
    for api in (Api(book.company, "li"), Api(beihe, "gao")):
        assert api.get(f"entries/{entry.id}/").status_code == 404
        assert api.get("entries/", {"member": str(book.company.zhou.id)}).json()["results"] == []


def test_entries_are_filtered_and_nothing_unknown_is_taken(book) -> None:
    api = Api(book.company, "gao")
    found = api.get("entries/", {"component": "OPS_SHARE", "payable": "true", "count": "true"}).json()
    assert (found["count"], found["results"][0]["amount"]) == (1, "6000.00")
    assert api.get("entries/", {"posting_period__lte": "2020-01"}).json()["results"] == []
    assert api.get("entries/", {"trace": "x"}).status_code == 400
    assert api.get("entries/", {"ordering": "trace"}).status_code == 400


def test_the_ledger_cannot_be_written(book) -> None:
    api = Api(book.company, "tian")
    (row, *_) = api.get("entries/").json()["results"]
    assert api.post("entries/", {"amount": "1.00"}).status_code == 405
    assert api.patch(f"entries/{row['id']}/", {"amount": "1.00"}).status_code == 405
    assert api.delete(f"entries/{row['id']}/").status_code == 405


def test_a_page_of_entries_costs_the_same_for_one_and_for_three(book) -> None:
    api = Api(book.company, "gao")
    api.get("entries/")

    def asked(limit: int) -> int:
        with statements() as sql:
            assert len(api.get("entries/", {"limit": limit}).json()["results"]) == limit
        return len(sql)

    assert asked(1) == asked(3) <= 3


# Plans


def test_plans_are_read_by_those_who_have_to_do_with_commission(yunheng) -> None:
    readers = {code for code, *_ in PEOPLE if Api(yunheng, code).get("plans/").json()["results"]}
    assert {code for code, *_ in PEOPLE} - readers == {"he", "an"}
    (plan,) = Api(yunheng, "li").get("plans/", {"expand": "versions"}).json()["results"]
    (version,) = plan["versions"]
    assert (plan["code"], version["code"], version["valid_to"]) == ("DEFAULT", "1", None)
    key = next(band for band in version["settings"]["bands"] if band["class"] == "KEY")
    assert key["dept_rate"] == "0.060000"


def test_a_plan_version_of_another_company_is_not_found(yunheng, beihe) -> None:
    (version,) = Api(beihe, "tian").get("plan-versions/").json()["results"]
    assert Api(yunheng, "tian").get(f"plan-versions/{version['id']}/").status_code == 404


# What-if


def question(**more) -> dict:
    contract = {"number": "N", "gross": "200000.00", "starts_on": "2026-01-01", "ends_on": "2027-01-01"}
    return {"contract": {**contract, "signed_on": "2025-12-20"}, "as_of": "2026-01-01", **more}


def test_a_what_if_is_answered(yunheng) -> None:
    answer = Api(yunheng, "li", "commissions:read").post("what-if/", question(id="q1"))
    found = answer.json()
    assert (answer.status_code, found["id"], found["customer_class"]) == (200, "q1", "MAJOR")
    assert (found["dept_total"], found["ops_total"]) == ("16000.00", "3000.00")


def test_the_worked_cases_come_out_the_same_by_the_api(yunheng) -> None:
    api = Api(yunheng, "tian")
    wrong = [
        case["id"]
        for case in CASES
        if not worked.matches(case["expect"], api.post("what-if/", case["request"]).json())
    ]
    assert wrong == []


def test_the_plan_in_force_can_be_asked_by_name(yunheng) -> None:
    with tenant(yunheng.tenant.id):
        row = PlanVersion.objects.get()
        row.settings["bands"][1]["dept_rate"] = "0.090000"
        PlanVersion.objects.filter(pk=row.pk).update(settings=row.settings)
    asked = question(plan="CURRENT")
    asked["contract"]["gross"] = "200000.00"
    band = row.settings["bands"][1]["class"]
    found = Api(yunheng, "li").post("what-if/", asked).json()
    rate = Decimal(next(b["dept_rate"] for b in row.settings["bands"] if b["class"] == found["rate_class"]))
    assert band == "MAJOR" == found["rate_class"]
    assert Decimal(found["dept_total"]) == 200_000 * rate
    assert Api(yunheng, "li").post("what-if/", question(plan="DEFAULT")).json()["dept_total"] == "18000.00"


def test_a_stored_plan_is_unknown_to_those_who_may_not_read_it(yunheng) -> None:
    for person, code in (("he", "CURRENT"), ("li", "NOPE")):
        answer = Api(yunheng, person).post("what-if/", question(plan=code))
        found = [(e["field"], e["code"]) for e in answer.json()["errors"]]
        assert (answer.status_code, found[0]) == (400, ("plan", "invalid_choice"))


def test_a_refused_what_if_names_field_and_repair(yunheng) -> None:
    asked = question()
    asked["contract"] |= {"gross": "12.345", "ends_on": "2025-01-01"}
    answer = Api(yunheng, "li").post("what-if/", asked)
    assert (answer.status_code, answer["Content-Type"]) == (400, "application/problem+json")
    assert ("contract.gross", "invalid_amount") in [(e["field"], e["code"]) for e in answer.json()["errors"]]
    assert all(e["message"] for e in answer.json()["errors"])


@pytest.mark.parametrize("body", ["[]", "null", '"x"', "1", "{}", '{"contract": []}', '{"plan": 3}'])
def test_nonsense_is_refused_and_no_error(yunheng, body: str) -> None:
    answer = Api(yunheng, "li").post("what-if/", body)
    assert answer.status_code == 400
    assert answer.json()["errors"]


def test_a_what_if_needs_a_key_for_commissions(yunheng) -> None:
    assert Api(yunheng, "li", "customers:read").post("what-if/", question()).status_code == 403
    assert Api(yunheng, "li", "commissions:read").get("what-if/").status_code == 405


def test_a_what_if_writes_nothing(book) -> None:
    def rows() -> tuple[int, int]:
        with tenant(book.company.tenant.id):
            return LedgerEntry.objects.count(), Event.objects.count()

    api = Api(book.company, "li")
    before = rows()
    with statements() as sql:
        assert api.post("what-if/", question(plan="CURRENT")).status_code == 200
    written = [line for line in sql if line.split()[0] in {"INSERT", "UPDATE", "DELETE"}]
    assert [line for line in written if not line.startswith('UPDATE "integrations_apikey"')] == []
    assert rows() == before
