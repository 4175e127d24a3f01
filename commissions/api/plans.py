"""Plans, their versions from draft to force, and whom they pay."""

from dataclasses import asdict
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.http import Http404, HttpResponse
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from commissions import approvals, assignments, drafts, replays
from commissions.api.replays import ReplayAnswer, ReplayInput, told_replay
from commissions.classes import missing_classes
from commissions.filters import PlanAssignmentFilters, PlanFilters, PlanVersionFilters
from commissions.lint import lint
from commissions.models import Plan, PlanAssignment, PlanVersion, Replay
from commissions.settings import judged
from commissions.stakes import Stake, stakes
from commissions.views.plans import must_review_all
from commissions.views.replays import start
from crm.accounts.access import Viewer, reach
from crm.accounts.models import Department, Member
from crm.accounts.rights import Right
from crm.refusal import Fault, Refused
from crm.versions import CODE_LENGTH
from crm.web.api import Changed, Created, Deleted, Embed, Input, Listed, Money, Reference, Shape, Shown


def reads_plans(viewer: Viewer) -> bool:
    """Who is paid by a plan, reviews what it pays, keeps it or approves it."""
    known = (Right.COMMISSION_OWN, Right.COMMISSION_REVIEW, Right.PLAN_EDIT, Right.PLAN_APPROVE)
    return any(map(viewer.may, known))


class PlanVersionShape(Shape):
    settings = serializers.DictField(help_text="as the what-if takes them; what is left out has its default")

    class Meta:
        model = PlanVersion
        fields = [
            *("id", "plan", "code", "state", "valid_from", "valid_to", "settings"),
            *("drafted_by", "submitted_by", "submitted_at", "decided_by", "decided_at", "reason"),
            *("version", "updated_at"),
        ]


class PlanAssignmentShape(Shape):
    class Meta:
        model = PlanAssignment
        fields = [
            *("id", "plan", "department", "member", "valid_from", "valid_to", "assigned_by", "version"),
            "updated_at",
        ]


class PlanShape(Shape):
    class Meta:
        model = Plan
        fields = ["id", "code", "name", "version", "updated_at"]
        embeds = {
            "versions": Embed(PlanVersionShape, by="plan", order="-valid_from"),
            "assignments": Embed(PlanAssignmentShape, by="plan", order="-valid_from"),
        }


class PlanInput(Input):
    code = serializers.CharField(max_length=CODE_LENGTH)
    name = serializers.CharField(max_length=drafts.NAME_LENGTH)


class VersionInput(Input):
    """A draft. `settings` are those of spec/what-if.md §3; what is left out has its default."""

    plan = Reference(queryset=Plan.objects)
    code = serializers.CharField(max_length=CODE_LENGTH, required=False)
    valid_from = serializers.DateField()
    settings = serializers.DictField(required=False)
    like = Reference(
        queryset=PlanVersion.objects, required=False, help_text="a version whose settings are copied"
    )


class VersionChange(Input):
    code = serializers.CharField(max_length=CODE_LENGTH, required=False)
    valid_from = serializers.DateField(required=False)
    settings = serializers.DictField(required=False, help_text="all of them: they take the place of the old")


class Nothing(Input):
    """Nothing to say."""


class ReasonInput(Input):
    reason = serializers.CharField(max_length=approvals.REASON_LENGTH)


class AssignmentInput(Input):
    """Either a department, with all below it that has no plan of its own, or one person."""

    plan = Reference(queryset=Plan.objects)
    department = Reference(queryset=Department.objects, required=False)
    member = Reference(queryset=Member.objects, required=False)
    valid_from = serializers.DateField()
    valid_to = serializers.DateField(required=False, allow_null=True)


class EndInput(Input):
    valid_to = serializers.DateField(help_text="the first day on which it no longer holds")


class FindingAnswer(Input):
    code = serializers.CharField()
    level = serializers.ChoiceField(["PERVERSE", "NOTE"])
    place = serializers.CharField(help_text="the setting it speaks of")
    words = serializers.CharField()
    numbers = serializers.DictField()


class StakeAnswer(Input):
    customer_class = serializers.CharField()
    contracts = serializers.IntegerField(help_text="that pay less than a smaller one would")
    amount = Money(help_text="what cliff protection would add to them")


class LintAnswer(Input):
    """What a version would reward that nobody wants: that hinders nothing. A tier without a band does."""

    findings = FindingAnswer(many=True)
    stakes = StakeAnswer(many=True)
    missing_classes = serializers.ListField(help_text="tiers of the rules in force without a band here")


def _stake(each: Stake) -> dict[str, Any]:
    return {**each._asdict(), "amount": f"{each.amount:.2f}"}


class _OfPlans(Listed, Shown):
    """Rates are a secret of those who have to do with commission: for others there is no plan."""

    area = "commissions"

    def rows(self) -> QuerySet[Any]:
        rows = super().rows()
        return rows if reads_plans(self.viewer) else rows.none()


class Plans(_OfPlans, Created):
    """The comp plans; what a plan pays is said by its versions, whom by its assignments."""

    model, shape, filters = Plan, PlanShape, PlanFilters
    rights = {"read": None, "write": Right.PLAN_EDIT}
    bodies = {"create": PlanInput}
    sorts = {"code": "code", "name": "name"}
    ordering = "code"

    def make(self, data: dict[str, Any]) -> Model:
        return drafts.make(**data, **self.act)


