"""A split is a proposal until the heads of its payees confirm it; its commission is held meanwhile."""

from typing import Any

import pytest

from crm.accounts import members
from crm.events.models import Event
from crm.refusal import Conflict
from crm.tenancy.context import tenant
from customers import confirming, contracts
from customers.contracts import Share
from customers.models import Contract, SplitConfirmation
from customers.tests.deals import acts, customer, refusal, sign, terms

pytestmark = pytest.mark.django_db


def split(here: Any, *shares: tuple[Any, int], by: Any = None) -> Contract:
    """A contract with a customer of 李娜, divided so."""
    about = acts(by or here.li)
    return contracts.sign(customer(here), terms=terms(), shares=[Share(*share) for share in shares], **about)


def asked(contract: Contract) -> list[tuple[str, str, str]]:
    """Department, who is asked, state."""
    rows = contract.confirmations.order_by("department__code")
    return list(rows.values_list("department__code", "asked__code", "state"))


def told(name: str) -> dict[str, Any]:
    return Event.objects.filter(name=name).latest("id").data


def test_the_owner_alone_or_his_department_needs_no_word(here) -> None:
    assert asked(split(here, (here.li, 10_000))) == []
    assert asked(sign(here, customer(here, "甬江"), terms("HT-2"))) == []
    half = [Share(here.li, 5_000), Share(here.departments["EAST"], 5_000)]
    assert asked(sign(here, customer(here, "三江"), terms("HT-3"), shares=half)) == []


def test_a_share_of_another_department_asks_both_heads(here) -> None:
    contract = split(here, (here.li, 7_000), (here.sun, 3_000))
    assert asked(contract) == [("EAST", "chen", "WAITING"), ("NORTH", "zhao", "WAITING")]
    assert told("credit_split.asked")["asked"] == ["陈静", "赵鹏"]


def test_a_share_of_a_colleague_asks_the_one_head_once(here) -> None:
    assert asked(split(here, (here.li, 7_000), (here.zhou, 3_000))) == [("EAST", "chen", "WAITING")]


def test_who_signs_as_a_head_has_confirmed_by_that(here) -> None:
    contract = split(here, (here.li, 7_000), (here.sun, 3_000), by=here.chen)
    assert asked(contract) == [("EAST", "chen", "CONFIRMED"), ("NORTH", "zhao", "WAITING")]


def test_nobody_confirms_what_pays_himself(here) -> None:
    contract = split(here, (here.li, 7_000), (here.chen, 3_000), by=here.chen)
    assert asked(contract) == [("EAST", "gao", "WAITING")]
    assert refusal(lambda: confirming.confirm(contract, **acts(here.chen))) == [("", "not_asked")]


def test_where_nobody_could_confirm_nobody_is_asked(here) -> None:
    for person in (here.chen, here.gao):
        members.edit(person, changes={"roles": ["SALES"]}, version=person.version, **acts(here.an))
    assert asked(split(here, (here.li, 7_000), (here.zhou, 3_000))) == []


def test_each_head_confirms_his_own_and_the_last_one_settles_it(here) -> None:
    contract = split(here, (here.li, 7_000), (here.sun, 3_000))
    confirming.confirm(contract, **acts(here.zhao))
    assert asked(contract) == [("EAST", "chen", "WAITING"), ("NORTH", "zhao", "CONFIRMED")]
    assert (told("credit_split.confirmed")["asked"], told("credit_split.confirmed")["settled"]) == (
        ["陈静"],
        False,
    )
    confirming.confirm(contract, **acts(here.chen))
    assert told("credit_split.confirmed")["settled"] is True
    with pytest.raises(Conflict, match="decided"):
        confirming.confirm(contract, **acts(here.chen))


def test_one_head_of_two_departments_confirms_once(here) -> None:
    contract = split(here, (here.li, 7_000), (here.wu, 3_000))
    assert asked(contract) == [("EAST", "chen", "WAITING"), ("NINGBO", "chen", "WAITING")]
    assert len(confirming.confirm(contract, **acts(here.chen))) == 2
    assert {state for *_, state in asked(contract)} == {"CONFIRMED"}


