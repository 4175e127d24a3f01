import re
from datetime import timedelta

import pytest

from crm.tenancy.context import tenant
from crm.tests import morning
from crm.tests.callers import Api, browser, codes
from crm.tests.cast import NOW, TODAY
from customers import contacts, duplicates, registry
from customers.duplicates import name_key
from customers.models import Contact


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("浙江华信信息技术股份有限公司", "华信信息技术（浙江）股份有限公司"),
        ("华信信息技术有限公司", "華信信息技術有限公司"),
        ("浙江省杭州市华信信息技术有限责任公司", "华信信息技术集团有限公司"),
        ("ＡＣＭＥ　Ltd.", "Acme Co., Ltd."),
        ("华信 信息技术", "华信信息技术公司"),
    ],
)
def test_two_spellings_of_a_company_have_one_key(one: str, other: str) -> None:
    assert name_key(one) == name_key(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("青岛啤酒股份有限公司", "哈尔滨啤酒有限公司"),
        ("杭州市第一人民医院", "宁波市第一人民医院"),
        ("上海大学", "中山大学"),
        ("云浮大理石材有限公司", "云浮石材有限公司"),
        ("有限公司", "集团"),
    ],
)
def test_two_companies_keep_two_keys(one: str, other: str) -> None:
    assert name_key(one) != name_key(other)


@pytest.mark.django_db
def test_a_shared_phone_mail_domain_or_parent_is_a_warning(here) -> None:
    about = {"by": here.li, "at": NOW, "on": TODAY}
    group = registry.register(name="集团", **about)
    known = registry.register(name="华信", parent=group, **about)
    Contact.objects.create(customer=known, name="李", phone="13800001234", email="li@huaxin.example")
    Contact.objects.create(customer=known, name="王", email="wang@qq.com")
    found = duplicates.similar(
        phones=["+86 138-0000-1234", ""],
        emails=["zhang@HUAXIN.example", "zhang@qq.com", "no mail"],
        parent=group,
    )
    assert [(each.by, each.customer) for each in found] == [
        ("PHONE", known),
        ("EMAIL_DOMAIN", known),
        ("PARENT", known),
    ]
    by_site = duplicates.similar(sites=["https://www.Huaxin.example/about", "qq.com", "", "http://["])
    assert [(each.by, each.customer) for each in by_site] == [("EMAIL_DOMAIN", known)]


@pytest.mark.django_db
def test_the_forms_warn_of_a_known_phone_or_site_while_they_are_typed(yunheng) -> None:
    with tenant(yunheng.tenant.id):
        known = secret(yunheng)
    client = browser(yunheng, "sun")
    for words in ({"contact_phone": "139 8765 4321"}, {"website": "www.juemi.example"}):
        page = client.get("/customers/known/", {"name": "无名", **words}).content.decode()
        assert f"customer={known.pk}" in page and "绝密重工" not in page
    for form, box in (("registrations", "id_contact_phone"), ("customers", "id_website")):
        page = client.get(f"/{form}/new/").content.decode()
        (asking,) = re.findall(rf'<input[^>]*id="{box}"[^>]*>', page)
        assert 'hx-get="/customers/known/"' in asking


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("甲乙丙丁【杭州】有限公司", "甲乙丙丁有限公司"),
        ("甲乙丙丁〔浙江杭州〕有限公司", "甲乙丙丁"),
        ("浙江省义乌市甲乙丙丁有限公司", "甲乙丙丁公司"),
        ("甲乙丙丁（中国）有限公司", "甲乙丙丁有限公司"),
        ("甲乙丙丁有限公司（自然人独资）", "甲乙丙丁有限公司"),
        ("甲乙丙丁合伙企业（有限合伙）", "甲乙丙丁合伙企业"),
        ("臺灣甲乙丙丁股份有限公司", "台湾甲乙丙丁有限公司"),
        ("甲乙丙丁\u200b有限公司", "甲乙丙丁有限公司"),
    ],
)
def test_brackets_places_and_legal_forms_do_not_make_another_company(one: str, other: str) -> None:
    assert name_key(one) == name_key(other)


# The masked answer

CODE = "91330201MA2ABCDE3X"
ABOUT = {"at": NOW, "on": TODAY}


def secret(here, **fields):
    """李娜's customer with a phone, a mail and a name of its own that nobody else may learn."""
    known = registry.register(
        name="绝密重工有限公司", credit_code=CODE, developer=here.li, by=here.li, **ABOUT, **fields
    )
    contacts.add(known, name="赵秘书", phone="13987654321", email="zhao@juemi.example", by=here.li, **ABOUT)
    return known


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("asked", "by", "blocks"),
    [
        ({"name": "絕密重工（集团）"}, "NAME", True),
        ({"name": "另一个名字", "credit_code": CODE}, "CREDIT_CODE", True),
        ({"name": "绝密重工", "credit_code": "91350100M000100Y43"}, "NAME", False),
        ({"phones": ["13987654321"]}, "PHONE", False),
        ({"emails": ["li@juemi.example"]}, "EMAIL_DOMAIN", False),
    ],
)
def test_who_reaches_a_customer_learns_its_name_and_others_only_its_department(
    here, asked, by, blocks
) -> None:
    known = secret(here)
    for person, name in (("sun", ""), ("li", "绝密重工有限公司")):
        (found,) = duplicates.check(here.viewer(person), on=TODAY, **asked)
        assert (found.customer_id, found.by, found.blocks) == (known.pk, by, blocks)
        assert (found.department, found.name) == ("华东商务部", name)


