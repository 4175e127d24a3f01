import os
from argparse import ArgumentParser
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import PoFileError, read_po
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError


class Command(BaseCommand):
    help = "Compile the catalogues of this repository; needs no gettext. With --check, refuse gaps instead."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--check", action="store_true", help="write nothing; fail on an empty or fuzzy message"
        )

    def handle(self, *, check: bool, verbosity: int, **options: object) -> None:
        files = sources(settings.BASE_DIR)
        if check and (gaps := missing(files)):
            raise CommandError("Not translated:\n" + "\n".join(gaps))
        for path in files:
            if not check and not _is_current(path):
                compile_file(path)
        if verbosity:
            self.stdout.write(f"{len(files)} catalogues are {'complete' if check else 'compiled'}.")


def sources(base: Path) -> list[Path]:
    """Every .po file of the repository, in order."""
    folders = [path for path in base.iterdir() if path.is_dir() and not path.name.startswith(".")]
    return sorted(path for folder in folders for path in folder.glob("**/locale/*/LC_MESSAGES/*.po"))


def read(path: Path) -> Catalog:
    """The messages of one .po file; raises CommandError naming file and line when it is malformed."""
    try:
        with path.open("rb") as file:
            return read_po(file, locale=path.parents[1].name, abort_invalid=True)
    except (PoFileError, ValueError) as error:
        raise CommandError(f"{path}: {error}") from error


def compile_file(path: Path) -> None:
    """Write the .mo beside it. Moved into place whole: another process may be reading the old one."""
    draft = path.with_suffix(f".{os.getpid()}.draft")
    with draft.open("wb") as file:
        write_mo(file, read(path))
    draft.replace(path.with_suffix(".mo"))


def _is_current(path: Path) -> bool:
    compiled = path.with_suffix(".mo")
    return compiled.exists() and compiled.stat().st_mtime >= path.stat().st_mtime


def missing(files: list[Path]) -> list[str]:
    """Messages without a sure translation in any catalogue of their language, each with its place.

    A page belongs to no app's folder, so its messages may stand in any; at run time Django merges them.
    """
    catalogs = {path: read(path) for path in files}
    known = {key for path, catalog in catalogs.items() for key in _translated(path, catalog)}
    return [
        f"{os.path.relpath(path)}:{entry.lineno} {entry.id!r}{' (fuzzy)' if entry.fuzzy else ''}"
        for path, catalog in catalogs.items()
        for entry in catalog
        if entry.id and (path.parents[1].name, entry.id, entry.context) not in known
    ]


def _translated(path: Path, catalog: Catalog) -> Iterator[tuple[str, object, str | None]]:
    for entry in (*catalog, *catalog.obsolete.values()):
        text = entry.string
        if not entry.fuzzy and (all(text) if isinstance(text, list | tuple) else text):
            yield path.parents[1].name, entry.id, entry.context
