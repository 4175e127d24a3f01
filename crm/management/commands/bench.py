import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connections
from django.db.migrations.executor import MigrationExecutor

from crm.bench.benches import NAMES, wanted

SCALE = 100_000


class Command(BaseCommand):
    help = "Measure the promises of speed against the physical limit of this machine, in the same run."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--scale", type=int, default=SCALE, help=f"customers, default {SCALE}")
        parser.add_argument("--only", metavar="NAME", help="only benches whose name begins so")
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["scale"] < 1:
            raise CommandError("--scale is a number of customers, at least 1")
        benches = wanted(options["only"] or "")
        if not benches:
            raise CommandError(f"there is no bench {options['only']!r}; there are {', '.join(NAMES)}")
        self._refuse_unmigrated()
        outcomes = []
        for outcome in (outcome for bench in benches for outcome in bench(options["scale"])):
            outcomes.append(outcome)
            if not options["json"]:
                self.stdout.write(outcome.line())
                self.stdout.write(f"    against {outcome.limit}: {outcome.detail}")
                self.stdout.flush()
        if options["json"]:
            self.stdout.write(json.dumps([outcome.plain() for outcome in outcomes]))
        broken = [outcome.name for outcome in outcomes if not outcome.kept]
        if broken:
            raise CommandError(f"not kept: {', '.join(broken)}")

    def _refuse_unmigrated(self) -> None:
        executor = MigrationExecutor(connections["owner"])
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            raise CommandError("the database lacks tables of this version: run `manage.py migrate` first")
