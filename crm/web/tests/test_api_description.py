"""The OpenAPI document and its readable page."""

import itertools
import re

import pytest

pytestmark = pytest.mark.django_db


def test_every_operation_is_described_with_errors_and_an_example(client) -> None:
    answer = client.get("/api/v1/schema/")
    document = answer.json()
    assert document["openapi"] == "3.1.0"
    operations = [o for path in document["paths"].values() for o in path.values()]
    ids = [o["operationId"] for o in operations]
    assert len(ids) == len(set(ids)) > 10
    for operation in operations:
        assert operation["summary"], operation["operationId"]
        assert {"400", "401", "403", "429", "500"} <= operation["responses"].keys(), operation["operationId"]
        bodies = [*itertools.chain([operation.get("requestBody", {})], operation["responses"].values())]
        for media in (m for body in bodies for m in body.get("content", {}).values()):
            assert "example" in media or "examples" in media, operation["operationId"]


def test_no_reference_in_the_description_leads_nowhere(client) -> None:
    document = client.get("/api/v1/schema/").json()
    references = set(re.findall(r'"\$ref":\s*"#/([^"]+)"', client.get("/api/v1/schema/").content.decode()))
    for reference in references:
        place = document
        for step in reference.split("/"):
            place = place[step]


def test_the_readable_docs_load_nothing_from_outside(client) -> None:
    page = client.get("/api/v1/docs/")
    assert page.status_code == 200
    assert re.findall(r'(?:src|href)="(https?:)?//', page.content.decode()) == []
    assert "script-src 'self';" in page["Content-Security-Policy"]
