"""The left bar: rights, counts, the current place."""

import pytest
from django.http import HttpResponse
from django.urls import include, path
from django.utils.translation import override

from crm.accounts.rights import Right, Role
from crm.accounts.roles import GRANTS
from crm.web.navigation import Count, Item, Section, current_url, items_for, phone_items


def page(request):
    return HttpResponse()


def app(name: str, **pages: str):
    return path(
        "", include(([path(url, page, name=key.replace("_", "-")) for key, url in pages.items()], name))
    )


urlpatterns = [
    app("dashboards", home="", book="customers/"),
    app("lifecycle", follow_ups="follow-ups/", risks="risks/"),
    app("customers", contracts="contracts/"),
    app("commissions", mine="commission/"),
    app("integrations", imports="imports/"),
    app("accounts", team="team/"),
]


@pytest.fixture(autouse=True)
def _these_urls(settings):
    settings.ROOT_URLCONF = __name__


def links(rights, counts=None, **more) -> dict[str, str]:
    with override("en"):
        sections = items_for(frozenset(rights), counts or {}, **more)
    return {item.label: item.url for section in sections for item in section.items}


def test_a_link_without_its_right_is_absent():
    assert links([Right.CUSTOMER_VIEW]) == {"Home": "/", "Customers": "/customers/"}


def test_sales_see_their_work_and_not_the_imports():
    seen = links(GRANTS[Role.SALES].rights)
    assert list(seen) == ["Home", "Follow-ups", "Customers", "Risk list", "Contracts", "Commission", "Team"]


def test_a_page_that_no_app_has_yet_is_skipped():
    assert "Night run" not in links(Right)


def test_only_what_waits_has_a_count_and_only_late_is_red():
    sections = items_for(frozenset(Right), {"follow-ups": 12, "risks": Count(9, late=True), "statements": 0})
    counts = {item.url: item.count for section in sections for item in section.items}
    assert counts["/follow-ups/"] == Count(12, late=False)
    assert counts["/risks/"] == Count(9, late=True)
    assert counts["/commission/"] is None


def test_pinned_views_stand_under_customers():
    pinned = Item("Due in 90 days", "/customers/?view=due", count=Count(86))
    sections = items_for(frozenset(Right), {}, [pinned])
    under = {item.url: item.children for section in sections for item in section.items if item.children}
    assert under == {"/customers/": (pinned,)}


def test_the_current_place_is_the_longest_address_that_fits():
    sections = items_for(frozenset(Right), {}, [Item("Due", "/customers/due/")])
    assert current_url(sections, "/customers/due/") == "/customers/due/"
    assert current_url(sections, "/customers/42/") == "/customers/"
    assert current_url(sections, "/") == "/"
    assert current_url(sections, "/profile/") == ""


def test_every_page_below_a_link_belongs_to_it():
    tiers = Item("Tiers", "/tiers/rules/", under="/tiers/")
    sections = [Section("", (tiers, Item("Home", "/")))]
    assert current_url(sections, "/tiers/value/") == "/tiers/rules/"
    assert current_url(sections, "/tiers/rules/new/") == "/tiers/rules/"


def test_a_phone_has_four_tabs_beside_the_log_button():
    sections = items_for(frozenset(Right), {})
    assert [item.url for item in phone_items(sections)] == ["/", "/customers/", "/risks/", "/follow-ups/"]


def test_labels_follow_the_language():
    with override("zh-hans"):
        sections = items_for(frozenset(Right), {})
    assert [section.label for section in sections] == ["", "客户", "合同", "收入", "公司"]
