"""Types of cells that only files of customers and contracts have: credit codes and splits."""

import json
import re
import unicodedata
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from crm.integrations.imports.faults import Misread
from crm.integrations.imports.references import Colleague, Unit
from crm.integrations.imports.values import Code, Faults, Memo, Value
from customers import credit_codes

_BETWEEN = re.compile(r"[;；|、，,\n]")
_SHARE = re.compile(r"(.+?)[\s:：=]+(\d+(?:\.\d+)?)\s*%?|(\D+?)(\d+(?:\.\d+)?)\s*%?")
_SCALES = {Decimal(100): 100, Decimal(10_000): 1, Decimal(1): 10_000}


class CreditCode(Code):
    """A 统一社会信用代码 in the form that customers.credit_codes asks for."""

    def __init__(self) -> None:
        super().__init__(18)

    def one(self, cell: str) -> str:
        code = credit_codes.clean(cell)
        if not credit_codes.is_formed(code):
            raise Misread("credit_code")
        return code

    def read(self, cells: Sequence[str], memo: Memo) -> tuple[list[str], Faults]:
        if all(map(credit_codes.is_formed, cells)):
            return list(cells), []
        memo.clear()
        memo.wrong.clear()
        return Value.read(self, cells, memo)

    def looks_like(self, cell: str) -> bool:
        return credit_codes.is_formed(cell)


def parse_shares(cell: str) -> list[tuple[str, int]]:
    """Who gets how many basis points, from `李娜 70; 周毅 30`, `li:7000;zhou:3000` or a JSON list.

    Raises Misread unless the shares are percent, basis points or parts of one and sum to the whole.
    """
    pairs = _from_json(cell) if cell.startswith("[") else _from_words(cell)
    total = sum((share for _payee, share in pairs), Decimal(0))
    if total not in _SCALES:
        raise Misread("split_sum", total=f"{total:f}")
    if len({payee for payee, _share in pairs}) < len(pairs):
        raise Misread("split_twice")
    points = [(payee, share * _SCALES[total]) for payee, share in pairs]
    if any(share != int(share) for _payee, share in points):
        raise Misread("split_places")
    return [(payee, int(share)) for payee, share in points]


def _from_words(cell: str) -> list[tuple[str, Decimal]]:
    pairs = []
    for part in _BETWEEN.split(unicodedata.normalize("NFKC", cell)):
        found = _SHARE.fullmatch(part.strip())
        if found:
            pairs.append(((found[1] or found[3]).strip(), Decimal(found[2] or found[4])))
        elif part.strip():
            raise Misread("split")
    return pairs


def _from_json(cell: str) -> list[tuple[str, Decimal]]:
    try:
        return [(str(one["payee"]), Decimal(one["basis_points"])) for one in json.loads(cell)]
    except (ValueError, TypeError, KeyError, ArithmeticError) as problem:
        raise Misread("split") from problem


class _SplitMemo(Memo):
    """Remembers payees beside the cells."""

    def __init__(self, value: "Splits") -> None:
        super().__init__(lambda cell: value.resolved(cell, self.payees))
        self.payees: dict[str, str] = {}


class Splits(Value):
    """Who shares a contract, as `m:<member>:7000|d:<department>:3000` in the order of the cell."""

    colleagues, units = Colleague(), Unit()

    def memo(self) -> Memo:
        return _SplitMemo(self)

    def read(self, cells: Sequence[str], memo: Memo) -> tuple[list[str], Faults]:
        assert isinstance(memo, _SplitMemo)
        new = set(cells) - memo.keys() - {""}
        self._look_up({payee for cell in new for payee in _payees(cell)} - memo.payees.keys(), memo.payees)
        return super().read(cells, memo)

    def _look_up(self, names: set[str], payees: dict[str, str]) -> None:
        if not names:
            return
        members, departments = self.colleagues.find(names), self.units.find(names)
        for name in names:
            ids: list[Any] = members[name] or departments[name]
            if len(ids) == 1:
                payees[name] = f"{'m' if members[name] else 'd'}:{ids[0]}"
            elif ids:
                payees[name] = ""

    def resolved(self, cell: str, payees: dict[str, str]) -> str:
        """The cell with its payees known; raises Misread for one that is not."""
        shares = parse_shares(cell)
        for payee, _points in shares:
            if not payees.get(payee):
                known = payee in payees
                raise Misread("ambiguous_member" if known else "unknown_member", value=payee[:200])
        whole = [f"{payees[payee]}:{points}" for payee, points in shares]
        if len({part.rpartition(":")[0] for part in whole}) < len(whole):
            raise Misread("split_twice")
        return "|".join(whole)


def _payees(cell: str) -> Iterable[str]:
    try:
        return [payee for payee, _points in parse_shares(cell)]
    except Misread:
        return []
