"""The life of an import: mapping, states, rights, the same file again, and what it tells of itself."""

from datetime import timedelta

import pytest
from django.core.files.storage import default_storage

from crm.accounts.models import Department, Member
from crm.events.models import Event, Pending
from crm.integrations.imports import judging, mapping, receiving
from crm.integrations.imports import run as running
from crm.integrations.imports.kinds import kind_of
from crm.integrations.imports.report import harmless
from crm.integrations.imports.run import work
from crm.integrations.imports.seen import Seen
from crm.integrations.models import Import
from crm.integrations.tests.files import bring_in, faults, messages, receive, table
from crm.refusal import Conflict, Refused
from crm.tests.cast import NOW, TODAY
from customers.models import Contact, Customer, OwnershipCredit

pytestmark = pytest.mark.django_db(databases=["default", "owner"])

HEADER = ["客户编号", "客户名称", "负责人"]


def rows(count, owner="li", prefix="C"):
    return table([HEADER, *([f"{prefix}{n}", f"{prefix}甬江{n}公司", owner] for n in range(count))])


def names():
    return dict(Customer.objects.values_list("code", "name"))


# Mapping


def test_columns_are_guessed_by_header_in_both_languages_and_by_content():
    guess = mapping.guess(
        kind_of("contacts"),
        ["Account", "联系人（必填）", "Nr.", "职务", "x"],
        [
            ["C1", "王总", "13800138000", "总经理", "wang@example.com"],
            ["C2", "李总", "13900139000", "", "li@example.com"],
        ],
    )
    assert guess.mapping == {"customer": 0, "name": 1, "phone": 2, "title": 3, "email": 4}


def test_a_column_with_an_empty_cell_is_not_taken_as_the_key(here):
    header = ["客户名称", "统一社会信用代码"]
    assert receive("customers", table([header, ["甲公司", ""], ["乙公司", ""]])).key == "name"
    some = table([header, ["甲公司", ""], ["乙公司", "91330200MA00000001"]])
    assert receive("customers", some).key == "name"
    every = table([header, ["甲公司", "91330200MA00000002"], ["乙公司", "91330200MA00000001"]])
    assert receive("customers", every).key == "credit_code"
    bring_in("customers", table([header, ["甲公司", ""], ["乙公司", ""]]))
    assert Customer.objects.count() == 2


def test_a_header_that_stands_twice_is_asked_about_instead_of_guessed(here):
    text = table([["客户编号", "客户名称", "客户名称"], ["C1", "甲公司", "乙公司"]])
    with pytest.raises(Refused) as refused:
        receive("customers", text)
    assert [fault.code for fault in refused.value.faults] == ["duplicate_header"]
    run = bring_in(
        "customers",
        text,
        mapping=mapping.given(
            kind_of("customers"),
            ["客户编号", "客户名称", "客户名称"],
            {"code": "客户编号", "name": "客户名称 (2)"},
        ),
    )
    assert names() == {"C1": "乙公司"}
    assert run.mapping == {"code": 0, "name": 2}


def test_a_mapping_may_be_told_from_either_side():
    kind, header = kind_of("customers"), ["A", "B"]
    assert mapping.given(kind, header, {"code": "A", "name": "B"}) == {"code": 0, "name": 1}
    assert mapping.given(kind, header, {"A": "code", "B": "name"}) == {"code": 0, "name": 1}
    for wrong, code in (
        ({"code": "C"}, "unknown_header"),
        ({"A": "nonsense"}, "unknown_column"),
        ({}, "nothing_mapped"),
    ):
        with pytest.raises(Refused) as refused:
            mapping.given(kind, header, wrong)
        assert [fault.code for fault in refused.value.faults] == [code]


def test_a_chosen_mapping_is_remembered_for_the_next_file_with_this_header(here):
    text = table([["A", "B"], ["C1", "甲公司"]])
    receive("customers", text, mapping={"code": 0, "name": 1})
    again = receiving.receive(
        __import__("io").BytesIO(text.encode()), name="b.csv", kind=kind_of("customers"), by=None, at=NOW
    )
    assert again.mapping == {"code": 0, "name": 1}


def test_a_file_without_a_known_column_is_refused(here):
    with pytest.raises(Refused) as refused:
        receive("customers", "foo,bar\n1,2\n")
    assert [fault.code for fault in refused.value.faults] == ["nothing_mapped"]
    assert Import.objects.filter(state="DONE").count() == 0


# Known rows


