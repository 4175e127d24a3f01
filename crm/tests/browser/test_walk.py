"""Every main page as its reader meets it: axe finds nothing, and nothing sticks out at any width."""

from pathlib import Path

import pytest

pytestmark = pytest.mark.browser

AXE = Path(__file__).parent / "axe-4.14.1.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
SIZES = {1440: 900, 390: 844}
WIDTHS = (1440, 1280, 1024, 390, 320)
OF_HEAD = ["/", "/customers/", "/contracts/", "/risks/", "/follow-ups/", "/pool/", "/pool/dropping/"]
OF_HEAD += [
    "/pool/extensions/",
    "/pool/rules/",
    "/tiers/rules/",
    "/tiers/night/",
    "/tiers/decisions/",
    "/tiers/proposals/",
    "/tiers/reviews/",
    "/tiers/value/",
    "/tiers/movement/",
]
OF_HEAD += ["/commission/", "/commission/review/", "/night/", "/team/", "/imports/", "/imports/new/"]
OF_HEAD += ["/commission/disputes/", "/commission/disputes/rules/"]
OF_HEAD += ["/commission/adjustments/", "/commission/adjustments/new/"]
OF_HEAD += ["/customers/new/", "/assignment/"]
OF_HEAD += ["/disputes/", "/disputes/?view=open"]
OF_HEAD += ["/follow-ups/missed/", "/follow-ups/missed/rules/"]
OF_HEAD += ["/assignment/departments/", "/assignment/arrangements/"]
OF_HEAD += ["/tiers/strategies/", "/segments/", "/segments/new/"]
OF_HEAD += ["/registrations/?view=open", "/registrations/new/"]
OF_HEAD += ["/handovers/", "/handovers/new/"]
OF_HEAD += ["/intel/", "/customers/check/?name=灵桥汽配"]
PEOPLE = {"zh-hans": "chen@yunheng.example", "en": "chen@beihe.example"}
CHECK = """async (rules) => (await axe.run(document, {runOnly: rules})).violations
    .map((one) => `${one.id}: ${one.nodes.slice(0, 3).map((node) => node.target).join(' ')}`)"""
STICKS_OUT = """() => {
    const out = (one) => one.getBoundingClientRect().right > innerWidth + 1
    const found = [...document.querySelectorAll('body *')].filter(out).slice(-3)
    const wide = document.documentElement.scrollWidth > innerWidth
    return wide ? found.map((one) => `${one.tagName}.${one.className}`) : []
}"""


def pages(head) -> list[str]:
    """Addresses of lists, and of the first customer's page with its tabs and its contract form."""
    head.open("/customers/?search=华信")
    found = head.page.get_by_role("link", name="华信科技有限公司").get_attribute("href")
    tabs = ["", "contracts/", "contacts/", "ownership/", "sign/"]
    return OF_HEAD + [f"{found}{tab}" for tab in tabs]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_on_a_page_in_either_theme(reader, language, theme) -> None:
    head = reader(PEOPLE[language], color_scheme=theme)
    found = {}
    for path in pages(head):
        for width, height in SIZES.items():
            head.page.set_viewport_size({"width": width, "height": height})
            head.open(path)
            head.page.evaluate(AXE.read_text())
            wrong = head.page.evaluate(CHECK, RULES)
            if wrong:
                found[f"{path} {width}"] = wrong
    assert found == {}


def test_nothing_sticks_out_of_a_page_at_any_width(reader, language) -> None:
    head = reader(PEOPLE[language])
    found = {}
    for path in pages(head):
        head.open(path)
        for width in WIDTHS:
            head.page.set_viewport_size({"width": width, "height": 800})
            outside = head.page.evaluate(STICKS_OUT)
            if outside:
                found[f"{path} {width}"] = outside
    assert found == {}
