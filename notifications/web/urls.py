"""Addresses of the mailbox of a trial and of a person's notices."""

from django.urls import path

from notifications.web import mailbox, notices

urlpatterns = [
    path("mailbox/", mailbox.overview, name="mailbox"),
    path("mailbox/<int:pk>/", mailbox.reading, name="mailbox-mail"),
    path("mailbox/<int:pk>/files/<int:place>/", mailbox.enclosure, name="mailbox-file"),
    path("notices/", notices.overview, name="notices"),
    path("notices/read/", notices.mark_read, name="notices-read"),
]
