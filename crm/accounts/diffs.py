"""What a viewer may read in the details of an event: field secrets hold in the audit trail too."""

import re
from collections.abc import Mapping
from typing import Any

from crm.accounts.access import Viewer
from crm.accounts.rights import Right, Scope

# Words in a detail's name that make it a secret, each with the right that opens it.
SECRETS: tuple[tuple[re.Pattern[str], Right], ...] = (
    (re.compile(r"expense|cost|margin"), Right.SEE_EXPENSE),
    (re.compile(r"amount|gross|net|value|price|payable|balance|total|instalment|schedule"), Right.SEE_AMOUNT),
    (re.compile(r"credit_code"), Right.SEE_CREDIT_CODE),
    (re.compile(r"phone|mobile"), Right.SEE_PHONE),
)
PAY = re.compile(r"(commission|statement|period|entry|payout|plan|quota)\.")


def visible(viewer: Viewer, name: str, data: Mapping[str, Any]) -> dict[str, Any]:
    """The details of an event without what is hidden; those of pay only for one who reviews all of it."""
    if PAY.match(name) and viewer.commission is not Scope.TENANT:
        return {}
    return _open(viewer, data)


def _open(viewer: Viewer, value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _open(viewer, part) for key, part in value.items() if not _hidden(viewer, str(key))}
    if isinstance(value, list):
        return [_open(viewer, part) for part in value]
    return value


def _hidden(viewer: Viewer, key: str) -> bool:
    return any(words.search(key) and not viewer.may(right) for words, right in SECRETS)
