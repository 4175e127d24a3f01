from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from crm.accounts.access import Viewer
from crm.accounts.rights import Right
from customers import credit_codes
from customers.forms.boxes import DoorForm

SECRETS = {"credit_code": Right.SEE_CREDIT_CODE, "phone": Right.SEE_PHONE}


class CheckForm(DoorForm):
    """What is known of a company that may be a customer already; one box is enough."""

    name = forms.CharField(label=_("Name of the company"), max_length=200, required=False)
    credit_code = forms.CharField(label=_("Unified social credit code"), max_length=40, required=False)
    phone = forms.CharField(label=_("Phone of a contact"), max_length=40, required=False)
    email = forms.EmailField(label=_("E-mail of a contact"), required=False)
    website = forms.CharField(label=_("Website"), max_length=200, required=False)

    def __init__(self, *args: Any, viewer: Viewer, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, right in SECRETS.items():
            if not viewer.may(right):
                del self.fields[name]

    def clean_credit_code(self) -> str:
        return credit_codes.clean(self.cleaned_data["credit_code"])

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if not self.errors and not any(data.values()):
            raise ValidationError(
                _("Write a name, a credit code, a phone, an e-mail or a web site."), "required"
            )
        return data

    @property
    def words(self) -> dict[str, Any]:
        """What was asked, as duplicates.check takes it; of a valid form."""
        data = self.cleaned_data
        return {
            "name": data["name"],
            "credit_code": data.get("credit_code", ""),
            "phones": [phone] if (phone := data.get("phone")) else [],
            "emails": [email] if (email := data.get("email")) else [],
            "sites": [site] if (site := data.get("website")) else [],
        }
