"""Order days of customers, and how each stood at an origin, from what was known by then."""

from dataclasses import dataclass, fields

import numpy as np

from lifecycle.churn.prediction.arrays import Flags, Floats, Ints

SPAN = 2  # horizons since the last order: those a salesperson can still lose


@dataclass(frozen=True)
class Orders:
    """One row a customer-day with an order, sorted by customer and day; days are day numbers."""

    customer: Ints
    day: Ints
    amount: Floats | None

    def until(self, origin: int) -> "Orders":
        """What was known at the end of the origin's day."""
        return self._kept(self.day <= origin)

    def within(self, after: int, until: int) -> Ints:
        """The customers with an order in (after, until]."""
        return np.unique(self.customer[(self.day > after) & (self.day <= until)])

    def _kept(self, rows: Flags) -> "Orders":
        amount = None if self.amount is None else self.amount[rows]
        return Orders(self.customer[rows], self.day[rows], amount)


@dataclass(frozen=True)
class Standing:
    """How customers stand at an origin. Times in days since the first order; amounts in the file's unit."""

    customer: Ints
    x: Floats  # repeat order days
    t_x: Floats  # the last
    age: Floats
    lately: Floats  # order days in the last horizon
    before: Floats  # in the one before
    gap_spread: Floats  # standard deviation of the gaps; NaN below two gaps
    spent: Floats  # NaN without amounts, as the next three
    spent_lately: Floats
    spent_before: Floats
    last_basket: Floats

    @property
    def silence(self) -> Floats:
        return self.age - self.t_x

    @property
    def gap(self) -> Floats:
        """Mean days between orders; NaN before the first repeat."""
        return self.t_x / np.where(self.x > 0, self.x, np.nan)

    def kept(self, rows: Flags) -> "Standing":
        return Standing(*(getattr(self, each.name)[rows] for each in fields(self)))

    def at_risk(self, horizon: int) -> "Standing":
        """The population: at least one repeat order, the last within two horizons."""
        return self.kept((self.x > 0) & (self.silence <= SPAN * horizon))


def together(standings: list[Standing]) -> Standing:
    """The rows of several origins under one another."""
    columns = (np.concatenate([getattr(s, each.name) for s in standings]) for each in fields(Standing))
    return Standing(*columns)


def one_row_a_day(customer: Ints, day: Ints, amount: Floats | None) -> Orders:
    """Order days from rows in any order; rows of one customer-day are one order, their amounts one sum."""
    keys, place = np.unique(np.column_stack([customer, day]), axis=0, return_inverse=True)
    if amount is None:
        return Orders(keys[:, 0], keys[:, 1], None)
    return Orders(keys[:, 0], keys[:, 1], sums(place.ravel(), amount, len(keys)))


def standing(orders: Orders, origin: int, horizon: int) -> Standing:
    """Every customer with an order by the origin, in the order of their numbers."""
    known = orders.until(origin)
    customer, first, count = np.unique(known.customer, return_index=True, return_counts=True)
    last = first + count - 1
    place = np.repeat(np.arange(customer.size), count)
    ago = origin - known.day
    lately, before = ago < horizon, (ago >= horizon) & (ago < 2 * horizon)

    def total(rows: Flags | None, values: Floats | None) -> Floats:
        if values is None:
            return np.full(customer.size, np.nan)
        kept = values if rows is None else np.where(rows, values, 0.0)
        return sums(place, kept, customer.size)

    return Standing(
        customer=customer,
        x=count.astype(np.float64) - 1,
        t_x=(known.day[last] - known.day[first]).astype(float),
        age=(origin - known.day[first]).astype(float),
        lately=total(lately, np.ones(place.size)),
        before=total(before, np.ones(place.size)),
        gap_spread=_gap_spread(known, place, count),
        spent=total(None, known.amount),
        spent_lately=total(lately, known.amount),
        spent_before=total(before, known.amount),
        last_basket=total(None, None) if known.amount is None else known.amount[last],
    )


def lost(orders: Orders, customers: Ints, origin: int, horizon: int) -> Flags:
    """The label: no order in (origin, origin + horizon]."""
    return ~np.isin(customers, orders.within(origin, origin + horizon))


def sums(place: Ints, values: Floats, size: int) -> Floats:
    """The sum of the values of each place."""
    return np.bincount(place, weights=values, minlength=size).astype(np.float64)


def _gap_spread(known: Orders, place: Ints, count: Ints) -> Floats:
    same = np.flatnonzero(np.diff(known.customer) == 0)
    gaps, of = np.diff(known.day)[same].astype(float), place[same]
    n = count - 1.0
    enough = np.where(n > 1, n, np.nan)
    mean = np.bincount(of, weights=gaps, minlength=count.size) / enough
    squares = np.bincount(of, weights=(gaps - mean[of]) ** 2, minlength=count.size)
    return np.sqrt(np.where(n > 1, squares, np.nan) / (enough - 1))
