"""The nights of the company as its members see them."""

from uuid import uuid4

import pytest
from django.urls import reverse

from crm.nightly import views
from crm.nightly.models import NightRun, NightStep
from crm.tenancy.context import tenant
from crm.tests import morning
from crm.tests.callers import browser

pytestmark = pytest.mark.django_db

DONE, FAILED = NightRun.State.DONE, NightRun.State.FAILED


def night(company, days: int = -1, state: str = FAILED, error: str = "disk full") -> NightRun:
    """A night of a company, one step of it done."""
    on = morning.day(days)
    with tenant(company.tenant.id):
        made = NightRun.objects.create(business_day=on, state=state, error=error, started_at=morning.noon(on))
        NightStep.objects.create(run=made, business_day=on, step="grade", rows=7, seconds="1.250")
    return made


@pytest.fixture
def sent(monkeypatch) -> list[tuple]:
    """What was handed to the workers."""
    handed: list[tuple] = []
    monkeypatch.setattr(views.run_night, "delay", lambda *words: handed.append(words))
    return handed


def again(company, person: str, run: NightRun):
    return browser(company, person).post(reverse("nightly:again", args=[run.pk]))


def test_the_list_and_the_page_of_a_night_tell_what_failed(yunheng) -> None:
    failed = night(yunheng)
    page = browser(yunheng, "gao").get(reverse("nightly:runs"))
    assert [run.pk for run in page.context["runs"]] == [failed.pk]
    assert "disk full" in page.content.decode()
    page = browser(yunheng, "gao").get(reverse("nightly:run", args=[failed.pk]))
    assert [step.rows for _, step in page.context["steps"]] == [7]
    assert "disk full" in page.content.decode()


def test_nights_need_their_right(yunheng) -> None:
    run = night(yunheng)
    for address in (reverse("nightly:runs"), reverse("nightly:run", args=[run.pk])):
        assert browser(yunheng, "li").get(address).status_code == 403


def test_a_night_of_another_tenant_or_none_does_not_exist(yunheng, beihe) -> None:
    theirs = night(beihe)
    own = browser(yunheng, "gao")
    assert list(own.get(reverse("nightly:runs")).context["runs"]) == []
    for key in (theirs.pk, uuid4()):
        assert own.get(reverse("nightly:run", args=[key])).status_code == 404


def test_only_who_keeps_the_company_starts_a_failed_night_again(
    yunheng, sent, django_capture_on_commit_callbacks
) -> None:
    run = night(yunheng)
    with django_capture_on_commit_callbacks(execute=True):
        assert again(yunheng, "li", run).status_code == 403
    assert sent == []
    with django_capture_on_commit_callbacks(execute=True):
        assert again(yunheng, "an", run).status_code == 303
    assert sent == [(yunheng.tenant.id, run.business_day.isoformat())]


def test_a_night_that_is_done_or_overtaken_is_not_started_again(yunheng, sent) -> None:
    early = night(yunheng, days=-2)
    late = night(yunheng, state=DONE, error="")
    assert [again(yunheng, "an", run).status_code for run in (early, late)] == [409, 409]
    assert sent == []


def test_a_failed_night_is_red_beside_its_link_until_it_is_over(yunheng, beihe) -> None:
    night(yunheng)
    night(yunheng, days=-9)

    def counted(company, person: str):
        nav = browser(company, person).get("/night/").context["shell"].nav
        return next(item.count for part in nav for item in part.items if item.url == "/night/")

    assert counted(yunheng, "an") == (1, True)
    assert counted(beihe, "an") is None
    with tenant(yunheng.tenant.id):
        NightRun.objects.update(state=DONE)
    assert counted(yunheng, "an") is None
