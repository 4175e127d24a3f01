"""Fixtures of every test: the embedded servers, the standing cast, and one scope to stand in."""

from collections.abc import Iterator

import pytest
from django.conf import settings
from django.db import connections, transaction

pytest_plugins = ["crm.tests.parts", "crm.tests.workers"]


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    request: pytest.FixtureRequest, django_db_modify_db_settings_parallel_suffix: None
) -> None:
    """The owner makes the test database, so one test always names him: else a run whose tests name
    only the application's role would stand on the working database."""
    for item in request.session.items:
        marker = item.get_closest_marker("django_db")
        if marker:
            named = {"default", "owner", *marker.kwargs.get("databases", ())}
            words = {**marker.kwargs, "databases": sorted(named)}
            item.add_marker(pytest.mark.django_db(*marker.args, **words), append=False)
            return


def pytest_configure() -> None:
    """Pages name their files as they lie in the tree: no test needs the hashed copies of a deployment."""
    settings.STORAGES["staticfiles"]["BACKEND"] = "django.contrib.staticfiles.storage.StaticFilesStorage"


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker) -> Iterator[None]:  # type: ignore[no-untyped-def]
    """The test database, made by the owner, with the standing cast in it; both are kept by --reuse-db."""
    from crm.tenancy.models import Tenant
    from crm.tests import cast

    with django_db_blocker.unblock(), transaction.atomic():
        if not Tenant.objects.exists():
            cast.company("yunheng", "云衡商务")
            cast.company("beihe", "北禾商务")
    yield
    with django_db_blocker.unblock():
        connections.close_all()


@pytest.fixture(autouse=True)
def _own_files(settings, tmp_path) -> None:  # type: ignore[no-untyped-def]
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def yunheng(db: None):  # type: ignore[no-untyped-def]
    """The company the tests live in; use `with tenant(yunheng.tenant.id)` or the fixture `here`."""
    from crm.tests import cast

    return cast.load("yunheng")


@pytest.fixture
def beihe(db: None):  # type: ignore[no-untyped-def]
    """The second company, whose data must never be seen from the first."""
    from crm.tests import cast

    return cast.load("beihe")


@pytest.fixture
def here(yunheng) -> Iterator:  # type: ignore[type-arg, no-untyped-def]
    """The first company with its scope open."""
    from crm.tenancy.context import tenant

    with tenant(yunheng.tenant.id):
        yield yunheng
