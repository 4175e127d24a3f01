from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from crm.accounts.rights import Right
from crm.dashboards import home as home_page
from crm.nightly.models import NightRun
from crm.web.access import PageRequest, page

SEES = {"amount": Right.SEE_AMOUNT, "assign": Right.FOLLOW_UP_ASSIGN, "log": Right.INTERACTION_LOG}


@require_safe
@page()
def home(request: PageRequest) -> HttpResponse:
    """The first page: what to do, how it stands, by level of responsibility."""
    viewer = request.viewer
    context = {
        "home": home_page.home(viewer, request.today, request.tenant.currency),
        "on": request.today,
        "sees": {name: viewer.may(right) for name, right in SEES.items()},
        "back": request.path,
        "last_night": NightRun.objects.filter(state=NightRun.State.DONE).order_by("-business_day").first(),
    }
    return render(request, "dashboards/home.html", context)
