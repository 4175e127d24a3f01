"""The worked cases, the rule by which an answer matches one, and short names for building requests."""

import json
from pathlib import Path
from typing import Any

COPIES = Path(__file__).parent / "cases"
SPEC = Path(__file__).parents[3] / "shared" / "spec" / "cases"
JSON = dict[str, Any]


def load(folder: Path, name: str) -> JSON:
    return json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))


def matches(expected: Any, actual: Any) -> bool:
    """Subset match of spec/what-if.md §9."""
    if isinstance(expected, dict):
        if expected.keys() == {"$exactly"}:
            wanted = expected["$exactly"]
            return (
                isinstance(actual, list) and len(actual) == len(wanted) and all(map(matches, wanted, actual))
            )
        return isinstance(actual, dict) and all(
            key in actual and matches(value, actual[key]) for key, value in expected.items()
        )
    if isinstance(expected, list):
        left = iter(actual if isinstance(actual, list) else ())
        return isinstance(actual, list) and all(
            any(matches(value, other) for other in left) for value in expected
        )
    return type(expected) is type(actual) and expected == actual


def contract(gross: str = "200000.00", **more: Any) -> JSON:
    """A contract of the year 2025, MAJOR: department pool 16,000.00, ops pool 3,000.00."""
    return {
        "number": "C-1",
        "gross": gross,
        "signed_on": "2025-01-01",
        "starts_on": "2025-01-01",
        "ends_on": "2026-01-01",
    } | more


def event(kind: str, day: str, amount: str | None = None, **more: Any) -> JSON:
    """An event whose id is its kind and day."""
    money = {} if amount is None else {"amount": amount}
    return {"id": f"{kind.lower()}-{day}", "kind": kind, "date": day} | money | more


def cash(day: str, amount: str, **more: Any) -> JSON:
    return event("CASH_RECEIVED", day, amount, **more)


def refund(day: str, amount: str, **more: Any) -> JSON:
    return event("REFUNDED", day, amount, **more)


def shares(**points: int) -> list[JSON]:
    return [{"payee": payee, "basis_points": number} for payee, number in points.items()]


ALICE = shares(alice=10_000)


def entries(answered: JSON, payee: str = "alice") -> list[tuple[str, str]]:
    """(kind, amount) of the ledger entries of a payee."""
    return [(row["kind"], row["amount"]) for row in answered["ledger"] if row["payee"] == payee]


def errors(answered: JSON) -> list[tuple[str, str]]:
    """(field, code) of what is wrong."""
    return [(found["field"], found["code"]) for found in answered["errors"]]
