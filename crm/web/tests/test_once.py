"""Real transactions: two requests at once, and what follows a commit."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, transaction

from crm.accounts.models import Department
from crm.events import record as recording
from crm.events import tasks
from crm.events.record import Follow
from crm.flows import FLOWS
from crm.tenancy.context import current, tenant
from crm.tests import cast
from crm.tests.callers import Api
from crm.web.models import FirstAnswer

pytestmark = pytest.mark.django_db(databases=["default", "owner"], transaction=True)


@pytest.fixture
def admin() -> Api:
    with transaction.atomic():
        company = cast.company("alone", "独行")
        return Api(company, "an")


def test_two_at_once_have_one_effect_and_one_answer(admin: Api) -> None:
    def send(number: int) -> tuple[int, str]:
        try:
            body = {"code": "WEST", "name": "华西商务部"}
            answer = admin.post("departments/", body, headers={"Idempotency-Key": "same"})
            return answer.status_code, answer.content.decode()
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(send, range(24)))
    assert {status for status, _ in answers} == {201}
    assert len({body for _, body in answers}) == 1
    with tenant(admin.company.tenant.id), transaction.atomic():
        assert Department.objects.filter(code="WEST").count() == 1
        assert FirstAnswer.objects.count() == 1


def test_what_follows_a_commit_still_knows_the_tenant(admin: Api, monkeypatch) -> None:
    sent = []
    monkeypatch.setattr(tasks.follow_later, "delay", lambda: sent.append(current()))
    recording.register({"department.added": [Follow("later", print)]})
    try:
        assert admin.post("departments/", {"code": "WEST", "name": "x"}).status_code == 201
    finally:
        recording.register(FLOWS)
    assert sent == [admin.company.tenant.id]


def test_a_refused_commit_is_a_problem_and_not_a_trace(admin: Api, monkeypatch) -> None:
    """A key that is checked only at the end of the transaction."""
    from crm.accounts import departments

    def breaks_at_commit(**fields) -> Department:
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        row = Department(code="WEST", name="x", parent_id="019a2f6e-3c1b-7d44-9f0a-5b7c2d8e1f30")
        row.save()
        return row

    monkeypatch.setattr(departments, "add", breaks_at_commit)
    answer = admin.post("departments/", {"code": "WEST", "name": "x"})
    assert (answer.status_code, answer["Content-Type"]) == (409, "application/problem+json")
    with tenant(admin.company.tenant.id), transaction.atomic():
        assert not Department.objects.filter(code="WEST").exists()
