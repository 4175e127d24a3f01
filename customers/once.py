"""Rows that carry a number from outside are written once, however often they are sent."""

from typing import TypeVar

from django.db.models import Model
from django.utils.translation import gettext_lazy as _

from crm.refusal import Fault, Refused

Row = TypeVar("Row", bound=Model)


def put(row: Row, same: tuple[str, ...]) -> tuple[Row, bool]:
    """Write the row unless its number is there; returns the stored one, and whether it is new.

    Two at once write one; a row without number is always new. Refused duplicate_number when the row that
    is there differs in `same`.
    """
    rows = type(row).objects  # type: ignore[attr-defined]
    if not row.number:  # type: ignore[attr-defined]
        row.save(force_insert=True)
        return row, True
    rows.bulk_create([row], ignore_conflicts=True)
    stored = rows.get(number=row.number)  # type: ignore[attr-defined]
    if stored.pk != row.pk and any(getattr(stored, name) != getattr(row, name) for name in same):
        raise Refused(
            Fault("number", "duplicate_number", _("This number stands for something else already."))
        )
    return stored, stored.pk == row.pk
