"""What a receipt would release is what it then releases, and is told to whoever may see it."""

from collections import Counter
from decimal import Decimal

import pytest
from django.urls import reverse

from commissions import releasing
from commissions.models import LedgerEntry
from commissions.models.entry import MEMO_KINDS
from crm.tenancy.context import tenant
from crm.tests import morning
from crm.tests.callers import browser

pytestmark = pytest.mark.django_db
PART = Decimal("300000.00")


def deal(company, **due):
    buyer = morning.customer(company.li, "华信精密仪器")
    about = {"starts_on": morning.day(-50), "shares": [(company.li, 7000), (company.zhou, 3000)]}
    return morning.sign(buyer, "K-1", "600000.00", **about, **due)


def posted() -> Counter:
    found: Counter = Counter()
    for row in LedgerEntry.objects.exclude(kind__in=MEMO_KINDS).select_related("member", "department"):
        found[(row.member or row.department).name] += row.amount
    return +found


@pytest.mark.parametrize(
    "due", [[morning.day(0), morning.day(75)], [morning.day(-45), morning.day(75)]], ids=["on time", "late"]
)
def test_what_is_foretold_is_what_is_posted_on_time_and_late(here, due) -> None:
    signed = deal(here, due=due)
    told = releasing.by_receipt(signed, amount=PART, received_on=morning.day(0), on=morning.today())
    assert LedgerEntry.objects.count() == 0
    morning.receive(signed, str(PART), morning.day(0))
    assert {each.payee.name: each.amount for each in told} == posted() != {}
    assert [each.amount for each in told] == sorted((each.amount for each in told), reverse=True)


def test_money_beyond_what_is_due_releases_nothing(here) -> None:
    signed = deal(here)
    morning.receive(signed, "600000.00", morning.day(0))
    assert releasing.by_receipt(signed, amount=PART, received_on=morning.day(0), on=morning.today()) == []


def test_finance_reads_it_beside_the_form_and_nobody_else_does(yunheng, beihe) -> None:
    with tenant(yunheng.tenant.id):
        signed = deal(yunheng, due=[morning.day(0), morning.day(75)])
    url, words = reverse("commissions:contract-releases", args=[signed.pk]), {"amount": "30万"}
    words["received_on"] = morning.today().isoformat()
    finance = browser(yunheng, "qian")
    assert f'hx-get="{url}"' in finance.get(reverse("customers:receipt", args=[signed.pk])).content.decode()
    page = finance.get(url, words)
    assert [each.payee.name for each in page.context["released"]] == ["李娜", "运维部", "周毅"]
    assert "李娜" in page.content.decode()
    assert finance.get(url, {"amount": "viel"}).context["released"] is None
    assert [browser(yunheng, who).get(url, words).status_code for who in ("li", "chen", "gao")] == [403] * 3
    assert browser(beihe, "qian").get(url, words).status_code == 404
