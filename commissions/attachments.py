"""Files beside disputes and adjustments: PDF, pictures, Word and Excel, judged by bytes, not by name.

The bytes lie in the storage under the tenant; whoever reaches the dispute or adjustment reads them.
"""

from collections.abc import Callable
from datetime import datetime
from pathlib import PurePath
from typing import IO, Any
from uuid import uuid4
from zipfile import BadZipFile, ZipFile

from django.core.files import File
from django.core.files.storage import default_storage
from django.utils.translation import gettext_lazy as _

from commissions.models import Adjustment, Attachment, LineDispute
from crm.events.record import Actor
from crm.refusal import Fault
from crm.tenancy.context import current

MOST_BYTES = 10 * 1024 * 1024
NAME_LENGTH = 200
OFFICE = "application/vnd.openxmlformats-officedocument."


def _begins(sign: bytes) -> Callable[[IO[bytes]], bool]:
    return lambda file: file.read(len(sign)) == sign


def _holds(part: str) -> Callable[[IO[bytes]], bool]:
    """Whether a file is a ZIP with this part in it, as Office writes them."""

    def judge(file: IO[bytes]) -> bool:
        try:
            return part in ZipFile(file).namelist()
        except (BadZipFile, ValueError, NotImplementedError, EOFError):
            return False

    return judge


TYPES: dict[str, tuple[str, Callable[[IO[bytes]], bool]]] = {
    ".pdf": ("application/pdf", _begins(b"%PDF-")),
    ".png": ("image/png", _begins(b"\x89PNG\r\n\x1a\n")),
    ".jpg": ("image/jpeg", _begins(b"\xff\xd8\xff")),
    ".jpeg": ("image/jpeg", _begins(b"\xff\xd8\xff")),
    ".docx": (f"{OFFICE}wordprocessingml.document", _holds("word/document.xml")),
    ".xlsx": (f"{OFFICE}spreadsheetml.sheet", _holds("xl/workbook.xml")),
}
ACCEPTED = ",".join(TYPES)


def faults_of(file: File | None, *, required: bool) -> list[Fault]:
    """What stands against a file: required, empty, too_large, invalid_type."""
    if file is None:
        return [Fault("file", "required", _("Attach a file that shows it."))] if required else []
    if not file.size:
        return [Fault("file", "empty", _("The file is empty."))]
    if file.size > MOST_BYTES:
        words = _("A file has at most %(most)s MB.") % {"most": MOST_BYTES // 1024 // 1024}
        return [Fault("file", "too_large", words)]
    if _type_of(file) is None:
        return [Fault("file", "invalid_type", _("Attach a PDF, PNG, JPEG, Word or Excel file (docx, xlsx)."))]
    return []


def keep(
    file: File | None,
    *,
    dispute: LineDispute | None = None,
    adjustment: Adjustment | None = None,
    by: Actor,
    at: datetime,
) -> Attachment | None:
    """Store a file without faults beside one of the two; None for no file."""
    if file is None:
        return None
    row = Attachment(
        dispute=dispute,
        adjustment=adjustment,
        name=_name(file)[-NAME_LENGTH:],
        media_type=_type_of(file) or "",
        size=file.size,
        added_by_id=by.id,
        added_at=at,
    )
    file.seek(0)
    row.stored = default_storage.save(f"commissions/{current()}/{uuid4()}", File(file))
    row.save(force_insert=True)
    return row


def opened(row: Attachment) -> Any:
    """The stored file, to be read and closed by the caller."""
    return default_storage.open(row.stored, "rb")


def _name(file: File) -> str:
    return PurePath((file.name or "").replace("\\", "/")).name


def _type_of(file: File) -> str | None:
    """The media type of a file whose bytes are what its name says."""
    known = TYPES.get(PurePath(_name(file)).suffix.lower())
    if known is None:
        return None
    media_type, judge = known
    file.seek(0)
    return media_type if judge(file) else None  # type: ignore[arg-type]  # a File reads like one
