"""What a replay is asked and answers."""

from typing import Any

from rest_framework import serializers

from commissions.models import Replay
from crm.accounts.models import Department
from crm.web.api import Input, Money, Reference


class ReplayInput(Input):
    """Past days [since, until), and whose contracts; without a department all that the plan pays."""

    since = serializers.DateField()
    until = serializers.DateField()
    department = Reference(queryset=Department.objects, required=False)


class PairAnswer(Input):
    old = Money(help_text="in the ledger")
    new = Money(help_text="under this version")
    change = Money()


class SumsAnswer(Input):
    """Payable amounts dated in these days. Lists by payee, department, class and month; contracts that
    would pay most less (losers) and most more (winners)."""

    contracts = serializers.IntegerField()
    total = PairAnswer()
    payees = serializers.ListField()
    departments = serializers.ListField()
    classes = serializers.ListField()
    months = serializers.ListField()
    winners = serializers.ListField()
    losers = serializers.ListField()


class ReplayAnswer(Input):
    """A simulation: nothing of it stands in the ledger."""

    id = serializers.UUIDField()
    since = serializers.DateField()
    until = serializers.DateField()
    state = serializers.ChoiceField(Replay.State.choices)
    done = serializers.IntegerField()
    total = serializers.IntegerField(help_text="contracts to work out")
    result = SumsAnswer(required=False, allow_null=True, help_text="once it is done")


def told_replay(row: Replay) -> dict[str, Any]:
    """A replay as the API tells it."""
    return {
        "id": row.pk,
        "since": row.since,
        "until": row.until,
        "state": row.state,
        "done": row.done,
        "total": row.total,
        "result": row.result or None,
    }
