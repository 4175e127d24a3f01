from typing import Any

from rest_framework import serializers

from crm.accounts import members
from crm.accounts.api.company import DepartmentShape
from crm.accounts.filters import MemberFilters
from crm.accounts.models import Member
from crm.accounts.rights import Right, Role
from crm.web.api import Changed, Created, Derived, Embed, Listed, Shape, Shown


class MemberShape(Shape):
    roles = serializers.ListField(child=serializers.ChoiceField(Role.choices), required=False)
    can_sign_in = Derived(bool, "user_id", like=serializers.BooleanField())

    class Meta:
        model = Member
        fields = [
            *("id", "code", "name", "email", "title", "department", "roles", "status"),
            *("can_sign_in", "version", "created_at", "updated_at"),
        ]
        read_only_fields = ["version"]
        embeds = {"department": Embed(DepartmentShape)}


class Members(Listed, Shown, Created, Changed):
    """People of the company, with or without a sign-in. The staff number and e-mail are unique."""

    model, shape, filters, area = Member, MemberShape, MemberFilters, "platform"
    rights = {"read": Right.TEAM_VIEW, "write": Right.TEAM_EDIT}
    sorts = {"code": "code", "name": "name", "updated_at": "updated_at"}
    ordering = "code"

    def make(self, data: dict[str, Any]) -> Member:
        return members.add(**{"roles": [], **data}, **self.act)

    def change(self, row: Member, changes: dict[str, Any], version: int) -> Member:
        return members.edit(row, changes=changes, version=version, **self.act)
