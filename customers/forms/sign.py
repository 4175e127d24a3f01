"""The form that signs a contract: terms, amounts per year, split, expenses, payment plan."""

from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.forms.utils import ErrorDict
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm.accounts.models import Department, Member
from crm.periods import ONE_DAY, term
from customers.forms.boxes import (
    AmountBox,
    ChoiceBox,
    DayBox,
    DoorForm,
    PercentBox,
    refuse_unless_whole,
)
from customers.models import Contract, ContractExpense, Customer
from customers.terms import Instalment

SPLIT_ROWS, EXPENSE_ROWS, MILESTONE_ROWS, YEARS_MOST = 3, 2, 6, 10
FEN = Decimal("0.01")


class Rhythm(models.IntegerChoices):
    """How often an instalment falls due: every so many months; 0: as the milestones say."""

    YEARLY = 12, pgettext_lazy("instalments", "One a year")
    HALF_YEARLY = 6, pgettext_lazy("instalments", "Half-yearly")
    QUARTERLY = 3, pgettext_lazy("instalments", "Quarterly")
    MONTHLY = 1, pgettext_lazy("instalments", "Monthly")
    MILESTONES = 0, pgettext_lazy("instalments", "By milestones")


class Row(DoorForm):
    """A line of a table that may stay empty: it is judged once something is typed into `decisive` boxes."""

    decisive: tuple[str, ...] = ()

    def full_clean(self) -> None:
        names = [f"{self.add_prefix(name)}{part}" for name in self.decisive for part in ("", "_text")]
        if self.is_bound and not any(self.data.get(name, "").strip() for name in names):
            self._errors, self.cleaned_data = ErrorDict(), {}
        else:
            super().full_clean()


class SplitForm(Row):
    """Who gets which part of the commission."""

    decisive = ("payee", "share")
    payee = ChoiceBox(label=_("Payee"))
    share = PercentBox(label=_("Share"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people = Member.objects.exclude(status=Member.Status.LEFT)
        self.fields["payee"].offer(people, Department.objects.filter(is_active=True))


class ExpenseRow(Row):
    """An expense that is known at signing."""

    decisive = ("amount",)
    category = forms.ChoiceField(label=_("Category"), choices=ContractExpense.Category.choices)
    amount = AmountBox(label=_("Amount"), least=FEN)


class MilestoneRow(Row):
    """A part of the payment plan with its own day, and what makes it due."""

    decisive = ("due_on", "amount", "milestone")
    due_on = DayBox(label=_("Due on"))
    amount = AmountBox(label=_("Amount"), least=FEN)
    contract_year = forms.IntegerField(
        label=_("Contract year"), min_value=1, max_value=100, required=False, widget=forms.TextInput
    )
    milestone = forms.CharField(label=_("Milestone"), max_length=60, required=False)

    @property
    def instalment(self) -> Instalment:
        """The row as a part of the plan; of a valid row that is filled in."""
        return Instalment(**self.cleaned_data)


class SplitRows(forms.BaseFormSet):
    """The split as a whole: what is missing or too much is said beside it."""

    def clean(self) -> None:
        if any(self.errors) or not self.shares:
            return
        refuse_unless_whole(sum((share for _payee, share in self.shares), Decimal(0)))

    @property
    def shares(self) -> list[tuple[Any, Decimal]]:
        """Payees and their shares of one, of valid rows."""
        rows = [row.cleaned_data for row in self.forms]
        return [(row["payee"], row["share"]) for row in rows if row]


Splits = forms.formset_factory(SplitForm, SplitRows, extra=SPLIT_ROWS, max_num=10, absolute_max=20)
Milestones = forms.formset_factory(MilestoneRow, extra=MILESTONE_ROWS, max_num=24, absolute_max=48)
Expenses = forms.formset_factory(ExpenseRow, extra=EXPENSE_ROWS, max_num=10, absolute_max=20)


class YearBoxes(DoorForm):
    """What is agreed for each contract year comes in `year_1`, `year_2`, …; all empty: equal parts."""

    def _fit_years(self, count: int) -> None:
        """One box for each contract year, where there are several."""
        wanted = [f"year_{n}" for n in range(1, count + 1)] if 1 < count <= YEARS_MOST else []
        for name in [name for name in self.fields if name.startswith("year_") and name not in wanted]:
            del self.fields[name]
        for number, name in enumerate(wanted, 1):
            label = _("Contract year %(number)s") % {"number": number}
            self.fields.setdefault(name, AmountBox(label=label, required=False))

    @property
    def year_fields(self) -> list[forms.BoundField]:
        """The boxes for what is agreed per contract year."""
        return [self[name] for name in self.fields if name.startswith("year_")]

    @property
    def schedule(self) -> tuple[Decimal, ...] | None:
        """The amounts per year that were agreed; None when they are left to equal parts."""
        amounts = [self.cleaned_data.get(name) for name in self.fields if name.startswith("year_")]
        return tuple(amount or Decimal("0.00") for amount in amounts) if any(amounts) else None


class SignForm(YearBoxes):
    """The terms of a contract to sign."""

    number = forms.CharField(label=_("Contract number"), max_length=60)
    title = forms.CharField(label=_("Subject"), max_length=200, required=False)
    product_kind = forms.ChoiceField(label=_("Product kind"), choices=Contract.ProductKind.choices)
    line = forms.CharField(label=_("Product line"), max_length=60, initial="DEFAULT")
    gross = AmountBox(label=_("Amount incl. VAT"))
    vat_rate = PercentBox(label=_("VAT rate"), places=4, initial=Decimal("0.06"))
    currency = forms.CharField(label=_("Currency"), max_length=3)
    book_rate = forms.DecimalField(
        label=_("Book rate"),
        max_digits=16,
        decimal_places=8,
        min_value=Decimal("0.00000001"),
        initial=1,
        help_text=_("Tenant's currency for one unit of the contract's."),
    )
    signed_on = DayBox(label=_("Signed on"))
    starts_on = DayBox(label=_("Starts on"))
    last_day = DayBox(label=_("Last day"), help_text=_("The last day on which the contract holds."))
    renewal_of: forms.ModelChoiceField = forms.ModelChoiceField(
        label=_("Renews"), queryset=None, required=False, empty_label=_("no contract")
    )
    rhythm = forms.TypedChoiceField(
        label=_("Instalments"),
        choices=Rhythm.choices,
        coerce=int,
        initial=Rhythm.YEARLY,
        help_text=_(
            "With one a year all of a contract year is due on its first day, and commission of cash that "
            "comes long after the due date is cut: say when it is really due."
        ),
    )

    def __init__(self, *args: Any, customer: Customer, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["renewal_of"].queryset = Contract.objects.filter(customer=customer)
        sent = [n for n in range(1, YEARS_MOST + 1) if self.is_bound and f"year_{n}" in self.data]
        self._fit_years(max(sent, default=0))

    def clean_currency(self) -> str:
        return str(self.cleaned_data["currency"]).upper()

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        starts, last = data.get("starts_on"), data.get("last_day")
        if starts and last and last < starts:
            words = _("The term ends before it starts.")
            self.add_error("last_day", ValidationError(words, "end_before_start"))
        elif starts and last:
            data["ends_on"] = last + ONE_DAY
            self._fit_years(len(term(starts, data["ends_on"]).years))
        return data
