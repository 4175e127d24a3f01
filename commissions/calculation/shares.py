"""Who gets the pools: handover, department fund, largest remainder, overlays, ops (rule SPLIT)."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from commissions.calculation.facts import ALL, Contract, Event, Request, Share
from commissions.calculation.plan import PlanVersion
from commissions.calculation.pools import Signing, YearPool
from crm.money import round_ratio, split

COMPONENTS = ("NEW_DEV", "RENEWAL", "DEPT_FUND", "OVERLAY", "OPS_SHARE")
RULED = ("NEW_DEV", "RENEWAL")


class Row(NamedTuple):
    """What a contract year pays one payee in all: `amount` under the contract cap (T′), `before_cap` (T)."""

    contract_year: int
    component: str
    payee: str
    amount: int
    before_cap: int
    basis_points: int


def splits_of(request: Request, contract: Contract, version: PlanVersion) -> tuple[Share, ...]:
    """Who shares the department pool, before any handover: the department alone if nothing is said (D2).

    Under distribution POOL it is the department's until its head has distributed it.
    """
    said = request.distributed if version.distribution == "POOL" else request.splits
    return (Share(contract.responsible_dept, ALL),) if said is None else said


def handed_over(
    splits: Sequence[Share], handovers: Iterable[Event], contract: Contract, version: PlanVersion
) -> tuple[Share, ...]:
    """The splits after handovers shortly before signing: a part stays with the owner before.

    `handovers` come in business order; the latest to a payee counts. Under distribution POOL nothing
    is handed over.
    """
    if version.distribution == "POOL":
        return tuple(splits)
    latest = {
        event.to_payee: event
        for event in handovers
        if 0 <= (contract.signed_on - event.on).days <= version.handover_window_days
    }
    points: dict[str, int] = {}
    for share in splits:
        event = latest.get(share.payee)
        kept = 0 if event is None else share.basis_points * version.handover_old_owner_bps // ALL
        points[share.payee] = points.get(share.payee, 0) + share.basis_points - kept
        if event is not None:
            points[event.from_payee] = points.get(event.from_payee, 0) + kept
    return tuple(Share(payee, basis_points) for payee, basis_points in points.items())


def rows_of(
    request: Request,
    signing: Signing,
    version: PlanVersion,
    splits: Sequence[Share],
    pools: Iterable[YearPool],
) -> list[Row]:
    """The rows of all years: department component, fund, overlays, ops; zero rows stay."""
    rows = []
    for pool in pools:
        full = _amounts(request, version, splits, pool.dept_pool, pool.ops_pool)
        capped = full
        if pool.dept_pool_capped != pool.dept_pool:
            capped = _amounts(request, version, splits, pool.dept_pool_capped, pool.ops_pool)
        number = pool.year.number
        names = _names(request, signing, version, splits, number)
        rows += [
            Row(number, component, share.payee, amount, before, share.basis_points)
            for (component, share), amount, before in zip(names, capped, full, strict=True)
        ]
    return rows


def _names(
    request: Request, signing: Signing, version: PlanVersion, splits: Sequence[Share], year: int
) -> list[tuple[str, Share]]:
    """Component and share of the rows of a year, in their order."""
    renewal = year > 1 or signing.case.name in ("RENEWAL", "LATE_RENEWAL")
    names = [("RENEWAL" if renewal else "NEW_DEV", share) for share in splits]
    if version.dept_fund_bps:
        names.append(("DEPT_FUND", Share(signing.contract.responsible_dept, version.dept_fund_bps)))
    names += [("OVERLAY", share) for share in request.overlays]
    names += [("OPS_SHARE", share) for share in request.ops_splits]
    return names


def _amounts(
    request: Request, version: PlanVersion, splits: Sequence[Share], dept: int, ops: int
) -> list[int]:
    """The amounts of the rows of a year, in the order of their names."""
    fund = round_ratio(dept * version.dept_fund_bps, ALL) if version.dept_fund_bps else 0
    amounts = split(dept - fund, [share.basis_points for share in splits])
    if version.dept_fund_bps:
        amounts.append(fund)
    amounts += [round_ratio(dept * share.basis_points, ALL) for share in request.overlays]
    return amounts + split(ops, [share.basis_points for share in request.ops_splits])
