"""Components: short calls, safe output, names that a reader hears."""

import re
from decimal import Decimal
from types import SimpleNamespace

import pytest
from django import forms
from django.template import engines
from django.utils.translation import override


def draw(source: str, **values) -> str:
    with override("en"):
        return engines["django"].from_string("{% load show %}" + source).render(values)


class Form(forms.Form):
    name = forms.CharField(label="Name", help_text="As printed.")
    starts_on = forms.DateField(label="Starts on", widget=forms.DateInput)
    amount = forms.CharField(label="Amount", widget=forms.TextInput(attrs={"data-kind": "money"}))
    owner = forms.CharField(label="Owner", widget=forms.TextInput(attrs={"data-kind": "combo"}))
    note = forms.CharField(label="Note", required=False, widget=forms.Textarea)
    kind = forms.ChoiceField(label="Kind", choices=[("a", "A"), ("b", "B")], widget=forms.RadioSelect)
    agreed = forms.BooleanField(label="Agreed")


def test_a_button_takes_any_attribute():
    call = '{% button label icon="check" kind="primary" hx_post=url disabled=False %}'
    drawn = draw(call, label="Save <b>", url="/save?a=1&b=2")
    assert drawn.startswith('<button class="btn btn-primary" hx-post="/save?a=1&amp;b=2" type="submit">')
    assert drawn.endswith("<span>Save &lt;b&gt;</span></button>")


def test_a_button_with_an_address_is_a_link():
    assert draw('{% button "Open" href="/x/" small=True %}') == (
        '<a class="btn btn-small" href="/x/"><span>Open</span></a>'
    )


def test_an_icon_button_has_a_name():
    drawn = draw('{% icon_button "x" "Close" %}')
    assert drawn.startswith('<button class="btn btn-icon btn-quiet" title="Close" type="button">')
    assert drawn.endswith('<span class="unseen">Close</span></button>')


def test_why_is_a_plain_link_first():
    drawn = draw('{% why "/c/1/why" "the tier" %}')
    assert drawn.startswith('<a class="why" href="/c/1/why" data-why>')
    assert '<span class="unseen">Why? the tier</span>' in drawn


def test_a_field_says_what_helps_and_what_is_wrong():
    drawn = draw("{% field form.name %}", form=Form({}))
    assert '<label for="id_name">Name</label>' in drawn
    assert 'aria-describedby="id_name_help id_name_error"' in drawn
    assert 'aria-invalid="true"' in drawn
    assert '<p class="help" id="id_name_help">As printed.</p>' in drawn
    assert "<span>This field is required.</span>" in drawn


def test_an_untouched_field_is_not_called_wrong():
    drawn = draw("{% field form.name %}", form=Form())
    assert "aria-invalid" not in drawn
    assert 'aria-describedby="id_name_help"' in drawn


def test_optional_is_marked_and_required_is_not():
    assert '<span class="optional">optional</span>' in draw("{% field form.note %}", form=Form())
    assert "optional" not in draw("{% field form.name %}", form=Form())


def test_a_date_and_a_sum_have_their_boxes():
    date_box = draw("{% field form.starts_on %}", form=Form())
    assert "data-date" in date_box and 'placeholder="2026-11-20"' in date_box
    assert "data-money" in draw("{% field form.amount prefix='¥' %}", form=Form())


def test_a_combobox_keeps_the_chosen_value_beside_the_typed_text():
    drawn = draw('{% field form.owner url="/owners/" text="李娜" %}', form=Form(initial={"owner": "42"}))
    assert 'role="combobox"' in drawn and 'aria-controls="id_owner_list"' in drawn
    assert re.search('<input [^>]*name="owner_text" [^>]*value="李娜"', drawn)
    assert '<input name="owner" type="hidden" value="42">' in drawn
    assert 'role="listbox" aria-label="Owner" data-options="/owners/" hidden' in drawn


def test_radio_buttons_are_a_group_with_a_legend():
    drawn = draw("{% field form.kind %}", form=Form())
    assert "<legend>Kind</legend>" in drawn
    assert drawn.count('type="radio"') == 2


def test_the_summary_links_every_wrong_field():
    drawn = draw("{% error_summary form %}", form=Form({"name": "x"}))
    assert "5 things to repair" in drawn
    assert '<a href="#id_amount">Amount</a>' in drawn


def test_no_summary_without_errors():
    assert draw("{% error_summary form %}", form=Form()).strip() == ""


def test_a_table_that_turns_into_cards_keeps_its_roles():
    columns = [
        SimpleNamespace(key="name", label="Name", classes="", sort="ascending", sort_url="?sort=-name")
    ]
    drawn = draw(
        '{% grid columns "Customers" select=True target="#list" %}'
        '<tr><td>{% pick 7 "A & B" %}</td><th scope="row">A</th></tr>{% endgrid %}',
        columns=columns,
    )
    assert '<tr role="row"><td role="cell">' in drawn
    assert '<th scope="row" role="rowheader">A</th>' in drawn
    assert 'aria-sort="ascending"' in drawn
    assert '<span class="unseen">Select A &amp; B</span>' in drawn
    assert 'hx-get="?sort=-name" hx-target="#list"' in drawn


def test_a_card_escapes_its_title_and_keeps_its_body():
    drawn = draw('{% card word aside="x" %}<p>{{ word }}</p>{% endcard %}', word="<i>")
    assert "<h2>&lt;i&gt;</h2>" in drawn
    assert "<p>&lt;i&gt;</p>" in drawn


def test_a_tile_shows_the_unit_smaller():
    drawn = draw('{% tile "Signed" figure note="x" %}', figure="¥812.0 万")
    assert '<p class="tile-figure">¥812.0<small>万</small></p>' in drawn


@pytest.mark.parametrize(("share", "width"), [("0.5", "50%"), ("0", "0%"), ("1.4", "100%"), ("-0.2", "0%")])
def test_a_bar_stays_inside_its_track(share, width):
    assert f'<rect class="tone-c1" width="{width}"' in draw("{% bar share %}", share=share)


def test_a_pager_above_ten_thousand_does_not_pretend():
    page = SimpleNamespace(
        first=1, last=50, total="10,000", estimate=True, sorted_by="", previous_url="", next_url="?p=2"
    )
    assert "1–50 of 10,000+" in draw("{% pager page %}", page=page)


def test_the_acts_on_picked_rows_carry_the_token():
    drawn = draw("{% bulk_bar total=86 %}x{% endbulk_bar %}", csrf_token="secret-token")
    assert 'value="secret-token"' in drawn
    assert 'data-select-all="86"' in drawn


def test_a_job_asks_again_only_until_it_is_finished():
    job = SimpleNamespace(
        title="Import", share=Decimal("0.4"), note="480 of 1,200", finished=False, failed=False
    )
    assert 'hx-trigger="every 2s"' in draw('{% job job "/jobs/1/" %}', job=job)
    job.finished = True
    assert "hx-trigger" not in draw('{% job job "/jobs/1/" %}', job=job)


@pytest.mark.parametrize("code", [400, 403, 404, 500, 503])
def test_an_error_page_stands_without_session_or_tenant(code):
    drawn = engines["django"].get_template(f"errors/{code}.html").render({})
    assert drawn.count("<h1>") == 1
    assert re.search(r'<html lang="(en|zh-Hans)">', drawn)


def test_the_error_pages_speak_chinese():
    with override("zh-hans"):
        assert "没有找到" in engines["django"].get_template("404.html").render({})
