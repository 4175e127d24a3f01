from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from crm.accounts.access import Viewer
from crm.accounts.rights import Right
from customers.forms.boxes import AmountBox, DoorForm
from customers.models import Contract, Customer
from customers.registrations.registering import Company, Person

LINE_HELP = _("As your company calls it; DEFAULT where it does not tell lines apart.")
OF_COMPANY = tuple(each.name for each in fields(Company))
SECRETS = {"credit_code": Right.SEE_CREDIT_CODE, "contact_phone": Right.SEE_PHONE}


class RegistrationForm(DoorForm):
    """A company that the reader develops; of one that is his customer already the record stays as it is."""

    one_of = ("credit_code", "no_code_reason")
    name = forms.CharField(label=_("Legal name"), max_length=200)
    credit_code = forms.CharField(label=_("Unified social credit code"), max_length=40, required=False)
    no_code_reason = forms.CharField(
        label=_("Why there is no credit code"),
        max_length=200,
        required=False,
        help_text=_("Only without a credit code, such as a branch abroad or a company being founded."),
    )
    contact_name = forms.CharField(label=_("Contact person"), max_length=120)
    contact_title = forms.CharField(label=_("Title of the contact person"), max_length=80, required=False)
    contact_phone = forms.CharField(label=_("Phone of the contact person"), max_length=40, required=False)
    need = forms.CharField(label=_("Need"), max_length=2000, widget=forms.Textarea({"rows": 3}))
    province = forms.CharField(label=_("Province"), max_length=40, required=False)
    city = forms.CharField(label=_("City"), max_length=40, required=False)
    industry = forms.CharField(label=_("Industry"), max_length=80, required=False)
    source = forms.CharField(label=_("Source"), max_length=80, required=False)
    product_kind = forms.ChoiceField(label=_("Product kind"), choices=Contract.ProductKind.choices)
    line = forms.CharField(label=_("Product line"), max_length=60, initial="DEFAULT", help_text=LINE_HELP)
    expected_annual = AmountBox(label=_("Expected amount a year"), required=False)

    def __init__(
        self, *args: Any, viewer: Viewer, customer: Customer | None, given: Mapping[str, str], **kwargs: Any
    ) -> None:
        """`given` is what was typed into the search before; `customer` is the reader's own."""
        typed = {name: given.get(name, "") for name in ("name", "credit_code")}
        if customer is not None:
            typed = {"name": customer.name, "credit_code": customer.credit_code}
        super().__init__(*args, initial=typed, **kwargs)
        hidden = {name for name, right in SECRETS.items() if not viewer.may(right)}
        if customer is not None:
            hidden |= {"province", "city", "industry", "source"}
        for name in hidden:
            del self.fields[name]

    @property
    def company(self) -> Company:
        """What the verb takes; of a valid form."""
        return Company(**{name: self.cleaned_data[name] for name in OF_COMPANY if name in self.fields})

    @property
    def person(self) -> Person:
        """Whom one speaks with; of a valid form."""
        data = self.cleaned_data
        return Person(data["contact_name"], data.get("contact_phone", ""), data["contact_title"])
