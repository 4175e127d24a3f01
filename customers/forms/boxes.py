"""Boxes read what people type: a day as `+4`, `1120` or `今天`, an amount as `86万`, a share as `70`.

The same forms are understood in the browser (static/js/boxes.js), which only shows what was understood.
"""

import re
import unicodedata
from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from itertools import product
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from crm.integrations.imports.dates import FIRST, LAST, read_moment
from crm.integrations.imports.faults import Misread
from crm.integrations.imports.numbers import read_amount

WORDS = {"today": 0, "今天": 0, "tomorrow": 1, "明天": 1, "yesterday": -1, "昨天": -1}
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_SHIFT = re.compile(r"[+-]\d{1,4}")
_THIS_YEAR = re.compile(r"(\d{1,2})[-/.月](\d{1,2})日?|(\d{2})(\d{2})")
_ENGLISH = re.compile(r"(\d{1,2}) ?([a-z]{3})[a-z]*\.?(?:,? (\d{4}))?")


def read_day(text: str, on: date) -> date:
    """The day that a text means when it is typed on `on`; ValueError for one that means none."""
    plain = unicodedata.normalize("NFKC", text).strip().lower()
    if plain in WORDS:
        found = on + timedelta(days=WORDS[plain])
    elif _SHIFT.fullmatch(plain):
        found = on + timedelta(days=int(plain))
    elif written := _THIS_YEAR.fullmatch(plain):
        month, day = (int(part) for part in written.groups() if part)
        found = date(on.year, month, day)
    elif written := _ENGLISH.fullmatch(plain):
        number, name, year = written.groups()
        found = date(int(year or on.year), MONTHS.index(name) + 1, int(number))
    else:
        found = read_moment(plain).date()
    if not FIRST <= found <= LAST:
        raise ValueError(text)
    return found


class DayBox(forms.DateField):
    """A day. The form that holds it sets `on`, the day it is filled in."""

    on: date
    default_error_messages = {"invalid": _("Write a date, such as 2026-11-20, 1120 or +4.")}

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(widget=forms.DateInput(format="%Y-%m-%d"), **kwargs)

    def to_python(self, value: Any) -> date | None:
        if value in self.empty_values:
            return None
        if isinstance(value, date):
            return value
        try:
            return read_day(str(value), self.on)
        except (ValueError, OverflowError):
            raise ValidationError(self.error_messages["invalid"], "invalid") from None


class AmountBox(forms.Field):
    """An amount in 元 (or the unit of its currency) with two places, not negative; `least` may be higher."""

    default_error_messages = {
        "amount": _("Write an amount, such as 12,345.60 or 86万."),
        "amount_places": _("An amount has at most two places."),
        "amount_range": _("An amount has at most 13 digits before the point."),
        "too_small": _("The amount must be at least %(least)s."),
    }

    def __init__(self, *, least: Decimal = Decimal("0.00"), **kwargs: Any) -> None:
        self.least = least
        super().__init__(widget=forms.TextInput({"data-kind": "money"}), **kwargs)

    def to_python(self, value: Any) -> Decimal | None:
        if value in self.empty_values:
            return None
        try:
            amount = read_amount(str(value))
        except Misread as problem:
            code = str(problem) if str(problem) in self.error_messages else "amount"
            raise ValidationError(self.error_messages[code], code) from None
        if amount >= Decimal(10) ** 13:
            raise ValidationError(self.error_messages["amount_range"], "amount_range")
        if amount < self.least:
            raise ValidationError(self.error_messages["too_small"], "too_small", {"least": self.least})
        return amount

    def prepare_value(self, value: Any) -> Any:
        return f"{value:,.2f}" if isinstance(value, Decimal) else value


