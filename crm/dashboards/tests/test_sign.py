"""Signing on the page: what is promised beside the form is what is posted, and nothing typed is lost."""

from decimal import Decimal
from typing import Any

import pytest
from django.db.models import Sum
from django.urls import reverse

from commissions.models import Entitlement, PlanVersion
from crm.periods import add_months, last_day
from crm.tenancy.context import tenant
from crm.tests import morning
from crm.tests.callers import browser
from crm.tests.cast import Company
from customers import ownership
from customers.models import Contract, Customer

pytestmark = pytest.mark.django_db


@pytest.fixture
def huaxin(yunheng: Company) -> Customer:
    """A customer of 李娜 with 860,000 in force: a key account."""
    with tenant(yunheng.tenant.id):
        made = morning.customer(yunheng.li, "华信科技有限公司")
        morning.sign(made, "HT-1", "860000.00", starts_on=morning.day(-60))
    return made


def form(company: Company, *shares: tuple[str, str], **changes: str) -> dict[str, str]:
    """What journey b types: an add-on of twelve months, 212,000 with 6 % VAT, 10,000 of expenses."""
    start = morning.today()
    data = {
        "number": "HT-2",
        "product_kind": "STANDARD",
        "line": "扩容",
        "gross": "212,000",
        "vat_rate": "6",
        "currency": "CNY",
        "book_rate": "1",
        "signed_on": f"{start}",
        "starts_on": f"{start}",
        "last_day": f"{last_day(add_months(start, 12))}",
        "rhythm": "12",
    }
    rows = [{"payee": str(company.people[who].pk), "share": share} for who, share in shares]
    data |= formset("splits", rows)
    data |= formset("expenses", [{"category": "TRAVEL", "amount": "10000"}])
    return data | changes


def formset(prefix: str, rows: list[dict[str, str]]) -> dict[str, str]:
    told = {f"{prefix}-TOTAL_FORMS": str(len(rows)), f"{prefix}-INITIAL_FORMS": "0"}
    return told | {f"{prefix}-{n}-{name}": value for n, row in enumerate(rows) for name, value in row.items()}


def post(company: Company, customer: Customer, name: str, data: dict[str, str], person: str = "li") -> Any:
    return browser(company, person).post(reverse(f"dashboards:{name}", args=[customer.pk]), data)


def test_a_split_that_is_short_is_refused_beside_it_and_what_was_typed_stays(yunheng, huaxin) -> None:
    answer = post(yunheng, huaxin, "sign", form(yunheng, ("li", "70"), ("zhou", "20")))
    page = answer.content.decode()
    assert (answer.status_code, "10% missing" in page, "212,000" in page) == (422, True, True)
    with tenant(yunheng.tenant.id):
        assert not Contract.objects.filter(number="HT-2").exists()


def test_a_plan_that_gives_the_pool_to_the_department_says_so_beside_the_split(yunheng, huaxin) -> None:
    words = "its head distributes it after the signature"
    url, data = reverse("dashboards:sign", args=[huaxin.pk]), form(yunheng, ("li", "100"))
    assert words not in browser(yunheng, "li").get(url).content.decode()
    with tenant(yunheng.tenant.id):
        row = PlanVersion.objects.get()
        PlanVersion.objects.filter(pk=row.pk).update(settings={**row.settings, "distribution": "POOL"})
    assert words in browser(yunheng, "li").get(url).content.decode()
    assert words in post(yunheng, huaxin, "sign-estimate", data).content.decode()


def test_the_estimate_is_what_the_signature_posts(yunheng, huaxin) -> None:
    data = form(yunheng, ("li", "70"), ("zhou", "30"))
    told = post(yunheng, huaxin, "sign-estimate", data).context["estimate"]
    # 860,000 + 212,000 = 1,072,000: company's account. 212,000 / 1.06 − 10,000 = 190,000 × 5 % = 9,500.
    assert (told.tier.tier, told.annual, told.pool) == ("COMPANY", Decimal(1_072_000), Decimal(9_500))
    assert [part.amount for part in told.parts] == [Decimal("6650.00"), Decimal("2850.00")]
    assert post(yunheng, huaxin, "sign", data).status_code == 303
    with tenant(yunheng.tenant.id):
        rows = Entitlement.objects.filter(contract__number="HT-2", member__isnull=False)
        paid = dict(rows.values_list("member__code").annotate(Sum("amount")))
        huaxin.standing.refresh_from_db()
    assert paid == {"li": Decimal("6650.00"), "zhou": Decimal("2850.00")}
    assert huaxin.standing.tier == "COMPANY"


