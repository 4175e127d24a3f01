from typing import Any

from django import forms
from django.forms.models import fields_for_model
from django.utils.translation import gettext_lazy as _

from crm.accounts.access import Viewer
from crm.accounts.rights import Right
from customers.forms.boxes import DoorForm
from customers.forms.compared import ComparedForm
from customers.models import Contact, Tag

PLAIN = ["name", "title", "phone", "email", "wechat", "is_primary", "note"]


class ContactForm(DoorForm):
    """A person at a customer; without the right to see phones there is no box for one."""

    def __init__(self, *args: Any, viewer: Viewer, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        hidden = set() if viewer.may(Right.SEE_PHONE) else {"phone"}
        self.fields.update(fields_for_model(Contact, [name for name in PLAIN if name not in hidden]))
        self.fields["note"].widget = forms.Textarea()


class ContactEditForm(ContactForm, ComparedForm):
    """A change of a contact."""

    def __init__(self, *args: Any, row: Contact, **kwargs: Any) -> None:
        initial = {name: getattr(row, name) for name in (*PLAIN, "version")}
        super().__init__(*args, row=row, initial=initial, **kwargs)


class TagForm(forms.Form):
    """A word to put on a customer."""

    name = forms.CharField(label=_("Tag"), max_length=Tag._meta.get_field("name").max_length)
