"""Where the bytes of imports are kept: in the storage, under the tenant and the import."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Any, BinaryIO, cast

from django.core.files import File
from django.core.files.storage import default_storage

from crm.integrations.models import Import
from crm.tenancy.context import current


def keep(run: Import, file: IO[Any], name: str) -> str:
    """Store a file of an import; returns the name to open it by."""
    return default_storage.save(f"imports/{current()}/{run.id}/{name}", File(file))


@contextmanager
def opened(name: str) -> Iterator[BinaryIO]:
    """A stored file that can be read from any place in it, wherever the storage is."""
    with default_storage.open(name, "rb") as stored:
        if stored.seekable():
            yield cast(BinaryIO, stored.file if hasattr(stored, "file") else stored)
            return
        with scratch() as copy:
            shutil.copyfileobj(stored, copy)
            copy.seek(0)
            yield cast(BinaryIO, copy)


@contextmanager
def scratch() -> Iterator[IO[Any]]:
    """A file on this machine's disk that is gone afterwards."""
    with tempfile.TemporaryFile() as file:
        yield file
