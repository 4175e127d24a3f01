"""Imports by API: a file or NDJSON goes in, progress, errors and refused rows come out."""

import hashlib
import json
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from django.conf import settings
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import TemporaryUploadedFile
from django.db.models import QuerySet
from django.http import FileResponse, Http404, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.exceptions import PermissionDenied
from rest_framework.parsers import BaseParser, MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from crm.accounts.access import reach
from crm.accounts.rights import Right
from crm.integrations.imports import receiving, told
from crm.integrations.imports.faults import tell
from crm.integrations.imports.inspection import NAMES
from crm.integrations.imports.kinds import Kind, all_kinds, kind_of
from crm.integrations.imports.mapping import given
from crm.integrations.imports.run import allowed
from crm.integrations.models import Import, ImportFault
from crm.refusal import Fault, Refused
from crm.web.api import ApiView, Derived, Input, Listed, Shape, Shown

NDJSON = "application/x-ndjson"
RIGHTS = {"read": Right.IMPORT_RUN, "write": Right.IMPORT_RUN}


class NdjsonParser(BaseParser):
    """A body of JSON lines, put on disk as it comes."""

    media_type = NDJSON

    def parse(self, stream: Any, media_type: Any = None, parser_context: Any = None) -> dict[str, Any]:
        file = TemporaryUploadedFile("import.ndjson", media_type or NDJSON, 0, "utf-8")
        while block := stream.read(1 << 16):
            file.write(block)
        file.seek(0)
        return {"file": file}


class ImportBody(Input):
    """What is sent: as form fields beside the file, or in the query string of NDJSON."""

    file = serializers.FileField(allow_empty_file=True, help_text="CSV, TSV or XLSX")
    kind = serializers.CharField(max_length=40)
    mapping = serializers.CharField(default="auto", help_text='{"our column": "header"}, or auto')
    mode = serializers.ChoiceField(Import.Mode.choices, default=Import.Mode.UPSERT)
    key = serializers.CharField(default="", allow_blank=True, max_length=40)
    encoding = serializers.ChoiceField(list(NAMES.items()), default="", allow_blank=True)
    dry_run = serializers.BooleanField(default=False)
    atomic = serializers.BooleanField(default=False)
    again = serializers.BooleanField(default=False, help_text="even if the same file is in already")


class ErrorBody(Input):
    row = serializers.IntegerField(help_text="1 is the header of most files")
    column = serializers.CharField()
    code = serializers.CharField()
    message = serializers.CharField()
    value = serializers.CharField(allow_null=True)


class ProblemBody(Input):
    code = serializers.CharField()
    message = serializers.CharField()


def _seconds(begun: datetime | None, beat: datetime | None, end: datetime | None) -> float | None:
    return ((end or beat or begun) - begun).total_seconds() if begun else None


class ImportShape(Shape):
    mapping = Derived(
        lambda mapping, header: {ours: header[place] for ours, place in mapping.items()},
        "mapping",
        "header",
        like=serializers.DictField(child=serializers.CharField()),
    )
    rows_read = Derived(
        lambda read, header: max(read - header, 0), "rows_read", "header_row", like=serializers.IntegerField()
    )
    seconds = Derived(
        _seconds,
        "started_at",
        "beat_at",
        "finished_at",
        like=serializers.FloatField(allow_null=True),
    )
    problem = Derived(
        lambda code, params: {"code": code, "message": tell(code, params)} if code else None,
        "fault",
        "fault_params",
        like=ProblemBody(allow_null=True),
    )
    error_file = Derived(
        lambda pk, name: reverse("api:import-error-file", args=[pk]) if name else None,
        "id",
        "refused_as",
        like=serializers.URLField(allow_null=True),
        help_text="the refused rows in the sender's own columns",
    )

    class Meta:
        model = Import
        fields = [
            "id", "kind", "mode", "key", "atomic", "state", "member", "file_name", "format", "encoding",
            "size", "mapping", "rows_total", "rows_read", "created", "updated", "unchanged", "refused",
            "seconds", "problem", "error_file", "created_at", "started_at", "finished_at",
        ]  # fmt: skip


class ImportDetailShape(ImportShape):
    errors = Derived(  # type: ignore[assignment]  # a field of that name, taken off the class
        list, like=ErrorBody(many=True), help_text="the first; all stand under errors/"
    )

    class Meta(ImportShape.Meta):
        fields = [*ImportShape.Meta.fields, "errors"]


