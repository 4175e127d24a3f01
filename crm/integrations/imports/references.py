"""Columns that name a colleague or a department: by code, e-mail or name."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import Q

from crm.accounts.models import Department, Member
from crm.integrations.imports.faults import Misread, Wrong
from crm.integrations.imports.values import NULL, Faults, Memo, Value


class Reference(Value):
    """A row of the tenant told by one of its names; asks the database once for all new names of a chunk."""

    sql = "uuid"
    noun = ""

    def find(self, names: set[str]) -> dict[str, list[Any]]:
        """The ids behind each name: one, or several when the name is ambiguous."""
        raise NotImplementedError

    def one(self, cell: str) -> str:
        ids = self.find({cell}).get(cell, [])
        return self._only(cell, ids)

    def _only(self, cell: str, ids: Sequence[Any]) -> str:
        if len(ids) == 1:
            return str(ids[0])
        raise Misread(f"{'ambiguous' if ids else 'unknown'}_{self.noun}", value=cell[:200])

    def read(self, cells: Sequence[str], memo: Memo) -> tuple[list[str], Faults]:
        if new := set(cells) - memo.keys() - {""}:
            found = self.find(new)
            for cell in new:
                try:
                    memo[cell] = self._only(cell, found.get(cell, []))
                except Misread as misread:
                    memo[cell] = NULL
                    memo.wrong[cell] = Wrong(misread.code, misread.params)
        return super().read(cells, memo)


class Colleague(Reference):
    """A member by staff number, e-mail or name; who has left counts only when nobody else is called so."""

    noun = "member"

    def find(self, names: set[str]) -> dict[str, list[Any]]:
        known = Member.objects.filter(
            Q(code__in=names) | Q(email__in=[name.lower() for name in names]) | Q(name__in=names)
        ).order_by("code")
        rows = list(known.values_list("id", "code", "email", "name", "status"))
        by_name = _grouped((name, id) for id, _code, _email, name, status in rows if status != "LEFT")
        by_name = {**_grouped((row[3], row[0]) for row in rows), **by_name}
        by_mail = _grouped((row[2], row[0]) for row in rows if row[2])
        by_code = _grouped((row[1], row[0]) for row in rows)
        return {n: by_code.get(n) or by_mail.get(n.lower()) or by_name.get(n, []) for n in names}


class Unit(Reference):
    """A department by code or name."""

    noun = "department"

    def find(self, names: set[str]) -> dict[str, list[Any]]:
        known = Department.objects.filter(Q(code__in=names) | Q(name__in=names)).order_by("code")
        rows = list(known.values_list("id", "code", "name"))
        by_code = _grouped((code, id) for id, code, _name in rows)
        by_name = _grouped((name, id) for id, _code, name in rows)
        return {n: by_code.get(n) or by_name.get(n, []) for n in names}


def _grouped(pairs: Iterable[tuple[str, Any]]) -> dict[str, list[Any]]:
    groups: dict[str, list[Any]] = defaultdict(list)
    for name, id in pairs:
        groups[name].append(id)
    return groups
