"""Disputes of commission lines on the home page: what the reader has to answer, and how his own stand."""

from datetime import date, timedelta
from typing import Any

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _

from commissions.models import LineDispute
from crm.accounts.access import Viewer
from crm.accounts.rights import Right

NEWS_DAYS = 7  # so long an answer stands on the page of whose dispute it was
TOP = 6


def todos(viewer: Viewer, on: date) -> list[dict[str, Any]]:
    """Disputes to answer, and of his own those answered this week or handed on because they are late.

    One query, none for who is neither paid nor answers.
    """
    if not (viewer.may(Right.COMMISSION_OWN) or viewer.may(Right.COMMISSION_ANSWER)):
        return []
    pending = Q(state__in=LineDispute.PENDING)
    news = (pending & Q(escalated_on__isnull=False)) | Q(closed_on__gt=on - timedelta(NEWS_DAYS))
    mine = Q(member=viewer.id) & news & ~Q(state=LineDispute.State.WITHDRAWN)
    rows = LineDispute.objects.filter((Q(answerer=viewer.id) & pending) | mine)
    rows = rows.select_related("statement__period", "member", "answerer").order_by("due_on", "id")
    return [_todo(row, viewer, on) for row in rows[:TOP]]


def _todo(row: LineDispute, viewer: Viewer, on: date) -> dict[str, Any]:
    month = row.statement.period.month
    if row.member_id != viewer.id:
        title = _("%(name)s disputes a line of %(month)s") % {"name": row.member.name, "month": month}
    elif row.is_pending:
        words = _("Your dispute of %(month)s is late: it went to %(name)s")
        title = words % {"month": month, "name": row.answerer.name}
    else:
        words = _("Your dispute of %(month)s: %(state)s")
        title = words % {"month": month, "state": row.get_state_display()}
    url = reverse("commissions:dispute", args=[row.pk])
    due_on = row.closed_on or row.due_on
    return {"id": row.pk, "title": title, "due_on": due_on, "url": url, "late": row.is_late(on)}
