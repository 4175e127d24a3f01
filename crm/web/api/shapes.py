"""What a resource looks like: one declaration for input, output, documentation and secrets.

Input is judged by the serializer. Output takes another way: a shape is translated once into the
columns it needs and a function from a row to a dict (crm.web.api.plans), so no model instance and no
serializer stands between the database and the JSON.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from crm.accounts.access import Viewer, changeable, reach
from crm.accounts.rights import Right, Scope

UNKNOWN = _("There is no such field.")


class Reference(serializers.PrimaryKeyRelatedField):
    """The id of another record in a body. One out of reach is answered like one that does not exist, and
    nothing is hung on a customer that the viewer is only let read."""

    default_error_messages = {
        "does_not_exist": _("There is no such record."),
        "read_only": _("You may read this record, not change it."),
    }

    def get_queryset(self) -> Any:
        viewer = self.context.get("viewer")
        rows: Any = super().get_queryset()
        return reach(viewer, rows) if viewer and hasattr(rows.model, "reach") else rows

    def to_internal_value(self, data: Any) -> Any:
        row: Any = super().to_internal_value(data)
        viewer = self.context.get("viewer")
        if viewer and viewer.customers is not Scope.TENANT and hasattr(type(row), "writes"):
            mine = type(row)._default_manager.filter(pk=row.pk)
            if not changeable(viewer, mine).exists():
                self.fail("read_only")
        return row


class Money(serializers.DecimalField):
    """An amount: text with two places, in the currency that stands beside it."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"max_digits": 15, "decimal_places": 2, **kwargs})


class Derived(serializers.Field):
    """A read-only field made from columns: `Derived(mask, "phone")`, `Derived(span, "starts_on", "ends_on")`.

    `make` gets the values of the columns, before them the viewer if `for_viewer`; it must not ask the
    database. `like` is a field of the same type, for the documentation.
    """

    def __init__(
        self,
        make: Callable[..., Any],
        *columns: str,
        like: serializers.Field | None = None,
        for_viewer: bool = False,
        **kwargs: Any,
    ) -> None:
        self.make, self.columns, self.for_viewer = make, columns, for_viewer
        self.like = like or serializers.CharField()
        super().__init__(**{**kwargs, "read_only": True, "source": "*"})

    def __deepcopy__(self, memo: Any) -> "Derived":
        words: dict[str, Any] = {
            "like": self.like,
            "for_viewer": self.for_viewer,
            "help_text": self.help_text,
        }
        return Derived(self.make, *self.columns, **words)


@dataclass(frozen=True)
class Embed:
    """A related record that `?expand=` puts into the answer: one query per many, a join per one.

    `by` is the child's foreign key to this model; without it the field of the same name is followed.
    Only those who hold `right` may ask for it.
    """

    shape: type["Shape"]
    by: str = ""
    right: Right | None = None
    order: str = "id"


class Input(serializers.Serializer):
    """Base of a body that is no resource, such as a transfer; refuses fields it does not know."""

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, Mapping):
            unknown = [str(name) for name in data if name not in self.fields]
            if unknown:
                raise serializers.ValidationError(
                    {name: [serializers.ErrorDetail(str(UNKNOWN), "unknown")] for name in unknown}
                )
        return super().to_internal_value(data)


class Shape(Input, serializers.ModelSerializer):
    """Base of every resource. `Meta.secrets` names the right that shows a field, `Meta.embeds` what expands.

    A hidden field is absent, and in a body it is refused as if it did not exist.
    """

    serializer_related_field = Reference

    class Meta:
        secrets: Mapping[str, Right] = {}
        embeds: Mapping[str, Embed] = {}

    @classmethod
    def hidden(cls, rights: frozenset[Right]) -> frozenset[str]:
        """Names of the fields that a holder of `rights` may not see."""
        secrets = getattr(cls.Meta, "secrets", {})
        return frozenset(name for name, right in secrets.items() if right not in rights)

    def get_fields(self) -> dict[str, serializers.Field]:
        viewer: Viewer | None = self.context.get("viewer")
        hidden = self.hidden(viewer.rights) if viewer else frozenset()
        return {name: field for name, field in super().get_fields().items() if name not in hidden}
