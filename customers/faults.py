"""What is wrong with the fields of a row, said as a verb says it."""

from django.core.exceptions import ValidationError
from django.db import IntegrityError
from django.db.models import Model

from crm.refusal import Fault

_CODES = {"blank": "required", "null": "required"}


def of_fields(row: Model, *names: str, prefix: str = "") -> list[Fault]:
    """Faults of the named fields by the model's own rules: missing, too long, no choice, not an amount.

    `prefix` goes before the field, such as `instalments[2].`. Fields are cleaned in place.
    """
    others = {field.name for field in row._meta.fields} - set(names)
    try:
        row.clean_fields(exclude=others)
    except ValidationError as problem:
        return [
            Fault(f"{prefix}{name}", _CODES.get(error.code or "", error.code or "invalid"), error.messages[0])
            for name, errors in problem.error_dict.items()
            for error in errors
        ]
    return []


def broken(problem: IntegrityError) -> str:
    """The name of the constraint that refused a row, "" if the database does not say."""
    return getattr(getattr(problem.__cause__, "diag", None), "constraint_name", None) or ""
