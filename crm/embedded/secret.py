"""Secrets that a machine makes for itself on its first start."""

import os
import secrets
from pathlib import Path


def secret(directory: Path, name: str) -> str:
    """The secret `name` of this data directory; made once, 384 random bits, readable by its owner only.

    Two processes that ask at the same time for the first time get the same one.
    """
    path = directory / name
    if not path.exists():
        directory.mkdir(parents=True, exist_ok=True)
        draft = directory / f".{name}.{os.getpid()}"
        draft.touch(mode=0o600)
        draft.write_text(secrets.token_urlsafe(48))
        try:
            os.link(draft, path)  # unlike a rename, a link never replaces the one that came first
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return path.read_text()
