from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from crm.dashboards.palette import results
from crm.web.access import PageRequest, page


@require_safe
@page()
def palette(request: PageRequest) -> HttpResponse:
    """What Ctrl K finds: the options of its list, or a page of results without JavaScript."""
    term = request.GET.get("q", "").strip()[:100]
    context = {"groups": results(request.viewer, term), "term": term}
    template = "components/palette_options.html" if request.htmx else "dashboards/find.html"
    return render(request, template, context)
