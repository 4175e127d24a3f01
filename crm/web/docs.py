"""The description of the API and its readable pages, without outside assets."""

from functools import lru_cache

import orjson
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.views.decorators.http import require_safe
from drf_spectacular.generators import SchemaGenerator

from crm.web.access import page


@lru_cache(maxsize=1)
def described() -> bytes:
    """The OpenAPI 3.1 document; the same for everybody, so it is made once."""
    with translation.override("en"):
        return orjson.dumps(SchemaGenerator().get_schema(public=True))


@require_safe
@page(anonymous=True)
def schema(request: HttpRequest) -> HttpResponse:
    """OpenAPI 3.1 as JSON, which every reader of YAML understands too."""
    return HttpResponse(
        described(),
        content_type="application/json",
        headers={
            "Cache-Control": "public, max-age=300",
            "Content-Disposition": 'inline; filename="guanhu.json"',
        },
    )


@require_safe
@page(anonymous=True)
def docs(request: HttpRequest) -> HttpResponse:
    """The description to read and to try."""
    if "script" in request.GET:
        return render(request, "web/docs.js", content_type="text/javascript")
    return render(request, "web/docs.html")
