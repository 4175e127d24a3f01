"""What waits on whoever watches the nights, for the count beside the link of the left bar."""

from datetime import date, timedelta

from django.db.models import Q

from crm.accounts.access import Viewer
from crm.accounts.rights import Right
from crm.nightly.models import NightRun
from crm.web.waiting import Waiting


def failed_runs(viewer: Viewer, on: date) -> Waiting | None:
    """Nights that failed since yesterday and were not run again to their end; always red."""
    if not viewer.may(Right.NIGHT_VIEW):
        return None
    failed = Q(state=NightRun.State.FAILED)
    return Waiting(NightRun.objects.filter(failed, business_day__gte=on - timedelta(1)), late=failed)
