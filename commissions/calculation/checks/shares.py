"""Faults of meaning in shares, openings and months."""

from collections.abc import Iterator, Sequence

from commissions.calculation.facts import ALL, Request, Share
from commissions.calculation.faults import Fault, fault


def share_faults(request: Request) -> Iterator[Fault]:
    """Shares that do not sum to the whole, payees and months named twice."""
    whole: dict[str, Sequence[Share]] = {"splits": request.splits or (), "ops_splits": request.ops_splits}
    for field, shares in whole.items():
        given = field == "ops_splits" or request.splits is not None
        if given and sum(share.basis_points for share in shares) != ALL:
            yield fault(field, "sum_not_10000")
        if _twice([share.payee for share in shares]):
            yield fault(field, "duplicate_payee")
    for field, payees in (
        ("overlays", [share.payee for share in request.overlays]),
        ("openings", [opening.payee for opening in request.openings]),
    ):
        if _twice(payees):
            yield fault(field, "duplicate_payee")
    months: set[int] = set()
    for place, period in enumerate(request.periods):
        if period.month in months:
            yield fault(f"periods[{place}].period", "duplicate_period")
        months.add(period.month)


def _twice(payees: list[str]) -> bool:
    return len(payees) != len(set(payees))
