"""One page with every component in a real browser: reading aloud, keys, boxes, popovers, under the policy."""

import mimetypes
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace

import pytest
from django import forms
from django.conf import settings
from django.template import engines
from django.utils.translation import override

from crm.tests.parts import browser as chromium
from crm.web import charts
from crm.web.middleware import POLICY
from crm.web.navigation import Count, Item, Section

pytestmark = pytest.mark.browser
ORIGIN = "http://look.test"
STATIC = Path(settings.BASE_DIR) / "static"
AXE = Path(settings.BASE_DIR) / "crm/tests/browser/axe-4.14.1.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
OWNERS = '<div role="option" id="o1" data-value="7" data-label="周毅" aria-selected="false">周毅</div>'


class SignForm(forms.Form):
    starts_on = forms.DateField(label="Starts on", widget=forms.DateInput)
    amount = forms.CharField(label="Amount", widget=forms.TextInput(attrs={"data-kind": "money"}))
    owner = forms.CharField(
        label="Owner", required=False, widget=forms.TextInput(attrs={"data-kind": "combo"})
    )


def values(theme: str) -> dict:
    thing = SimpleNamespace
    tiers = ("COMPANY", "KEY", "MAJOR", "GENERAL", "KEY")
    bands = ("RED", "AMBER", "GREEN", "GREEN", "RED")
    rows = [
        thing(
            id=i,
            name=f"客户 {i}",
            tier=tiers[i],
            band=bands[i],
            score=40 + i,
            amount=Decimal(860000),
            owner="李娜",
        )
        for i in range(5)
    ]
    nav = (Section("", (Item("Home", "/", "home", Count(3, late=True), "h", True),)),)
    column = {"sort": "", "sort_url": ""}
    return {
        "shell": thing(
            tenant=thing(name="云衡", slug="y"), tenants=[], member=None, nav=nav, theme=theme, density=""
        ),
        "request": SimpleNamespace(path="/", today=None),
        "crumbs": [thing(label="Customers", url="/c/")],
        "place": thing(number=2, total=86, previous_url="/1/", next_url="/3/"),
        "tabs": [thing(label="All", url="/", count=86, current=True)],
        "filters": [thing(field="Ends", value="≤ 90 days", remove_url="/")],
        "columns": [thing(key=str(i), label=f"Column {i}", classes="", **column) for i in range(5)],
        "rows": rows,
        "page": thing(
            first=1, last=5, total=86, estimate=False, sorted_by="", previous_url="", next_url="/?p=2"
        ),
        "chart": charts.columns(
            charts.Question("Are we ready?", "Almost."),
            (charts.Series("Renewed", "c2"), charts.Series("No quote", "none")),
            [charts.Column("Dec", (Decimal(950000), Decimal(250000)), "/contracts/")],
        ),
        "reasons": [thing(label="No quote", share=Decimal(1), points="+17")],
        "steps": [
            thing(label="T−90", note="plan", state="done"),
            thing(label="T−60", note="quote", state="now"),
        ],
        "form": SignForm(),
    }


def answer(route, theme: str) -> None:
    """Stands in for the server: the page, the fragments, the static files."""
    path = route.request.url.removeprefix(ORIGIN).split("?")[0]
    if path.startswith("/static/"):
        file = STATIC / path.removeprefix("/static/")
        route.fulfill(body=file.read_bytes(), content_type=mimetypes.guess_type(file.name)[0] or "text/plain")
        return
    with override("en"):
        page = engines["django"].from_string((Path(__file__).parent / "specimen.html").read_text())
        body = {"/why/": "<h2>Why KEY</h2><p>860,000 in force.</p>", "/owners/": OWNERS}.get(path)
        body = body or page.render(values(theme))
    route.fulfill(
        body=body, content_type="text/html; charset=utf-8", headers={"Content-Security-Policy": POLICY}
    )


@pytest.fixture(scope="module")
def running():
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        yield play.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])


@pytest.fixture
def visit(running):
    """Open the specimen; afterwards nothing may have been written to the console."""
    complaints: list[str] = []

    def at(width: int = 1440, theme: str = "light", **options):
        page = running.new_page(viewport={"width": width, "height": 900}, **options)
        page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.route("**/*", lambda route: answer(route, theme))
        page.goto(f"{ORIGIN}/")
        page.wait_for_load_state("networkidle")
        return page

    yield at
    assert complaints == []


def findings(page) -> list[str]:
    page.evaluate(AXE.read_text())
    found = page.evaluate("rules => axe.run(document, {runOnly: rules})", RULES)["violations"]
    return [f"{one['id']}: {one['nodes'][0]['html'][:120]}" for one in found]


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390])
def test_nothing_hinders_a_reader(visit, width, theme):
    page = visit(width, theme)
    assert findings(page) == []
    page.locator("[data-why]").first.click()
    page.wait_for_selector(".why-pop:popover-open h2")
    assert findings(page) == []
    page.keyboard.press("Escape")
    page.click("#open-release")
    assert findings(page) == []


