"""A resource of the API: list, one record, create, change, delete; each a class to inherit from."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import SimpleRouter
from rest_framework.serializers import BaseSerializer
from rest_framework.viewsets import ViewSetMixin

from crm.accounts.access import changeable, reach
from crm.refusal import Fault, Refused
from crm.web.api.plans import Plan, asked
from crm.web.api.render import tag
from crm.web.api.shapes import Shape
from crm.web.api.view import ApiView, in_scope
from crm.web.filters import Filters
from crm.web.keyset import Order, Sort, count, estimate, understood, written

LIMIT, MOST = 50, 200
SHAPING = frozenset({"fields", "expand"})
LISTING = frozenset({"limit", "cursor", "count", "ordering"})


class Resource(ViewSetMixin, ApiView):
    """Base of a resource: `model` and `shape`, and what the classes below need.

    Rows out of the viewer's reach do not exist. `resource` comes from the route.
    """

    model: type[Model]
    shape: type[Shape]
    filters: type[Filters] | None = None
    sorts: Mapping[str, Sort | str] = {}
    ordering = ""
    basename: Any = None

    @classmethod
    def as_view(cls, actions: Any = None, **initkwargs: Any) -> Any:
        return in_scope(super().as_view(actions, **initkwargs))

    def initialize_request(self, request: Any, *args: Any, **kwargs: Any) -> Request:
        self.resource = self.basename or self.resource
        return super().initialize_request(request, *args, **kwargs)

    def rows(self) -> QuerySet:
        """The rows that exist for the viewer; override to join or annotate."""
        rows = self.model._default_manager.all()
        return reach(self.viewer, rows) if hasattr(self.model, "reach") else rows

    def found(self, pk: UUID) -> Any:
        """One row of `rows()`, or 404."""
        row = self.rows().filter(pk=pk).first()
        if row is None:
            raise Http404
        if self.kind() != "read" and hasattr(self.model, "writes"):
            self._judge_writing(pk)
        return row

    def _judge_writing(self, pk: UUID) -> None:
        """403 for a record that somebody only lets the viewer read."""
        if not changeable(self.viewer, self.model._default_manager.filter(pk=pk)).exists():
            raise PermissionDenied

    def known_parameters(self) -> frozenset[str]:
        names = frozenset(self.parameters) | (SHAPING if self.kind() == "read" else frozenset())
        if self.verb() != "list":
            return names
        offered = self.filters.offered(self.viewer) if self.filters else ()
        return names | LISTING | frozenset(offered)

    def asked(self) -> Plan:
        """The plan of this request's fields and embeds."""
        words = self.request.GET if self.kind() == "read" else {}
        shape = self.answer_shape()
        return asked(shape, self.viewer, fields=words.get("fields", ""), expand=words.get("expand", ""))

    def answer_shape(self) -> type[Shape]:
        return self.answers.get(self.verb()) or self.shape  # type: ignore[return-value]

    def body_shape(self) -> type[BaseSerializer]:
        return self.bodies.get(self.verb(), self.shape)

    def answer(self, pk: Any, status: int = 200) -> HttpResponse:
        """The record as it stands now, with its ETag; after a create also its Location."""
        record, version = self._record(pk)
        if record is None:
            if status == 200:
                raise Http404
            record, version = {"id": pk}, ""  # created, but beyond the creator's own reach
        headers = {"ETag": version} if version else {}
        if status == 201:
            headers["Location"] = self.request.build_absolute_uri(self._place(pk))
        return Response(record, status=status, headers=headers)

    def _place(self, pk: Any) -> str:
        """The address of a record, whatever address was asked to make it."""
        match: Any = self.request._request.resolver_match
        return reverse(f"{match.namespace}:{self.basename}-detail", args=[pk])

    def _record(self, pk: Any) -> tuple[dict[str, Any] | None, str]:
        plan = self.asked()
        extra = ("version",) if _versioned(self.model) else ()
        found = list(plan.select(self.rows().filter(pk=pk), *extra)[:1])
        if not found:
            return None, ""
        (record,) = plan.answer(found, self.viewer)
        return record, f'"{found[0][-1]}"' if extra else tag(record)

    def judge_version(self, row: Any) -> int:
        """The version a change is based on; Overtaken when If-Match names another one."""
        if "If-Match" in self.request.headers:
            self.judge_tag(f'"{row.version}"' if _versioned(self.model) else self._record(row.pk)[1])
        return getattr(row, "version", 0)


