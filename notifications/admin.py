"""The operator's view of the outbox: to read, never to write."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from notifications.models import Delivery, Message


class ReadOnly:
    """Shows rows and changes none."""

    def has_add_permission(self, request: HttpRequest, *args: Any) -> bool:
        """Messages are posted by commands."""
        return False

    def has_change_permission(self, request: HttpRequest, *args: Any) -> bool:
        """Messages change by being sent."""
        return False

    def has_delete_permission(self, request: HttpRequest, *args: Any) -> bool:
        """Messages are forgotten by age."""
        return False


class Deliveries(ReadOnly, admin.TabularInline):
    """The attempts of one message."""

    model = Delivery
    fields = ("attempt", "channel", "state", "at", "detail")
    extra = 0


@admin.register(Message)
class Messages(ReadOnly, admin.ModelAdmin):
    """The outbox; contents and addresses are not shown, they are not the operator's business."""

    list_display = ("key", "topic", "state", "reason", "channel", "tries", "due_at", "settled_at")
    list_filter = ("state", "reason", "topic", "channel")
    search_fields = ("key", "stream")
    exclude = ("context", "recipient")
    inlines = (Deliveries,)
