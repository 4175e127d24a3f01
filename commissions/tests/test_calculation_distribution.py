"""Distribution POOL: the department's until its head has distributed it, then its people's by his split."""

from dataclasses import replace
from datetime import timedelta

from hypothesis import given

from commissions.calculation import calculate
from commissions.calculation.facts import Event, Kind, Request, Share
from commissions.tests.histories import requests
from commissions.tests.test_calculation_properties import FOREVER, sums, unhurried

SHARES = (Share("ann", 3_333), Share("bo", 3_333), Share("cy", 3_334))
RULED = ("NEW_DEV", "RENEWAL")


def pooled(request: Request, *, distributed: bool = False, after: int | None = None) -> Request:
    """The same contract under POOL: held since its signature, until so many days after it."""
    version = replace(request.plan.versions[0], distribution="POOL")
    told = [Event("pool", Kind.SHARES_OPENED, request.contract.signed_on)]
    if after is not None:
        day = request.contract.signed_on + timedelta(after)
        told.append(Event("pool:settled", Kind.SHARES_SETTLED, day))
    return replace(
        request,
        plan=replace(request.plan, versions=(version,)),
        distributed=SHARES if distributed else None,
        overlays=(),
        events=(*request.events, *told),
        as_of=FOREVER,
    )


@unhurried
@given(requests())
def test_before_the_distribution_nothing_of_the_pool_is_payable_and_nothing_is_lost(request: Request) -> None:
    held, free = calculate(pooled(request)), calculate(pooled(request, after=0))
    ours = [entry for entry in held.ledger if entry.component in RULED]
    assert {entry.payee for entry in ours} <= {request.contract.responsible_dept}
    assert sum(entry.amount for entry in ours if entry.kind not in ("HOLD", "FORFEIT")) == 0
    assert sum(entry.amount for entry in ours) == sum(e.amount for e in free.ledger if e.component in RULED)


@unhurried
@given(requests())
def test_the_operations_share_is_paid_as_if_nothing_waited(request: Request) -> None:
    waiting, free = calculate(pooled(request)), calculate(pooled(request, after=0))
    assert [e for e in waiting.ledger if e.component == "OPS_SHARE"] == [
        e for e in free.ledger if e.component == "OPS_SHARE"
    ]


@unhurried
@given(requests())
def test_once_distributed_each_has_what_a_split_of_the_contract_would_have_given(request: Request) -> None:
    late = calculate(pooled(request, distributed=True, after=400))
    plain = pooled(request, after=0)
    by_credit = replace(plain.plan.versions[0], distribution="BY_CREDIT")
    plan = replace(plain.plan, versions=(by_credit,))
    split = calculate(replace(plain, plan=plan, splits=SHARES))
    assert sums(late.ledger) == sums(split.ledger)
