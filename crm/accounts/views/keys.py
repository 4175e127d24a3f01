from datetime import timedelta
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from crm.accounts.access import reach
from crm.accounts.forms import KeyForm
from crm.accounts.rights import Right
from crm.integrations import keys as verbs
from crm.integrations.models import ApiKey
from crm.web.access import PageRequest, page
from crm.web.api.scopes import areas
from crm.web.fragments import carry_out, done
from crm.web.listing import Column

COLUMNS = [
    Column("name", gettext_lazy("What for")),
    Column("member", gettext_lazy("Acts as"), "w-l p2"),
    Column("scopes", gettext_lazy("Scopes"), "p2"),
    Column("used", gettext_lazy("Last used"), "w-l"),
    Column("expires", gettext_lazy("Expires"), "w-l"),
    Column("act", "", "r w-m"),
]


@page(Right.API_KEY)
def keys(request: PageRequest) -> HttpResponse:
    """My keys, and a form for a new one; its text stands in the answer to the form alone."""
    form = KeyForm(request.POST or None, areas=areas())
    made = None
    if request.method == "POST":
        made = carry_out(form, lambda data: _issue(request, data))
        if made:
            form = KeyForm(areas=areas())
    return render(
        request, "accounts/keys.html", _context(request, form, made), status=getattr(form, "status", 200)
    )


def _issue(request: PageRequest, data: dict[str, Any]) -> str:
    expires_at = request.now + timedelta(days=data["days"]) if data["days"] else None
    _key, text = verbs.issue(
        member=request.viewer.member,
        name=data["name"],
        scopes=[*data["scopes"], *data["more"]],
        expires_at=expires_at,
        **request.act,
    )
    return text


def _context(request: PageRequest, form: KeyForm, made: str | None) -> dict[str, Any]:
    rows = reach(request.viewer, ApiKey.objects.select_related("member")).filter(revoked_at=None)
    return {
        "form": form,
        "made": made,
        "keys": rows,
        "columns": COLUMNS,
        "on": request.today,
        "now": request.now,
    }


@require_POST
@page(Right.API_KEY)
def revoke(request: PageRequest, key_id: UUID) -> HttpResponse:
    """Make a key useless at once."""
    key = get_object_or_404(reach(request.viewer, ApiKey.objects.select_related("member")), pk=key_id)
    verbs.revoke(key, **request.act)
    return done(request, reverse("accounts:keys"), _("The key “%(name)s” is revoked.") % {"name": key.name})
