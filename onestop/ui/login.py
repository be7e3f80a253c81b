"""The login form, with what to do said in our own words."""

from django.contrib.auth.forms import AuthenticationForm
from django.utils.translation import gettext_lazy as _


class LoginForm(AuthenticationForm):
    """Django's form; its refusal never says which of the two was wrong."""

    error_messages = {
        "invalid_login": _(
            "The user name or the password is not right. "
            "Check capital letters and the input method."
        ),
        "inactive": _("This account is closed. The administrator of your agency can open it."),
    }