class Imports(Listed, Shown):
    """Files that are brought in. POST answers 202; the same file with the same options answers its import."""

    model, shape, area = Import, ImportShape, "platform"
    rights = RIGHTS
    bodies = {"create": ImportBody}
    answers = {"create": ImportDetailShape, "retrieve": ImportDetailShape}
    parser_classes = [MultiPartParser, NdjsonParser]
    sorts = {"created_at": "created_at"}
    ordering = "-created_at"
    max_body = settings.IMPORT_MAX_BYTES + (1 << 20)

    def known_parameters(self) -> frozenset[str]:
        names = super().known_parameters()
        options = frozenset(ImportBody().fields) - {"file"}
        return names | options if self.verb() == "create" else names

    def fingerprint(self, request: Request) -> str:
        if not _is_ndjson(request):
            return super().fingerprint(request)
        digest = hashlib.sha256(f"{self.viewer.id}\0{request.get_full_path()}\0".encode())
        file = cast(dict[str, Any], request.data)["file"]
        for block in file.chunks():
            digest.update(block)
        file.seek(0)
        return digest.hexdigest()

    def body(self, *, partial: bool = False) -> dict[str, Any]:
        data = dict(cast(dict[str, Any], self.request.data).items())
        judge = ImportBody(data=self.request.GET.dict() | data, context={"viewer": self.viewer, "view": self})
        judge.is_valid(raise_exception=True)
        return dict(judge.validated_data)

    def create(self, request: Request) -> HttpResponse:
        """Send a file; the answer tells where to ask for its progress."""
        data = self.body()
        kind = self._kind(data["kind"])
        run = receiving.receive(
            data["file"],
            name=data["file"].name,
            kind=kind,
            by=self.viewer,
            at=self.now,
            encoding=data["encoding"],
            ndjson=_is_ndjson(request) or data["file"].name.lower().endswith((".ndjson", ".jsonl")),
        )
        options = {name: data[name] for name in ("mode", "key", "atomic")}
        receiving.choose(run, mapping=_mapping(kind, run, data["mapping"]), **options)
        write = not data["dry_run"]
        earlier = receiving.same_job(run, self.viewer) if write and not data["again"] else None
        if earlier is not None:
            receiving.discard(run)
            return self._told(earlier)
        return self._told(receiving.request(run, write=write, **self.act))

    def retrieve(self, request: Request, pk: UUID) -> HttpResponse:
        """Progress and result."""
        return self._with_errors(self.answer(pk), pk)

    def _kind(self, name: str) -> Kind:
        try:
            kind = kind_of(name)
        except KeyError as error:
            known = ", ".join(kind.name for kind in all_kinds())
            words = tell("choice", {"value": name, "choices": known})
            raise Refused(Fault("kind", "invalid_choice", words)) from error
        if not allowed(self.viewer.rights, kind):
            raise PermissionDenied
        return kind

    def _told(self, run: Import) -> HttpResponse:
        response = self.answer(run.pk, status=202)
        place = self.request.build_absolute_uri(reverse("api:imports-detail", args=[run.pk]))
        response.headers["Location"] = place
        return self._with_errors(response, run.pk)

    def _with_errors(self, response: HttpResponse, pk: Any) -> HttpResponse:
        if isinstance(response, Response) and "errors" in (response.data or {}):
            response.data["errors"] = told.errors(Import(id=pk))
        return response


def _is_ndjson(request: Request) -> bool:
    return (request.content_type or "").split(";")[0].strip() == NDJSON


def _mapping(kind: Kind, run: Import, text: str) -> dict[str, int] | None:
    if text == "auto":
        return None
    try:
        asked = json.loads(text)
    except (ValueError, RecursionError):
        asked = None
    if not isinstance(asked, dict):
        raise Refused(Fault("mapping", "invalid", _("A mapping is a JSON object, or auto.")))
    return given(kind, run.header, asked)


class ErrorShape(Shape):
    message = Derived(tell, "code", "params")
    value = Derived(lambda params: params.get("value"), "params", like=serializers.CharField(allow_null=True))

    class Meta:
        model = ImportFault
        fields = ["id", "row", "column", "code", "message", "value"]


class ImportErrors(Listed):
    """What is wrong in the rows of an import, in the order of the rows."""

    model, shape, area = ImportFault, ErrorShape, "platform"
    rights = RIGHTS
    sorts = {"row": "row"}
    ordering = "row"

    def rows(self) -> QuerySet:
        return ImportFault.objects.filter(run=_found(self, self.kwargs["import_id"]))


class ImportErrorFile(ApiView):
    """The refused rows in the sender's own columns, with a column that says why."""

    resource, area = "imports", "platform"
    rights = RIGHTS
    files = frozenset({"get", "head"})
    http_method_names = ["get", "head"]

    def get(self, request: Request, import_id: UUID) -> Any:
        """The file of refused rows; 404 while there is none."""
        run = _found(self, import_id)
        if not run.refused_as:
            raise Http404
        name = (
            f"{run.file_name.rpartition('.')[0] or run.file_name}-refused.{run.refused_as.rpartition('.')[2]}"
        )
        return FileResponse(default_storage.open(run.refused_as), as_attachment=True, filename=name)


def _found(view: ApiView, pk: UUID) -> Import:
    run = reach(view.viewer, Import.objects.filter(pk=pk)).first()
    if run is None:
        raise Http404
    return run
