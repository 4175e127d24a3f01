import json
import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext

from commissions.calculation import answer


class Command(BaseCommand):
    help = "Answer what-if requests of a JSON file: one object or a list. Writes nothing, needs no server."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", metavar="FILE", help="a JSON file, or - for standard input")

    def handle(self, *args: Any, **options: Any) -> None:
        asked = self._asked(options["file"])
        requests = asked if isinstance(asked, list) else [asked]
        answers = [answer(request, translate=gettext) for request in requests]
        whole = answers if isinstance(asked, list) else answers[0]
        self.stdout.write(json.dumps(whole, ensure_ascii=not self._writes_unicode(), indent=1))
        if any("errors" in found for found in answers):
            sys.exit(1)

    def _asked(self, file: str) -> Any:
        """What the file holds; None, which is refused like any other non-object, when it is not JSON."""
        try:
            content = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
        except OSError as error:
            raise CommandError(f"{file}: {error.strerror}") from error
        try:
            return json.loads(content.decode("utf-8-sig"))
        except (ValueError, RecursionError) as error:
            self.stderr.write(f"{file}: {error}")
            return None

    def _writes_unicode(self) -> bool:
        encoding = getattr(self.stdout, "encoding", None) or "utf-8"
        return encoding.lower().replace("-", "") == "utf8"
