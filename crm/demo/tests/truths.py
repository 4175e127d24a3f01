"""What holds of the demo whatever the day it is made for."""

from datetime import date, timedelta
from io import StringIO

from django.apps import apps
from django.core.management import call_command
from django.db.models import QuerySet

from commissions import payouts
from commissions.models import Adjustment, LineDispute
from crm.periods import month_text
from crm.tenancy.models import TenantModel
from customers.models import (
    Arrangement,
    BankLine,
    Collaboration,
    Contract,
    Dunning,
    OwnershipCredit,
    OwnershipDispute,
    Payment,
    Reconciliation,
    Registration,
    Segment,
    SegmentCount,
    Standing,
    WriteOff,
)
from lifecycle.models import FollowUp, Neglect
from tiers.models import Review, TierOverride


def annual_amounts_are_sums(on: date) -> None:
    """The yearly amount of every customer is the sum of the contract years in force."""
    rows = Standing.objects.select_related("customer").filter(contracts_in_force__gt=0)
    assert rows.count() > 60
    for row in rows:
        years = row.customer.contracts.filter(
            years__counts_from__lte=on, years__counts_until__gt=on
        ).values_list("years__annual_amount", flat=True)
        assert sum(years) == row.annual_amount, row.customer.name


def pages_have_something_to_show(on: date) -> None:
    """Risks in every sales department, work due, renewals to come, a refund, a loss, two currencies."""
    bands = Standing.objects.values_list("customer__responsible_dept__code", "risk_band")
    assert {code for code, band in bands if band == "RED"} == {"EAST", "NINGBO", "NORTH", "SOUTH"}
    assert {code for code, band in bands if band == "AMBER"} >= {"EAST", "SOUTH"}
    due = FollowUp.objects.filter(state=FollowUp.State.OPEN, due_on__lte=on)
    assert set(due.values_list("owner__code", flat=True)) >= {"li", "chen"}
    soon = Standing.objects.filter(first_ends_on__range=(on, on + timedelta(90)))
    assert set(soon.values_list("customer__owner__code", flat=True)) >= {"li", "chen"}
    disputes = OwnershipDispute.objects.values_list("state", "judge__code")
    assert sorted(disputes) == [("FINAL", "gao"), ("OPEN", "chen"), ("RULED", "chen")]
    assert Payment.objects.filter(kind="REFUND").exists()
    assert sorted(BankLine.objects.values_list("state", "by")) == [
        ("MATCHED", "EXACT"),
        ("OPEN", ""),
        ("OPEN", ""),
    ]
    assert [row.state for row in Reconciliation.objects.all()] == ["SIGNED"]
    assert [(row.state, str(row.amount)) for row in WriteOff.objects.all()] == [("APPROVED", "500.00")]
    assert Dunning.objects.exists()
    filed = {row.name: (row.state, row.customer.responsible_dept.code) for row in _registrations()}
    assert filed == {
        "嘉兴海宁经编机械有限公司": ("OPEN", "EAST"),
        "南通启东船舶配套有限公司": ("OPEN", "EAST"),
        "舟山定海远洋渔业有限公司": ("EFFECTIVE", "NINGBO"),
        "杭州萧山机场货运有限公司": ("EFFECTIVE", "NINGBO"),
        "盐城大丰风电设备有限公司": ("LAPSED", "EAST"),
    }
    assert Contract.objects.filter(cancelled_on__isnull=False).exists()
    assert set(Contract.objects.values_list("currency", flat=True)) == {"CNY", "USD"}


