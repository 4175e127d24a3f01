from django.http import HttpResponse
from django.shortcuts import render

from crm.dashboards import home as home_page
from crm.nightly.models import NightRun
from crm.web.access import PageRequest, page


@page()
def home(request: PageRequest) -> HttpResponse:
    """The first page: what to do, how it stands, by level of responsibility."""
    content = home_page.home(request.viewer, request.today)
    last_night = NightRun.objects.filter(state=NightRun.State.DONE).order_by("-business_day").first()
    context = {"home": content, "on": request.today, "last_night": last_night}
    return render(request, "dashboards/home.html", context)
