"""What happened to a dispute or an adjustment, as recorded: who did what when."""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from commissions.models import LineDispute
from crm.events.models import Event
from crm.web.templatetags.days import moment

TITLES = {
    "line_dispute.opened": gettext_lazy("Line disputed"),
    "line_dispute.taken": gettext_lazy("Taken into review"),
    "line_dispute.answered": gettext_lazy("Dispute answered"),
    "line_dispute.reopened": gettext_lazy("Back under review: the adjustment was refused"),
    "line_dispute.escalated": gettext_lazy("Answer late, handed on"),
    "line_dispute.withdrawn": gettext_lazy("Dispute withdrawn"),
    "adjustment.proposed": gettext_lazy("Adjustment proposed"),
    "adjustment.approved": gettext_lazy("Adjustment approved and posted"),
    "adjustment.refused": gettext_lazy("Adjustment refused"),
    "adjustment.withdrawn": gettext_lazy("Adjustment taken back"),
}


class Happened(NamedTuple):
    """One line: when, what, by whom, and what of it is worth a word."""

    when: str
    title: str
    who: str
    words: str


def remembered(subjects: Sequence[UUID], today: date) -> list[Happened]:
    """The events of these records, the first first: one query."""
    rows = Event.objects.filter(subject_id__in=subjects, name__in=TITLES).order_by("at", "id")
    return [
        Happened(moment(row.at, today), str(TITLES[row.name]), row.actor_name or _("System"), _words(row))
        for row in rows
    ]


def _words(row: Event) -> str:
    if "outcome" in row.data:
        return str(LineDispute.State(row.data["outcome"]).label)
    if "to" in row.data:
        return f"{row.data['from']} → {row.data['to']}"
    return str(row.data.get("month") or "")
