"""Errors and examples of an operation, worked out from its description."""

from http import HTTPStatus
from typing import Any

PROBLEM: dict[str, Any] = {
    "type": "object",
    "description": "RFC 9457",
    "required": ["type", "title", "status", "detail", "errors"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["field", "code", "message"],
                "properties": {
                    "field": {"type": "string", "description": "where; empty for the whole"},
                    "code": {"type": "string", "description": "stable, never translated"},
                    "message": {"type": "string"},
                    "about": {"type": "object", "description": "what a program may want to know of it"},
                },
            },
        },
    },
}
ANY = (400, 401, 403, 406, 429, 500, 503)
BY_METHOD = {"post": (409, 413, 415, 422), "patch": (409, 412, 413, 415), "delete": (409, 412), "get": ()}
BY_FORMAT = {
    "uuid": "019a2f6e-3c1b-7d44-9f0a-5b7c2d8e1f30",
    "date": "2026-11-20",
    "date-time": "2026-11-20T10:00:00+08:00",
    "decimal": "155000.00",
    "email": "li.na@example.com",
    "uri": "https://example.com/",
}


def errors_of(path: str, method: str) -> list[int]:
    """The statuses of the errors that an operation may answer with."""
    return sorted({*ANY, *BY_METHOD.get(method, ()), *((404,) if "{" in path else ())})


def problem_responses() -> dict[str, Any]:
    """One described answer for each status of an error."""
    statuses = sorted({*ANY, 404, *(s for more in BY_METHOD.values() for s in more)})
    return {f"Problem{status}": _response(status) for status in statuses}


def _response(status: int) -> dict[str, Any]:
    phrase = HTTPStatus(status).phrase
    example = {"type": f"urn:guanhu:problem:{status}", "title": phrase, "status": status, "detail": phrase}
    content = {"schema": {"$ref": "#/components/schemas/Problem"}, "example": {**example, "errors": []}}
    return {"description": phrase, "content": {"application/problem+json": content}}


def add(operation: dict[str, Any], schemas: dict[str, Any]) -> None:
    """Put an example beside every schema of an operation that has none."""
    for place in (operation.get("requestBody", {}), *operation["responses"].values()):
        for media in place.get("content", {}).values():
            if "schema" in media and "example" not in media and "examples" not in media:
                media["example"] = of(media["schema"], schemas)


def of(schema: dict[str, Any], schemas: dict[str, Any], depth: int = 0) -> Any:
    """A value that a schema allows."""
    if "$ref" in schema:
        return of(schemas[schema["$ref"].rsplit("/", 1)[1]], schemas, depth)
    for key in ("example", "default"):
        if key in schema:
            return schema[key]
    if "enum" in schema:
        return schema["enum"][0]
    for key in ("allOf", "oneOf", "anyOf"):
        if schema.get(key):
            return of(schema[key][0], schemas, depth)
    return _of_type(schema, schemas, depth)


def _of_type(schema: dict[str, Any], schemas: dict[str, Any], depth: int) -> Any:
    kind = schema.get("type", "object")
    kind = next((k for k in kind if k != "null"), "string") if isinstance(kind, list) else kind
    if kind == "object":
        parts = schema.get("properties", {}) if depth < 4 else {}
        return {name: of(part, schemas, depth + 1) for name, part in parts.items()}
    if kind == "array":
        return [of(schema.get("items", {"type": "string"}), schemas, depth + 1)]
    if kind == "string":
        return BY_FORMAT.get(schema.get("format", ""), "text")[: schema.get("maxLength", 100)]
    return {"integer": schema.get("minimum", 1), "number": 1, "boolean": False}.get(kind)