@pytest.mark.django_db
def test_protection_lasts_until_the_day_before_the_customer_drops_or_90_days_after_its_contract(here) -> None:
    known = secret(here)
    (found,) = duplicates.check(here.viewer("sun"), name="绝密重工", on=TODAY)
    assert found.protected_until == TODAY + timedelta(30)
    ends = morning.sign(known, "H-1", "1000.00", starts_on=TODAY, signed_on=TODAY).ends_on
    (found,) = duplicates.check(here.viewer("sun"), name="绝密重工", on=TODAY)
    assert found.protected_until == ends + timedelta(90)


@pytest.mark.django_db
def test_a_customer_is_told_once_and_what_blocks_comes_first(here) -> None:
    known = secret(here)
    other = registry.register(name="别家", by=here.sun, **ABOUT)
    contacts.add(other, name="钱", phone="13987654321", by=here.sun, **ABOUT)
    found = duplicates.check(here.viewer("sun"), name="绝密重工", phones=["13987654321"], on=TODAY)
    assert [(one.customer_id, one.blocks) for one in found] == [(known.pk, True), (other.pk, False)]


@pytest.mark.django_db
def test_the_other_companys_customers_are_not_known(here, beihe) -> None:
    with tenant(beihe.tenant.id):
        secret(beihe)
    assert duplicates.check(here.viewer("sun"), name="绝密重工", credit_code=CODE, on=TODAY) == []


SECRETS = ("李娜", "13987654321", "赵秘书", CODE, "juemi", "重工有限公司")


@pytest.mark.django_db
@pytest.mark.parametrize("words", ["name=绝密重工", "phone=13987654321"])
@pytest.mark.parametrize("path", ["/customers/known/", "/customers/check/"])
def test_no_page_tells_more_than_the_masked_answer(yunheng, path, words) -> None:
    with tenant(yunheng.tenant.id):
        known = secret(yunheng)
    page = browser(yunheng, "sun").get(f"{path}?{words}").content.decode()
    assert [one for one in SECRETS if one in page and one not in words] == []
    assert "华东商务部" in page and f"customer={known.pk}" in page


@pytest.mark.django_db
def test_the_refused_form_shows_the_masked_answer_and_where_to_pass_news_on(yunheng) -> None:
    with tenant(yunheng.tenant.id):
        known = secret(yunheng)
    page = browser(yunheng, "sun").post("/customers/new/", {"name": "绝密重工"})
    assert page.status_code == 422
    text = page.content.decode()
    assert "华东商务部" in text and f"/intel/new/?customer={known.pk}" in text
    assert [one for one in SECRETS if one in text] == []


@pytest.mark.django_db
def test_a_company_that_nobody_knows_is_registered_from_the_search(yunheng) -> None:
    page = browser(yunheng, "sun").get("/customers/check/?name=无名")
    assert "/customers/new/?name=%E6%97%A0%E5%90%8D" in page.content.decode()
    form = browser(yunheng, "sun").get("/customers/new/?name=无名").context["form"]
    assert form["name"].value() == "无名"
    assert browser(yunheng, "sun").get("/customers/check/?email=x").status_code == 422


@pytest.mark.django_db
def test_boxes_of_what_a_role_may_not_see_are_not_there(yunheng) -> None:
    with tenant(yunheng.tenant.id):
        secret(yunheng)
    form = browser(yunheng, "an").get("/customers/check/").context["form"]
    assert set(form.fields) == {"name", "email", "website"}
    refused = Api(yunheng, "an").post("duplicate-checks/", {"phone": "13987654321"})
    assert (refused.status_code, codes(refused)) == (400, [("phone", "unknown")])


@pytest.mark.django_db
def test_the_api_answers_masked_when_asked_and_when_it_refuses(yunheng) -> None:
    with tenant(yunheng.tenant.id):
        known = secret(yunheng)
    api = Api(yunheng, "sun")
    (told,) = api.post("duplicate-checks/", {"name": "绝密重工", "phone": "13987654321"}).json()["results"]
    until = told.pop("protected_until")
    masked = {
        "customer": str(known.pk),
        "responsible_dept": "华东商务部",
        "offers": ["customer-intel", "ownership-disputes"],
    }
    assert told == masked | {"by": "NAME", "blocks": True, "name": None}
    (fault,) = api.post("customers/", {"name": "绝密重工"}).json()["errors"]
    assert fault["code"] == "duplicate_name"
    assert fault["about"] == masked | {"protected_until": until}
    (told,) = Api(yunheng, "li").post("duplicate-checks/", {"name": "绝密重工"}).json()["results"]
    assert (told["name"], told["offers"]) == ("绝密重工有限公司", [])
