"""Addresses of the design system: mounted by the project under `ui/`."""

from django.urls import path

from onestop.ui import views

app_name = "ui"
urlpatterns = [
    path("theme/", views.theme, name="theme"),
    path("components/", views.components, name="components"),
]
