from decimal import Decimal
from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from crm.accounts.access import Viewer
from crm.accounts.members import grantable
from crm.accounts.models import Department, Member, User
from crm.accounts.rights import Role
from crm.integrations.imports.faults import Misread
from crm.integrations.imports.numbers import read_amount
from crm.integrations.keys import SCOPE
from crm.web.filters import Several


class Edited(forms.Form):
    """Base of a form about a row that others change too; `version` is the one its reader saw."""

    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, row: Any = None, **kwargs: Any) -> None:
        self.row = row
        if row:
            kwargs["initial"] = {name: getattr(row, name) for name in self.base_fields}
        super().__init__(*args, **kwargs)

    def changes(self) -> dict[str, Any]:
        """What the verb is given: without the version, and without what the reader leaves to others."""
        left = {name for name in self.fields if self.data.get(f"keep_{name}") == "theirs"}
        return {name: value for name, value in self.cleaned_data.items() if name not in {"version", *left}}

    def catch_up(self) -> list[dict[str, str]]:
        """After a lost race: stand on the row as it is now; what differs, for components/conflict.html."""
        self.row.refresh_from_db()
        data: Any = self.data
        self.data = data.copy()
        self.data["version"] = self.row.version  # type: ignore[index]
        mine = self.cleaned_data
        return [
            {"name": name, "label": str(field.label), "yours": _said(mine[name]), "theirs": _said(stands)}
            for name, field in self.fields.items()
            if name != "version" and name in mine and mine[name] != (stands := getattr(self.row, name))
        ]


def _said(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(value)
    return "—" if value in (None, "") else str(value)


class MemberForm(Edited):
    """A person of the company, new or known; offers only roles that the editor may give."""

    code = forms.CharField(label=_("Staff number"), max_length=40)
    name = forms.CharField(label=_("Name"), max_length=120)
    email = forms.EmailField(
        label=_("E-mail"), required=False, help_text=_("Needed to sign in; unique in the company.")
    )
    title = forms.CharField(label=_("Title"), max_length=80, required=False)
    department: forms.ModelChoiceField = forms.ModelChoiceField(
        label=_("Department"), queryset=None, empty_label=_("Choose…")
    )
    roles = forms.MultipleChoiceField(
        label=_("Roles"), choices=(), widget=forms.CheckboxSelectMultiple, required=False
    )
    status = forms.ChoiceField(label=_("Status"), choices=Member.Status.choices)

    def __init__(self, *args: Any, viewer: Viewer, row: Member | None = None, **kwargs: Any) -> None:
        super().__init__(*args, row=row, **kwargs)
        offered = {*grantable(viewer), *(Role(role) for role in (row.roles if row else ()))}
        self.fields["roles"].choices = [(r.value, r.label) for r in Role if r in offered]  # type: ignore[attr-defined]
        self.fields["department"].queryset = Department.objects.filter(is_active=True)  # type: ignore[attr-defined]
        if row is None:
            for name in ("status", "version"):
                del self.fields[name]


class AmountField(forms.DecimalField):
    """An amount as people write it: 12,345.60 or 86万."""

    widget = forms.TextInput

    def to_python(self, value: Any) -> Decimal | None:  # type: ignore[override]
        try:
            return super().to_python(value if value in self.empty_values else read_amount(str(value)))
        except Misread:
            raise forms.ValidationError(_("Write an amount, such as 12,345.60 or 86万."), "invalid") from None


class DepartmentForm(Edited):
    """A department, new or known. It cannot belong to itself or to one below it."""

    code = forms.CharField(label=_("Code"), max_length=40)
    name = forms.CharField(label=_("Name"), max_length=120)
    kind = forms.ChoiceField(label=_("Kind"), choices=Department.Kind.choices)
    parent: forms.ModelChoiceField = forms.ModelChoiceField(
        label=_("Belongs to"), queryset=None, required=False, empty_label=_("nothing: it is the top")
    )
    authority_amount = AmountField(
        label=_("May sign up to, a year"), max_digits=15, decimal_places=2, min_value=0, required=False
    )
    is_key_account = forms.BooleanField(label=_("Key-account department"), required=False)
    is_active = forms.BooleanField(label=_("Active"), required=False, initial=True)

    def __init__(self, *args: Any, row: Department | None = None, **kwargs: Any) -> None:
        super().__init__(*args, row=row, **kwargs)
        above = Department.objects.filter(is_active=True)
        if row:
            above = above.exclude(ancestors__contains=[row.id])
        else:
            del self.fields["version"]
        self.fields["parent"].queryset = above  # type: ignore[attr-defined]


class AppearanceForm(forms.ModelForm):
    """How the pages look to one person; a button of the menu sends one of the two."""

    class Meta:
        model = User
        fields = ["theme", "density"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.required = False

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        return {n: given[n] if given.get(n) else getattr(self.instance, n) for n in self.fields}


class ProfileForm(forms.ModelForm):
    """The person's own settings, the same in every company."""

    language = forms.ChoiceField(
        label=_("Language"), choices=[("", _("As the browser")), *settings.LANGUAGES], required=False
    )

    class Meta:
        model = User
        fields = ["name", "language", "theme", "density"]
        labels = {"name": _("Name")}
        widgets = {"theme": forms.RadioSelect, "density": forms.RadioSelect}


class KeyForm(forms.Form):
    """A new API key."""

    name = forms.CharField(label=_("What for"), max_length=80, help_text=_("Such as ERP or call centre."))
    scopes = forms.MultipleChoiceField(label=_("Scopes"), choices=(), widget=forms.CheckboxSelectMultiple)
    more = forms.CharField(
        label=_("More scopes"),
        required=False,
        widget=forms.TextInput,
        help_text=_("Single resources, such as payments:read, with commas."),
    )
    days = forms.IntegerField(
        label=_("Expires after days"), min_value=1, max_value=1095, required=False, initial=365
    )

    def __init__(self, *args: Any, areas: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        words = [f"{area}:{kind}" for area in areas for kind in ("read", "write")]
        self.fields["scopes"].choices = [(word, word) for word in words]  # type: ignore[attr-defined]
        self.fields["scopes"].required = False

    def clean_more(self) -> list[str]:
        words = Several().value_from_datadict({"more": self.cleaned_data["more"]}, {}, "more")
        for word in words:
            if not SCOPE.fullmatch(word):
                raise forms.ValidationError(_("“%(word)s” is no scope."), "invalid", {"word": word})
        return words
