import json
from argparse import ArgumentTypeError
from collections.abc import Iterable
from dataclasses import asdict
from datetime import date, datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from crm.nightly.due import due_day
from crm.nightly.models import NightRun
from crm.nightly.run import Done, Report, run
from crm.refusal import Refused
from crm.tenancy.models import Tenant


class Command(BaseCommand):
    help = "Run the night of one tenant or of all; what is done already is not done again."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--tenant", metavar="SLUG", help="only this tenant")
        parser.add_argument("--on", metavar="DATE", type=_day, help="business day, instead of the latest due")
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        at = timezone.now()
        reports = [self._night(company, at, options) for company in _companies(options["tenant"])]
        if options["json"]:
            told = [asdict(report) | {"business_day": str(report.business_day)} for report in reports]
            self.stdout.write(json.dumps(told))
        failed = [report.tenant for report in reports if report.state == NightRun.State.FAILED]
        if failed:
            raise CommandError(f"failed: {', '.join(failed)}")

    def _night(self, company: Tenant, at: datetime, options: dict[str, Any]) -> Report:
        day = options["on"] or due_day(at, company.time_zone)

        def tell(done: Done) -> None:
            self._say(options, f"{company.slug} {day} {done.step}: {done.rows} rows in {done.seconds:.3f} s")

        try:
            report = run(company, day, at, tell=tell)
        except Refused as refusal:
            report = Report(company.slug, day, NightRun.State.FAILED, error=str(refusal.faults[0].message))
        self._say(options, f"{company.slug} {day}: {report.state}{report.error and ', '}{report.error}")
        return report

    def _say(self, options: dict[str, Any], line: str) -> None:
        if not options["json"]:
            self.stdout.write(line)
            self.stdout.flush()


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ArgumentTypeError(f"a day such as 2026-11-20 is wanted, not {text!r}") from None


def _companies(slug: str | None) -> Iterable[Tenant]:
    if slug is None:
        return Tenant.objects.filter(is_active=True).order_by("id")
    found = Tenant.objects.filter(slug=slug)
    if not found:
        raise CommandError(f"there is no tenant {slug!r}")
    return found
