"""Customer value as people meet it: page of the customer, list, overview, rules, API, timeline, home."""

from decimal import Decimal

import pytest

from crm.dashboards import told
from crm.events.models import Event
from crm.tenancy.context import tenant
from crm.tests import morning
from crm.tests.callers import Api, browser, codes
from customers.models import Contract, Customer
from tiers import rfm
from tiers.models import RfmPolicy

pytestmark = pytest.mark.django_db


@pytest.fixture
def valued(yunheng) -> Customer:
    """李娜's: signed 40 days ago, 61,728.00 came 10 days ago (R 5, F 1, M 2). 孙悦's: signed 400 days ago."""
    with tenant(yunheng.tenant.id):
        row = morning.customer(yunheng.li, "华信科技有限公司")
        deal = morning.sign(row, "HT-1", "86000.00", starts_on=morning.day(-40), due=[morning.day(-10)])
        morning.receive(deal, "61728.00", morning.day(-10))
        far = morning.customer(yunheng.sun, "北方印务")
        morning.sign(far, "HT-2", "1000.00", starts_on=morning.day(-400))
        rfm.score_all(morning.today(), morning.noon(morning.today()))
    return row


def test_the_customer_page_shows_the_value_and_its_why_in_both_languages(yunheng, valued) -> None:
    client = browser(yunheng, "li")
    page = client.get(f"/customers/{valued.pk}/").content.decode()
    assert "2.30" in page and "Champion" in page
    why = client.get(f"/customers/{valued.pk}/value/").context["trace"]
    assert why.title == "Why 2.30, Champion?"
    assert [row.cells for row in why.rows] == [
        (f"last signed or paid on {told.day(morning.day(-10))}", "5", "≥ 3.00"),
        ("1 contract in 36 months", "1", "≥ 1.00"),
        ("¥61,728.00 in 12 months, refunds taken off", "2", "≥ 1.50"),
    ]
    assert why.formula == "0.2 × 5 + 0.3 × 1 + 0.5 × 2 = 2.30"
    chinese = browser(yunheng, "li", "zh-hans").get(f"/customers/{valued.pk}/value/").content.decode()
    assert "重要价值客户" in chinese


def test_who_may_not_see_amounts_reads_the_score_without_the_cash(yunheng, valued) -> None:
    shown = browser(yunheng, "he").get(f"/customers/{valued.pk}/value/").content.decode()
    assert "61,728" not in shown and "cash of 12 months" in shown
    row = Api(yunheng, "he").get(f"rfm-scores/?customer={valued.pk}").json()["results"][0]
    assert "cash" not in row and row["value"] == "2.30"
    assert "annual" not in {c["key"] for c in browser(yunheng, "he").get("/tiers/value/").context["columns"]}


def test_a_customer_without_a_contract_has_no_value_to_explain(yunheng, valued) -> None:
    with tenant(yunheng.tenant.id):
        lead = morning.customer(yunheng.li, "未签约")
    client = browser(yunheng, "li")
    assert client.get(f"/customers/{lead.pk}/value/").status_code == 404
    assert "Customer value" not in client.get(f"/customers/{lead.pk}/").content.decode()


def test_the_list_filters_sorts_and_shows_the_value(yunheng, valued) -> None:
    client = browser(yunheng, "gao")
    book = client.get("/customers/?view=all&rfm_segment=HHH").context["book"]
    assert [(line["name"], line["value"], line["segment"]) for line in book.lines] == [
        ("华信科技有限公司", Decimal("2.30"), "Champion")
    ]
    assert book.chips[0]["value"] == "Champion"
    rising = client.get("/customers/?view=all&ordering=rfm_value").context["book"]
    assert [line["value"] for line in rising.lines] == [Decimal("1.00"), Decimal("2.30")]
    api = Api(yunheng, "gao")
    rows = api.get("customers/?ordering=-rfm_value&rfm_value__gte=1.5").json()["results"]
    assert [(row["name"], row["rfm_value"], row["rfm_segment"]) for row in rows] == [
        ("华信科技有限公司", "2.30", "HHH")
    ]


