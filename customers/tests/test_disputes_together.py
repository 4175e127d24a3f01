"""Of two who claim, or rule, in one moment one is told that he came too late."""

import pytest

from crm.accounts import members
from crm.accounts.rights import Role
from crm.tests.cast import NOW, TODAY
from customers.disputes import cases, rulings
from customers.models import DisputeRuling, OwnershipCredit, OwnershipDispute
from customers.tests.test_together import at_once, race, register, seen  # noqa: F401

pytestmark = [pytest.mark.django_db(databases=["default", "owner"]), pytest.mark.slow]
ACTS = {"at": NOW, "on": TODAY}


def claim(one, who) -> OwnershipDispute:
    return cases.open_dispute(one, statement="在跟", called="华信", claimant=who, **ACTS)


def judged(race):  # noqa: F811
    """A customer of li in a company with a head to rule."""

    def fill():
        about = {"department": race.li.department, "roles": [Role.DEPT_HEAD], **ACTS}
        head = members.add(code="head", name="head", **about)
        return register("华信科技", developer=race.li), head

    return seen(race.id, fill)


def test_of_two_who_claim_one_customer_at_once_one_is_told(race) -> None:  # noqa: F811
    one, _head = judged(race)
    answers = at_once(race.id, lambda: claim(one, race.wu), lambda: claim(one, race.xu))
    assert sum(isinstance(each, OwnershipDispute) for each in answers) == 1
    assert [each for each in answers if isinstance(each, list)] == [[("", "disputed")]]


def test_of_two_rulings_at_once_one_wins_and_it_alone_is_carried_out(race) -> None:  # noqa: F811
    one, head = judged(race)
    row = seen(race.id, lambda: claim(one, race.wu))

    def rule(outcome: str):
        return lambda: rulings.rule(row, outcome=outcome, reason="依证据", by=head, **ACTS)

    answers = at_once(race.id, rule("CLAIMANT"), rule("RESPONDENT"))
    won = [each for each in answers if isinstance(each, DisputeRuling)]
    assert len(won) == 1
    assert [each for each in answers if isinstance(each, list)] == [[("", "not_pending")]]

    def owner() -> str:
        return OwnershipCredit.objects.get(customer=one, role="MANAGER", valid_to=None).member.code

    assert seen(race.id, owner) == {"CLAIMANT": "wu", "RESPONDENT": "li"}[won[0].outcome]
