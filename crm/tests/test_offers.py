"""What a page offers its reader he may do: no link and no button of it answers 403 or 404 to him.

Every page of the matrix is read, with 李娜's records, by a colleague who is only let read her customers, by
the auditor and by customer service; then everything that it offers is asked for, and its effect undone.
"""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any

import pytest
from django.db import transaction
from django.test import Client

from crm.tenancy.context import tenant
from crm.tests import morning
from crm.tests.callers import browser
from crm.tests.cast import Company
from crm.tests.kinds import KINDS
from crm.tests.matrix import NOBODY, ROWS
from crm.tests.test_matrix import url
from customers import collaborators
from customers.models import Collaboration, Customer

pytestmark = pytest.mark.django_db(databases=["default", "reader"])
HELPER = "sun"
LEAVES = re.compile(r"^(#|mailto:|tel:|https?:|/static/|/account/|/enter/|/choose/)|logout")
READS = dict.fromkeys(("href", "hx-get", "data-href", "data-options"), "get")
WRITES = dict.fromkeys(("hx-post", "formaction"), "post")
Offer = tuple[str, str]


class Offers(HTMLParser):
    """The addresses that a page offers, each with how it is asked for."""

    def __init__(self, path: str) -> None:
        super().__init__()
        self.path, self.found = path, set[Offer]()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "form":
            method = "post" if (given.get("method") or "").lower() == "post" else "get"
            self._add(method, given.get("action") or self.path)
        for name, method in {**READS, **WRITES}.items():
            if tag != "link" and name in given:
                self._add(method, given[name] or self.path)

    def _add(self, method: str, address: str) -> None:
        address = address.partition("#")[0]
        if address.startswith("?"):
            address = self.path + address
        if address and not LEAVES.match(address):
            self.found.add((method, address))


def offers(page: Any, path: str) -> set[Offer]:
    reader = Offers(path)
    reader.feed(page.content.decode())
    return reader.found


def asked(client: Client, method: str, address: str) -> Any:
    with transaction.atomic():
        answer = client.get(address) if method == "get" else client.post(address)
        transaction.set_rollback(True)
    return answer


def records(company: Company) -> dict[str, Any]:
    """李娜's record of every kind; the helper is let read each of her customers."""
    with tenant(company.tenant.id):
        made = {name: kind.near(company) for name, kind in KINDS.items()}
        for row in Customer.objects.filter(owner=company.li):
            if not Collaboration.objects.filter(customer=row, member=company.people[HELPER]).exists():
                about = {"by": company.li, "at": morning.noon(morning.today()), "on": morning.today()}
                collaborators.add(row, member=company.people[HELPER], rights="READ", **about)
    return made


def pages(made: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for name, row in ROWS.items():
        if row.get is not NOBODY and not name.startswith("api:"):
            yield name, url(name, row, made[row.of] if row.of else None)


@pytest.mark.slow
@pytest.mark.parametrize("person", [HELPER, "shen", "he"])
def test_no_page_offers_what_its_reader_may_not_do(yunheng: Company, person: str) -> None:
    made, client, wrong = records(yunheng), browser(yunheng, person), []
    tried: dict[Offer, int] = {}
    for name, path in pages(made):
        page = asked(client, "get", path)
        if page.status_code != 200 or not page["Content-Type"].startswith("text/html"):
            continue
        for offer in sorted(offers(page, path)):
            if offer not in tried:
                tried[offer] = asked(client, *offer).status_code
            if tried[offer] in (403, 404, 500):
                wrong.append(f"{name}: {' '.join(offer)} answers {tried[offer]}")
    assert len(tried) > 20
    assert wrong == [], "\n".join(wrong)