def test_the_overview_counts_what_the_reader_reaches_and_leads_to_the_same_list(yunheng, valued) -> None:
    seen = {}
    for person in ("gao", "li", "sun", "chen"):
        lines = browser(yunheng, person).get("/tiers/value/").context["lines"]
        seen[person] = {line["segment"].value: line["number"] for line in lines if line["number"]}
        for line in lines:
            listed = browser(yunheng, person).get(line["url"]).context["book"]
            assert listed.total == line["number"]
    assert seen == {
        "gao": {"HHH": 1, "LHL": 1},
        "li": {"HHH": 1},
        "sun": {"LHL": 1},
        "chen": {"HHH": 1},
    }


def test_the_home_of_executive_and_head_counts_the_eight_segments(yunheng, valued) -> None:
    for person, answer in (("gao", "1 of 2 customers"), ("chen", "1 of 1 customer ")):
        plots = browser(yunheng, person).get("/").context["home"].plots
        chart = next(chart for key, _wide, chart in plots if key == "worth")
        assert chart.answer.startswith(answer)
        assert len(chart.rows) == 8


def test_a_move_to_another_segment_stands_in_the_timeline(yunheng, valued) -> None:
    """孙悦's customer pays more, so that 李娜's pays less than the mean."""
    with tenant(yunheng.tenant.id):
        morning.receive(Contract.objects.get(number="HT-2"), "100000.00", morning.today())
        rfm.score_all(morning.today(), morning.noon(morning.today()))
        moved = Event.objects.get(name="customer.valued", customer_id=valued.pk)
        entry = told.event(moved, yunheng.viewer("li"), morning.today())
    assert (entry.title, entry.text) == ("Customer value", "Champion → Loyal · 2.30")
    assert "Champion → Loyal" in browser(yunheng, "li").get(f"/customers/{valued.pk}/").content.decode()


def test_an_admin_lays_down_a_version_by_page_and_by_api_and_nobody_else(yunheng) -> None:
    typed = {
        "code": "RFM-2", "valid_from": str(morning.day(1)), "weight_r": "0.3", "weight_f": "0.3",
        "weight_m": "0.4", "fewest": "30", "cuts_r": "31 91 181 366", "cuts_f": "2 3 4 5",
        "cuts_m": "1000 2000 3000 4000",
    }  # fmt: skip
    admin = browser(yunheng, "an")
    assert admin.post("/tiers/value/rules/", typed | {"cuts_m": "1 x"}).status_code == 422
    assert admin.post("/tiers/value/rules/", typed).status_code == 303
    body = {"code": "RFM-3", "valid_from": str(morning.day(2)), "weight_r": "0.2", "weight_f": "0.2"}
    wrong = Api(yunheng, "an").post("rfm-policies/", body | {"weight_m": "0.5"})
    assert (wrong.status_code, codes(wrong)) == (400, [("weight_m", "sum_not_one")])
    assert Api(yunheng, "an").post("rfm-policies/", body | {"weight_m": "0.6"}).status_code == 201
    assert Api(yunheng, "gao").post("rfm-policies/", body | {"weight_m": "0.6"}).status_code == 403
    with tenant(yunheng.tenant.id):
        found = list(RfmPolicy.objects.order_by("valid_from").values_list("code", "valid_to", "fewest"))
    assert found == [("RFM-1", morning.day(1), 20), ("RFM-2", morning.day(2), 30), ("RFM-3", None, 20)]
    assert "RFM-2" in admin.get("/tiers/value/").content.decode()


def test_another_company_sees_neither_value_nor_score(yunheng, beihe, valued) -> None:
    assert browser(beihe, "gao").get(f"/customers/{valued.pk}/value/").status_code == 404
    assert Api(beihe, "gao").get("rfm-scores/").json()["results"] == []
