"""Rows that come in as a company brings them: by a file through the importer."""

import csv
from collections.abc import Sequence
from datetime import date, datetime
from io import BytesIO, StringIO

from crm.accounts.access import Viewer
from crm.integrations.imports import receiving, run
from crm.integrations.imports.kinds import kind_of
from crm.integrations.models import ImportFault

Row = dict[str, str]


class Broken(RuntimeError):
    """A file did not come in whole."""


def bring_in(
    kind: str, rows: Sequence[Row], *, name: str, by: Viewer | None = None, at: datetime, on: date
) -> None:
    """Import rows of a kind as the file `name`, at once; raises Broken if one of them was refused.

    Nothing is left to a worker: the transaction in which a demo is made has nothing for him to see.
    """
    text = StringIO(newline="")
    writer = csv.DictWriter(text, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    file = BytesIO(text.getvalue().encode())
    found = receiving.receive(file, name=name, kind=kind_of(kind), by=by, at=at)
    found = receiving.choose(found, mapping={column: place for place, column in enumerate(rows[0])})
    receiving.begin(found, write=True, at=at)
    done = run.work(found.id, lambda: at)
    if done.refused or done.created != len(rows):
        first = ImportFault.objects.filter(run=done).order_by("row").values("row", "column", "code").first()
        raise Broken(f"{name}: {done.state} {done.fault} {done.fault_params} {done.counts} {first}")