def test_only_what_differs_is_updated_and_an_empty_cell_leaves_what_is_there(here):
    bring_in("customers", rows(4))
    before = Customer.objects.get(code="C1")
    text = table(
        [
            ["客户编号", "客户名称", "行业"],
            ["C1", "", "软件"],
            ["C2", "新名公司", ""],
            ["C3", "C甬江3公司", ""],
        ]
    )
    run = bring_in("customers", text)
    assert (run.created, run.updated, run.unchanged) == (0, 2, 1)
    after = Customer.objects.get(code="C1")
    assert (after.name, after.industry, after.version, after.owner) == (before.name, "软件", 2, here.li)
    assert (Customer.objects.get(code="C2").name, Customer.objects.get(code="C3").version) == ("新名公司", 1)


def test_creating_only_refuses_what_exists(here):
    bring_in("customers", rows(2))
    run = bring_in("customers", rows(3), mode="create")
    assert (run.created, faults(run)) == (1, [(2, "code", "exists"), (3, "code", "exists")])


def test_known_rows_are_found_by_credit_code_or_name_and_new_ones_get_the_next_code(here):
    by_code = table(
        [["客户名称", "统一社会信用代码"], ["甲公司", "91330200MA00000001"], ["乙公司", "91330200MA00000002"]]
    )
    assert bring_in("customers", by_code, key="credit_code").created == 2
    changed = table([["客户名称", "统一社会信用代码"], ["甲甲公司", "91330200MA00000001"]])
    assert bring_in("customers", changed, key="credit_code").updated == 1
    by_name = table([["客户名称", "行业"], ["乙公司", "软件"], ["丙公司", "贸易"]])
    run = bring_in("customers", by_name, key="name")
    assert (run.created, run.updated) == (1, 1)
    assert names() == {"K-000001": "甲甲公司", "K-000002": "乙公司", "K-000003": "丙公司"}


def test_another_owner_ends_the_credit_in_force_and_begins_a_new_one(here):
    bring_in("customers", rows(2))
    OwnershipCredit.objects.update(valid_from=TODAY - timedelta(days=30))
    run = bring_in("customers", rows(2, owner="sun"))
    assert run.updated == 2
    one = Customer.objects.get(code="C1")
    assert (one.owner, one.responsible_dept) == (here.sun, here.departments["NORTH"])
    credits = OwnershipCredit.objects.filter(customer=one).order_by("valid_from")
    assert list(credits.values_list("member", "valid_to", "rule")) == [
        (here.li.id, TODAY, "IMPORT"),
        (here.sun.id, None, "IMPORT"),
    ]


def test_another_owner_on_the_same_day_replaces_a_credit_that_never_held(here):
    bring_in("customers", rows(1))
    bring_in("customers", rows(1, owner="zhou"))
    assert list(OwnershipCredit.objects.values_list("member", "valid_to")) == [(here.zhou.id, None)]


def test_a_company_that_is_known_by_another_spelling_is_refused(here):
    bring_in("customers", rows(1))
    run = bring_in("customers", table([HEADER, ["X", "（C甬江0）有限公司", "li"]]))
    assert faults(run) == [(2, "name", "duplicate_name")]


# Rights


def test_a_head_brings_customers_into_his_own_departments_only(here):
    text = table(
        [HEADER, ["A", "甲公司", "li"], ["B", "乙公司", "wu"], ["C", "丙公司", "sun"], ["D", "丁公司", ""]]
    )
    run = bring_in("customers", text, by=here.viewer("chen"))
    assert faults(run) == [(4, "owner", "not_your_department")]
    departments = dict(Customer.objects.values_list("code", "responsible_dept__code"))
    assert departments == {"A": "EAST", "B": "NINGBO", "D": "EAST"}


def test_a_customer_out_of_reach_is_neither_changed_nor_found(here):
    bring_in("customers", rows(1, owner="sun"))
    text = table([["客户编号", "客户名称", "行业"], ["C0", "改名公司", "软件"]])
    run = bring_in("customers", text, by=here.viewer("chen"))
    assert faults(run) == [(2, "code", "not_yours")]
    contacts = table([["客户", "联系人"], ["C0", "王总"], ["nobody", "王总"]])
    run = bring_in("contacts", contacts, by=here.viewer("chen"))
    assert [code for _row, _column, code in faults(run)] == ["unknown_customer", "unknown_customer"]
    assert Contact.objects.count() == 0


def test_a_secret_is_brought_in_by_who_may_not_see_it_but_never_changed_or_compared(here):
    text = table([["客户", "联系人", "电话"], ["C0", "王总", "13800138000"]])
    bring_in("customers", rows(1))
    admin = here.viewer("an")
    assert bring_in("contacts", text, by=admin).created == 1
    guess = table([["客户", "联系人", "电话", "职务"], ["C0", "王总", "13800138000", ""]])
    assert bring_in("contacts", guess, by=admin).unchanged == 1
    codes = table([["客户编号", "统一社会信用代码"], ["C0", "91330200MA00000001"]])
    assert bring_in("customers", codes, by=admin).unchanged == 1
    assert Customer.objects.get().credit_code == ""
    assert bring_in("customers", codes, by=here.viewer("qian")).updated == 1


