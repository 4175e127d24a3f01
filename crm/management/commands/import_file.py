import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from django.core.files.storage import default_storage
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from crm.accounts.access import Viewer, viewer_of
from crm.accounts.models import Member
from crm.integrations.imports import receiving, told
from crm.integrations.imports.inspection import NAMES
from crm.integrations.imports.kinds import Kind, all_kinds, kind_of
from crm.integrations.imports.mapping import given
from crm.integrations.imports.run import allowed, work
from crm.integrations.models import Import
from crm.refusal import Refused
from crm.tenancy.context import tenant
from crm.tenancy.models import Tenant

SHOWN = 20


class Command(BaseCommand):
    help = "Bring a CSV, TSV, XLSX or NDJSON file into a tenant; the same file twice changes nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--tenant", required=True, metavar="SLUG")
        parser.add_argument("--kind", required=True, help=", ".join(kind.name for kind in all_kinds()))
        parser.add_argument("--mapping", default="auto", help='JSON {"our column": "header"}, or auto')
        parser.add_argument("--mode", choices=Import.Mode.values, default=Import.Mode.UPSERT)
        parser.add_argument("--key", default="", help="what a known row is found by, such as code")
        parser.add_argument("--member", metavar="EMAIL", help="import under this member's rights")
        parser.add_argument(
            "--encoding", choices=list(NAMES), default="", help="default: told from the bytes"
        )
        parser.add_argument("--dry-run", action="store_true", help="only say what would happen")
        parser.add_argument("--atomic", action="store_true", help="all rows or none")
        parser.add_argument("--again", action="store_true", help="even if this file is in already")
        parser.add_argument("--json", action="store_true", help="one line of JSON instead of text")

    def handle(self, **options: Any) -> None:
        company = Tenant.objects.filter(slug=options["tenant"]).first()
        if company is None:
            raise CommandError(f"There is no tenant {options['tenant']!r}.")
        self.zone, self.as_json = ZoneInfo(company.time_zone), options["json"]
        with tenant(company.pk):
            try:
                with transaction.atomic():
                    run, earlier = self._receive(options)
            except Refused as refused:
                raise CommandError("\n".join(str(fault.message) for fault in refused.faults)) from refused
            if earlier is None:
                run = work(run.id, timezone.now, self._progress)
            with transaction.atomic():
                self._report(run, already=earlier is not None)

    def _receive(self, options: dict[str, Any]) -> tuple[Import, Import | None]:
        viewer, kind, path = self._viewer(options["member"]), self._kind(options["kind"]), options["file"]
        if viewer is not None and not allowed(viewer.rights, kind):
            raise CommandError(f"{viewer.name} may not import {kind.name}.")
        at = timezone.now()
        try:
            with path.open("rb") as file:
                run = receiving.receive(
                    file,
                    name=path.name,
                    kind=kind,
                    by=viewer,
                    at=at,
                    encoding=options["encoding"],
                    ndjson=path.suffix.lower() in (".ndjson", ".jsonl"),
                )
        except OSError as error:
            raise CommandError(f"{path}: {error.strerror}") from error
        receiving.choose(
            run,
            mapping=self._mapping(run, kind, options["mapping"]),
            mode=options["mode"],
            key=options["key"],
            atomic=options["atomic"],
        )
        write = not options["dry_run"]
        earlier = receiving.same_job(run, viewer) if write and not options["again"] else None
        if earlier is not None:
            receiving.discard(run)
            return earlier, earlier
        return receiving.begin(run, write=write, at=at), None

    def _viewer(self, email: str | None) -> Viewer | None:
        if not email:
            return None
        member = Member.objects.filter(email=email.lower()).first()
        if member is None:
            raise CommandError(f"There is no member with the e-mail {email!r}.")
        return viewer_of(member)

    def _kind(self, name: str) -> Kind:
        try:
            return kind_of(name)
        except KeyError as error:
            known = ", ".join(kind.name for kind in all_kinds())
            raise CommandError(f"There is no kind {name!r}; there are {known}.") from error

    def _mapping(self, run: Import, kind: Kind, text: str) -> dict[str, int] | None:
        if text == "auto":
            return None
        try:
            asked = json.loads(text)
        except ValueError as error:
            raise CommandError(f"--mapping is no JSON: {error}") from error
        if not isinstance(asked, dict):
            raise CommandError("--mapping is a JSON object.")
        return given(kind, run.header, asked)

    def _progress(self, run: Import) -> None:
        if not self.as_json:
            read = run.rows_read - run.header_row
            self.stderr.write(f"{read:,} of {run.rows_total:,} rows read, {run.refused:,} refused")

    def _report(self, run: Import, *, already: bool) -> None:
        if self.as_json:
            place = default_storage.path(run.refused_as) if run.refused_as else None
            answer = told.told(run) | {"already": already, "error_file": place}
            self.stdout.write(json.dumps(answer, ensure_ascii=False))
        else:
            self._say(run, already)
        if run.state in (Import.State.FAILED, Import.State.REFUSED):
            raise CommandError(told.problem(run))

    def _say(self, run: Import, already: bool) -> None:
        if already:
            day = run.finished_at.astimezone(self.zone).date() if run.finished_at else "now"
            self.stdout.write(f"Already imported by {run.member or 'a command'} on {day}; nothing was done.")
        for fault in told.errors(run, SHOWN):
            self.stdout.write(f"row {fault['row']} {fault['column']}: {fault['message']} [{fault['code']}]")
        if run.refused > SHOWN:
            self.stdout.write("…")
        counts = ", ".join(f"{number:,} {name}" for name, number in run.counts.items())
        spent = told.seconds(run)
        self.stdout.write(f"{run.file_name}: {run.state}: {counts}" + (f" in {spent:.1f} s" if spent else ""))
        if run.refused_as:
            self.stdout.write(f"refused rows: {default_storage.path(run.refused_as)}")
