"""The home page by level of responsibility (ui.md §8): what stands on it, and who may see each part."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from commissions import statements
from commissions.models import Statement
from crm.accounts.access import Viewer
from crm.accounts.rights import Right, Role, Scope
from crm.dashboards import lines, metrics, money_plots, plots, tiles
from crm.dashboards.desk import Desk
from crm.dashboards.setup import Setup, setup
from crm.dashboards.tiles import Tile
from crm.web import charts
from customers.models import Customer
from lifecycle.models import FollowUp
from lifecycle.views import risks

TOP = 6
AMOUNT, RISK, CONTRACT = Right.SEE_AMOUNT, Right.RISK_VIEW, Right.CONTRACT_VIEW
RECEIVABLE, REVIEW, OWN = Right.RECEIVABLE_VIEW, Right.COMMISSION_REVIEW, Right.COMMISSION_OWN


@dataclass(frozen=True)
class Part:
    """A tile or a chart, the rights it takes, and for a chart its key and width."""

    make: Callable[[Desk], Any]
    rights: tuple[Right, ...]
    wide: str = "w6"

    @property
    def key(self) -> str:
        return self.make.__name__

    def seen_by(self, viewer: Viewer) -> bool:
        return all(map(viewer.may, self.rights))


@dataclass(frozen=True)
class Level:
    """What stands on the page of a level: tiles, charts, and which lists."""

    tiles: tuple[Part, ...] = ()
    plots: tuple[Part, ...] = ()
    lists: frozenset[str] = frozenset({"todos"})


DUE = Part(tiles.due_today, (Right.INTERACTION_LOG,))
SIGNED = Part(tiles.signed, (AMOUNT, CONTRACT))
AT_RISK = Part(tiles.at_risk, (AMOUNT, RISK))
OVERDUE = Part(tiles.overdue, (AMOUNT, RECEIVABLE))
RENEWAL = Part(tiles.renewal_rate, (AMOUNT, CONTRACT))
PACE = Part(money_plots.quarter_pace, (AMOUNT, CONTRACT))
WORTH = Part(plots.worth, ())
READY = Part(plots.ready, (AMOUNT, RISK))
SLIPPING = Part(plots.slipping, (RISK,))
STUCK = Part(money_plots.stuck, (AMOUNT, RECEIVABLE))
COST = Part(money_plots.what_commission_costs, (REVIEW,))

LEVELS = {
    "front_line": Level(
        (DUE, SIGNED, Part(tiles.pay_to_come, (OWN,)), AT_RISK),
        (
            Part(plots.what_ends, (AMOUNT, RISK), "w12"),
            Part(money_plots.my_pay, (OWN,)),
            PACE,
        ),
        frozenset({"todos", "risks", "unattended"}),
    ),
    "department": Level(
        (SIGNED, RENEWAL, AT_RISK, OVERDUE),
        (PACE, READY, SLIPPING, STUCK, WORTH),
        frozenset({"todos", "risks", "unattended", "colleagues"}),
    ),
    "executive": Level(
        (Part(tiles.annual, (AMOUNT,)), RENEWAL, AT_RISK, Part(tiles.commission_cost, (REVIEW,))),
        (
            Part(plots.bridge, (AMOUNT, CONTRACT), "w8"),
            Part(plots.who_carries, (AMOUNT,), "w4"),
            Part(plots.where_risk, (AMOUNT, RISK), "w5"),
            Part(plots.stay, (AMOUNT, CONTRACT), "w7"),
            READY,
            COST,
            WORTH,
        ),
        frozenset({"todos", "risks"}),
    ),
    "finance": Level(
        (
            Part(tiles.cash_of_month, (AMOUNT, RECEIVABLE)),
            OVERDUE,
            Part(tiles.overdue_long, (AMOUNT, RECEIVABLE)),
            Part(tiles.commission_of_month, (REVIEW,)),
        ),
        (Part(money_plots.cash_and_plan, (AMOUNT, RECEIVABLE)), STUCK, COST, PACE),
        frozenset(),
    ),
    "desk": Level((DUE,), (), frozenset({"todos", "risks"})),
    "admin": Level((), (), frozenset({"setup"})),
}


@dataclass
class Home:
    """A home page ready to be shown."""

    level: str
    title: str
    tiles: list[Tile] = field(default_factory=list)
    plots: list[tuple[str, str, charts.Plot]] = field(default_factory=list)  # key, width class, plot
    risks: list[dict[str, Any]] | None = None
    todos: list[dict[str, Any]] | None = None
    unattended: list[Customer] | None = None
    colleagues: list[metrics.Colleague] | None = None
    setup: Setup | None = None


def level(viewer: Viewer) -> str:
    """The page that answers to a viewer's widest responsibility."""
    roles = set(viewer.member.roles)
    if not viewer.may(AMOUNT):
        return "admin" if Role.TENANT_ADMIN in roles else "desk"
    if roles & {Role.EXECUTIVE, Role.AUDITOR}:
        return "executive"
    if viewer.customers is Scope.TENANT:
        return "finance"
    return "department" if roles & {Role.DEPT_HEAD, Role.TEAM_LEAD} else "front_line"


