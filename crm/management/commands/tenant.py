import json
from argparse import ArgumentParser
from typing import Any
from zoneinfo import ZoneInfo

from django.core.management.base import BaseCommand, CommandError
from django.db import IntegrityError, transaction
from django.utils import timezone

from crm.accounts import tenants
from crm.tenancy.context import tenant
from crm.tenancy.models import Tenant


class Command(BaseCommand):
    help = "Found, list or delete tenants."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="one line of JSON instead of text")
        actions = parser.add_subparsers(dest="action", required=True)
        create = actions.add_parser("create", help="found a tenant, with its first admin if given")
        create.add_argument("slug")
        create.add_argument("name")
        create.add_argument("--time-zone", default="Asia/Shanghai")
        create.add_argument("--currency", default="CNY")
        create.add_argument("--language", default="zh-hans")
        create.add_argument("--admin-name")
        create.add_argument("--admin-email")
        create.add_argument("--admin-password")
        actions.add_parser("list", help="all tenants")
        delete = actions.add_parser("delete", help="delete a tenant with everything in it")
        delete.add_argument("slug")
        delete.add_argument("--yes", action="store_true", help="do not ask")

    def handle(self, *, action: str, **options: Any) -> None:
        getattr(self, f"_{action}")(**options)

    def _say(self, text: str, as_json: bool, **data: Any) -> None:
        self.stdout.write(json.dumps(data, ensure_ascii=False) if as_json else text)

    def _create(self, *, slug: str, name: str, **options: Any) -> None:
        at = timezone.now()
        try:
            zone = ZoneInfo(options["time_zone"])
        except (KeyError, ValueError, OSError) as error:
            raise CommandError(f"There is no time zone {options['time_zone']!r}.") from error
        on = at.astimezone(zone).date()
        known = {key: options[key] for key in ("time_zone", "currency", "language")}
        try:
            with transaction.atomic():
                company = tenants.found(slug=slug, name=name, at=at, on=on, **known)
                self._admin(company, at=at, on=on, **options)
        except IntegrityError as error:
            raise CommandError(f"There is a tenant {slug!r} already.") from error
        self._say(f"Founded {slug}: {name}", options["json"], slug=slug, id=company.pk)

    def _admin(self, company: Tenant, *, at: Any, on: Any, **options: Any) -> None:
        email, password = options["admin_email"], options["admin_password"]
        if not email:
            return
        if not password:
            raise CommandError("--admin-email needs --admin-password.")
        with tenant(company.pk):
            name = options["admin_name"] or email.partition("@")[0]
            tenants.first_admin(name=name, email=email, password=password, at=at, on=on)

    def _list(self, **options: Any) -> None:
        rows = list(Tenant.objects.values("id", "slug", "name", "is_active", "is_demo"))
        if options["json"]:
            self.stdout.write(json.dumps(rows, ensure_ascii=False))
            return
        for row in rows:
            marks = [] if row["is_active"] else ["closed"]
            marks += ["demo"] if row["is_demo"] else []
            self.stdout.write(f"{row['id']}  {row['slug']}  {row['name']}  {' '.join(marks)}".rstrip())

    def _delete(self, *, slug: str, yes: bool, **options: Any) -> None:
        company = Tenant.objects.filter(slug=slug).first()
        if company is None:
            raise CommandError(f"There is no tenant {slug!r}.")
        if not yes and input(f"Delete {company.name} with everything in it? Type {slug}: ") != slug:
            raise CommandError("Nothing was deleted.")
        gone: dict[str, int] = {}
        for table, number in tenants.delete(company):
            gone[table] = number
            if number and not options["json"]:
                self.stdout.write(f"{number:>10}  {table}")
        self._say(f"Deleted {slug}.", options["json"], slug=slug, rows=gone)
