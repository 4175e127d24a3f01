"""Constraints of rows that hold over [valid_from, valid_to), without end where `valid_to` is empty."""

from typing import Any

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.db.models import F, Func, Q


def ends_after_it_begins(name: str) -> models.CheckConstraint:
    """A row holds for at least a day."""
    return models.CheckConstraint(
        condition=Q(valid_to__isnull=True) | Q(valid_to__gt=F("valid_from")), name=name
    )


def one_at_a_time(name: str, *of: Any, condition: Q | None = None) -> ExclusionConstraint:
    """On no day do two rows of the tenant hold that agree in all of `of`, field names or expressions."""
    days = Func(F("valid_from"), F("valid_to"), function="daterange", output_field=DateRangeField())
    same = [(each, RangeOperators.EQUAL) for each in ("tenant_id", *of)]
    return ExclusionConstraint(
        name=name, expressions=[*same, (days, RangeOperators.OVERLAPS)], condition=condition
    )
