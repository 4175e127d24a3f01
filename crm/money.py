"""Money: round once, split without losing a 分, write in capitals.

Inside a calculation an amount is a whole number of 分 (`fen`); stored and shown it is a Decimal with two
places. Rounding is half-up on the absolute value, then the sign (domain.md §2.0). There is no float here.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from itertools import accumulate, pairwise

Exact = int | Decimal | Fraction


def ratio(value: Exact) -> tuple[int, int]:
    """The value as (numerator, denominator > 0). TypeError for a float, which is no exact number."""
    if isinstance(value, float):
        raise TypeError("an amount or a rate is never a float")
    return value.as_integer_ratio()


def round_ratio(numerator: int, denominator: int) -> int:
    """numerator / denominator (> 0) as a whole number: half-up on the absolute value, then the sign."""
    if numerator < 0:
        return -((denominator - 2 * numerator) // (2 * denominator))
    return (2 * numerator + denominator) // (2 * denominator)


def round_half_up(value: Exact) -> int:
    """The whole number next to `value`, halves away from zero."""
    return round_ratio(*ratio(value))


def quantise(value: Exact, places: int = 2) -> Decimal:
    """`value` with exactly so many places, halves away from zero; never minus zero."""
    numerator, denominator = ratio(value)
    scaled = round_ratio(numerator * 10**places, denominator)
    return Decimal((int(scaled < 0), tuple(map(int, str(abs(scaled)))), -places))


def to_fen(amount: Decimal | int) -> int:
    """元 as whole 分. ValueError when there is a part of a 分, or no finite number."""
    if isinstance(amount, Decimal) and not amount.is_finite():
        raise ValueError(f"{amount} is not an amount")
    numerator, denominator = ratio(amount)
    fen, rest = divmod(numerator * 100, denominator)
    if rest:
        raise ValueError(f"{amount} has more than two places")
    return fen


def from_fen(fen: int) -> Decimal:
    """分 as 元 with two places."""
    return Decimal(fen_text(fen))


def fen_text(fen: int) -> str:
    """分 as the text of 元 with exactly two places, such as "-12.00"."""
    sign = "-" if fen < 0 else ""
    return f"{sign}{abs(fen) // 100}.{abs(fen) % 100:02d}"


def net_of_tax(gross_fen: int, vat_rate: Exact) -> int:
    """The amount without value-added tax, round(gross / (1 + rate)); the tax is gross less this."""
    numerator, denominator = ratio(vat_rate)
    return round_ratio(gross_fen * denominator, denominator + numerator)


def split(total_fen: int, weights: Sequence[int]) -> list[int]:
    """Shares of a total by largest remainder 最大余额法; they sum to it exactly.

    Left-over 分 go to the largest remainders, ties to the earlier. A negative total is the mirror of the
    positive one, so that a reversal takes back what was given. ValueError when no weight is positive.
    """
    if total_fen < 0:
        return [-share for share in split(-total_fen, weights)]
    whole = sum(weights)
    if whole <= 0 or min(weights) < 0:
        raise ValueError("weights are not negative, and one of them is above zero")
    parts = [divmod(total_fen * weight, whole) for weight in weights]
    shares = [share for share, _ in parts]
    left = total_fen - sum(shares)
    if left:
        for place in sorted(range(len(parts)), key=lambda place: -parts[place][1])[:left]:
            shares[place] += 1
    return shares


def released(total_fen: int, collected: int, due: int) -> int:
    """How much of a total is released when `collected` of `due` (> 0) has come; never more than all."""
    return round_ratio(total_fen * min(collected, due), due)


def release(total_fen: int, due: int, receipts: Iterable[int]) -> list[int]:
    """What each receipt releases of a total: differences of running roundings, so the sum is exact."""
    steps = [0, *(released(total_fen, collected, due) for collected in accumulate(receipts))]
    return [after - before for before, after in pairwise(steps)]


AGEING = ((30, "0-30"), (60, "31-60"), (90, "61-90"), (180, "91-180"), (365, "181-365"))


def ageing_bucket(due_on: date, as_of: date) -> str:
    """The ageing bucket 账龄 of an item that was due on `due_on`, seen on `as_of`."""
    days = (as_of - due_on).days
    if days < 0:
        return "NOT_DUE"
    return next((name for last, name in AGEING if days <= last), ">365")


DIGITS = "零壹贰叁肆伍陆柒捌玖"
PLACES = ("", "拾", "佰", "仟")
SECTIONS = ("", "万", "亿", "万")


def capitals(amount: Decimal) -> str:
    """An amount as 大写 for invoices and receipts, up to 13 digits before the point (domain.md §2.7).

    ValueError for a part of a 分 or a longer number.
    """
    fen = to_fen(amount)
    yuan, rest = divmod(abs(fen), 100)
    if yuan >= 10**13:
        raise ValueError(f"{amount} is too large for capitals")
    jiao, last = divmod(rest, 10)
    text = _whole_in_capitals(yuan) + "元" if yuan else ""
    if not rest:
        text = (text or "零元") + "整"
    if jiao:
        text += DIGITS[jiao] + "角"
    elif last and yuan:
        text += "零"
    if last:
        text += DIGITS[last] + "分"
    return "人民币" + ("负" if fen < 0 else "") + text


def _whole_in_capitals(number: int) -> str:
    """A whole number below 10**16: sections of four digits, a run of zeros inside is one 零."""
    digits = [int(digit) for digit in str(number)]
    text, before, section_used = "", 1, False
    for place, digit in zip(reversed(range(len(digits))), digits, strict=True):
        section, unit = divmod(place, 4)
        if digit:
            text += ("" if before else "零") + DIGITS[digit] + PLACES[unit]
        before, section_used = digit, section_used or digit != 0
        if unit == 0:
            if section_used or (section == 2 and number >= 10**12):
                text += SECTIONS[section]
            section_used = False
    return text
