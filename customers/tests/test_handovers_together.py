"""Of two who hand one book over, or take it back, in one moment one comes too late."""

import pytest

from crm.tests.cast import NOW, TODAY
from customers.handovers import books
from customers.models import Customer, Handover, OwnershipCredit
from customers.tests.test_together import at_once, race, register, seen  # noqa: F401

pytestmark = [pytest.mark.django_db(databases=["default", "owner"]), pytest.mark.slow]
ACTS = {"by": None, "at": NOW, "on": TODAY}


def test_of_two_who_hand_one_book_over_at_once_one_wins_it_whole(race) -> None:  # noqa: F811
    rows = seen(race.id, lambda: [register(str(number), developer=race.li) for number in range(6)])

    def to(who):
        return lambda: books.execute(race.li, {row.pk: who for row in rows}, **ACTS)

    answers = at_once(race.id, to(race.wu), to(race.xu))
    won = [each for each in answers if isinstance(each, Handover)]
    assert (len(won), [each for each in answers if isinstance(each, list)]) == (1, [[("", "nothing")]])
    owners = seen(race.id, lambda: set(Customer.objects.values_list("owner", flat=True)))
    to_all = seen(race.id, lambda: set(won[0].rows.values_list("to_member", flat=True)))
    assert (len(owners), owners) == (1, to_all)


def test_a_handover_is_taken_back_once(race) -> None:  # noqa: F811
    one = seen(race.id, lambda: register("华信科技", developer=race.li))
    row = seen(race.id, lambda: books.execute(race.li, {one.pk: race.wu}, **ACTS))
    answers = at_once(race.id, *[lambda: books.undo(row, **ACTS)] * 2)
    assert sum(isinstance(each, Handover) for each in answers) == 1
    assert [each for each in answers if isinstance(each, list)] == [[("", "not_done")]]
    credits = seen(race.id, lambda: list(OwnershipCredit.objects.filter(role="MANAGER")))
    assert [(credit.member_id, credit.rule) for credit in credits] == [(race.li.pk, "TAKE_BACK")]
