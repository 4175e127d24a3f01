"""One running product for all tests of this folder, and people who sit down before it."""

from collections.abc import Callable, Iterator

import pytest

from crm.tests.browser.reader import Complaints, Reader, sit_down
from crm.tests.browser.running import Product
from crm.tests.parts import browser as chromium

LANGUAGES = ("zh-hans", "en")
FOUND = "from crm.tests.browser.founding import found; found()"


@pytest.fixture(scope="package")
def product() -> Iterator[Product]:
    """Everything as a user starts it, with the companies of the journeys and their last night."""
    running = Product()
    try:
        running.wait()
        running.command("shell", "-v0", "-c", FOUND)
        running.command("nightly")
        yield running
    finally:
        running.stop()


@pytest.fixture(scope="module")
def chrome():
    """The system's browser; for one module, for while it lives nothing else may ask a database."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        running = play.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
        yield running
        running.close()


@pytest.fixture(params=LANGUAGES)
def language(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture
def reader(product: Product, chrome, language: str) -> Iterator[Callable[..., Reader]]:
    """Sit down as a person: `reader("li")`; afterwards no page may have complained."""
    complaints = Complaints()
    seats = []

    def sits(email: str, **options) -> Reader:
        seats.append(sit_down(chrome, product, email, language, complaints, **options))
        return seats[-1]

    yield sits
    for seat in seats:
        seat.page.context.close()
    assert complaints.found == []
