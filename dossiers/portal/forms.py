"""The form with which a citizen finds a dossier."""

from django import forms
from django.utils.translation import gettext_lazy as _


class TrackForm(forms.Form):
    """Code and secret, as typed or pasted; whether they are right is not this form's business."""

    code = forms.CharField(
        label=_("Dossier code"),
        help_text=_("On your receipt, for example H26.12-261104-0309. You may paste it."),
        max_length=2000,
        error_messages={"required": _("Write the dossier code that stands on your receipt")},
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}
        ),
    )
    secret = forms.CharField(
        label=_("Look-up code, or last four characters"),
        help_text=_(
            "The six characters of the look-up code on the receipt, or the last four of the "
            "identity number of who handed in. Organisations: the look-up code."
        ),
        max_length=40,
        error_messages={
            "required": _(
                "Write the look-up code, or the last four characters of the identity number"
            )
        },
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )

    def clean_code(self) -> str:
        """As pasted: no line breaks in what goes on."""
        return " ".join(self.cleaned_data["code"].split())
