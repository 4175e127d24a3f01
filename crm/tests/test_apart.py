"""What one company is answered does not depend on what stands in another's rows (quality.md, isolation 3)."""

import re
from collections.abc import Iterator
from datetime import timedelta
from io import BytesIO
from typing import Any
from uuid import UUID

import pypdf
import pytest
from django.test import Client
from django.utils import timezone

from crm.integrations.models import ApiKey
from crm.tenancy.context import tenant
from crm.tests.callers import Api, browser
from crm.tests.cast import Company
from crm.tests.kinds import KINDS
from crm.tests.matrix import NOBODY, ROWS
from crm.tests.test_matrix import Record, url

pytestmark = pytest.mark.django_db(databases=["default", "reader"])

# A token is made anew for every page and every form, whoever asks.
FRESH = re.compile(rb'(csrfmiddlewaretoken" value|X-CSRFToken": "|name="once" value)[=":]*"?[\w-]+')
PRINTED = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d")  # the minute in the foot of a paper
SEARCHES = (
    "/find/?q=矩",
    "/find/?q=jz",
    "/customers/?search=矩阵",
    "/customers/known/?name=矩阵 li",
    "/customers/check/?name=矩阵 li",
    "/api/v1/customer-intel/?count=true",
    "/api/v1/ownership-disputes/?count=true",
    "/api/v1/handovers/?count=true",
    "/api/v1/handover-rows/?count=true",
    "/customers/options/customers/?q=矩",
    "/customers/options/members/?q=李",
    "/contracts/?search=M-li",
    "/api/v1/customers/?search=矩阵&count=true&expand=contacts",
    "/api/v1/customers/?search=jz&count=true",
    "/api/v1/contracts/?count=true",
    "/api/v1/events/?count=true&limit=200",
    "/api/v1/members/?count=true",
)


def everything(company: Company) -> dict[str, Record]:
    """Each kind of record of the matrix in a company, 李娜's and 孙悦's; returns 李娜's."""
    with tenant(company.tenant.id):
        made = {name: kind.near(company) for name, kind in KINDS.items()}
        for kind in KINDS.values():
            kind.far(company)
    return made


def addresses(records: dict[str, Record]) -> Iterator[str]:
    """Every address of the matrix that is read, with the records of the company, and the searches."""
    for name, row in ROWS.items():
        if row.get is not NOBODY:
            yield url(name, row, records[row.of] if row.of else None)
    yield from SEARCHES


def answers(clients: tuple[Client, Client], records: dict[str, Record]) -> dict[str, tuple[int, bytes]]:
    api, pages = clients
    found = {}
    for address in addresses(records):
        response: Any = (api if address.startswith("/api/") else pages).get(address)
        body = b"".join(response.streaming_content) if response.streaming else response.content
        if response.headers.get("Content-Type") == "application/pdf":
            body = on_paper(body)
        found[address] = response.status_code, FRESH.sub(b"", body)
    return found


def on_paper(content: bytes) -> bytes:
    """All words of a PDF, without the moment at which it was made."""
    pages = pypdf.PdfReader(BytesIO(content)).pages
    return PRINTED.sub("", "\n".join(page.extract_text() for page in pages)).encode()


@pytest.mark.parametrize("person", ["li", "chen", "gao", "an"])
def test_answers_are_byte_equal_with_and_without_the_other_companys_rows(
    person: str, yunheng: Company, beihe: Company
) -> None:
    records = everything(yunheng)
    clients = Api(yunheng, person), browser(yunheng, person)
    with tenant(yunheng.tenant.id):  # a key's use is noted once a minute and told by its list: not in here
        ApiKey.objects.update(last_used_at=timezone.now() + timedelta(days=1))
    alone = answers(clients, records)
    planted = everything(beihe)
    together = answers(clients, records)
    assert [address for address in alone if alone[address] != together[address]] == []
    seen = {status for status, _body in alone.values()}
    assert 200 in seen and not {status for status in seen if status >= 500}
    ids = {str(one).encode() for one in planted.values() if isinstance(one, UUID)}
    assert [a for a, (_status, body) in together.items() if any(one in body for one in ids)] == []