def customers_are_attended_to(on: date) -> None:
    """Segments counted tonight, strategies with somebody due and somebody late, each rung, who helps whom."""
    counted = dict(SegmentCount.objects.filter(on=on).values_list("segment__name", "number"))
    assert counted.keys() == {"重点行业", "百日内到期的大客户", "我三个月没联系的"}
    assert all(counted.values())
    assert set(Segment.objects.filter(is_shared=False).values_list("owner__code", flat=True)) == {"li"}
    unblocked = Standing.objects.filter(customer__is_blocked=False)
    assert not unblocked.filter(contact_due_on=None).exists()
    late = unblocked.filter(contact_due_on__lt=on, customer__owner__isnull=False)
    assert set(late.values_list("customer__owner__code", flat=True)) >= {"li", "zhou", "lin", "tang"}
    assert unblocked.filter(contact_due_on__gte=on).count() > late.count()
    rungs = {row.customer.name: row.rung for row in Neglect.objects.select_related("customer")}
    assert {name: rungs[name] for name in MISSED} == MISSED
    helping = {(row.member.code, row.rights) for row in Collaboration.objects.filter(valid_to=None)}
    assert helping == {("zhou", "WRITE"), ("li", "READ"), ("wang", "WRITE")}
    assert Collaboration.objects.exclude(valid_to=None).get().member.code == "tang"
    arranged = Arrangement.objects.get()
    assert arranged.holds(on) and arranged.customer.responsible_dept.code == "NINGBO"
    assert OwnershipCredit.objects.filter(rule="ASSIGN-01", role="MANAGER", valid_to=None).exists()


MISSED = {
    "绍兴越瓷文化传播有限公司": Neglect.Rung.OWNER,
    "蚌埠玻璃新材料研究院": Neglect.Rung.HEAD,
    "长沙岳麓医疗器械有限公司": Neglect.Rung.FLAGGED,
}


def one_line_was_corrected_and_one_is_disputed(on: date) -> None:
    """Upheld in part by the head, approved by finance, posted in the month after; paid less, then more."""
    done, open_ = LineDispute.objects.order_by("opened_on")
    assert (done.state, done.answered_by.code, done.withheld) == ("PARTIAL", "chen", done.entry.amount)
    row = Adjustment.objects.get()
    assert (row.state, row.proposed_by.code, row.decided_by.code) == ("APPROVED", "chen", "qian")
    assert (row.amount, row.dispute, row.corrects) == (done.granted, done, done.entry)
    month, after = done.statement.period, done.paid_with
    assert row.entry.posting_period == after.month == month_text(month.number + 1)
    assert (row.entry.amount, row.entry.contract) == (row.amount, done.entry.contract)
    first = payouts.of_statement(done.statement)
    assert (first.kept_out, first.paid) == (done.withheld, done.statement.payable - done.withheld)
    assert payouts.changes(after)[done.member_id] == (0, done.withheld)
    assert (open_.state, open_.answerer.code) == ("OPEN", "chen")
    assert not open_.is_late(on)


def one_evaluation_is_signed_and_one_runs(on: date) -> None:
    """The last half-year is signed, its decisions hold; of this one some lines wait for each step."""
    last, this = Review.objects.order_by("frozen_on")
    assert (last.is_open, this.is_open) == (False, True)
    assert last.code != this.code
    assert this.due_on > on
    assert not last.lines.filter(is_agreed=None).exists()
    decided = {row.customer.name: row.tier for row in TierOverride.objects.all() if row.holds(on)}
    assert decided == {"嘉兴联创电子股份有限公司": "KEY", "芜湖江汽零部件有限公司": "GENERAL"}
    open_, proposed = this.lines.filter(verdict=""), this.lines.exclude(verdict="")
    assert open_.exists()
    assert proposed.filter(is_agreed=None).exclude(verdict="KEEP").exists()
    assert proposed.filter(is_agreed=True).exists()
    agreed = FollowUp.objects.get(source="review")
    assert agreed.state == FollowUp.State.DONE


def _registrations() -> QuerySet[Registration]:
    return Registration.objects.select_related("customer__responsible_dept")


def a_second_run_changes_nothing(slug: str) -> None:
    """Every table of the tenant keeps its number of rows and its last row."""
    before = _tables()
    assert sum(count for count, _last in before.values()) > 5000
    call_command("demo", tenant=slug, json=True, stdout=StringIO())
    assert _tables() == before


def _tables() -> dict[str, tuple[int, object]]:
    """How many rows each table of the tenant has, and the latest moment or id in it."""
    tables = [
        model for model in apps.get_models() if issubclass(model, TenantModel) and not model._meta.proxy
    ]
    return {model._meta.label: (model.objects.count(), _latest(model)) for model in tables}


def _latest(model: type[TenantModel]) -> object:
    moment = "updated_at" if "updated_at" in {field.name for field in model._meta.fields} else "pk"
    return model.objects.order_by(f"-{moment}").values_list(moment, flat=True).first()
