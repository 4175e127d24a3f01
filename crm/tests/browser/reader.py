"""A person before a browser, who finds things by their role and by their name in his language."""

import re
from dataclasses import dataclass, field
from datetime import date

from crm.tests.browser.running import Product
from crm.tests.cast import PASSWORD

# An answer that refuses is written to the console by Chromium itself.
REFUSED = re.compile(r"Failed to load resource: the server responded with a status of (409|422) ")
LISTEN = (
    "document.addEventListener('securitypolicyviolation',"
    " (one) => policyBroken(`${one.violatedDirective} ${one.blockedURI}`))"
)
PATIENCE = 10_000  # ms until what should be there is there
OWN_NAMES = {"zh-hans": "简体中文", "en": "English"}
LANG = {"zh-hans": "zh-Hans", "en": "en"}


@dataclass
class Complaints:
    """What a page wrote to the console as an error, threw, or tried against the policy."""

    found: list[str] = field(default_factory=list)

    def listen(self, context) -> None:
        context.expose_binding("policyBroken", lambda _source, what: self.found.append(f"policy: {what}"))
        context.add_init_script(LISTEN)
        context.on("console", lambda said: self._hear(said) if said.type == "error" else None)
        context.on("weberror", lambda thrown: self.found.append(str(thrown.error)))

    def _hear(self, said) -> None:
        if not REFUSED.match(said.text):
            self.found.append(f"{said.location.get('url', '')}: {said.text}")


class Reader:
    """A signed-in person; `say` gives the words of his language."""

    def __init__(self, page, url: str, language: str) -> None:
        self.page, self.url, self.language = page, url, language

    def say(self, english: str, chinese: str) -> str:
        return english if self.language == "en" else chinese

    def open(self, path: str):
        """A page by its address, as from a bookmark."""
        self.page.goto(f"{self.url}{path}")
        return self.page

    def go(self, english: str, chinese: str):
        """A page by its link in the left bar."""
        bar = self.page.get_by_role("navigation", name=self.say("Main", "主导航"))
        counted = re.compile(rf"^{self.say(english, chinese)}\s*(\d.*)?$")
        bar.get_by_role("link", name=counted).click()
        return self.page

    def find(self, name: str) -> None:
        """The page of a customer, by the palette."""
        self.page.keyboard.press("Control+k")
        self.page.keyboard.type(name)
        self.page.get_by_role("option").filter(has_text=name).first.click()
        self.page.get_by_role("heading", name=name, level=1).wait_for()

    def row(self, *texts: str):
        """The row of a table that holds all the texts."""
        found = self.page.get_by_role("row")
        for text in texts:
            found = found.filter(has_text=text)
        return found

    def fact(self, english: str, chinese: str):
        """What a strip of facts says under a label."""
        return self.page.get_by_role("term").filter(has_text=self.say(english, chinese)).locator("..")

    def pick(self, english: str, chinese: str, name: str) -> None:
        """Choose somebody or something in a box that offers what was typed."""
        self.page.get_by_role("combobox", name=self.say(english, chinese)).fill(name)
        self.page.get_by_role("option").filter(has_text=name).first.click()

    def button(self, english: str, chinese: str, **how):
        return self.page.get_by_role("button", name=self.say(english, chinese), **how)

    def link(self, english: str, chinese: str, **how):
        return self.page.get_by_role("link", name=self.say(english, chinese), **how)

    def named(self, english: str, chinese: str) -> re.Pattern[str]:
        """The whole label of a box, which may say that it is optional."""
        label, optional = re.escape(self.say(english, chinese)), self.say("optional", "选填")
        return re.compile(rf"^{label}\s*({optional})?$")

    def box(self, english: str, chinese: str, *, exact: bool = False):
        """A box by its label."""
        return self.page.get_by_label(self.named(english, chinese) if exact else self.say(english, chinese))

    def heading(self, english: str, chinese: str, **how):
        return self.page.get_by_role("heading", name=self.say(english, chinese), **how)

    def tile(self, english: str, chinese: str):
        """The figure of a tile, by its title."""
        return self.heading(english, chinese, exact=True).locator("..").get_by_role("paragraph").first

    def day(self, on: date) -> str:
        """A day as pages write it out."""
        return f"{on.day} {on:%b %Y}" if self.language == "en" else f"{on:%Y-%m-%d}"

    def words(self, english: str, chinese: str, **how):
        return self.page.get_by_text(self.say(english, chinese), **how)


def sit_down(
    chrome, product: Product, email: str, language: str, complaints: Complaints, **options
) -> Reader:
    """Choose the language before sign-in, then sign in, once for all tests; the home page is open."""
    kept = product.seats.get(email)
    context = chrome.new_context(viewport={"width": 1440, "height": 900}, storage_state=kept, **options)
    context.set_default_timeout(PATIENCE)
    complaints.listen(context)
    reader = Reader(context.new_page(), product.url, language)
    if kept:
        reader.open("/")
    else:
        _sign_in(reader, email)
        product.seats[email] = context.storage_state()
    assert reader.page.locator("html").get_attribute("lang") == LANG[language]
    return reader


def _sign_in(reader: Reader, email: str) -> None:
    reader.open("/account/login/")
    reader.page.get_by_role("button", name=OWN_NAMES[reader.language]).click()
    reader.box("Email", "电子邮件").fill(email)
    reader.box("Password", "密码").fill(PASSWORD)
    reader.button("Sign in", "登录").click()
    reader.page.wait_for_url(f"{reader.url}/")
