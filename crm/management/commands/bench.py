import json
from collections.abc import Iterator
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from crm.bench.benches import BENCHES
from crm.bench.promise import Outcome

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
        outcomes = []
        for outcome in self._outcomes(options["only"] or "", options["scale"]):
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

    def _outcomes(self, only: str, scale: int) -> Iterator[Outcome]:
        wanted = {name: bench for name, bench in BENCHES.items() if name.startswith(only)}
        if not wanted:
            raise CommandError(f"there is no bench {only!r}; there are {', '.join(BENCHES)}")
        for bench in wanted.values():
            yield from bench(scale)
