"""What each home page asks and answers; one layout for a level of responsibility (ui.md §8)."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from crm.accounts.access import Viewer, reach
from crm.accounts.roles import Right, Role, Scope
from crm.dashboards import metrics
from crm.web import charts
from crm.web.templatetags.amounts import money_tile, percent
from crm.web.templatetags.days import period
from crm.web.templatetags.marks import BANDS, TIERS
from customers.models import Customer
from lifecycle.models import FollowUp

TOP = 8


@dataclass(frozen=True)
class Tile:
    """One figure on top: its title, the figure as text, a remark, and the list behind it."""

    title: str
    figure: str
    note: str = ""
    href: str = ""
    share: Decimal | None = None
    tone: str = "c1"


@dataclass
class Home:
    """A home page ready to be shown."""

    title: str
    tiles: list[Tile] = field(default_factory=list)
    plots: list[tuple[str, charts.Plot]] = field(default_factory=list)  # width class, plot
    risks: list[Customer] = field(default_factory=list)
    todos: list[FollowUp] = field(default_factory=list)
    colleagues: list[metrics.Colleague] = field(default_factory=list)


def level(viewer: Viewer) -> str:
    """front_line, department, executive or desk (roles without amounts)."""
    if not viewer.may(Right.SEE_AMOUNT):
        return "desk"
    if viewer.customers is Scope.TENANT:
        return "executive"
    heads = {Role.DEPT_HEAD, Role.TEAM_LEAD}
    return "department" if heads & set(viewer.member.roles) else "front_line"


def home(viewer: Viewer, on: date) -> Home:
    """The reader's own first page as of `on`."""
    return {"front_line": front_line, "department": department, "executive": executive, "desk": desk}[
        level(viewer)
    ](viewer, on)


def _listed(**filters: Any) -> str:
    query = "&".join(f"{name}={value}" for name, value in filters.items())
    return f"{reverse('dashboards:book')}?{query}"


def _risks(viewer: Viewer) -> list[Customer]:
    rows = Customer.objects.select_related("standing", "owner").filter(
        standing__risk_band__in=("RED", "AMBER")
    )
    return list(reach(viewer, rows).order_by("-standing__risk_score", "-standing__annual_amount", "id")[:TOP])


def _todos(viewer: Viewer) -> list[FollowUp]:
    mine = FollowUp.objects.filter(owner_id=viewer.id, state=FollowUp.State.OPEN)
    return list(mine.select_related("customer").order_by("due_on", "id")[:TOP])


def _due(viewer: Viewer, on: date) -> Tile:
    open_ = FollowUp.objects.filter(owner_id=viewer.id, state=FollowUp.State.OPEN)
    due, late = open_.filter(due_on__lte=on).count(), open_.filter(due_on__lt=on).count()
    note = ngettext("%(n)d of them late", "%(n)d of them late", late) % {"n": late}
    return Tile(_("Due today"), str(due), note, reverse("lifecycle:follow-ups"))


def _signed(viewer: Viewer, on: date) -> Tile:
    since, until = metrics.quarter(on)
    before = metrics.signed(viewer, *metrics.quarter(date.fromordinal(since.toordinal() - 1)))
    note = _("%(amount)s in the quarter before") % {"amount": money_tile(before)}
    title = _("Signed in %(quarter)s") % {"quarter": period(since, until)}
    return Tile(title, money_tile(metrics.signed(viewer, since, until)), note, reverse("customers:contracts"))


def _at_risk(book: metrics.Book) -> Tile:
    share = book.red_annual / book.annual if book.annual else Decimal(0)
    words = _("%(red)d high, %(amber)d medium · %(share)s of the value in force")
    note = words % {"red": book.red, "amber": book.amber, "share": percent(share)}
    return Tile(
        _("Value at high risk"), money_tile(book.red_annual), note, _listed(risk_band="RED"), share, "red"
    )


def _overdue(book: metrics.Book) -> Tile:
    share = book.overdue / book.open if book.open else Decimal(0)
    note = _("%(share)s of %(open)s receivable") % {"share": percent(share), "open": money_tile(book.open)}
    return Tile(_("Overdue"), money_tile(book.overdue), note, _listed(overdue="true"), share, "amber")