def test_who_lost_the_right_meanwhile_is_refused_by_the_job(here):
    run = receive("customers", rows(2), by=here.viewer("an"))
    receiving.request(run, write=True, by=here.viewer("an"), at=NOW, on=TODAY)
    Member.objects.filter(code="an").update(roles=["SALES"])
    ended = work(run.id, lambda: NOW)
    assert (ended.state, ended.fault, Customer.objects.count()) == ("REFUSED", "no_right", 0)


@pytest.mark.parametrize(
    ("person", "kinds"),
    [
        (
            "an",
            {
                "departments",
                "members",
                "customers",
                "contacts",
                "contracts",
                "expenses",
                "receivables",
                "payments",
                "interactions",
                "usage",
            },
        ),
        ("chen", {"customers", "contacts", "contracts", "expenses", "receivables", "interactions", "usage"}),
        (
            "qian",
            {
                "customers",
                "contacts",
                "contracts",
                "expenses",
                "receivables",
                "payments",
                "bank-lines",
                "interactions",
                "usage",
            },
        ),
        ("li", set()),
        ("gao", set()),
    ],
)
def test_who_may_import_what(here, person, kinds):
    from crm.integrations.imports.kinds import all_kinds

    rights = here.viewer(person).rights
    assert {kind.name for kind in all_kinds() if running.allowed(rights, kind)} == kinds


# States


def test_a_requested_import_waits_in_the_outbox_and_is_done_by_the_job(here):
    run = receive("customers", rows(3))
    receiving.request(run, write=True, by=None, at=NOW, on=TODAY)
    assert Pending.objects.filter(follower="crm.integrations.tasks.start").count() == 1
    assert work(run.id, lambda: NOW).state == "DONE"
    assert work(run.id, lambda: NOW).created == 3
    assert Customer.objects.count() == 3
    with pytest.raises(Conflict):
        receiving.request(run, write=True, by=None, at=NOW, on=TODAY)


def test_what_was_written_is_told_in_one_event_a_chunk(here, monkeypatch):
    monkeypatch.setattr(running, "CHUNK", 4)
    run = bring_in("customers", rows(10), by=here.viewer("an"))
    told = Event.objects.filter(name="customers.imported").order_by("id")
    assert [len(event.data["ids"]) for event in told] == [3, 4, 3]
    assert {event.data["import"] for event in told} == {str(run.id)}
    ids = {one for event in told for one in event.data["ids"]}
    assert ids == {str(pk) for pk in Customer.objects.values_list("pk", flat=True)}
    again = bring_in("customers", rows(10), by=here.viewer("an"))
    assert (again.unchanged, Event.objects.filter(name="customers.imported").count()) == (10, 3)


def test_doubles_are_found_across_chunks_and_the_first_stays(here, monkeypatch):
    monkeypatch.setattr(running, "CHUNK", 3)
    text = table([HEADER, *([f"C{n % 5}", f"甬江{n}公司", "li" if n else "nobody"] for n in range(10))])
    for write in (False, True):
        run = bring_in("customers", text, write=write)
        assert [row for row, _column, _code in faults(run)] == [2, 8, 9, 10, 11]
        assert (run.created, run.refused) == (5, 5)
    assert names()["C0"] == "甬江5公司"


def test_a_parent_may_stand_anywhere_in_its_chunk_and_above_in_another(here, monkeypatch):
    monkeypatch.setattr(running, "CHUNK", 4)
    header = ["客户编号", "客户名称", "上级客户"]
    text = table(
        [
            header,
            ["C1", "甲公司", "C2"],
            ["C2", "乙公司", ""],
            ["C3", "丙公司", "C9"],
            ["C4", "丁公司", "甲公司"],
        ]
    )
    for write in (False, True):
        run = bring_in("customers", text, write=write)
        assert (run.created, faults(run)) == (3, [(4, "parent", "unknown_customer")])
    parents = dict(Customer.objects.values_list("code", "parent__code"))
    assert parents == {"C1": "C2", "C2": None, "C4": "C1"}


def test_a_stopped_import_goes_on_where_it_was(here, monkeypatch):
    monkeypatch.setattr(running, "CHUNK", 4)
    run = receive("customers", rows(10))
    receiving.request(run, write=True, by=None, at=NOW, on=TODAY)
    judge, calls = judging.judge, []

    def break_down(chunk, read):
        calls.append(read.numbers)
        if len(calls) == 2:
            raise RuntimeError("the machine stops")
        return judge(chunk, read)

    monkeypatch.setattr(judging, "judge", break_down)
    stopped = work(run.id, lambda: NOW)
    assert (stopped.state, stopped.created, Customer.objects.count()) == ("FAILED", 3, 3)
    assert receiving.resume(stopped, by=None, at=NOW, on=TODAY) is True
    ended = work(run.id, lambda: NOW)
    assert (ended.state, ended.created, Customer.objects.count()) == ("DONE", 10, 10)
    assert receiving.resume(ended, by=None, at=NOW, on=TODAY) is False


