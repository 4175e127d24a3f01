import json
import sys
import time
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

UNUSABLE = 2


class Command(BaseCommand):
    help = (
        "Run the product's prediction on a file of the past and say how good it would have been."
        " Writes nothing, needs no server."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        add = parser.add_argument
        add("file", metavar="FILE", help="a .csv or .csv.gz file with a header, UTF-8")
        add("--setting", required=True, choices=["repeat", "duration", "snapshot"])
        add("--columns", metavar="JSON", help='what the roles are called, as {"id": "customer_id"}')
        add("--origins", metavar="DAYS", help="2011-03-12,2011-06-11: predict as of these days")
        add("--horizon-days", type=int, default=90, help="repeat: days without an order")
        add("--horizon-months", type=int, default=12, help="duration: months until the event")
        add(
            "--event-values", metavar="WORDS", help="duration: values of `cause` that count, parted by commas"
        )
        add("--target", metavar="COLUMN", help="snapshot: the column of outcomes, 0 or 1")
        add("--test", metavar="FILE2", help="snapshot: fit on FILE, judge on FILE2")
        add("--fold", metavar="COLUMN", help="snapshot: a column of train and test, or of folds")
        add("--folds", type=int, metavar="N", help="snapshot: random folds")
        add("--seed", type=int, default=0)
        add("--replicates", type=int, default=500, help="draws behind each interval")
        add("--json", action="store_true", help="the whole answer instead of a table")

    def handle(self, *args: Any, **options: Any) -> None:
        # numpy, scipy and scikit-learn are loaded here, not with the commands.
        from lifecycle.churn.backtest.reading import BadFile
        from lifecycle.churn.backtest.running import answer
        from lifecycle.churn.backtest.words import table

        began = time.monotonic()
        try:
            found = answer(options, progress=self.stderr.write)
        except BadFile as why:
            self.stderr.write(str(why))
            sys.exit(UNUSABLE)
        found["seconds"] = round(time.monotonic() - began, 2)
        self.stdout.write(
            json.dumps(found, ensure_ascii=False, indent=1) if options["json"] else table(found)
        )
