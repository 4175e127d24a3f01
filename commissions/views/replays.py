"""Replay: what a version would have cost, by whom, and for any contract why. A simulation throughout."""

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from commissions import explained, replay, replays
from commissions.forms.plans import ReplayForm
from commissions.models import LedgerEntry, Replay
from commissions.models.entry import Component, Kind
from commissions.replay import Pair
from commissions.tasks import work_out_replay
from commissions.views import told
from commissions.views.lint import STUDIES
from commissions.views.plans import crumbs, must_review_all
from commissions.views.versions import found_version
from crm.accounts.access import reach
from crm.accounts.models import Department, Member
from crm.money import from_fen
from crm.tenancy.context import current
from crm.tenancy.reading import only_reading
from crm.web.access import PageRequest, page
from crm.web.fragments import carry_out, done, show
from crm.web.templatetags.amounts import money, percent
from crm.web.templatetags.marks import TIERS
from customers.models import Contract

PER_PAGE = 50
ZERO = Decimal("0.00")
RANKED = (
    ("losers", gettext_lazy("Contracts that would pay less")),
    ("winners", gettext_lazy("Contracts that would pay more")),
)
COLUMNS = [
    {"key": "what", "label": ""},
    {"key": "old", "label": gettext_lazy("In the ledger"), "classes": "r w-xl"},
    {"key": "new", "label": gettext_lazy("Under this version"), "classes": "r w-xl"},
    {"key": "change", "label": pgettext_lazy("amount", "Change"), "classes": "r w-xl"},
]


@require_http_methods(["GET", "HEAD", "POST"])
@page(*STUDIES, any_of=True)
def new(request: PageRequest, version_id: UUID) -> HttpResponse:
    """Ask what a version would have cost; a long one is worked out by a worker."""
    must_review_all(request.viewer)
    version = found_version(request, version_id)
    last = date(request.today.year - 1, 1, 1)
    days = {"since": last, "until": date(request.today.year, 1, 1)}
    form = ReplayForm(request.POST if request.method == "POST" else None, on=request.today, initial=days)
    if request.method == "POST":
        row = carry_out(form, lambda data: replays.ask(version, **data, **request.act))
        if row is not None:
            start(row, request)
            place = reverse("commissions:replay", args=[row.pk])
            return done(request, place, _("A simulation: nothing of it stands in the ledger."))
    context = {
        "form": form,
        "row": version,
        "earlier": reach(request.viewer, Replay.objects.filter(plan_version=version))[:10],
        "crumbs": crumbs(version.plan, version),
    }
    return render(request, "commissions/replay_new.html", context, status=getattr(form, "status", 200))


def start(row: Replay, request: Any) -> None:
    """Work a small replay out now; leave a long one to a worker."""
    if row.total <= replays.AT_ONCE:
        replays.work(row.pk, request.now)
        return
    number = current()
    transaction.on_commit(lambda: work_out_replay.delay(number, str(row.pk)), robust=True)


@require_safe
@page(*STUDIES, any_of=True)
def one(request: PageRequest, replay_id: UUID) -> HttpResponse:
    """One replay: its progress, or its totals with winners and losers."""
    row = _found(request, replay_id)
    context: dict[str, Any] = {
        "row": row,
        "version": row.plan_version,
        "currency": request.tenant.currency,
        "columns": COLUMNS,
        "crumbs": crumbs(row.plan_version.plan, row.plan_version),
        "job": _job(row),
    }
    if row.state == Replay.State.DONE:
        context |= _told(request, row)
    return show(request, "commissions/replay.html", context, regions={"job": "commissions/_replay_job.html"})


def _job(row: Replay) -> dict[str, Any]:
    share = Decimal(row.done) / row.total if row.total else Decimal(1)
    words = _("%(done)s of %(total)s contracts") % {"done": row.done, "total": row.total}
    failed = row.state == Replay.State.FAILED
    return {
        "title": _("Replay"),
        "share": share,
        "note": _("It stopped. Ask for it again.") if failed else words,
        "finished": row.state != Replay.State.RUNNING,
        "failed": failed,
    }


def _told(request: PageRequest, row: Replay) -> dict[str, Any]:
    """The stored sums with the names that stand for their ids."""
    found = row.result
    people = {str(key): name for key, name in Member.objects.values_list("id", "name")}
    units = {str(key): name for key, name in Department.objects.values_list("id", "name")}
    listed = [each["contract"] for each in (*found["winners"], *found["losers"])]
    contracts = {str(c.pk): c for c in Contract.objects.select_related("customer").filter(pk__in=listed)}
    total = _pair(found["total"])
    return {
        "total": total,
        "share": percent(total["change"] / total["old"]) if total["old"] else "",
        "contracts": found["contracts"],
        "groups": [
            (
                _("By department"),
                [(units.get(each["department"], "—"), _pair(each)) for each in found["departments"]],
            ),
            (_("By class"), [(_class(each["class"]), _pair(each)) for each in found["classes"]]),
            (_("By month"), [(each["month"], _pair(each)) for each in found["months"]]),
            (
                _("By payee"),
                [
                    (people.get(each["member"]) or units.get(each["department"], "—"), _pair(each))
                    for each in found["payees"]
                ],
            ),
        ],
        "ranked": [
            (title, [(contracts[key], pair) for key, pair in _ranked(found[name]) if key in contracts])
            for name, title in RANKED
        ],
        "is_clean": total["change"] == ZERO and not listed,
    }


