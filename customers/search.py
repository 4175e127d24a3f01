"""Finding customers by any part of name, pinyin, code, credit code or phone."""

from customers.duplicates import fold, name_key
from customers.models import Customer

KEYS = ("name_key", "pinyin", "initials")


def set_keys(customer: Customer) -> None:
    """Work out the columns of the row that searching and 查重 read from its name."""
    customer.name_key = name_key(customer.name)
    customer.pinyin, customer.initials = spelled(customer.name)


def spelled(name: str) -> tuple[str, str]:
    """A name in pinyin, whole and by initials: 华信科技 is huaxinkeji and hxkj; other letters stay."""
    from pypinyin import lazy_pinyin  # its dictionary takes a third of a second to read

    parts = lazy_pinyin(fold(name), errors=lambda rest: list(filter(str.isalnum, rest)))
    return "".join(parts)[:600], "".join(part[0] for part in parts)[:200]
