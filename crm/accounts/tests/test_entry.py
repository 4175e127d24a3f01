"""Signing in, choosing a company, language and appearance."""

import re

import pytest
from django.core.cache import cache
from django.test import Client

from crm.accounts import members
from crm.accounts.models import Member, Seat, User
from crm.accounts.rights import Role
from crm.tenancy.context import tenant
from crm.tenancy.middleware import SESSION_KEY
from crm.tests.callers import browser
from crm.tests.cast import NOW, PASSWORD, TODAY

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _no_counts() -> None:
    cache.clear()


@pytest.fixture
def both(yunheng, beihe):
    """李娜 of the first company, who works in the second too."""
    with tenant(beihe.tenant.id):
        again = members.add(
            code="guest",
            name="李娜",
            email="li@yunheng.example",
            department=beihe.departments["EAST"],
            roles=[Role.SALES],
            at=NOW,
            on=TODAY,
        )
        members.seat(again)
    return yunheng, beihe


def sign_in(client: Client, email: str, password: str = PASSWORD, **extra):
    return client.post("/account/login/", {"login": email, "password": password}, **extra)


def test_a_member_of_one_company_enters_it_and_the_page_he_wanted(yunheng) -> None:
    client = Client()
    wanted = client.get("/team/?search=li")
    assert wanted["Location"] == "/account/login/?next=%2Fteam%2F%3Fsearch%3Dli"
    answer = client.post(
        wanted["Location"], {"login": "li@yunheng.example", "password": PASSWORD, "next": "/team/"}
    )
    assert answer["Location"] == "/team/"
    answer = client.get("/team/", follow=True)
    assert answer.redirect_chain == [("/choose/?next=%2Fteam%2F", 302), ("/team/", 302)]
    assert answer.status_code == 200


def test_a_member_of_two_companies_chooses(both) -> None:
    yunheng, beihe = both
    client = Client()
    sign_in(client, "li@yunheng.example")
    page = client.get("/choose/").content.decode()
    assert (yunheng.tenant.name in page, beihe.tenant.name in page) == (True, True)
    assert client.post("/switch/", {"tenant": "beihe"})["Location"] == "/"
    assert client.session[SESSION_KEY] == beihe.tenant.id
    assert beihe.tenant.name in client.get("/team/").content.decode()


def test_nobody_enters_a_company_without_a_seat_or_whose_member_left(both) -> None:
    yunheng, beihe = both
    client = browser(yunheng, "zhou")
    assert client.post("/switch/", {"tenant": "beihe"}).status_code == 404
    assert client.post("/switch/", {"tenant": "nowhere"}).status_code == 404
    guest = browser(yunheng, "li")
    with tenant(beihe.tenant.id):
        Member.objects.filter(code="guest").update(status=Member.Status.LEFT)
    assert guest.post("/switch/", {"tenant": "beihe"}).status_code == 404


def test_who_loses_his_place_is_asked_to_choose_and_finds_none(yunheng) -> None:
    client = browser(yunheng, "li")
    assert client.get("/team/").status_code == 200
    with tenant(yunheng.tenant.id):
        Member.objects.filter(code="li").update(status=Member.Status.LEFT)
    answer = client.get("/team/", follow=True)
    assert answer.redirect_chain == [("/choose/?next=%2Fteam%2F", 302)]
    assert "No company has a place for you" in answer.content.decode()


def test_a_closed_company_is_entered_by_nobody(yunheng) -> None:
    client = browser(yunheng, "li")
    yunheng.tenant.is_active = False
    yunheng.tenant.save()
    assert client.get("/team/")["Location"].startswith("/choose/")


def test_the_sessions_key_changes_at_sign_in_and_at_the_door_of_a_company(yunheng) -> None:
    client = Client()
    client.get("/account/login/")
    before = client.session.session_key
    sign_in(client, "li@yunheng.example")
    signed_in = client.session.session_key
    client.get("/choose/")
    assert len({before, signed_in, client.session.session_key}) == 3


@pytest.mark.parametrize("url", ["//evil.example/", "https://evil.example/", "javascript:alert(1)"])
def test_the_way_back_never_leads_elsewhere(yunheng, url: str) -> None:
    client = browser(yunheng, "li")
    assert client.get("/choose/", {"next": url})["Location"] == "/"
    assert client.post("/language/", {"language": "en", "next": url})["Location"] == "/"
    assert client.post("/appearance/", {"theme": "dark", "next": url})["Location"] == "/"


def test_a_fragment_of_a_stranger_takes_the_window_to_the_sign_in(yunheng) -> None:
    answer = Client().get(
        "/team/",
        headers={"HX-Request": "true", "HX-Current-URL": "http://testserver/team/?role=SALES"},
    )
    assert answer.status_code == 401
    assert answer["HX-Redirect"] == "/account/login/?next=%2Fteam%2F%3Frole%3DSALES"


def test_a_language_is_kept_for_the_person_and_comes_with_the_sign_in(yunheng) -> None:
    client = browser(yunheng, "li")
    client.post("/language/", {"language": "zh-hans", "next": "/team/"})
    assert User.objects.get(email="li@yunheng.example").language == "zh-hans"
    assert 'lang="zh-Hans"' in client.get("/team/").content.decode()
    elsewhere = Client(headers={"Accept-Language": "en"})
    sign_in(elsewhere, "li@yunheng.example")
    assert 'lang="zh-Hans"' in elsewhere.get("/choose/?next=/profile/", follow=True).content.decode()


