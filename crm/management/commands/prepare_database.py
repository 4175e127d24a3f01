import os
from argparse import ArgumentParser
from urllib.parse import SplitResult, unquote, urlsplit

import psycopg
from django.core.management.base import BaseCommand, CommandError

from crm.embedded.roles import APP, OWNER, READER, prepare
from crm.embedded.servers import DATABASE

URLS = {"DATABASE_URL": APP, "DATABASE_OWNER_URL": OWNER, "DATABASE_READER_URL": READER}


class Command(BaseCommand):
    help = (
        "Make the roles crm_owner, crm_app and crm_reader and the database on a server of yours, or put them "
        "right. Passwords and the database's name are taken from DATABASE_URL, DATABASE_OWNER_URL and "
        "DATABASE_READER_URL. Safe to repeat. Then run migrate."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("superuser_url", help="postgresql://postgres:…@host:5432/postgres")

    def handle(self, *, superuser_url: str, **options: object) -> None:
        urls = {name: urlsplit(os.environ[name]) for name in URLS if os.environ.get(name)}
        for name, url in urls.items():
            if url.username != URLS[name]:
                raise CommandError(f"{name} must be the URL of role {URLS[name]}, not of {url.username}.")
        database = _database(urls)
        try:
            prepare(
                superuser_url,
                database,
                {URLS[name]: unquote(url.password or "") for name, url in urls.items()},
            )
        except psycopg.Error as error:
            raise CommandError(f"The server refused: {error}") from error
        self.stdout.write(
            f"Ready: database {database}, roles {', '.join(URLS.values())}. Next: manage.py migrate"
        )


def _database(urls: dict[str, SplitResult]) -> str:
    names = {unquote(url.path.lstrip("/")) for url in urls.values()} or {DATABASE}
    if len(names) > 1:
        raise CommandError(f"The URLs name different databases: {', '.join(sorted(names))}.")
    return names.pop()
