"""Every message this house sends, put into words in both languages."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from notifications import rendering, topics
from notifications.models import Message
from notifications.recipients import Recipient

AT = datetime(2026, 11, 27, 3, 0, tzinfo=UTC)
CODES = [topic.code for topic in topics.every()]


def worded(code: str, language: str, **more: object) -> tuple[str, str]:
    """Subject and body of a topic's example."""
    topic = topics.get(code)
    recipient = Recipient(kind="citizen", name="Lan", email="lan@example.vn", language=language)
    message = Message(
        topic=code,
        key=code,
        stream="s",
        recipient=recipient.as_json(),
        context={**topic.example, **more},
    )
    letter = rendering.letter(message, at=AT)
    return letter.subject, letter.body


def test_every_kind_of_message_of_a_dossier_is_declared() -> None:
    assert CODES == [
        "apology",
        "apology_annulled",
        "apology_overdue",
        "arrived",
        "awaited",
        "breached",
        "discontinued",
        "due_soon",
        "due_today",
        "moved",
        "moved_here",
        "opinion_asked",
        "opinion_given",
        "paid",
        "payment_requested",
        "recalendared",
        "received",
        "repeated_lateness",
        "result_ready",
        "supplement_requested",
        "supplied",
        "term_moved",
        "uncollected",
        "unexplained",
    ]


# One that speaks of a unit, or of an officer, names no dossier.
OF_A_DOSSIER = [code for code in CODES if "code" in topics.get(code).context_keys]


@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize("code", OF_A_DOSSIER)
def test_every_message_names_the_dossier_the_agency_and_its_phone(code: str, language: str) -> None:
    subject, body = worded(code, language)

    assert "H26.12-261123-0001" in subject
    for said in ("Đăng ký khai sinh", "UBND phường Ba Đình", "024 0000 0000", "://"):
        assert said in body
    assert "{" not in subject + body
    assert "%(" not in subject + body
    assert "None" not in body


@pytest.mark.parametrize("code", CODES)
def test_every_message_is_worded_anew_in_each_language(code: str) -> None:
    subject, body = worded(code, "vi")
    subject_en, body_en = worded(code, "en")

    assert subject != subject_en
    assert body != body_en


def test_a_moment_is_said_with_its_weekday() -> None:
    _subject, body = worded("received", "vi")

    assert "thứ\N{NO-BREAK SPACE}Sáu\N{NO-BREAK SPACE}27/11/2026, 17:30" in body


def test_a_dossier_without_a_limit_is_promised_no_day() -> None:
    _subject, body = worded("received", "en", promised_at=None)

    assert "promised" not in body


def test_an_agency_without_a_phone_leaves_no_empty_place() -> None:
    _subject, body = worded("result_ready", "en", phone="")

    assert "UBND phường Ba Đình answers for this dossier." in body


@pytest.mark.parametrize(
    ("closing", "said"),
    [
        ("ready", "The result is ready now: please come and collect it."),
        ("returned", "You have received the result."),
        ("ended", "The dossier has ended; nothing is left for you to do."),
    ],
)
def test_an_apology_without_a_new_day_says_what_became_of_the_dossier(
    closing: str, said: str
) -> None:
    _subject, body = worded("apology", "en", new_promise_at=None, closing=closing)

    assert said in body
    assert "new appointment" not in body


def test_the_link_is_a_whole_address(settings: Any) -> None:
    settings.SITE_URL = "https://motcua.example.vn"

    assert "https://motcua.example.vn/t/abc/" in worded("received", "vi")[1]
