"""JSON in and out by orjson: dates, times and UUIDs as RFC 3339 and 9562 write them, money as text."""

import hashlib
from decimal import Decimal
from typing import Any

import orjson
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer


def plain(value: Any) -> Any:
    """What orjson does not know: amounts become text, never a float."""
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, Promise):
        return str(value)
    if isinstance(value, set | frozenset):
        return sorted(value)
    raise TypeError(f"{type(value).__name__} has no form in JSON")


def dumps(data: Any) -> bytes:
    return orjson.dumps(data, default=plain, option=orjson.OPT_NON_STR_KEYS)


def tag(data: Any) -> str:
    """An ETag for data that carries no version."""
    return f'"{hashlib.sha256(dumps(data)).hexdigest()[:16]}"'


class JsonRenderer(BaseRenderer):
    media_type = "application/json"
    format = "json"
    charset = None

    def render(
        self, data: Any, accepted_media_type: str | None = None, renderer_context: Any = None
    ) -> bytes:
        return b"" if data is None else dumps(data)


class JsonParser(BaseParser):
    media_type = "application/json"

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:
        """The body as data; ParseError when it is no JSON or holds a NUL, which no column can keep."""
        raw = stream.read()
        try:
            data = orjson.loads(raw)
        except orjson.JSONDecodeError:
            raise ParseError(_("The body is no valid JSON.")) from None
        if b"\\u0000" in raw and _has_nul(data):
            raise ParseError(_("The text holds a NUL character."))
        return data


def _has_nul(data: Any) -> bool:
    if isinstance(data, str):
        return "\0" in data
    if isinstance(data, dict):
        return any(_has_nul(part) for pair in data.items() for part in pair)
    return isinstance(data, list) and any(map(_has_nul, data))
