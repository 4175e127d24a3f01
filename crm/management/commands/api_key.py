import json
from argparse import ArgumentParser
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from crm.accounts.models import Member
from crm.integrations import keys
from crm.refusal import Refused
from crm.tenancy.context import tenant
from crm.tenancy.models import Tenant


class Command(BaseCommand):
    help = "Make an API key for a member; the key stands alone on the last line and is shown only once."

    def add_arguments(self, parser: ArgumentParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True)
        create = actions.add_parser("create", help="a new key")
        create.add_argument("--tenant", required=True, metavar="SLUG")
        create.add_argument("--member", required=True, metavar="EMAIL", dest="email")
        create.add_argument("--scopes", required=True, nargs="+", metavar="SCOPE", help="customers:read …")
        create.add_argument("--expires", type=int, metavar="DAYS", help="default: never")
        create.add_argument("--name", default="manage.py api_key")
        create.add_argument("--json", action="store_true", help="one line of JSON instead of text")

    def handle(self, *, action: str, **options: Any) -> None:
        company = Tenant.objects.filter(slug=options["tenant"]).first()
        if company is None:
            raise CommandError(f"There is no tenant {options['tenant']!r}.")
        with tenant(company.pk), transaction.atomic():
            member = Member.objects.filter(email=options["email"].lower()).first()
            if member is None:
                raise CommandError(f"{company.name} has no member with the e-mail {options['email']!r}.")
            self._create(company, member, **options)

    def _create(self, company: Tenant, member: Member, **options: Any) -> None:
        at = timezone.now()
        days = options["expires"]
        scopes = [word for text in options["scopes"] for word in text.replace(",", " ").split()]
        try:
            key, text = keys.issue(
                member=member,
                name=options["name"],
                scopes=scopes,
                by=None,
                at=at,
                on=at.astimezone(ZoneInfo(company.time_zone)).date(),
                expires_at=None if days is None else at + timedelta(days=days),
            )
        except (Refused, OverflowError) as error:
            faults = getattr(error, "faults", ())
            raise CommandError("\n".join(str(fault.message) for fault in faults) or str(error)) from error
        if options["json"]:
            self.stdout.write(json.dumps({"id": str(key.id), "key": text, "scopes": key.scopes}))
            return
        self.stdout.write(f"Key of {member.name} ({company.name}) for {', '.join(key.scopes)}:")
        self.stdout.write(text)
