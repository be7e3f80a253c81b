"""The user: somebody who logs in. What a user may do is decided elsewhere, by roles held."""

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.utils.translation import gettext_lazy as _


class User(AbstractUser):
    """A person with a login name; Vietnamese names are one field, in the order they are written."""

    first_name = None  # type: ignore[assignment]
    last_name = None  # type: ignore[assignment]
    full_name = models.CharField(_("full name"), max_length=150, blank=True)

    REQUIRED_FIELDS = ["full_name"]

    class Meta(AbstractUser.Meta):
        """Words for people."""

        verbose_name = _("user")  # type: ignore[assignment]
        verbose_name_plural = _("users")  # type: ignore[assignment]

    def __str__(self) -> str:
        """The name as people write it, or the login name."""
        return self.full_name or self.username

    def get_full_name(self) -> str:
        """The whole name; Django's own pages ask for it by this method."""
        return self.full_name

    def get_short_name(self) -> str:
        """The given name, which is the last word of a Vietnamese name."""
        return self.full_name.rpartition(" ")[2]