def test_who_had_the_customer_lately_keeps_half_in_the_estimate_and_the_ledger(yunheng, huaxin) -> None:
    with tenant(yunheng.tenant.id):
        told: dict[str, Any] = {
            "by": yunheng.chen,
            "at": morning.noon(morning.day(-3)),
            "on": morning.day(-3),
        }
        ownership.transfer([huaxin], to=yunheng.zhou, reason="区域", **told)
    data = form(yunheng, ("zhou", "100"))
    found = post(yunheng, huaxin, "sign-estimate", data, "zhou").context["estimate"]
    half = Decimal("4750.00")
    assert [(part.name, part.amount, part.is_mine) for part in found.parts] == [
        ("周毅", half, True),
        ("李娜", half, False),
    ]
    assert post(yunheng, huaxin, "sign", data, "zhou").status_code == 303
    with tenant(yunheng.tenant.id):
        rows = Entitlement.objects.filter(contract__number="HT-2", member__isnull=False)
        assert dict(rows.values_list("member__code").annotate(Sum("amount"))) == {"li": half, "zhou": half}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("gross", "1,2345.67"),
        ("gross", "-1"),
        ("gross", ""),
        ("last_day", "2020-01-01"),
        ("starts_on", "9999-99-99"),
        ("currency", "XXXX"),
        ("vat_rate", "600"),
        ("number", "HT-1"),
        ("book_rate", "0"),
    ],
)
def test_a_wrong_field_is_told_beside_it(yunheng, huaxin, field: str, value: str) -> None:
    answer = post(yunheng, huaxin, "sign", form(yunheng, ("li", "100"), **{field: value}))
    assert answer.status_code == 422
    assert field in answer.context["form"].errors


def by_milestones(company: Company, *rows: tuple[str, str, str]) -> dict[str, str]:
    parts = [{"due_on": day, "amount": amount, "milestone": words} for day, amount, words in rows]
    return form(company, ("li", "100"), rhythm="0") | formset("plan", parts)


def test_milestones_are_the_plan_with_their_words(yunheng, huaxin) -> None:
    rows = (f"{morning.day(5)}", "12,000", "预付款"), (f"{morning.day(200)}", "20万", "验收")
    assert post(yunheng, huaxin, "sign", by_milestones(yunheng, *rows)).status_code == 303
    with tenant(yunheng.tenant.id):
        plan = Contract.objects.get(number="HT-2").receivables.order_by("due_on")
        assert list(plan.values_list("due_on", "amount", "contract_year", "milestone")) == [
            (morning.day(5), Decimal("12000.00"), 1, "预付款"),
            (morning.day(200), Decimal("200000.00"), 1, "验收"),
        ]


def test_milestones_that_miss_the_amount_are_told_beside_them_at_once_and_when_signing(
    yunheng, huaxin
) -> None:
    data = by_milestones(
        yunheng, (f"{morning.day(5)}", "12000", "预付款"), (f"{morning.day(200)}", "100000", "")
    )
    words = "The instalments of contract year 1 sum to 112000.00 and not to 212000.00."
    assert post(yunheng, huaxin, "sign-estimate", data).context["plan_faults"] == [words]
    answer = post(yunheng, huaxin, "sign", data)
    assert (answer.status_code, answer.context["plan_faults"]) == (422, [words])
    assert 'value="预付款"' in answer.content.decode()


def test_milestones_without_a_row_or_with_half_a_row_are_refused(yunheng, huaxin) -> None:
    answer = post(yunheng, huaxin, "sign", by_milestones(yunheng))
    assert (answer.status_code, len(answer.context["plan_faults"])) == (422, 1)
    answer = post(yunheng, huaxin, "sign", by_milestones(yunheng, ("", "212000", "验收")))
    assert (answer.status_code, list(answer.context["milestones"].forms[0].errors)) == (422, ["due_on"])


def test_rows_of_milestones_say_nothing_under_another_rhythm(yunheng, huaxin) -> None:
    data = by_milestones(yunheng, ("nonsense", "1", "")) | {"rhythm": "3"}
    assert post(yunheng, huaxin, "sign", data).status_code == 303
    with tenant(yunheng.tenant.id):
        plan = Contract.objects.get(number="HT-2").receivables.all()
        assert [each.amount for each in plan] == [Decimal("53000.00")] * 4


def test_the_page_shows_who_keeps_half_after_a_handover_as_a_row_of_the_split(yunheng, huaxin) -> None:
    with tenant(yunheng.tenant.id):
        day = morning.day(-3)
        told: dict[str, Any] = {"by": yunheng.chen, "at": morning.noon(day), "on": day}
        ownership.transfer([huaxin], to=yunheng.zhou, reason="区域", **told)
    url = reverse("dashboards:sign", args=[huaxin.pk])
    for answer in (
        browser(yunheng, "zhou").get(url),
        post(yunheng, huaxin, "sign-estimate", form(yunheng, ("zhou", "100")), "zhou"),
    ):
        parts = [(part.name, part.of, part.on, part.share) for part in answer.context["kept"]]
        assert parts == [("李娜", "周毅", day, Decimal("0.5"))]
        assert "of the share of 周毅, who took the customer over" in answer.content.decode()


def test_the_page_says_who_will_have_to_confirm(yunheng, huaxin) -> None:
    data = form(yunheng, ("li", "70"), ("sun", "30"))
    assert post(yunheng, huaxin, "sign-estimate", data).context["awaited"] == ["陈静", "赵鹏"]
    alone = post(yunheng, huaxin, "sign-estimate", form(yunheng, ("li", "100")))
    assert alone.context["awaited"] == []


def test_nobody_signs_for_a_customer_out_of_his_reach(yunheng, beihe, huaxin) -> None:
    data = form(yunheng, ("li", "100"))
    assert post(yunheng, huaxin, "sign", data, "sun").status_code == 404
    assert post(beihe, huaxin, "sign", form(beihe, ("li", "100"))).status_code == 404
    assert post(yunheng, huaxin, "sign", data, "he").status_code == 403