class Listed(Resource):
    """`GET …/`: filters, order, keyset pages."""

    def list(self, request: Request, **within: Any) -> Response:
        plan, rows = self.asked(), self.filtered()
        order = self._order()
        text = request.GET.get("cursor", "")
        cursor = understood(order, text) if text else None
        kept = len(order.keys)
        found = order.page(plan.select(rows, *order.paths), cursor, self._limit(), lambda row: row[-kept:])
        answer: dict[str, Any] = {
            "next": found.next and self._link(written(order, found.next)),
            "previous": found.previous and self._link(written(order, found.previous)),
            "results": plan.answer(found.rows, self.viewer),
        }
        return Response(answer | self._counted(rows))

    def filtered(self) -> QuerySet:
        """The rows that the filters of this request leave."""
        rows = self.rows()
        if self.filters is None:
            return rows
        return self.filters(self.request.GET, rows, viewer=self.viewer, on=self.today).rows()

    def _order(self) -> Order:
        text = self.request.GET.get("ordering") or self.ordering
        return Order.parse(self.model, text, self.sorts, self.viewer)

    def _limit(self) -> int:
        text = self.request.GET.get("limit", str(LIMIT))
        if not (text.isdecimal() and len(text) < 9 and 1 <= int(text) <= MOST):
            words = _("The limit is a number from 1 to %s.") % MOST
            raise Refused(Fault("limit", "out_of_range", words))
        return int(text)

    def _counted(self, rows: QuerySet) -> dict[str, Any]:
        wanted = self.request.GET.get("count", "false")
        if wanted not in {"true", "false"}:
            raise Refused(Fault("count", "invalid", _("Either true or false.")))
        if wanted == "false":
            return {}
        number, more = count(rows)
        return {"count": estimate(rows), "count_is_estimate": True} if more else {"count": number}

    def _link(self, cursor: str) -> str:
        words = self.request.GET.copy()
        words["cursor"] = cursor
        return self.request.build_absolute_uri(f"{self.request.path}?{words.urlencode()}")


class Shown(Resource):
    """`GET …/{id}/`."""

    def retrieve(self, request: Request, pk: UUID) -> HttpResponse:
        return self.answer(pk)


class Created(Resource):
    """`POST …/`: `make` calls the verb and returns what it made."""

    def create(self, request: Request) -> HttpResponse:
        made = self.make(self.body())
        return self.answer(made.pk, status=201)

    def make(self, data: dict[str, Any]) -> Model:
        """Call the verb with a judged body: `return registry.register(**data, **self.act)`."""
        raise NotImplementedError


class Changed(Resource):
    """`PATCH …/{id}/`: merges; `change` calls the verb with the version the change is based on."""

    def partial_update(self, request: Request, pk: UUID) -> HttpResponse:
        row = self.found(pk)
        version = self.judge_version(row)
        self.change(row, self.body(partial=True), version)
        return self.answer(pk)

    def change(self, row: Any, changes: dict[str, Any], version: int) -> object:
        """Call the verb: `registry.edit(row, changes=changes, version=version, **self.act)`."""
        raise NotImplementedError


class Deleted(Resource):
    """`DELETE …/{id}/`: `remove` calls the verb."""

    def destroy(self, request: Request, pk: UUID) -> HttpResponse:
        row = self.found(pk)
        self.judge_version(row)
        self.remove(row)
        return HttpResponse(status=204)

    def remove(self, row: Any) -> object:
        """Call the verb that deletes or revokes the row."""
        raise NotImplementedError


class Routes(SimpleRouter):
    """`routes = Routes(); routes.add("customers", Customers); urlpatterns = routes.urls`."""

    def __init__(self) -> None:
        super().__init__(use_regex_path=False)

    def add(self, name: str, resource: type[Resource]) -> None:
        """Put a resource under its plural name, which is also a word of its scopes and of its url names."""
        resource.lookup_value_converter = "uuid"  # type: ignore[attr-defined]
        self.register(name, resource, basename=name)  # type: ignore[arg-type]


def _versioned(model: type[Model]) -> bool:
    return any(f.name == "version" for f in model._meta.concrete_fields)
