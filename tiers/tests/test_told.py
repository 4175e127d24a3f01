from datetime import date
from decimal import Decimal

import pytest
from django.utils import translation

from crm.tests.cast import NOW, TODAY
from crm.web.why import Row
from customers.models import Customer
from tiers import grading, overrides
from tiers.tests.book import customer, enter, govern
from tiers.views import told

pytestmark = pytest.mark.django_db


@pytest.fixture
def acme(here):
    govern({})
    return customer("A")


@pytest.fixture
def kept(acme):
    """A customer whose large contract ended seven weeks ago."""
    enter(acme, {"number": "1", "gross": "600000.00", "starts_on": "2025-10-01", "ends_on": "2026-10-01"})
    enter(acme, {"number": "2", "gross": "200000.00", "starts_on": "2026-06-01", "ends_on": "2027-06-01"})
    grading.grade_all(TODAY, NOW)
    return acme


def test_a_customer_never_judged_has_no_explanation(here, acme) -> None:
    assert told.tier(acme, here.viewer("gao")) is None


def test_a_kept_tier_says_since_when_and_until_when(here, kept) -> None:
    why = told.tier(kept, here.viewer("gao"))
    assert why.title == "Why Key account?"
    assert why.sentence == "By amount Major account since 1 Oct 2026; Key account is kept until 30 Dec 2026."
    assert why.rows == (
        Row("A-1", ("1 Oct 2025", "30 Sep 2026", "¥600,000.00"), idle=True),
        Row("A-2", ("1 Jun 2026", "31 May 2027", "¥200,000.00")),
    )
    assert why.formula == (
        "highest amount of the last 90 days: ¥800,000.00 in [¥500,000.00, ¥1,000,000.00) = Key account"
    )
    assert why.result == Row("Annual amount", ("", "", "¥200,000.00"))
    assert (why.version, why.valid_from, why.computed_at) == ("V1", date(2000, 1, 1), NOW)


def test_the_same_in_chinese(here, kept) -> None:
    with translation.override("zh-hans"):
        why = told.tier(kept, here.viewer("gao"))
    assert why.sentence == "自 2026-10-01 起按金额应为大客户；重点客户保留到 2026-12-30。"
    assert why.rule == "分级办法：生效合同的年金额，客户自己的合同"


def test_a_plain_tier_names_its_band(here, acme) -> None:
    grading.grade_all(TODAY, NOW)
    why = told.tier(acme, here.viewer("gao"))
    assert why.sentence == "General account by the annual amount on 20 Nov 2026."
    assert why.formula == "¥0.00 in [¥0.00, ¥100,000.00) = General account"


def test_a_decision_is_told_with_its_reason_and_last_day(here, acme) -> None:
    overrides.decide(
        acme, tier="COMPANY", until=date(2027, 1, 1), reason="a reference", by=here.gao, at=NOW, on=TODAY
    )
    sentence = told.tier(acme, here.viewer("gao")).sentence
    assert sentence == "Company account by decision until 31 Dec 2026: a reference"


def test_who_may_not_see_amounts_reads_the_sentence_only(here, kept) -> None:
    why = told.tier(kept, here.viewer("he"))
    assert why.sentence.startswith("By amount Major account")
    assert (why.rows, why.formula, why.result) == ((), "", None)
    assert str(Decimal("200000")) not in str(why).replace(",", "")


def test_a_contract_of_the_group_that_is_out_of_reach_is_told_as_a_sum_alone(here) -> None:
    govern({"class_scope": "GROUP"})
    head = customer("HEAD")
    mine = customer("MINE", parent=head)
    Customer.objects.filter(pk=mine.pk).update(responsible_dept=here.departments["EAST"])
    for owner in (head, mine):
        enter(owner, {"number": "1", "gross": "60000.00", "starts_on": "2026-06-01", "ends_on": "2027-06-01"})
    grading.grade_all(TODAY, NOW)
    rows = told.tier(mine, here.viewer("chen")).rows
    assert [(row.label, row.cells) for row in rows[1:]] == [
        ("1 contract out of your reach", ("", "", "¥60,000.00"))
    ]
    assert rows[0].label == "MINE-1"
