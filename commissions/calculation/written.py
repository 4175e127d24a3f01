"""Numbers as the response writes them; the calculation goes on with the exact ones."""

from fractions import Fraction

from commissions.calculation.plan import Q
from crm.money import fen_text, quantise


def rate_text(rate: Fraction) -> str:
    """A rate, factor or number of months with exactly six places."""
    return str(quantise(rate, 6))


def q_text(q: int) -> str:
    """A renewal ratio, kept in ten-thousandths, with exactly four places."""
    return f"{q // Q}.{q % Q:04d}"


def exact(fen: Fraction) -> str:
    """An amount that may be a part of a 分: as an amount, or as a fraction of 元."""
    return fen_text(fen.numerator) if fen.denominator == 1 else str(fen / 100)
