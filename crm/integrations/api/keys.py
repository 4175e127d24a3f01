from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.response import Response

from crm.accounts.rights import Right
from crm.integrations import keys
from crm.integrations.models import ApiKey
from crm.refusal import Fault, Refused
from crm.web.api import Created, Deleted, Derived, Listed, Shape, Shown


class KeyShape(Shape):
    scopes = serializers.ListField(child=serializers.CharField(max_length=40), min_length=1, max_length=100)

    class Meta:
        model = ApiKey
        fields = ["id", "name", "member", "scopes", "created_at", "expires_at", "last_used_at", "revoked_at"]
        read_only_fields = ["member", "created_at", "last_used_at", "revoked_at"]


class IssuedShape(KeyShape):
    key = Derived(str, help_text="shown only here")

    class Meta(KeyShape.Meta):
        fields = [*KeyShape.Meta.fields, "key"]


class ApiKeys(Listed, Shown, Created, Deleted):
    """Keys of integrations. A key acts as the member who made it, within its scopes; deleting revokes it."""

    model, shape, area = ApiKey, KeyShape, "platform"
    answers = {"create": IssuedShape}
    rights = {"read": Right.API_KEY, "write": Right.API_KEY}
    sorts = {"created_at": "created_at", "last_used_at": "last_used_at"}
    ordering = "-created_at"

    def create(self, request: Any) -> Response:
        """Make a key for oneself, with scopes that the calling key has too; it is shown only here."""
        data = self.body()
        beyond = [word for word in data["scopes"] if not self._has(word)]
        if beyond:
            words = _("This key has not the scope “%s” itself.") % beyond[0]
            raise Refused(Fault("scopes", "beyond_own", words))
        made, text = keys.issue(member=self.viewer.member, **data, **self.act)
        response = self.answer(made.pk, status=201)
        response.data["key"] = text  # type: ignore[attr-defined]
        return response  # type: ignore[return-value]

    def _has(self, scope: str) -> bool:
        name, _, kind = scope.partition(":")
        return self.caller.allows(frozenset({name}), kind)

    def kept(self, data: dict[str, Any]) -> dict[str, Any]:
        return {name: value for name, value in data.items() if name != "key"}

    def remove(self, row: ApiKey) -> None:
        keys.revoke(row, **self.act)
