"""Forms of the import wizard: the file, and which of its columns is which."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from django import forms
from django.utils.translation import gettext_lazy as _

from crm.accounts.access import Viewer
from crm.integrations.imports.inspection import NAMES
from crm.integrations.imports.kinds import all_kinds, kind_of
from crm.integrations.imports.mapping import numbered
from crm.integrations.imports.run import allowed
from crm.integrations.models import Import


class FileForm(forms.Form):
    """What is brought in."""

    kind = forms.ChoiceField(label=_("What the file holds"))
    file = forms.FileField(
        label=_("File"),
        allow_empty_file=True,
        help_text=_("CSV or TSV in UTF-8 or GB18030 (GBK), or XLSX; the first row holds the headers."),
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,.tsv,.txt,.xlsx,.ndjson"}),
    )
    encoding = forms.ChoiceField(
        label=_("Encoding"),
        required=False,
        choices=[("", _("Tell it from the file")), *NAMES.items()],
    )

    def __init__(self, *args: Any, viewer: Viewer, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offered = [kind for kind in all_kinds() if allowed(viewer.rights, kind)]
        self.fields["kind"].choices = [(kind.name, kind.label) for kind in offered]  # type: ignore[attr-defined]


class Line(NamedTuple):
    """One column of the file: its header, the first cells, the choice of what it is."""

    header: str
    sample: list[str]
    choice: forms.BoundField


class MappingForm(forms.Form):
    """Which column is which, and how known rows are treated."""

    mode = forms.ChoiceField(label=_("Known rows"), choices=Import.Mode.choices, widget=forms.RadioSelect)
    key = forms.ChoiceField(label=_("A known row is found by"))
    atomic = forms.BooleanField(
        label=_("All rows or none"),
        required=False,
        help_text=_("Nothing is written while any row is wrong."),
    )

    def __init__(self, data: Mapping[str, Any] | None = None, *, run: Import) -> None:
        self.run, self.kind = run, kind_of(run.kind)
        mapped = {place: name for name, place in run.mapping.items()}
        initial = {"mode": run.mode, "key": run.key, "atomic": run.atomic}
        super().__init__(data, initial=initial)
        self.fields["key"].choices = [(key, self._words(key)) for key in self.kind.keys]  # type: ignore[attr-defined]
        if len(self.kind.keys) == 1:
            self.fields["key"].widget = forms.HiddenInput()
        choices = [("", _("— leave out —")), *((c.name, c.label) for c in self.kind.columns)]
        for header, place in numbered(run.header).items():
            self.fields[f"column-{place}"] = forms.ChoiceField(
                label=header, choices=choices, required=False, initial=mapped.get(place, "")
            )

    def _words(self, key: str) -> Any:
        return ", ".join(str(self.kind.column(name).label) for name in self.kind.keys[key])

    def lines(self) -> Iterator[Line]:
        """The columns of the file in their order."""
        for header, place in numbered(self.run.header).items():
            cells = [row[place] if place < len(row) else "" for row in self.run.sample]
            yield Line(header, cells, self[f"column-{place}"])

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        mapping: dict[str, int] = {}
        for place in range(len(self.run.header)):
            name = data.get(f"column-{place}")
            if name and name in mapping:
                first = self.run.header[mapping[name]]
                words = _("“%(first)s” is mapped to this already.") % {"first": first}
                self.add_error(f"column-{place}", forms.ValidationError(words, "twice"))
            elif name:
                mapping[name] = place
        return {**data, "mapping": mapping}
