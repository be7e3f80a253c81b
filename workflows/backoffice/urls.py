"""The pages of catalogue managers."""

from django.urls import path

from workflows.backoffice.ladders import procedures, reminders
from workflows.backoffice.limits import work_list

app_name = "catalogue"
urlpatterns = [
    path("limits/", work_list, name="limits"),
    path("reminders/", procedures, name="procedures-reminded"),
    path("reminders/<str:code>/", reminders, name="reminders"),
]
