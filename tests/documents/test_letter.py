"""The apology letter that goes with its message says what the rows say."""

from __future__ import annotations

import pytest

from dossiers.documents import filling, letter
from dossiers.firing import fire_due
from dossiers.lifecycle import apology, signing
from dossiers.models import Apology
from tests.given.city import City, city, moment
from workflows.models import Role

pytestmark = pytest.mark.django_db


def drafted(given: City, *, supplemented: bool = False) -> Apology:
    dossier = given.receive("2026-03-02 08:10")
    if supplemented:
        given.ask_supplement(dossier, "2026-03-03 10:00")
        given.supply(dossier, "2026-03-04 10:00")
    fire_due(moment("2026-03-13 08:00"))
    return apology.draft_apology(
        dossier.pk,
        reason="overload",
        text="Chưa có ý kiến.",
        new_promise_at=moment("2026-03-20 17:30"),
        by=given.acting(Role.UNIT_HEAD),
        at=moment("2026-03-13 09:00"),
    )


def signed(given: City, draft: Apology) -> Apology:
    signing.sign_apology(draft.pk, by=given.acting(Role.APPROVER), at=moment("2026-03-13 10:00"))
    return Apology.objects.get(pk=draft.pk)


def test_the_letter_names_the_first_promise_and_the_new_one() -> None:
    given = city()
    row = signed(given, drafted(given))

    paper = filling.apology_paper(row)

    assert paper.promised_at == moment("2026-03-09 17:30")
    assert paper.new_promise_at == moment("2026-03-20 17:30")
    assert paper.signature.name == "Lê Văn Ước"
    assert paper.debtors == ()


def test_the_promise_that_was_missed_is_the_one_after_a_supplement() -> None:
    given = city()
    row = signed(given, drafted(given, supplemented=True))

    assert filling.apology_paper(row).promised_at == moment("2026-03-11 17:30")


def test_the_message_carries_the_letter_as_a_pdf() -> None:
    given = city()
    row = signed(given, drafted(given))

    attached = letter.letter({"apology": row.pk, "code": "H26.C001-260302-0001"})

    assert attached is not None
    assert attached.filename == "thu-xin-loi-H26.C001-260302-0001.pdf"
    assert attached.mimetype == "application/pdf"
    assert attached.content.startswith(b"%PDF")


def test_a_preview_has_no_letter() -> None:
    assert letter.letter({"apology": 0, "code": "H26"}) is None
