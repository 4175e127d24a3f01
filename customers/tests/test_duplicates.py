import pytest

from crm.tests.cast import NOW, TODAY
from customers import duplicates, registry
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
        phones=["13800001234", ""], emails=["zhang@HUAXIN.example", "zhang@qq.com", "no mail"], parent=group
    )
    assert [(each.by, each.customer) for each in found] == [
        ("PHONE", known),
        ("EMAIL_DOMAIN", known),
        ("PARENT", known),
    ]
