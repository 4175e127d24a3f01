import copy
from datetime import date
from typing import Any

import pytest

from crm.refusal import Refused
from crm.tenancy.context import tenant
from lifecycle.churn import policy
from lifecycle.models import RiskPolicy, Signal

pytestmark = pytest.mark.django_db


def settings(**changes: Any) -> dict[str, Any]:
    """The default settings; a change is named by its path, `signals__payment__weight=7`."""
    made = copy.deepcopy(policy.DEFAULT)
    for path, value in changes.items():
        *way, last = path.split("__")
        place: Any = made
        for step in way:
            place = place[step]
        place[last] = value
    return made


def test_a_new_tenant_has_the_default_rules_since_long_ago(here) -> None:
    rules = policy.in_force(date(2001, 1, 1))
    assert (rules.code, rules.valid_to) == ("RISK-1", None)
    assert policy.read(rules.settings) == policy.read(policy.DEFAULT)


def test_the_default_weights_are_those_of_the_management_rules() -> None:
    read = policy.read(policy.DEFAULT)
    assert [(w.signal, w.weight) for w in read.weighings] == [
        (Signal.UNQUOTED, 25),
        (Signal.INTERACTION, 15),
        (Signal.COMPLAINTS, 15),
        (Signal.SATISFACTION, 10),
        (Signal.PAYMENT, 15),
        (Signal.SHRINK, 10),
        (Signal.USAGE, 10),
    ]
    assert (read.red_from, read.amber_from) == (70, 40)


def test_installing_twice_leaves_one_version(here) -> None:
    policy.install([None])
    assert RiskPolicy.objects.count() == 1


def test_a_new_version_ends_the_one_before(here) -> None:
    policy.lay_down(code="V2", valid_from=date(2027, 1, 1), settings=policy.DEFAULT)
    assert policy.in_force(date(2026, 12, 31)).code == "RISK-1"
    assert policy.in_force(date(2027, 1, 1)).code == "V2"


def test_a_version_cannot_begin_before_one_that_exists(here) -> None:
    with pytest.raises(Refused) as refused:
        policy.lay_down(code="V2", valid_from=date(1999, 1, 1), settings=policy.DEFAULT)
    assert [(f.field, f.code) for f in refused.value.faults] == [("valid_from", "version_overlap")]


def test_versions_of_two_tenants_do_not_meet(here, beihe) -> None:
    policy.lay_down(code="V2", valid_from=date(2026, 1, 1), settings=policy.DEFAULT)
    with tenant(beihe.tenant.id):
        assert policy.in_force(date(2026, 1, 1)).code == "RISK-1"


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({}, "settings.signals"),
        ({"signals": {}, "bands": None}, "settings.bands"),
        ([], "settings.signals"),
        ({"signals": {}, "bands": {"RED": 70, "AMBER": 40}}, "settings.signals"),
        (settings(signals__weather={"weight": 1}), "settings.signals.weather"),
        (settings(signals__payment__weight=-1), "settings.signals.payment.weight"),
        (settings(signals__payment__weight="15"), "settings.signals.payment.weight"),
        (settings(signals__payment__weight=True), "settings.signals.payment.weight"),
        (settings(signals__payment__otherwise=101), "settings.signals.payment.otherwise"),
        (settings(signals__payment__cuts=[]), "settings.signals.payment.cuts"),
        (
            settings(signals__payment__cuts=[["<=", "30", 30], ["<=", "0", 0]]),
            "settings.signals.payment.cuts",
        ),
        (settings(signals__payment__cuts=[["=", "30", 30]]), "settings.signals.payment.cuts.0"),
        (
            settings(signals__payment__cuts=[["<=", "0); DROP TABLE x", 30]]),
            "settings.signals.payment.cuts.0",
        ),
        (settings(signals__payment__cuts=[["<=", 30, 30]]), "settings.signals.payment.cuts.0"),
        (settings(signals__payment__cuts=[["<=", "30", "30"]]), "settings.signals.payment.cuts.0"),
        (settings(signals__complaints__severities={"S1'": 5}), "settings.signals.complaints.severities"),
        (settings(signals__complaints__severities={"S1": "5"}), "settings.signals.complaints.severities.S1"),
        (settings(signals__satisfaction__low_answer=11), "settings.signals.satisfaction.low_answer"),
        (settings(bands__RED=None), "settings.bands.RED"),
        (settings(bands__AMBER=71), "settings.bands.AMBER"),
    ],
)
def test_wrong_settings_are_refused_by_their_path(here, wrong: Any, field: str) -> None:
    with pytest.raises(Refused) as refused:
        policy.lay_down(code="V2", valid_from=date(2027, 1, 1), settings=wrong)
    assert [fault.field for fault in refused.value.faults] == [field]
    assert RiskPolicy.objects.count() == 1