def _renewal_rate(viewer: Viewer, on: date) -> Tile:
    rate = metrics.renewal_rate(viewer, on)
    title = _("Gross renewal rate, 12 months")
    if rate.gross is None or rate.net is None:
        return Tile(title, "—", _("no contract ended yet"))
    words = ngettext("net %(net)s · %(n)d contract ended", "net %(net)s · %(n)d contracts ended", rate.ended)
    return Tile(
        title, percent(rate.gross), words % {"net": percent(rate.net), "n": rate.ended}, "", rate.gross
    )


def front_line(viewer: Viewer, on: date) -> Home:
    """Work first: what is due, what ends, what I will be paid."""
    book = metrics.book(viewer)
    page = Home(_("Today"), todos=_todos(viewer), risks=_risks(viewer))
    expected = Tile(
        _("Commission still to come"),
        money_tile(metrics.pay_expected(viewer)),
        _("when the cash arrives in time"),
        reverse("commissions:mine"),
    )
    page.tiles = [_due(viewer, on), _signed(viewer, on), expected, _at_risk(book)]
    page.plots = [("w6", what_ends(viewer, on)), ("w6", pay(viewer, on))]
    return page


def department(viewer: Viewer, on: date) -> Home:
    """Who needs help, what slips, where the cash is stuck."""
    book = metrics.book(viewer)
    page = Home(viewer.member.department.name, risks=_risks(viewer), todos=_todos(viewer))
    page.tiles = [_signed(viewer, on), _renewal_rate(viewer, on), _at_risk(book), _overdue(book)]
    page.plots = [("w6", ready(viewer, on)), ("w6", slipping(viewer)), ("w6", stuck(viewer, on))]
    page.colleagues = metrics.colleagues(viewer, metrics.quarter(on)[0], on)
    return page


def executive(viewer: Viewer, on: date) -> Home:
    """The value in force, whether it stays, and where the risk is."""
    book = metrics.book(viewer)
    note = ngettext("%(n)d customer", "%(n)d customers", book.customers) % {"n": book.customers}
    annual = Tile(_("Annual value in force"), money_tile(book.annual), note, reverse("dashboards:book"))
    page = Home(_("The company"), risks=_risks(viewer), todos=_todos(viewer))
    page.tiles = [annual, _renewal_rate(viewer, on), _at_risk(book), _overdue(book)]
    page.plots = [
        ("w6", where_risk(viewer)),
        ("w6", ready(viewer, on)),
        ("w6", slipping(viewer)),
        ("w6", stuck(viewer, on)),
    ]
    page.colleagues = metrics.colleagues(viewer, metrics.quarter(on)[0], on)
    return page


def desk(viewer: Viewer, on: date) -> Home:
    """Roles that work with customers without seeing amounts."""
    return Home(
        _("Today"),
        [_due(viewer, on)],
        todos=_todos(viewer),
        risks=_risks(viewer) if viewer.may(Right.RISK_VIEW) else [],
    )


def what_ends(viewer: Viewer, on: date) -> charts.Plot:
    """90 days of ends, sized by value, shaped by risk."""
    rows = Customer.objects.select_related("standing").filter(
        standing__first_ends_on__gte=on, standing__first_ends_on__lt=date.fromordinal(on.toordinal() + 90)
    )
    found = list(reach(viewer, rows).order_by("standing__first_ends_on", "id")[:60])
    value = sum((c.standing.annual_amount for c in found), Decimal(0))
    words = ngettext(
        "%(n)d customer ends within 90 days, worth %(value)s a year.",
        "%(n)d customers end within 90 days, worth %(value)s a year.",
        len(found),
    )
    dots = [
        charts.Dot(
            c.name,
            (c.standing.first_ends_on - on).days,
            c.standing.annual_amount,
            c.standing.risk_band or "GREEN",
            reverse("dashboards:customer", args=[c.id]),
        )
        for c in found
    ]
    question = charts.Question(_("What ends next?"), words % {"n": len(found), "value": money_tile(value)})
    return charts.dot_strip(
        question,
        dots,
        ticks=((0, _("today")), (30, "30"), (60, "60"), (90, "90")),
        heads=(_("Customer"), _("Days"), _("A year")),
    )