class PlanVersions(_OfPlans, Created, Changed, Deleted):
    """Versions of plans: drafted, submitted, approved by another person, then never changed.

    Only approved ones pay. `submission/`, `recall/`, `approval/`, `refusal/` and `withdrawal/` move one on.
    """

    model, shape, filters = PlanVersion, PlanVersionShape, PlanVersionFilters
    rights = {
        "read": None,
        "write": Right.PLAN_EDIT,
        "approval": Right.PLAN_APPROVE,
        "refusal": Right.PLAN_APPROVE,
        "replay": None,
        "lint": None,
    }
    answers = {"lint": LintAnswer, "replay": ReplayAnswer}
    bodies = {
        "create": VersionInput,
        "partial_update": VersionChange,
        "submission": Nothing,
        "recall": Nothing,
        "approval": Nothing,
        "refusal": ReasonInput,
        "withdrawal": Nothing,
        "replay": ReplayInput,
    }
    sorts = {"valid_from": "valid_from", "code": "code"}
    ordering = "-valid_from"

    def make(self, data: dict[str, Any]) -> Model:
        like, plan = data.pop("like", None), data["plan"]
        data.setdefault("code", drafts.next_code(plan))
        data.setdefault("settings", like.settings if like else {})
        return drafts.draft(data.pop("plan"), **data, **self.act)

    def change(self, row: PlanVersion, changes: dict[str, Any], version: int) -> object:
        now = {"code": row.code, "valid_from": row.valid_from, "settings": row.settings}
        return drafts.rewrite(row, **now | changes, version=version, **self.act)

    def remove(self, row: PlanVersion) -> None:
        drafts.discard(row, **self.act)

    @action(detail=True, methods=["post"])
    def submission(self, request: Request, pk: UUID) -> HttpResponse:
        """Ask for its approval."""
        return self._moved(approvals.submit, pk)

    @action(detail=True, methods=["post"])
    def recall(self, request: Request, pk: UUID) -> HttpResponse:
        """Take it back, to change it."""
        return self._moved(approvals.recall, pk)

    @action(detail=True, methods=["post"])
    def approval(self, request: Request, pk: UUID) -> HttpResponse:
        """Let it hold from its day on. Who wrote it may not."""
        return self._moved(approvals.approve, pk)

    @action(detail=True, methods=["post"])
    def refusal(self, request: Request, pk: UUID) -> HttpResponse:
        """Say no, and why."""
        return self._moved(approvals.refuse, pk)

    @action(detail=True, methods=["post"])
    def withdrawal(self, request: Request, pk: UUID) -> HttpResponse:
        """Make one that has not begun a draft again."""
        return self._moved(approvals.withdraw, pk)

    @action(detail=True, methods=["get"])
    def lint(self, request: Request, pk: UUID) -> HttpResponse:
        """What would it reward that nobody wants, and how much money is at stake on own contracts?"""
        row = self._studied(pk)
        version = judged(row.settings, drafts.currency())
        found = lint(version)
        cliff = any(finding.code == "CLIFF" for finding in found)
        return Response(
            {
                "findings": [asdict(finding) for finding in found],
                "stakes": [_stake(each) for each in stakes(version, self.today)] if cliff else [],
                "missing_classes": missing_classes(version, self.today),
            }
        )

    @action(detail=True, methods=["get", "post"])
    def replay(self, request: Request, pk: UUID) -> HttpResponse:
        """What would it have cost over past days? POST asks, GET tells the latest answer or its progress."""
        row = self._studied(pk)
        if request.method == "POST":
            made = replays.ask(row, **self.body(), **self.act)
            start(made, self)
            return Response(told_replay(Replay.objects.get(pk=made.pk)), status=201)
        latest = reach(self.viewer, Replay.objects.filter(plan_version=row)).first()
        if latest is None:
            raise Http404
        return Response(told_replay(latest))

    def _studied(self, pk: UUID) -> PlanVersion:
        """A version, for those who write or approve plans."""
        row: PlanVersion = self.found(pk)
        if not (self.viewer.may(Right.PLAN_EDIT) or self.viewer.may(Right.PLAN_APPROVE)):
            raise PermissionDenied
        must_review_all(self.viewer)
        return row

    def _moved(self, verb: Any, pk: UUID) -> HttpResponse:
        row, said = self.found(pk), self.body()
        version = self.judge_version(row)
        verb(row, **said, version=version, **self.act)
        return self.answer(pk)


class PlanAssignments(_OfPlans, Created):
    """Whom a plan pays, by date. A contract is paid by the plan of its responsible department, the nearest
    one above it, else by DEFAULT; the plan of a person rules his statements. Never two at a time.
    """

    model, shape, filters = PlanAssignment, PlanAssignmentShape, PlanAssignmentFilters
    rights = {"read": None, "write": Right.PLAN_APPROVE}
    bodies = {"create": AssignmentInput, "end": EndInput}
    sorts = {"valid_from": "valid_from"}
    ordering = "-valid_from"

    def make(self, data: dict[str, Any]) -> Model:
        subjects = [data.pop(name) for name in ("department", "member") if name in data]
        if len(subjects) != 1:
            words = assignments.ONE_SUBJECT
            raise Refused(Fault("department", "one_of", words))
        return assignments.assign(data.pop("plan"), subject=subjects[0], **data, **self.act)

    @action(detail=True, methods=["post"])
    def end(self, request: Request, pk: UUID) -> HttpResponse:
        """Let it end on a day; one that would end before it begins is dropped."""
        row, said = self.found(pk), self.body()
        if assignments.end(row, **said, version=self.judge_version(row), **self.act):
            return self.answer(pk)
        return HttpResponse(status=204)
