"""The customer's own record: registering it, and changing it."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django import forms
from django.forms.models import fields_for_model
from django.utils.translation import gettext_lazy as _

from crm.accounts.access import Viewer, reach
from crm.accounts.models import Department, Member
from crm.accounts.rights import Right
from customers.forms.boxes import AmountBox, ChoiceBox, DoorForm
from customers.forms.compared import ComparedForm
from customers.forms.registration import LINE_HELP
from customers.models import Contract, Customer

PLAIN = ["name", "code", "credit_code", "industry", "province", "city"]
PLAIN += ["address", "website", "source", "note"]
SECRETS = {"credit_code": Right.SEE_CREDIT_CODE}
# Who says what decides about a new customer (decisions/011): its developer is told as history, as in a file.
DECIDES = {"developer": Right.IMPORT_RUN, "override": Right.OWNERSHIP_OVERRIDE}


class RecordForm(DoorForm):
    """The plain fields of a customer; what the reader may not see is not there."""

    def __init__(self, *args: Any, viewer: Viewer, on: date, **kwargs: Any) -> None:
        super().__init__(*args, on=on, **kwargs)
        hidden = {name for name, right in SECRETS.items() if not viewer.may(right)}
        own = fields_for_model(Customer, [name for name in PLAIN if name not in hidden])
        self.fields = {**own, **self.fields}
        self.fields["note"].widget = forms.Textarea()


class EditForm(RecordForm, ComparedForm):
    """A change of the record."""

    parent = ChoiceBox(label=_("Parent company"), required=False)

    def __init__(self, *args: Any, row: Customer, viewer: Viewer, on: date, **kwargs: Any) -> None:
        initial = {name: getattr(row, name) for name in (*PLAIN, "parent", "version")}
        super().__init__(*args, row=row, viewer=viewer, on=on, initial=initial, **kwargs)
        self.fields["parent"].offer(reach(viewer, Customer.objects.exclude(pk=row.pk)))


class RegisterForm(RecordForm):
    """A customer that came by itself or that the company had before, and what decides who gets it."""

    developer = ChoiceBox(
        label=_("Developed by"),
        required=False,
        help_text=_("Only of a customer whom the company had before; empty for one who came by himself."),
    )
    product_kind = forms.ChoiceField(label=_("Product kind"), choices=Contract.ProductKind.choices)
    line = forms.CharField(label=_("Product line"), max_length=60, initial="DEFAULT", help_text=LINE_HELP)
    expected_annual = AmountBox(label=_("Expected amount a year"), required=False)
    reason = forms.CharField(
        label=_("Reason"),
        max_length=200,
        required=False,
        help_text=_("Why a known name is registered again, or why the company decides."),
    )
    override = ChoiceBox(
        label=_("Company arrangement"),
        required=False,
        help_text=_("A department that is responsible by decision of the company, whatever the rules say."),
    )

    def __init__(
        self, *args: Any, viewer: Viewer, on: date, given: Mapping[str, str] | None = None, **kwargs: Any
    ) -> None:
        """`given` is what was typed into the search before."""
        typed = {name: (given or {}).get(name, "") for name in ("name", "credit_code")}
        kwargs.setdefault("initial", typed)
        super().__init__(*args, viewer=viewer, on=on, **kwargs)
        self.fields["code"].required = False
        self.fields["code"].help_text = _("Left empty, the next number is taken.")
        for name, right in DECIDES.items():
            if not viewer.may(right):
                del self.fields[name]
        if "developer" in self.fields:
            self.fields["developer"].offer(Member.objects.exclude(status=Member.Status.LEFT))
        if "override" in self.fields:
            self.fields["override"].offer(Department.objects.filter(is_active=True))