def pay(viewer: Viewer, on: date) -> charts.Plot:
    """What I was paid, by month."""
    months = metrics.pay_by_month(viewer, on)
    total = sum((amount for _month, amount in months), Decimal(0))
    question = charts.Question(
        _("What was I paid, when?"), _("%(amount)s posted in six months.") % {"amount": money_tile(total)}
    )
    link = reverse("commissions:mine")
    buckets = [
        charts.Column(f"{m:%Y-%m}", (max(amount, Decimal(0)),), f"{link}?period={m:%Y-%m}")
        for m, amount in months
    ]
    return charts.columns(question, [charts.Series(_("Posted"))], buckets, first_column=_("Month"))


def ready(viewer: Viewer, on: date) -> charts.Plot:
    """Contracts that end in the next six months, and how they stand."""
    months = metrics.ending(viewer, on)
    total = sum((sum(values, Decimal(0)) for _month, *values in months), Decimal(0))
    done = sum((values[0] for _month, *values in months), Decimal(0))
    words = _("%(total)s a year ends within six months; %(done)s of it is renewed.")
    question = charts.Question(
        _("Are the next six months ready?"), words % {"total": money_tile(total), "done": money_tile(done)}
    )
    series = [
        charts.Series(_("Renewed"), "c2"),
        charts.Series(_("Open"), "none"),
        charts.Series(_("At high risk"), "red"),
    ]
    buckets = [
        charts.Column(f"{m:%m}", tuple(values), f"{reverse('customers:contracts')}?ends_in={m:%Y-%m}")
        for m, *values in months
    ]
    return charts.columns(question, series, buckets, first_column=_("Month"))


def _tier_rows(found: dict[tuple[str, str], Any]) -> list[str]:
    ranked = [code for code in TIERS if any(tier == code for tier, _band in found)]
    return ranked + sorted({tier for tier, _band in found if tier not in TIERS})


def _tier_name(code: str) -> str:
    return str(TIERS[code][0]) if code in TIERS else code


def slipping(viewer: Viewer) -> charts.Plot:
    """Which tier is at risk: customers by band."""
    found = metrics.by_tier_and_band(viewer)
    bands = ("RED", "AMBER", "GREEN")
    red = sum(number for (_tier, band), (number, _value) in found.items() if band == "RED")
    question = charts.Question(
        _("Which tier slips?"),
        ngettext("%(n)d customer is red.", "%(n)d customers are red.", red) % {"n": red},
    )
    series = [
        charts.Series(str(BANDS["RED"]), "red"),
        charts.Series(str(BANDS["AMBER"]), "amber"),
        charts.Series(str(BANDS["GREEN"]), "none"),
    ]
    items = [
        charts.Shares(
            _tier_name(tier), tuple(found.get((tier, band), (0, 0))[0] for band in bands), _listed(tier=tier)
        )
        for tier in _tier_rows(found)
    ]
    return charts.share_bars(question, series, items, first_column=_("Tier"))


def where_risk(viewer: Viewer) -> charts.Plot:
    """Tier by band, count and value."""
    found = metrics.by_tier_and_band(viewer)
    tiers = _tier_rows(found)
    value = sum((v for (_tier, band), (_n, v) in found.items() if band == "RED"), Decimal(0))
    question = charts.Question(
        _("Where is the risk?"), _("%(value)s a year is at high risk.") % {"value": money_tile(value)}
    )
    tones = {"RED": "red", "AMBER": "amber", "GREEN": ""}
    nothing: tuple[int, Decimal | None] = (0, None)
    cells = [
        [
            charts.Cell(*found.get((tier, band), nothing), _listed(tier=tier, risk_band=band), tone)
            for band, tone in tones.items()
        ]
        for tier in tiers
    ]
    return charts.matrix(
        question, [_tier_name(t) for t in tiers], [str(BANDS[band]) for band in tones], cells
    )


def stuck(viewer: Viewer, on: date) -> charts.Plot:
    """Overdue money by age."""
    found = metrics.ageing(viewer, on)
    total = sum(found.values(), Decimal(0))
    question = charts.Question(
        _("Where is the cash stuck?"), _("%(total)s is overdue.") % {"total": money_tile(total)}
    )
    tones: Iterable[str] = ("c1", "c1", "amber", "red", "red", "red")
    bars = [charts.Bar(name, amount, tone) for (name, amount), tone in zip(found.items(), tones, strict=True)]
    return charts.ageing(question, bars, first_column=_("Days overdue"))