def test_a_language_chosen_before_the_sign_in_is_the_persons_from_then_on(yunheng) -> None:
    browser(yunheng, "li").post("/language/", {"language": "zh-hans", "next": "/team/"})
    client = Client()
    client.post("/language/", {"language": "en", "next": "/account/login/"})
    sign_in(client, "li@yunheng.example")
    assert '<html lang="en"' in client.get("/choose/?next=/profile/", follow=True).content.decode()
    assert User.objects.get(email="li@yunheng.example").language == "en"


def test_an_unknown_language_or_theme_changes_nothing(yunheng) -> None:
    client = browser(yunheng, "li")
    assert client.post("/language/", {"language": "xx"}).status_code == 302
    assert client.post("/appearance/", {"theme": "pink"}).status_code == 302
    person = User.objects.get(email="li@yunheng.example")
    assert (person.language, person.theme) == ("", "auto")


def test_theme_and_density_change_one_at_a_time(yunheng) -> None:
    client = browser(yunheng, "li")
    client.post("/appearance/", {"theme": "dark"})
    client.post("/appearance/", {"density": "roomy"})
    person = User.objects.get(email="li@yunheng.example")
    assert (person.theme, person.density) == ("dark", "roomy")
    assert 'data-density="roomy"' in client.get("/team/").content.decode()


def test_a_stranger_cannot_lock_a_person_out(yunheng) -> None:
    for _ in range(8):
        sign_in(Client(REMOTE_ADDR="203.0.113.9"), "li@yunheng.example", "wrong")
    refused = sign_in(Client(REMOTE_ADDR="203.0.113.9"), "li@yunheng.example")
    assert refused.status_code == 200
    assert "_auth_user_id" not in Client(REMOTE_ADDR="203.0.113.9").session
    own = Client(REMOTE_ADDR="198.51.100.7")
    assert sign_in(own, "li@yunheng.example").status_code == 302


def test_guessing_from_one_address_is_stopped(yunheng) -> None:
    client = Client(REMOTE_ADDR="203.0.113.10")
    for _ in range(5):
        sign_in(client, "li@yunheng.example", "wrong")
    assert sign_in(client, "li@yunheng.example").status_code == 200


def test_nobody_signs_up_by_himself() -> None:
    answer = Client().post(
        "/account/signup/", {"email": "x@x.example", "password1": PASSWORD, "password2": PASSWORD}
    )
    assert answer.status_code in {200, 302}
    assert not User.objects.filter(email="x@x.example").exists()


def test_the_second_factor_is_set_up_after_the_password_was_asked_again(yunheng) -> None:
    client = browser(yunheng, "li")
    answer = client.get("/account/2fa/totp/activate/")
    assert answer["Location"].startswith("/account/reauthenticate/")
    again = client.post(answer["Location"], {"password": PASSWORD})
    assert client.get(again["Location"]).status_code == 200


def test_a_person_known_from_another_company_keeps_his_password(both) -> None:
    person = User.objects.get(email="li@yunheng.example")
    assert person.check_password(PASSWORD)
    assert Seat.objects.filter(user=person).count() == 2


def test_an_invitation_is_used_once(yunheng) -> None:
    admin = browser(yunheng, "an")
    with tenant(yunheng.tenant.id):
        new = members.add(
            code="new",
            name="新人",
            email="new@yunheng.example",
            department=yunheng.departments["EAST"],
            roles=[Role.SALES],
            at=NOW,
            on=TODAY,
        )
    page = admin.post(f"/team/members/{new.id}/invitation/").content.decode()
    (link,) = re.findall(r'value="(http://testserver/account/password/reset/key/[^"]+)"', page)
    guest = Client()
    form = guest.get(link, follow=True)
    choice = {"password1": "quite-another-phrase", "password2": "quite-another-phrase"}
    assert guest.post(form.request["PATH_INFO"], choice).status_code == 302
    assert sign_in(Client(), "new@yunheng.example", "quite-another-phrase").status_code == 302
    late = Client()
    again = late.get(link, follow=True)
    late.post(
        again.request["PATH_INFO"], {"password1": "stolen-pass-phrase", "password2": "stolen-pass-phrase"}
    )
    assert not User.objects.get(email="new@yunheng.example").check_password("stolen-pass-phrase")


def test_a_company_cannot_take_over_a_person_of_another(yunheng, beihe) -> None:
    admin = browser(beihe, "an")
    with tenant(beihe.tenant.id):
        guest = members.add(
            code="guest",
            name="x",
            email="gao@yunheng.example",
            department=beihe.departments["HQ"],
            roles=[],
            at=NOW,
            on=TODAY,
        )
    page = admin.post(f"/team/members/{guest.id}/invitation/").content.decode()
    assert "password/reset/key" not in page


def test_an_open_invitation_of_one_company_does_not_open_the_next(yunheng, beihe) -> None:
    def invited(company, code: str) -> str:
        with tenant(company.tenant.id):
            person = members.add(
                code=code,
                name="x",
                email="shared@x.example",
                department=company.departments["HQ"],
                roles=[],
                at=NOW,
                on=TODAY,
            )
        return browser(company, "an").post(f"/team/members/{person.id}/invitation/").content.decode()

    first = re.findall(
        r'value="(http://testserver/account/password/reset/key/[^"]+)"', invited(yunheng, "s1")
    )
    assert "password/reset/key" not in invited(beihe, "s2")
    client = Client()
    answer = client.get(first[0], follow=True)
    client.post(
        answer.request["PATH_INFO"], {"password1": "stolen-pass-phrase", "password2": "stolen-pass-phrase"}
    )
    assert not User.objects.get(email="shared@x.example").has_usable_password()