def test_whoever_stands_above_may_stand_in_and_nobody_else(here) -> None:
    contract = split(here, (here.li, 7_000), (here.sun, 3_000))
    for person in (here.li, here.sun, here.qian):
        assert refusal(lambda person=person: confirming.confirm(contract, **acts(person))) == [
            ("", "not_asked")
        ]
    confirming.confirm(contract, **acts(here.gao))
    assert list(contract.confirmations.values_list("decided_by__code", flat=True)) == ["gao", "gao"]


def test_a_refusal_says_why_and_nobody_else_is_asked_any_more(here) -> None:
    contract = split(here, (here.li, 7_000), (here.sun, 3_000))
    assert refusal(lambda: confirming.refuse(contract, words=" ", **acts(here.zhao))) == [
        ("words", "required")
    ]
    long = "长" * 201
    assert refusal(lambda: confirming.refuse(contract, words=long, **acts(here.zhao))) == [
        ("words", "max_length")
    ]
    confirming.refuse(contract, words="孙悦做了一半", **acts(here.zhao))
    assert asked(contract) == [("EAST", "chen", "DROPPED"), ("NORTH", "zhao", "REFUSED")]
    assert told("credit_split.refused")["reason"] == "孙悦做了一半"
    with pytest.raises(Conflict, match="decided"):
        confirming.confirm(contract, **acts(here.chen))


def test_another_split_asks_anew(here) -> None:
    contract = split(here, (here.li, 7_000), (here.sun, 3_000))
    confirming.confirm(contract, **acts(here.chen))
    confirming.refuse(contract, words="孙悦做了一半", **acts(here.zhao))
    shares = [Share(here.li, 5_000), Share(here.sun, 5_000)]
    confirming.resplit(contract, shares=shares, **acts(here.li))
    assert asked(contract) == [("EAST", "chen", "WAITING"), ("NORTH", "zhao", "WAITING")]
    parts = contract.splits.order_by("position").values_list("member__code", "basis_points")
    assert list(parts) == [("li", 5_000), ("sun", 5_000)]


def test_a_split_changed_to_the_owner_alone_waits_for_nobody(here) -> None:
    contract = split(here, (here.li, 7_000), (here.sun, 3_000))
    confirming.resplit(contract, shares=[Share(here.li, 10_000)], **acts(here.li))
    assert asked(contract) == []


def test_a_wrong_split_is_refused_and_the_old_one_stays(here) -> None:
    contract = split(here, (here.li, 7_000), (here.sun, 3_000))
    short = [Share(here.li, 7_000), Share(here.sun, 2_000)]
    assert refusal(lambda: confirming.resplit(contract, shares=short, **acts(here.li))) == [
        ("shares", "sum_not_10000")
    ]
    assert contract.splits.count() == 2


def test_a_confirmed_split_stands(here) -> None:
    contract = split(here, (here.li, 7_000), (here.zhou, 3_000))
    confirming.confirm(contract, **acts(here.chen))
    with pytest.raises(Conflict, match="settled"):
        confirming.resplit(contract, shares=[Share(here.li, 10_000)], **acts(here.li))


def test_what_waits_for_a_head_who_leaves_is_asked_of_the_next_one(here) -> None:
    contract = split(here, (here.li, 7_000), (here.sun, 3_000))
    changes = {"status": "LEFT"}
    members.edit(here.chen, changes=changes, version=here.chen.version, **acts(here.an))
    assert asked(contract) == [("EAST", "gao", "WAITING"), ("NORTH", "zhao", "WAITING")]


def test_a_company_sees_nothing_of_another_ones_splits(here, yunheng, beihe) -> None:
    split(here, (here.li, 7_000), (here.sun, 3_000))
    with tenant(beihe.tenant.id):
        assert SplitConfirmation.objects.count() == 0
