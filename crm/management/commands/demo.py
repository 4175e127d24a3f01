import json
import time
from typing import Any
from zoneinfo import ZoneInfo

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone
from django.utils.dateparse import parse_date

from crm.demo.tenants import LOG_INS, PASSWORD, TENANTS
from crm.tenancy.models import Tenant


class Command(BaseCommand):
    help = "Make the demo tenants that are missing, or print who can sign in to them."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--tenant", choices=sorted(TENANTS), help="only this one")
        parser.add_argument("--scale", type=int, default=1, help="huaxin: this many times the customers")
        parser.add_argument("--on", type=parse_date, help="the day it is made for (today)")
        parser.add_argument("--logins", action="store_true", help="print the log-ins and do nothing else")
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        if not options["logins"]:
            for slug in [options["tenant"]] if options["tenant"] else TENANTS:
                self._make(slug, options)
        self._tell(options["json"])

    def _make(self, slug: str, options: dict[str, Any]) -> None:
        if Tenant.objects.filter(slug=slug).exists():
            return
        began, at = time.monotonic(), timezone.now()
        on = options["on"] or at.astimezone(ZoneInfo("Asia/Shanghai")).date()
        TENANTS[slug](on=on, at=at, scale=options["scale"], progress=self._progress(slug))
        if not options["json"]:
            self.stdout.write(f"{slug}: made in {time.monotonic() - began:.0f} s")

    def _progress(self, slug: str) -> Any:
        def show(done: int, total: int) -> None:
            if self.stderr.isatty():
                self.stderr.write(f"\r{slug}: {done * 100 // total} %", ending="")

        return show

    def _tell(self, as_json: bool) -> None:
        known = set(Tenant.objects.values_list("slug", flat=True))
        log_ins = [login for login in LOG_INS if login.tenant in known]
        if as_json:
            rows = [
                {"tenant": e.tenant, "role": e.role, "email": e.email, "password": PASSWORD} for e in log_ins
            ]
            self.stdout.write(json.dumps(rows, ensure_ascii=False))
            return
        for each in log_ins:
            self.stdout.write(f"  {each.tenant:8} {each.email:34} {each.role}")
        if log_ins:
            self.stdout.write(f"  password of all: {PASSWORD}")
