"""Pools and rows of a contract for one state of knowledge, under whichever plan versions are asked for."""

from commissions.calculation.facts import Request
from commissions.calculation.known import Known
from commissions.calculation.plan import PlanVersion
from commissions.calculation.pools import Signing, YearPool, year_pools
from commissions.calculation.price import Price
from commissions.calculation.shares import Row, handed_over, rows_of, splits_of

RowsByYear = dict[int, list[Row]]


class Entitled:
    """Worked out when first asked for, and again after `renew`."""

    def __init__(self, request: Request, signing: Signing, known: Known, price: Price) -> None:
        self._request, self._signing, self._known = request, signing, known
        self._pools: dict[int, list[YearPool]] = {}
        self._rows: dict[int, RowsByYear] = {}
        self.price = price

    def renew(self, price: Price) -> None:
        """Price, expenses or handovers have changed."""
        self.price = price
        self._pools.clear()
        self._rows.clear()

    def pools(self, version: PlanVersion) -> list[YearPool]:
        """The contract years under the pool settings of a version."""
        found = self._pools.get(id(version))
        if found is None:
            found = year_pools(self._signing, version, self.price, self._known.expenses)
            self._pools[id(version)] = found
        return found

    def rows(self, version: PlanVersion) -> RowsByYear:
        """What each payee gets of each contract year, under the pool settings of a version."""
        found = self._rows.get(id(version))
        if found is None:
            request, signing = self._request, self._signing
            splits = splits_of(request, signing.contract, signing.version)
            splits = handed_over(splits, self._known.handovers, signing.contract, signing.version)
            found = {}
            for row in rows_of(request, signing, version, splits, self.pools(version)):
                found.setdefault(row.contract_year, []).append(row)
            self._rows[id(version)] = found
        return found

    def all_rows(self, version: PlanVersion) -> list[Row]:
        """The same as one list, in the order of rule SPLIT."""
        return [row for rows in self.rows(version).values() for row in rows]
