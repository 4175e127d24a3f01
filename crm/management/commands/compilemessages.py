import os
from argparse import ArgumentParser
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import PoFileError, read_po
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError


class Command(BaseCommand):
    help = "Compile the translations of this repository; needs no gettext. With --check, refuse gaps instead."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--check", action="store_true", help="write nothing; fail on an empty or fuzzy message"
        )

    def handle(self, *, check: bool, **options: object) -> None:
        files = [path for path in sources(settings.BASE_DIR) if check or not _is_current(path)]
        gaps = [gap for path in files for gap in _gaps(path, read(path))] if check else []
        if gaps:
            raise CommandError("Not translated:\n" + "\n".join(gaps))
        for path in files if not check else ():
            compile_file(path)
        self.stdout.write(f"{len(files)} files of translations {'are complete' if check else 'compiled'}.")


def sources(base: Path) -> list[Path]:
    """Every .po file of the repository, in order."""
    folders = [path for path in base.iterdir() if path.is_dir() and not path.name.startswith(".")]
    return sorted(path for folder in folders for path in folder.glob("**/locale/*/LC_MESSAGES/*.po"))


def read(path: Path) -> Catalog:
    """The messages of one .po file; raises CommandError naming file and line when it is malformed."""
    try:
        with path.open("rb") as file:
            return read_po(file, locale=path.parents[1].name, abort_invalid=True)
    except PoFileError as error:
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


def _gaps(path: Path, catalog: Catalog) -> list[str]:
    def empty(message: str | list[str] | tuple[str, ...] | None) -> bool:
        return not all(message) if isinstance(message, list | tuple) else not message

    return [
        f"{path}:{entry.lineno} {entry.id!r}{' (fuzzy)' if entry.fuzzy else ''}"
        for entry in catalog
        if entry.id and (entry.fuzzy or empty(entry.string))
    ]