def _ranked(rows: list[dict[str, str]]) -> list[tuple[str, dict[str, Decimal]]]:
    return [(each["contract"], _pair(each)) for each in rows]


def _class(code: str) -> str:
    return str(TIERS[code][1]) if code in TIERS else code


def _pair(texts: Any) -> dict[str, Decimal]:
    return {name: Decimal(texts[name]) for name in ("old", "new", "change")}


@require_safe
@page(*STUDIES, any_of=True)
def contracts(request: PageRequest, replay_id: UUID) -> HttpResponse:
    """Every contract of a replay with both amounts, page by page, worked out as it is looked at."""
    row, after = _found(request, replay_id), request.GET.get("after", "")
    question = replays.question(row)
    with only_reading():
        ids = _following(replay.asked(question), after)
        tried = list(replay.tried_of(question, ids[:PER_PAGE]))
    names = Contract.objects.select_related("customer").in_bulk([each.contract.pk for each in tried])
    rows = [(names[each.contract.pk], _amounts(each.pair)) for each in tried]
    context = {
        "row": row,
        "rows": rows,
        "next": f"?after={ids[PER_PAGE - 1]}" if len(ids) > PER_PAGE else "",
        "columns": [{"key": "what", "label": _("Contract")}, *COLUMNS[1:]],
        "currency": request.tenant.currency,
        "crumbs": [*crumbs(row.plan_version.plan, row.plan_version), _crumb(row)],
    }
    return render(request, "commissions/replay_contracts.html", context)


def _following(ids: list[UUID], after: str) -> list[UUID]:
    """What stands after a contract; everything when there is no such one."""
    places = [place for place, key in enumerate(ids, 1) if str(key) == after]
    return ids[places[0] :] if places else ids


@require_safe
@page(*STUDIES, any_of=True)
def contract(request: PageRequest, replay_id: UUID, contract_id: UUID) -> HttpResponse:
    """One contract under the version, step by step, beside the entries that the ledger holds."""
    row = _found(request, replay_id)
    question = replays.question(row)
    with only_reading():
        if not replay.concerned(question).filter(pk=contract_id).exists():
            raise Http404
        (tried,) = replay.tried_of(question, [contract_id])
    posted = LedgerEntry.objects.filter(contract=contract_id).select_related("member", "department")
    context = {
        "row": row,
        "contract": Contract.objects.select_related("customer").get(pk=contract_id),
        "pair": _amounts(tried.pair),
        "posted": reach(request.viewer, posted.defer("trace")).order_by("effective_date", "id"),
        "simulated": _simulated(tried, request),
        "currency": request.tenant.currency,
        "crumbs": [*crumbs(row.plan_version.plan, row.plan_version), _crumb(row)],
    }
    return render(request, "commissions/replay_contract.html", context)


def _simulated(tried: replay.Tried, request: PageRequest) -> list[dict[str, Any]]:
    """The entries that the version would have posted, with their steps in words."""
    people = {f"m:{key}": name for key, name in Member.objects.values_list("id", "name")}
    units = {f"d:{key}": name for key, name in Department.objects.values_list("id", "name")}
    return [
        {
            "payee": people.get(entry.payee) or units.get(entry.payee, entry.payee),
            "kind": Kind(entry.kind).label,
            "component": Component(entry.component).label,
            "day": entry.effective_date,
            "amount": money(from_fen(entry.amount), request.tenant.currency),
            "steps": told.rows(explained.entry_steps(tried.result, entry), entry.component, request.viewer),
        }
        for entry in tried.result.ledger
    ]


def _amounts(pair: Pair) -> dict[str, Decimal]:
    return {"old": from_fen(pair.old), "new": from_fen(pair.new), "change": from_fen(pair.change)}


def _crumb(row: Replay) -> dict[str, str]:
    return {"label": _("Replay"), "url": reverse("commissions:replay", args=[row.pk])}


def _found(request: PageRequest, replay_id: UUID) -> Replay:
    rows = Replay.objects.select_related("plan_version__plan", "department", "asked_by")
    row = reach(request.viewer, rows).filter(pk=replay_id).first()
    if row is None:
        raise Http404
    return row
