import json
from datetime import UTC, date, datetime

import pytest
from django import forms
from django.http import HttpResponse
from django.test import RequestFactory
from django_htmx.middleware import HtmxDetails

from crm.refusal import Conflict, Fault, Refused
from crm.web.fragments import carry_out, target, toast
from crm.web.why import Link, Row, Why


def asked(**headers: str):
    request = RequestFactory().get("/", headers=headers)
    request.htmx = HtmxDetails(request)
    return request


@pytest.mark.parametrize(
    ("headers", "region"),
    [
        ({}, ""),
        ({"HX-Request": "true", "HX-Target": "section#list"}, "list"),
        ({"HX-Request": "true", "HX-Target": "list"}, "list"),
        ({"HX-Request": "true"}, ""),
        ({"HX-Request": "true", "HX-Target": "x#list", "HX-History-Restore-Request": "true"}, ""),
    ],
)
def test_the_region_is_told_by_the_target(headers: dict, region: str) -> None:
    assert target(asked(**headers)) == region


def test_a_toast_travels_in_a_header_of_plain_letters() -> None:
    response = HttpResponse()
    toast(response, "已保存", href="/undo/", action="撤销")
    header = response.headers["HX-Trigger"]
    assert header.isascii()
    assert json.loads(header) == {
        "toast": {"text": "已保存", "kind": "success", "href": "/undo/", "action": "撤销"}
    }


class Named(forms.Form):
    name = forms.CharField()


@pytest.mark.django_db
@pytest.mark.parametrize(("error", "status"), [(Refused, 422), (Conflict, 409)])
def test_a_refusing_verbs_faults_stand_beside_the_fields(error: type[Refused], status: int) -> None:
    def refuse(data: dict) -> None:
        raise error(Fault("name", "taken", "taken"), Fault("elsewhere", "x", "on top"))

    form = Named({"name": "x"})
    assert carry_out(form, refuse) is None
    assert (form.status, form.errors["name"], form.non_field_errors()) == (status, ["taken"], ["on top"])


@pytest.mark.django_db
def test_a_fault_of_ours_is_not_hidden_in_a_form() -> None:
    def broken(data: dict) -> None:
        raise RuntimeError

    with pytest.raises(RuntimeError):
        carry_out(Named({"name": "x"}), broken)


def test_an_explanation_has_one_shape_for_page_and_api() -> None:
    why = Why(
        title="Tier",
        rows=(Row("Annual amount", ("860,000.00",)), Row("Old contract", ("1.00",), idle=True)),
        formula="860,000 ≥ 500,000",
        result=Row("Tier", ("KEY",)),
        rule="T-1",
        version="3",
        valid_from=date(2026, 1, 1),
        computed_at=datetime(2026, 11, 20, 2, 10, tzinfo=UTC),
        links=(Link("History", "/h/"),),
    )
    assert why.notes == [
        "860,000 ≥ 500,000",
        "T-1, version 3, from 1 Jan 2026",
        "computed 20 Nov 2026 10:10",
    ]
    assert why.plain()["result"] == {"label": "Tier", "cells": ["KEY"]}
    assert [row["counts"] for row in why.plain()["rows"]] == [True, False]
