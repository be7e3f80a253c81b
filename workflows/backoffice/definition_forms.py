"""The small forms of a definition's page: attach, publish, bring in a file."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from workflows.interchange.reading import LARGEST


class AttachForm(forms.Form):
    """The procedure that a draft is for."""

    code = forms.CharField(
        label=_("Code of the procedure"),
        max_length=60,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )


class PublishForm(forms.Form):
    """When a definition comes into force."""

    on = forms.DateField(
        label=_("In force from the beginning of"),
        required=False,
        input_formats=["%d/%m/%Y"],
        help_text=_("Day/month/year. Left empty, it is in force at once."),
        widget=forms.DateInput(
            format="%d/%m/%Y", attrs={"inputmode": "numeric", "autocomplete": "off"}
        ),
    )


class UploadForm(forms.Form):
    """A file with definitions."""

    file = forms.FileField(
        label=_("File"), help_text=_("BPMN 2.0, YAML or JSON; told apart by what it holds.")
    )
    dry_run = forms.BooleanField(
        label=_("Only say what would be taken"), required=False, initial=False
    )

    def clean_file(self) -> Any:
        """Too large a file is not read into memory at all."""
        file = self.cleaned_data["file"]
        if file.size > LARGEST:
            megabytes = LARGEST // 1_000_000
            raise forms.ValidationError(
                gettext("The file is larger than %(megabytes)s MB.") % {"megabytes": megabytes}
            )
        return file
