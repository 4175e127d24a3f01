"""统一社会信用代码: the 18 characters of GB 32100-2015."""

import re
from unicodedata import normalize

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"  # no I, O, S, V, Z
_FORM = re.compile(f"[{ALPHABET}]{{18}}")
_SPACES = re.compile(r"[\s-]+")


def clean(text: str) -> str:
    """The code as it is stored: half width, capitals, without spaces and hyphens."""
    return _SPACES.sub("", normalize("NFKC", text)).upper()


def is_formed(code: str) -> bool:
    """Whether it can be a credit code at all: 18 characters of its alphabet. Others are refused."""
    return _FORM.fullmatch(code) is not None


def check_holds(code: str) -> bool:
    """Whether the last character is the check of the others.

    A code that fails is taken with a warning: authorities have issued some that do not hold.
    """
    if not is_formed(code):
        return False
    total = sum(ALPHABET.index(mark) * pow(3, place, 31) for place, mark in enumerate(code[:17]))
    return ALPHABET[-total % 31] == code[17]
