from typing import Any

from django.db.models import QuerySet
from rest_framework import serializers

from commissions.filters import PlanFilters, PlanVersionFilters
from commissions.models import Plan, PlanVersion
from crm.accounts.access import Viewer
from crm.accounts.roles import Right
from crm.web.api import Embed, Listed, Shape, Shown


def reads_plans(viewer: Viewer) -> bool:
    """Who is paid by the plan, reviews what it pays, or keeps it."""
    return any(map(viewer.may, (Right.COMMISSION_OWN, Right.COMMISSION_REVIEW, Right.PLAN_EDIT)))


class PlanVersionShape(Shape):
    settings = serializers.DictField(help_text="as the what-if takes them; what is left out has its default")

    class Meta:
        model = PlanVersion
        fields = ["id", "plan", "code", "valid_from", "valid_to", "settings", "version", "updated_at"]


class PlanShape(Shape):
    class Meta:
        model = Plan
        fields = ["id", "code", "name", "version", "updated_at"]
        embeds = {"versions": Embed(PlanVersionShape, by="plan", order="-valid_from")}


class _OfPlans(Listed, Shown):
    """Rates are a secret of those who have to do with commission: for others there is no plan."""

    area = "commissions"
    rights = {"read": None}

    def rows(self) -> QuerySet[Any]:
        rows = super().rows()
        return rows if reads_plans(self.viewer) else rows.none()


class Plans(_OfPlans):
    """The comp plans; what a plan pays is said by its versions."""

    model, shape, filters = Plan, PlanShape, PlanFilters
    sorts = {"code": "code", "name": "name"}
    ordering = "code"


class PlanVersions(_OfPlans):
    """Dated versions of plans. A version that was used is never changed."""

    model, shape, filters = PlanVersion, PlanVersionShape, PlanVersionFilters
    sorts = {"valid_from": "valid_from", "code": "code"}
    ordering = "-valid_from"
