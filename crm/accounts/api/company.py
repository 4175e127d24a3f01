from typing import Any

from django.http import HttpResponse
from django.utils import translation
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from crm.accounts import departments, tenants
from crm.accounts.filters import DepartmentFilters
from crm.accounts.models import Department
from crm.accounts.rights import Right, Role
from crm.accounts.roles import GRANTS
from crm.tenancy.models import Tenant
from crm.web.api import ApiView, Changed, Created, Input, Listed, Money, Shape, Shown
from crm.web.api.render import tag


class TenantShape(Shape):
    class Meta:
        model = Tenant
        fields = ["slug", "name", "currency", "time_zone", "language", "is_demo"]
        read_only_fields = ["slug", "currency", "is_demo"]


class Company(ApiView):
    """The settings of the company that the key belongs to."""

    resource, area = "tenant", "platform"
    rights = {"write": Right.TENANT_EDIT}
    bodies = {"patch": TenantShape}
    answers = {"get": TenantShape, "patch": TenantShape}

    def get(self, request: Request) -> HttpResponse:
        """Read the company."""
        return self._answer(self.caller.tenant)

    def patch(self, request: Request) -> HttpResponse:
        """Change the company."""
        self.judge_tag(tag(self._record(self.caller.tenant)))
        return self._answer(tenants.edit(changes=self.body(partial=True), **self.act))

    def _answer(self, company: Tenant) -> HttpResponse:
        record = self._record(company)
        return Response(record, headers={"ETag": tag(record)})

    def _record(self, company: Tenant) -> dict[str, Any]:
        return {name: getattr(company, name) for name in TenantShape.Meta.fields}


class DepartmentShape(Shape):
    authority_amount = Money(required=False, allow_null=True, min_value=0, help_text="may sign up to, a year")

    class Meta:
        model = Department
        fields = [
            *("id", "code", "name", "kind", "parent", "ancestors", "authority_amount"),
            *("is_key_account", "is_active", "version", "created_at", "updated_at"),
        ]
        read_only_fields = ["ancestors", "version"]


class Departments(Listed, Shown, Created, Changed):
    """Units of the company; they form a tree."""

    model, shape, filters, area = Department, DepartmentShape, DepartmentFilters, "platform"
    rights = {"read": Right.TEAM_VIEW, "write": Right.TEAM_EDIT}
    sorts = {"code": "code", "name": "name", "updated_at": "updated_at"}
    ordering = "code"

    def make(self, data: dict[str, Any]) -> Department:
        return departments.add(**data, **self.act)

    def change(self, row: Department, changes: dict[str, Any], version: int) -> Department:
        return departments.edit(row, changes=changes, version=version, **self.act)


class RoleShape(Input):
    """A role and what it gives."""

    key = serializers.ChoiceField(Role.choices)
    name = serializers.CharField()
    rights = serializers.ListField(child=serializers.CharField())
    customers = serializers.CharField(
        help_text="how far it sees customers: NONE, SELF, DEPT, DEPT_TREE, TENANT"
    )
    commission = serializers.CharField(help_text="whose commission it reviews")


class RoleList(Input):
    results = RoleShape(many=True)


class Roles(ApiView):
    """The roles, their rights and how far they see; fixed for every company."""

    resource, area = "roles", "platform"
    rights = {"read": Right.TEAM_VIEW}
    answers = {"get": RoleList}

    def get(self, request: Request) -> Response:
        """List the roles."""
        found = [
            {
                "key": role,
                "name": translation.gettext(str(role.label)),
                "rights": sorted(GRANTS[role].rights),
                "customers": GRANTS[role].customers.name,
                "commission": GRANTS[role].commission.name,
            }
            for role in Role
        ]
        return Response({"results": found})
