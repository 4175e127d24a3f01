"""The OpenAPI 3.1 description of the API, made from the resources themselves by drf-spectacular."""

from typing import Any

from django import forms
from django.utils.encoding import force_str
from drf_spectacular.extensions import OpenApiAuthenticationExtension, OpenApiSerializerFieldExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiParameter
from rest_framework.serializers import BaseSerializer, ListSerializer

from crm.web.api import examples
from crm.web.api.plans import readable
from crm.web.api.resource import LIMIT, MOST, Listed, Resource
from crm.web.filters import Filters, References

VERBS = {
    "list": "List",
    "retrieve": "Read",
    "create": "Create",
    "partial_update": "Change",
    "destroy": "Delete",
}
HEADER, QUERY = OpenApiParameter.HEADER, OpenApiParameter.QUERY

WORDS = {
    "limit": "Rows of a page.",
    "cursor": "From `next` or `previous` of the page before.",
    "count": "Also count all rows: exactly up to 10,000.",
    "fields": "Only these fields, by comma.",
    "expand": "Embed related records, by comma.",
    "Idempotency-Key": "The same key and body within 24 hours give the first answer and one effect.",
    "If-Match": "The ETag that the change is based on; 412 when another change came first.",
}


class Pages:
    """What a list looks like around its rows."""

    def get_schema_operation_parameters(self, view: Any) -> list[Any]:
        return []

    def get_paginated_response_schema(self, rows: dict[str, Any]) -> dict[str, Any]:
        link = {"type": ["string", "null"], "format": "uri"}
        return {
            "type": "object",
            "required": ["next", "previous", "results"],
            "properties": {
                "next": link,
                "previous": link,
                "count": {"type": "integer"},
                "count_is_estimate": {"type": "boolean"},
                "results": rows,
            },
        }


class ResourceSchema(AutoSchema):
    """Describes an operation from `shape`, `bodies`, `answers`, `filters`, `sorts` and its docstring."""

    view: Any

    def get_request_serializer(self) -> Any:
        try:
            return self.view.body_shape()
        except KeyError:
            return None

    def get_response_serializers(self) -> Any:
        view = self.view
        if view.verb() in view.answers:
            return view.answers[view.verb()]
        return view.shape if isinstance(view, Resource) else None

    def get_summary(self) -> str:
        view = self.view
        own = getattr(getattr(view, view.verb(), None), "__doc__", None)
        if view.verb() in VERBS and isinstance(view, Resource):
            return f"{VERBS[view.verb()]} {view.basename}".replace("-", " ")
        return (own or view.__doc__ or view.verb()).strip().splitlines()[0].rstrip(".")

    def get_override_parameters(self) -> list[Any]:
        found = [_parameter(name, text) for name, text in self.view.parameters.items()]
        if isinstance(self.view, Resource) and self.method == "GET":
            found += self._shaping()
        if isinstance(self.view, Listed) and self.view.verb() == "list":
            found += [*self._paging(), *_filtering(self.view.filters)]
        if self.method == "POST":
            found.append(_parameter("Idempotency-Key", location=HEADER))
        if self.method in {"PATCH", "DELETE"}:
            found.append(_parameter("If-Match", location=HEADER))
        return found

    def _shaping(self) -> list[Any]:
        shape = self.view.answer_shape()
        if not hasattr(shape, "Meta"):  # an answer that is no record
            return []
        embeds = sorted(getattr(shape.Meta, "embeds", {}))
        names = sorted({*readable(shape), *embeds})
        found = [_parameter("fields", schema=_list_of({"type": "string", "enum": names}))]
        return [*found, _parameter("expand", schema=_list_of({"enum": embeds}))] if embeds else found

    def _paging(self) -> list[Any]:
        limit = {"type": "integer", "minimum": 1, "maximum": MOST, "default": LIMIT}
        orders = sorted(word for name in self.view.sorts for word in (name, f"-{name}"))
        found = [
            _parameter("limit", schema=limit),
            _parameter("cursor"),
            _parameter("count", schema={"type": "boolean", "default": False}),
        ]
        if orders:
            words = f"Default: `{self.view.ordering or 'id'}`."
            found.append(_parameter("ordering", words, schema=_list_of({"type": "string", "enum": orders})))
        return found

    def _get_paginator(self) -> Any:
        return Pages()


def _parameter(
    name: str, text: str = "", *, location: Any = QUERY, schema: dict[str, Any] | None = None
) -> OpenApiParameter:
    several = bool(schema and schema.get("type") == "array")
    return OpenApiParameter(
        name,
        type=schema or str,
        location=location,
        description=text or WORDS.get(name, ""),
        style="form" if several else None,
        explode=False if several else None,
    )


def _list_of(items: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": items}


def _filtering(filters: type[Filters] | None) -> list[OpenApiParameter]:
    offered = filters.offered(None) if filters else {}
    return [
        _parameter(name, force_str(each.label or ""), schema=_schema_of(each.field))
        for name, each in offered.items()
    ]


def _schema_of(field: forms.Field) -> dict[str, Any]:
    if isinstance(field, forms.MultipleChoiceField):
        choices: Any = field.choices
        words = [str(value) for value, _ in choices if value != ""]
        return _list_of({"type": "string", "enum": words})
    if isinstance(field, References):
        return _list_of({"type": "string", "description": "an id, `me` or `none`"})
    for kind, schema in (
        (forms.IntegerField, {"type": "integer"}),
        (forms.DecimalField, {"type": "number"}),
        (forms.DateTimeField, {"type": "string", "format": "date-time"}),
        (forms.DateField, {"type": "string", "format": "date"}),
        (forms.NullBooleanField, {"type": "boolean"}),
        (forms.UUIDField, {"type": "string", "format": "uuid"}),
    ):
        if isinstance(field, kind):
            return schema
    return {"type": "string"}


class DerivedField(OpenApiSerializerFieldExtension):
    target_class = "crm.web.api.shapes.Derived"

    def map_serializer_field(self, auto_schema: Any, direction: Any) -> Any:
        like = self.target.like
        if isinstance(like, ListSerializer):
            return auto_schema._unwrap_list_serializer(like, direction)
        if isinstance(like, BaseSerializer):
            return auto_schema.resolve_serializer(like, direction).ref
        return auto_schema._map_serializer_field(like, direction)


class KeyScheme(OpenApiAuthenticationExtension):
    target_class = "crm.web.api.caller.Keyring"
    match_subclasses = True
    name = "key"

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:
        words = "An API key: `Authorization: Bearer gh_…`. It acts as its member, within its scopes."
        return {"type": "http", "scheme": "bearer", "description": words}


def finish(result: dict[str, Any], **context: Any) -> dict[str, Any]:
    """Give every operation its errors and an example. Called by drf-spectacular at the end."""
    components = result.setdefault("components", {})
    components.setdefault("schemas", {})["Problem"] = examples.PROBLEM
    components["responses"] = examples.problem_responses()
    for path, operations in result["paths"].items():
        for method, operation in operations.items():
            for status in examples.errors_of(path, method):
                reference = {"$ref": f"#/components/responses/Problem{status}"}
                operation["responses"].setdefault(str(status), reference)
            examples.add(operation, components["schemas"])
    return result