def home(viewer: Viewer, on: date, currency: str) -> Home:
    """The reader's own first page as of `on`."""
    name = level(viewer)
    page = figures(name, Desk(viewer, on, currency))
    lists = LEVELS[name].lists
    if "risks" in lists and viewer.may(RISK):
        page.risks = _risks(viewer, on)
    if "todos" in lists and (viewer.may(Right.INTERACTION_LOG) or viewer.may(Right.FOLLOW_UP_ASSIGN)):
        page.todos = _todos(viewer, on)
    if "unattended" in lists:
        page.unattended = metrics.unattended(viewer, on)
    if "colleagues" in lists:
        page.colleagues = metrics.colleagues(viewer, metrics.quarter(on)[0], on)
    if "setup" in lists:
        page.setup = setup()
    return page


def figures(name: str, desk: Desk) -> Home:
    """Tiles and charts of a level, without the parts that the reader may not see."""
    content = LEVELS[name]
    page = Home(name, _title(name, desk.viewer))
    page.tiles = [part.make(desk) for part in content.tiles if part.seen_by(desk.viewer)]
    page.plots = [
        (part.key, part.wide, part.make(desk)) for part in content.plots if part.seen_by(desk.viewer)
    ]
    return page


def _title(name: str, viewer: Viewer) -> str:
    if name == "department":
        return viewer.member.department.name
    titles = {"executive": _("The company"), "finance": _("Cash and commission"), "admin": _("Setting up")}
    return titles.get(name, _("Today"))


def _risks(viewer: Viewer, on: date) -> list[dict[str, Any]]:
    """The riskiest customers, of equal risk the larger first: three queries."""
    rows = metrics.customers(viewer).filter(standing__risk_band__in=("RED", "AMBER"))
    order = ("-standing__risk_score", "-standing__annual_amount", "id")
    return risks.lines(list(rows.select_related("standing", "owner").order_by(*order)[:TOP]), on)


def _todos(viewer: Viewer, on: date) -> list[dict[str, Any]]:
    """What is for the viewer to do, the first due first; on top disputes of lines and new statements."""
    mine = FollowUp.objects.filter(owner_id=viewer.id, state=FollowUp.State.OPEN)
    tasks = [_todo(row, on) for row in mine.select_related("customer").order_by("due_on", "id")[:TOP]]
    new = statements.waiting(viewer.id)[:TOP] if viewer.may(OWN) else ()
    return [*lines.todos(viewer, on), *(_statement(row, on) for row in new), *tasks]


def _statement(row: Statement, on: date) -> dict[str, Any]:
    """A statement that its payee has not read; to be looked through by the last day of objections."""
    due_on: Any = row.disputable_until
    title = _("Your commission statement of %(month)s") % {"month": row.period.month}
    url = reverse("commissions:statement", args=[row.pk])
    return {"id": row.pk, "title": title, "due_on": due_on, "url": url, "late": due_on < on}


def _todo(row: FollowUp, on: date) -> dict[str, Any]:
    return {
        "id": row.pk,
        "title": f"{row.headline} · {row.customer.name}",
        "due_on": row.due_on,
        "url": reverse("dashboards:customer", args=[row.customer_id]),
        "done_url": reverse("lifecycle:follow-up-done", args=[row.pk]),
        "late": row.due_on < on,
    }
