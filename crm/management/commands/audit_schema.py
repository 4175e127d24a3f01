import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from crm.tenancy import audit


class Command(BaseCommand):
    help = "Ask the database whether anything in its schema could let a tenant see another."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        found = audit.findings()
        if options["json"]:
            self.stdout.write(json.dumps([{"where": where, "fault": fault} for where, fault in found]))
        else:
            for where, fault in found:
                self.stdout.write(f"{where}: {fault}")
            self.stdout.write(f"{len(found)} findings")
        if found:
            raise CommandError("the schema is not safe")