class PercentBox(forms.Field):
    """A share typed in percent, with or without the sign, as an exact fraction of one."""

    default_error_messages = {
        "invalid": _("Write a percentage, such as 6 or 70."),
        "out_of_range": _("A percentage lies between 0 and 100."),
        "places": _("A percentage has at most %(places)s places."),
    }

    def __init__(self, *, places: int = 2, **kwargs: Any) -> None:
        self.places = places
        super().__init__(widget=forms.TextInput({"inputmode": "decimal", "autocomplete": "off"}), **kwargs)

    def to_python(self, value: Any) -> Decimal | None:
        if value in self.empty_values:
            return None
        try:
            percent = Decimal(unicodedata.normalize("NFKC", str(value)).strip().removesuffix("%").strip())
        except InvalidOperation:
            raise ValidationError(self.error_messages["invalid"], "invalid") from None
        if not percent.is_finite() or not 0 <= percent <= 100:
            raise ValidationError(self.error_messages["out_of_range"], "out_of_range")
        if percent != round(percent, self.places):
            raise ValidationError(self.error_messages["places"], "places", {"places": self.places})
        return percent / 100

    def prepare_value(self, value: Any) -> Any:
        return f"{(value * 100).normalize():f}" if isinstance(value, Decimal) else value


def refuse_unless_whole(total: Decimal) -> None:
    """Shares sum to exactly one; a ValidationError says how much is missing or too much."""
    if total != 1:
        words = _("%(percent)s%% missing") if total < 1 else _("%(percent)s%% too much")
        percent = f"{abs(1 - total) * 100:.2f}".rstrip("0").rstrip(".")
        raise ValidationError(words, "sum_not_10000", {"percent": percent})


class Pair(forms.TextInput):
    """The two inputs of a combobox: what was typed, and the id of the option that was taken."""

    def value_from_datadict(self, data: Mapping[str, Any], files: Any, name: str) -> tuple[str, str]:
        return data.get(name) or "", (data.get(f"{name}_text") or "").strip()


class ChoiceBox(forms.Field):
    """One record, chosen from the list, or typed as it is called (also without JavaScript).

    The form says by `offer` which records there are; `names` are the columns a typed text is looked up in.
    """

    default_error_messages = {
        "unknown": _("Nothing is called “%(text)s” here. Choose one from the list."),
        "ambiguous": _("Several are called “%(text)s”. Choose one from the list."),
    }

    def __init__(self, *, names: tuple[str, ...] = ("name", "code"), **kwargs: Any) -> None:
        self.names = names
        self.rows: tuple[Any, ...] = ()
        super().__init__(widget=Pair({"data-kind": "combo"}), **kwargs)

    def offer(self, *rows: Any) -> None:
        """Take records of these querysets, the earlier first."""
        self.rows = rows

    def clean(self, value: Any) -> Any:
        chosen, typed = (part.replace("\0", "") for part in value or ("", ""))
        if not chosen and not typed:
            self.validate(None)
            return None
        row = self._by_id(chosen)
        if row is not None and typed in ("", str(row)):
            return row
        return self._by_name(typed or chosen)

    def _by_id(self, text: str) -> Any:
        try:
            found = (rows.filter(pk=text).first() for rows in self.rows if text)
            return next((row for row in found if row is not None), None)
        except ValidationError:
            return None

    def _by_name(self, text: str) -> Any:
        for rows, name in product(self.rows, self.names):
            found = list(rows.filter(**{name: text})[:2])
            if len(found) == 1:
                return found[0]
            if found:
                raise ValidationError(self.error_messages["ambiguous"], "ambiguous", {"text": text})
        raise ValidationError(self.error_messages["unknown"], "unknown", {"text": text})

    def prepare_value(self, value: Any) -> str:
        if isinstance(value, tuple):
            return str(value[0])
        return str(value.pk) if hasattr(value, "pk") else ""


class DoorForm(forms.Form):
    """A form that knows the day it is filled in, so that its day boxes can count from it.

    Of the fields `one_of` at least one is needed, so that none of them is called optional.
    """

    fields: dict[str, Any]
    one_of: tuple[str, ...] = ()

    def __init__(self, *args: Any, on: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            field.one_of = name in self.one_of
            if isinstance(field, DayBox):
                field.on = on

    @property
    def texts(self) -> dict[str, str]:
        """What stands in the visible part of each combobox."""
        return {name: self._typed(name) for name, f in self.fields.items() if isinstance(f, ChoiceBox)}

    def _typed(self, name: str) -> str:
        if self.is_bound:
            return str(self.data.get(f"{self.add_prefix(name)}_text", ""))
        initial = self.get_initial_for_field(self.fields[name], name)
        return str(initial) if initial is not None else ""
