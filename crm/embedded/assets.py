"""The static files as they are served: gathered, named by content and compressed only when one changed."""

import hashlib
from pathlib import Path

from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command


def gather(root: Path) -> bool:
    """Run collectstatic into `root` unless it was run on the same files; True when it ran."""
    state = root / ".state"
    found = fingerprint()
    if state.exists() and state.read_text() == found:
        return False
    call_command("collectstatic", interactive=False, clear=root.exists(), verbosity=0)
    state.write_text(found)
    return True


def fingerprint() -> str:
    """A digest of name, size and time of every static file of the project and its libraries."""
    digest = hashlib.sha256()
    for finder in get_finders():
        for name, storage in finder.list([]):
            seen = Path(storage.path(name)).stat()
            digest.update(f"{name}\0{seen.st_size}\0{seen.st_mtime_ns}\n".encode())
    return digest.hexdigest()