def test_a_silent_job_is_taken_for_dead_after_two_minutes(here):
    run = receive("customers", rows(1))
    run = receiving.request(run, write=True, by=None, at=NOW, on=TODAY)
    assert receiving.resume(run, by=None, at=NOW + timedelta(minutes=1), on=TODAY) is False
    assert receiving.resume(run, by=None, at=NOW + timedelta(minutes=3), on=TODAY) is True


def test_two_workers_at_one_import_have_one_effect(here, monkeypatch):
    monkeypatch.setattr(running, "CHUNK", 4)
    run = receive("customers", rows(10))
    receiving.request(run, write=True, by=None, at=NOW, on=TODAY)
    first = []

    def other_comes_first(done):
        if not first:
            first.append(work(run.id, lambda: NOW))

    last = work(run.id, lambda: NOW, other_comes_first)
    assert (first[0].state, last.state, last.created) == ("DONE", "DONE", 10)
    assert Event.objects.filter(name="customers.imported").count() == 3


def test_the_same_file_is_recognised_by_who_may_see_the_earlier_import(here):
    admin, head = here.viewer("an"), here.viewer("chen")
    done = bring_in("customers", rows(2), by=admin)
    assert receiving.same_job(receive("customers", rows(2), by=admin), admin) == done
    assert receiving.earlier(receive("customers", rows(2), by=admin), admin) == done
    assert receiving.same_job(receive("customers", rows(2), by=head), head) is None
    assert receiving.same_job(receive("customers", rows(2), by=admin, mode="create"), admin) is None


def test_a_dropped_file_leaves_nothing_behind(here, django_capture_on_commit_callbacks):
    run = receive("customers", rows(2))
    with django_capture_on_commit_callbacks(execute=True):
        receiving.discard(run)
    assert (default_storage.exists(run.stored_as), Import.objects.count()) == (False, 0)


def test_messages_tell_how_to_repair(here):
    run = bring_in("customers", table([HEADER, ["C1", "甲公司", "李"]]))
    assert messages(run) == {2: "No colleague is called “李”; write the staff number, name or e-mail."}


# People


def test_departments_become_a_tree_whatever_the_order_of_rows(here):
    text = table(
        [
            ["部门编码", "部门名称", "类型", "上级部门"],
            ["S2", "二组", "商务", "S1"],
            ["S1", "一部", "SALES_DEPT", "总部"],
            ["HQ2", "总部", "管理", ""],
            ["A", "甲", "商务", "B"],
            ["B", "乙", "商务", "A"],
            ["Z", "丙", "商务", "nowhere"],
        ]
    )
    run = bring_in("departments", text)
    assert faults(run) == [
        (5, "parent", "circle"),
        (6, "parent", "circle"),
        (7, "parent", "unknown_department"),
    ]
    below = Department.objects.get(code="S2")
    assert [Department.objects.get(pk=pk).code for pk in below.ancestors] == ["HQ2", "S1", "S2"]


def test_members_come_with_roles_but_nobody_changes_his_own(here):
    text = table(
        [
            ["工号", "姓名", "邮箱", "部门", "角色"],
            ["new", "新人", "NEW@yunheng.example", "EAST", "销售、TEAM_LEAD"],
            ["an", "安琪", "", "HQ", "EXECUTIVE"],
            ["x", "某人", "li@yunheng.example", "EAST", "SALES"],
            ["y", "某人", "y@yunheng.example", "EAST", "KING"],
        ]
    )
    run = bring_in("members", text, by=here.viewer("an"))
    assert faults(run) == [(3, "roles", "own_roles"), (4, "email", "taken"), (5, "roles", "choice")]
    new = Member.objects.get(code="new")
    assert (new.email, new.roles, new.department.code, new.user) == (
        "new@yunheng.example",
        ["SALES", "TEAM_LEAD"],
        "EAST",
        None,
    )


# Parts


@pytest.mark.parametrize(
    "payload", ["=1+1", "+1+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "+86 138"]
)
def test_no_cell_of_the_refused_file_is_a_formula(payload):
    assert harmless(payload).startswith("'")


@pytest.mark.parametrize("plain", ["-12.50", "+5", "华信", "1,234.00", ""])
def test_plain_cells_of_the_refused_file_stay_as_they_are(plain):
    assert harmless(plain) == plain


def test_keys_are_remembered_beyond_what_fits_in_memory():
    seen = Seen(in_memory=10)
    for first in range(0, 100, 7):
        seen.add(range(first, first + 7))
    assert seen.known(list(range(90, 120))) == set(range(90, 105))
