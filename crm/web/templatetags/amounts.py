"""Money, shares and scores as text, in the reader's language (ui.md §4).

Every function takes a known value; `show` turns an unknown one into a dash. Money is a Decimal in yuan.
"""

from decimal import ROUND_HALF_UP, Decimal

from django.utils.translation import get_language

MINUS = "\u2212"
WAN = Decimal(10_000)
YI = Decimal(100_000_000)
MILLION = Decimal(1_000_000)
BILLION = Decimal(1_000_000_000)
HOME_CURRENCY = "CNY"


def is_chinese() -> bool:
    """Whether the active language is Chinese; its lists count in 万元."""
    return (get_language() or "").startswith("zh")


def figure(value: Decimal | int, places: int) -> str:
    """A number with thousands separators, rounded half-up on the absolute value, U+2212 before it."""
    if isinstance(value, float):
        raise TypeError("amounts are Decimal, never float")
    rounded = abs(Decimal(value)).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
    sign = MINUS if value < 0 and rounded else ""
    return f"{sign}{rounded:,.{places}f}"


def money_list(amount: Decimal) -> str:
    """In a column whose header names the unit: 万元 with two decimals, or whole yuan in English."""
    return figure(amount / WAN, 2) if is_chinese() else figure(amount, 0)


def chart_unit(currency: str) -> str:
    """What the figures of a chart count in: 万元 for readers of Chinese, else the currency."""
    if not is_chinese():
        return currency
    return "万元" if currency == HOME_CURRENCY else f"万 {currency}"


def money_chart(amount: Decimal) -> str:
    """At a mark of a chart: 万元 with one decimal; English k or M, a bar having no room for 3,100,000."""
    if is_chinese():
        return figure(amount / WAN, 1)
    if abs(amount) >= MILLION:
        return f"{figure(amount / MILLION, 1)}M"
    return f"{figure(amount / 1000, 0)}k" if abs(amount) >= 1000 else figure(amount, 0)


def money_short(amount: Decimal) -> str:
    """Alone beside a bar, where no header names the unit: `86.4 万`, `864k`."""
    return f"{money_chart(amount)} 万" if is_chinese() else money_chart(amount)


def money_tick(amount: Decimal) -> str:
    """On an axis: `money_chart` without an empty decimal."""
    return money_chart(amount).replace(".0M", "M").removesuffix(".0")


def money_tile(amount: Decimal, currency: str = HOME_CURRENCY) -> str:
    """On a tile: `¥812.0 万`, `¥1.86 亿`, `¥8.12M`; small sums in whole yuan."""
    size = abs(amount)
    for least, places, unit in _TILE_ZH if is_chinese() else _TILE_EN:
        if size >= least:
            return _signed(amount, f"{_sign_of(currency)}{figure(size / least, places)}{unit}")
    return _signed(amount, f"{_sign_of(currency)}{figure(size, 0)}")


_TILE_ZH = ((YI, 2, " 亿"), (WAN, 1, " 万"))
_TILE_EN = ((BILLION, 2, "B"), (MILLION, 2, "M"))


def _sign_of(currency: str) -> str:
    return "¥" if currency == HOME_CURRENCY else f"{currency} "


def _signed(amount: Decimal, text: str) -> str:
    return f"{MINUS}{text}" if amount < 0 else text


def money(amount: Decimal, currency: str = HOME_CURRENCY) -> str:
    """In details, statements and inputs: `¥860,000.00`, another currency as `USD 150,000.00`."""
    sign, text = _sign_of(currency), figure(amount, 2)
    return f"{MINUS}{sign}{text[1:]}" if text.startswith(MINUS) else f"{sign}{text}"


def percent(share: Decimal, places: int = 1) -> str:
    """A share of one as `91.2%`."""
    return f"{figure(share * 100, places)}%"


def rate(share: Decimal) -> str:
    """A rate of a plan as it is written there: `6%`, `1.5%`."""
    return f"{(Decimal(share) * 100).normalize():f}%".replace("-", MINUS)


def quotient(q: Decimal) -> str:
    """A renewal ratio q with its four places: `1.1000`."""
    return figure(q, 4)


def score(points: Decimal | int) -> str:
    """A score of 0 to 100 as a whole number."""
    return figure(points, 0)
