"""Tier, risk, stage and person: a word or a shape, never a colour alone."""

from django.utils.translation import override

from crm.web.templatetags import marks


def test_the_tier_is_a_word():
    with override("zh-hans"):
        assert marks.tier("COMPANY") == '<span class="tag tier-company">公司级</span>'
        assert marks.tier("KEY", long=True) == '<span class="tag tier-key">重点客户</span>'
    with override("en"):
        assert marks.tier("KEY", long=True) == '<span class="tag tier-key">Key account</span>'


def test_a_tenants_own_name_of_a_tier_wins_and_is_escaped():
    assert marks.tier("KEY", "A & B") == '<span class="tag tier-key">A &amp; B</span>'


def test_the_risk_is_shape_number_and_word():
    with override("zh-hans"):
        assert marks.risk("AMBER", 47) == (
            '<span class="risk risk-amber"><i class="mark"></i><b class="num">47</b>'
            '<span class="unseen"> 黄</span></span>'
        )
    with override("en"):
        assert '<span class="unseen"> high</span> <span class="risk-why">silent 34 d</span>' in marks.risk(
            "RED", 72, "silent 34 d"
        )


def test_a_risk_nobody_computed_is_a_dash():
    with override("zh-hans"):
        assert marks.risk(None) == marks.unknown()


def test_the_stage_is_an_outlined_word():
    with override("zh-hans"):
        assert marks.stage("RENEWAL_DUE") == '<span class="tag tag-line">待续约</span>'


def test_initials_follow_the_script_of_the_name():
    assert marks.initials("李娜") == "娜"
    assert marks.initials("Li Na") == "LN"
    assert marks.initials("Juan Carlos Perez") == "JP"
    assert marks.initials("Cher") == "C"
    assert marks.initials("") == "?"


def test_a_person_keeps_the_tone_of_the_disc():
    assert marks.avatar("李娜") == marks.avatar("李娜")


def test_a_chinese_name_in_an_english_page_says_its_language():
    with override("en"):
        assert marks.person("李娜").endswith('<span lang="zh-Hans">李娜</span></span>')
    with override("zh-hans"):
        assert marks.person("李娜").endswith("<span>李娜</span></span>")


def test_an_icon_is_decoration():
    assert marks.icon("phone") == (
        '<svg class="icon" aria-hidden="true"><use href="/static/icons.svg#phone"/></svg>'
    )
