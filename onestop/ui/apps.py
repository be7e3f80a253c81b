"""The design system: base templates, components, static files and template tags. No rule of the
field lives here.
"""

from django.apps import AppConfig


class UiConfig(AppConfig):
    """Registers the app under its short label `ui`."""

    name = "onestop.ui"
    label = "ui"
    verbose_name = "User interface"
