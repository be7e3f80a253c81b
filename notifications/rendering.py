"""A message put into words: its topic's templates, in the recipient's language, when it is sent.

Moments and dates come back from their stored form by the names of their keys.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.template import Context
from django.template.loader import get_template
from django.utils import translation

from notifications import topics
from notifications.channels.channel import Letter
from notifications.models import Message

_EMPTY_LINES = re.compile(r"\n{3,}")


def letter(message: Message, *, at: datetime) -> Letter:
    """The message as its recipient will read it, dated `at`.

    Raises: whatever a template or the topic's attachment raises; UnknownTopic.
    """
    topic = topics.get(message.topic)
    recipient = message.addressee
    values = spoken(message.context)
    with translation.override(recipient.language):
        words = {**values, "recipient": recipient}
        subject = " ".join(_render(topic.subject, words).split())
        body = _EMPTY_LINES.sub("\n\n", _render(topic.body, words)).strip() + "\n"
        attachment = topic.attachment(values) if topic.attachment else None
    return Letter(
        message_id=message.pk,
        key=message.key,
        stream=message.stream,
        recipient=recipient,
        subject=subject,
        body=body,
        at=at,
        attachment=attachment,
    )


def spoken(context: Mapping[str, Any]) -> dict[str, Any]:
    """A stored context with its moments (`…_at`) and dates (`…_on`) as such again."""
    return {key: _value(key, value) for key, value in context.items()}


def _value(key: str, value: Any) -> Any:
    if isinstance(value, str) and value:
        if key.endswith("_at"):
            return datetime.fromisoformat(value)
        if key.endswith("_on"):
            return date.fromisoformat(value)
    return value


def _render(template: str, words: Mapping[str, Any]) -> str:
    # Plain text: an ampersand in a name must not arrive as "&amp;". Django's wrapper would escape.
    backend: Any = get_template(template)
    rendered: str = backend.template.render(Context(words, autoescape=False))
    return rendered
