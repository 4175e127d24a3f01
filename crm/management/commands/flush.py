from typing import Any

from django.core.management.commands import flush


class Command(flush.Command):
    """Only the owner may empty tables; for the other roles' connections to the same database it is done."""

    def handle(self, **options: Any) -> None:
        if options["database"] == "owner":
            super().handle(**options)
