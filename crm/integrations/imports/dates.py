"""Dates as people write them: 2026-11-20, 2026/11/20, 20261120, 2026年11月20日, a spreadsheet's serial."""

import re
import unicodedata
from datetime import date, datetime, timedelta

from crm.integrations.imports.faults import Misread
from crm.integrations.imports.values import Value

_DAY = r"(?P<y>\d{4})(?:(?P<sep>[-/.])(?P<m>\d{1,2})(?P=sep)(?P<d>\d{1,2})"
_DAY += r"|年(?P<m2>\d{1,2})月(?P<d2>\d{1,2})[日号]|(?P<m3>\d{2})(?P<d3>\d{2}))"
_TIME = r"(?P<hh>\d{1,2}):(?P<mm>\d{2})(?::(?P<ss>\d{2})(?:\.\d+)?)?"
_WRITTEN = re.compile(_DAY + r"(?:[T ]+" + _TIME + r"(?P<zone>Z|[+-]\d{2}:?\d{2})?)?")
_SERIAL = re.compile(r"(\d{5})(\.\d+)?")
_EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001 - a spreadsheet's day 0 has no zone
FIRST, LAST = date(1900, 1, 1), date(2199, 12, 31)


def read_moment(cell: str) -> datetime:
    """The date and time a cell holds, midnight without a time; raises ValueError for anything else."""
    text = unicodedata.normalize("NFKC", cell).strip()
    serial = _SERIAL.fullmatch(text)
    if serial and 20_000 <= int(serial[1]) <= 80_000:
        return _EPOCH + timedelta(days=int(serial[1]), seconds=round(float(serial[2] or 0) * 86_400))
    written = _WRITTEN.fullmatch(text)
    if not written:
        raise ValueError(cell)
    part = written.groupdict()
    month, day = part["m"] or part["m2"] or part["m3"], part["d"] or part["d2"] or part["d3"]
    hour, minute, second = (int(part[name] or 0) for name in ("hh", "mm", "ss"))
    zone = datetime.fromisoformat(f"2000-01-01T00:00:00{part['zone']}").tzinfo if part["zone"] else None
    return datetime(int(part["y"]), int(month), int(day), hour, minute, second, tzinfo=zone)


class Day(Value):
    """A date; `shift` days are added, so that a column may hold an inclusive last day."""

    sql = "date"

    def __init__(self, shift: int = 0) -> None:
        self.shift = timedelta(days=shift)

    def one(self, cell: str) -> str:
        try:
            day = read_moment(cell).date()
        except (ValueError, OverflowError) as problem:
            raise Misread("date") from problem
        if not FIRST <= day <= LAST:
            raise Misread("date")
        return (day + self.shift).isoformat()

    def looks_like(self, cell: str) -> bool:
        return _WRITTEN.fullmatch(cell) is not None


class Moment(Value):
    """A date with a time of day; without a zone it is the tenant's (the kind's SQL puts it there)."""

    sql = "text"

    def one(self, cell: str) -> str:
        try:
            moment = read_moment(cell)
        except (ValueError, OverflowError) as problem:
            raise Misread("moment") from problem
        if not FIRST <= moment.date() <= LAST:
            raise Misread("moment")
        return moment.isoformat(sep=" ")