@pytest.mark.parametrize("width", [1440, 1280, 1024, 390, 320])
def test_nothing_stands_outside_the_window(visit, width):
    page = visit(width)
    assert page.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0


def test_rows_are_walked_and_picked_with_the_keys(visit):
    page = visit()
    for key in ("j", "j", "x", "j", "j", "Shift+x"):
        page.keyboard.press(key)
    assert page.locator("tbody .pick :checked").count() == 3
    assert page.inner_text("[data-count]") == "3"
    page.click("#bulk-all")
    assert (page.inner_text("[data-count]"), page.input_value('#bulk [name="all"]')) == ("86", "1")
    page.click("#bulk-clear")
    assert page.locator("tbody .pick :checked").count() == 0
    assert not page.locator(".bulk-bar").is_visible()


def test_enter_opens_the_row_under_the_keys(visit):
    page = visit()
    page.keyboard.press("j")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert page.url == f"{ORIGIN}/customers/0/"


def test_letters_rest_while_somebody_types(visit):
    page = visit()
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") == "find"
    page.keyboard.type("jx?")
    assert page.input_value("#find") == "jx?"
    assert page.locator("tbody .pick :checked").count() == 0


def test_why_returns_the_focus_to_its_opener(visit):
    page = visit()
    page.locator("[data-why]").first.click()
    page.wait_for_selector(".why-pop:popover-open h2")
    assert page.get_attribute("[data-why]", "aria-expanded") == "true"
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement.className") == "why"
    assert page.get_attribute("[data-why]", "aria-expanded") == "false"


def leave(page, box: str, typed: str) -> tuple[str, str]:
    """What stands under the box while typing, and in it after leaving."""
    page.fill(box, typed)
    said = page.text_content(f".box-line:has({box}) + .box-note")
    page.press(box, "Tab")
    return said, page.input_value(box)


def test_the_money_box_shows_what_it_understood(visit):
    page = visit()
    for typed, said, left in (
        ("86万", "¥860,000.00", "860,000.00"),
        ("1.2亿", "¥120,000,000.00", "120,000,000.00"),
        ("12,345.6", "¥12,345.60", "12,345.60"),
        ("０.５万", "¥5,000.00", "5,000.00"),
        ("-3千", "¥-3,000.00", "-3,000.00"),
        ("86万x", "", "86万x"),
        ("1.234", "", "1.234"),
    ):
        assert leave(page, "#id_amount", typed) == (said, left)


def test_the_date_box_writes_iso_or_leaves_it_alone(visit):
    page = visit()
    for typed, left in (
        ("2027年1月16日", "2027-01-16"),
        ("20270116", "2027-01-16"),
        ("2027/1/6", "2027-01-06"),
        ("16 Jan 2027", "2027-01-16"),
        ("2026-02-30", "2026-02-30"),
        ("soon", "soon"),
    ):
        assert leave(page, "#id_starts_on", typed)[1] == left


def test_days_are_counted_from_the_tenants_today(visit):
    page = visit()
    page.evaluate("document.body.dataset.today = '2026-11-20'")
    for typed, left in (("+30", "2026-12-20"), ("today", "2026-11-20"), ("1120", "2026-11-20")):
        assert leave(page, "#id_starts_on", typed)[1] == left


def test_the_combobox_takes_the_option_under_the_arrow(visit):
    page = visit()
    page.locator("#id_owner").press_sequentially("周")
    page.wait_for_selector('#id_owner_list [role="option"]')
    page.keyboard.press("ArrowDown")
    assert page.get_attribute("#id_owner", "aria-activedescendant") == "o1"
    page.keyboard.press("Enter")
    assert (page.input_value("#id_owner"), page.input_value('[name="owner"]')) == ("周毅", "7")
    page.fill("#id_owner", "someone else")
    assert page.input_value('[name="owner"]') == ""


def test_a_dialog_with_typed_text_asks_before_it_closes(visit):
    page = visit()
    page.click("#open-release")
    page.fill("#reason", "moved away")
    asked = []
    page.once("dialog", lambda question: (asked.append(question.message), question.dismiss()))
    page.keyboard.press("Escape")
    assert asked == ["Leave?"]
    assert page.evaluate("document.getElementById('release').open")


def test_the_chart_shows_the_words_of_its_mark(visit):
    page = visit()
    page.locator(".plot a").first.focus()
    assert page.inner_text(".tip") == "Dec 1,200,000\nRenewed 950,000\nNo quote 250,000"


def test_a_toast_is_said_by_the_servers_event(visit):
    page = visit()
    page.evaluate(
        "document.body.dispatchEvent(new CustomEvent('toast', {bubbles: true, detail: {text: '37 moved'}}))"
    )
    assert page.inner_text("#toasts p") == "37 moved"
    page.click("#toasts [data-dismiss]")
    assert page.locator("#toasts .toast").count() == 0


def test_without_scripts_the_page_still_works(visit):
    page = visit(java_script_enabled=False)
    page.check("tbody .pick input >> nth=0")
    assert page.locator(".bulk-bar").is_visible()
    with page.expect_navigation():
        page.locator("[data-why]").first.click()
    assert page.url == f"{ORIGIN}/why/"
