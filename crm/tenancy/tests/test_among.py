"""Many ids as one parameter: the same rows as with `__in`."""

from uuid import uuid4

import pytest

from crm.accounts.models import Member
from crm.tenancy.among import among
from crm.tenancy.context import tenant

pytestmark = pytest.mark.django_db


def test_rows_whose_key_is_one_of_many_are_found_in_the_tenant_alone(here, beihe) -> None:
    with tenant(beihe.tenant.id):
        theirs = Member.objects.get(code="li").pk
    ids = [here.li.pk, here.zhou.pk, theirs, uuid4()]
    found = Member.objects.filter(among("id", ids)).order_by("code")
    assert list(found) == list(Member.objects.filter(id__in=ids).order_by("code")) == [here.li, here.zhou]
    assert list(Member.objects.filter(among("department_id", [here.li.department_id]), code="li")) == [
        here.li
    ]


def test_no_ids_find_no_rows(here) -> None:
    assert list(Member.objects.filter(among("id", []))) == []
