from django.core.management.base import CommandParser
from django.core.management.commands import migrate


class Command(migrate.Command):
    help = f"{migrate.Command.help} Runs as the owner of the tables."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.set_defaults(database="owner")
