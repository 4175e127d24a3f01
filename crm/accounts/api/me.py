from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from crm.accounts.models import Department, Member
from crm.tenancy.models import Tenant
from crm.web.api import ApiView, Shape


class MyDepartment(Shape):
    class Meta:
        model = Department
        fields = ["id", "code", "name"]


class MyCompany(Shape):
    class Meta:
        model = Tenant
        fields = ["slug", "name", "currency", "time_zone", "language"]


class MeShape(Shape):
    """Who a key acts as, and what it may do."""

    department = MyDepartment()
    tenant = MyCompany()
    rights = serializers.ListField(child=serializers.CharField())
    scopes = serializers.ListField(child=serializers.CharField())
    today = serializers.DateField(help_text="the date in the company's time zone")

    class Meta:
        model = Member
        fields = [
            *("id", "code", "name", "email", "title", "department", "roles"),
            *("tenant", "rights", "scopes", "today"),
        ]


class Me(ApiView):
    """The member that this key acts as, with his rights and the key's scopes. Open to every key."""

    resource = "me"
    answers = {"get": MeShape}

    def get(self, request: Request) -> Response:
        """Who am I?"""
        member, company = self.viewer.member, self.caller.tenant
        words = {name: getattr(member, name) for name in ("id", "code", "name", "email", "title", "roles")}
        department = {name: getattr(member.department, name) for name in MyDepartment.Meta.fields}
        tenant = {name: getattr(company, name) for name in MyCompany.Meta.fields}
        return Response(
            {
                **words,
                "department": department,
                "tenant": tenant,
                "rights": sorted(self.viewer.rights),
                "scopes": sorted(self.caller.scopes),
                "today": self.today,
            }
        )
