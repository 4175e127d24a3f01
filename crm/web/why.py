"""One shape for every answer to "why?": as a popover, as a page and in the API."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _

from crm.web.templatetags.days import day


@dataclass(frozen=True)
class Row:
    """One input or step: its name and its values as text; `idle` marks one that did not count."""

    label: str
    cells: tuple[str, ...]
    idle: bool = False


@dataclass(frozen=True)
class Link:
    """Where the reader can go from here: history, contract, receipt, "I disagree"."""

    label: str
    url: str


@dataclass(frozen=True)
class Why:
    """Why a number or word is what it is, as it was stored; nothing is computed again.

    `rows` are the inputs, `formula` the rule with the numbers in it, `result` the last line; `rule`,
    `version` and `valid_from` name what was applied, `computed_at` when.
    """

    title: str
    sentence: str = ""
    head: tuple[str, ...] = ()
    rows: tuple[Row, ...] = ()
    formula: str = ""
    result: Row | None = None
    rule: str = ""
    version: str = ""
    valid_from: date | None = None
    computed_at: datetime | None = None
    links: tuple[Link, ...] = field(default=())

    @property
    def total(self) -> Row | None:
        """The result under the name that components/explanation.html uses."""
        return self.result

    @property
    def notes(self) -> list[str]:
        """Formula, rule and date as sentences for the foot."""
        found = [self.formula] if self.formula else []
        words = {"rule": self.rule, "version": self.version}
        if self.rule and self.version and self.valid_from:
            found.append(
                _("%(rule)s, version %(version)s, from %(day)s") % {**words, "day": day(self.valid_from)}
            )
        elif self.rule:
            found.append(_("%(rule)s, version %(version)s") % words if self.version else self.rule)
        if self.computed_at:
            local = timezone.localtime(self.computed_at)
            found.append(
                _("computed %(day)s %(time)s") % {"day": day(local.date()), "time": f"{local:%H:%M}"}
            )
        return found

    def plain(self) -> dict[str, Any]:
        """The same for the API."""
        return {
            "title": self.title,
            "sentence": self.sentence,
            "rows": [{"label": r.label, "cells": list(r.cells), "counts": not r.idle} for r in self.rows],
            "formula": self.formula,
            "result": {"label": self.result.label, "cells": list(self.result.cells)} if self.result else None,
            "rule": self.rule,
            "version": self.version,
            "valid_from": self.valid_from,
            "computed_at": self.computed_at,
            "links": [{"label": link.label, "url": link.url} for link in self.links],
        }


def explain(request: HttpRequest, why: Why) -> HttpResponse:
    """The explanation: its body for the popover, a page without JavaScript."""
    inside = "X-Why" in request.headers or "HX-Request" in request.headers
    return render(request, "components/explanation.html" if inside else "web/why.html", {"trace": why})
