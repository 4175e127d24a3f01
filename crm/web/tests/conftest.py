import pytest

from crm.tests.callers import Api


@pytest.fixture
def admin(yunheng) -> Api:
    """The API as the tenant admin, with every scope."""
    return Api(yunheng, "an")
