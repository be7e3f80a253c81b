"""The forms that end a dossier or travel with it, filled from its rows."""

from __future__ import annotations

import pytest

from dossiers.documents import slips
from dossiers.documents.control_slip import control_slip
from dossiers.documents.papers import HandOverResult
from dossiers.documents.refusal import refusal
from dossiers.documents.stop import stop
from dossiers.lifecycle import ending, submission
from dossiers.lifecycle.intake import PartyGiven
from dossiers.models import Dossier
from dossiers.reading.story import find
from tests.documents.test_forms import text_of
from tests.given.city import City, city, moment
from workflows.models import Channel, Role

pytestmark = pytest.mark.django_db


@pytest.fixture
def here() -> City:
    return city()


def read(here: City, dossier: Dossier, role: str = Role.CLERK) -> Dossier:
    """The dossier as a page reads it."""
    found = find(dossier.handle, here.acting(role)) or find(dossier.code or "", here.acting(role))
    return found or Dossier.objects.get(pk=dossier.pk)


def submitted(here: City) -> Dossier:
    Channel.objects.get_or_create(code="online", defaults={"name": "Trực tuyến"})
    return submission.submit(
        procedure=here.procedure.code,
        channel="online",
        receiving_agency=here.commune.pk,
        parties=[PartyGiven(role="holder", name="Nguyễn Thị Ẩm", identity="001099012345")],
        by=here.acting(Role.CLERK),
        at=moment("2026-03-02 08:10"),
    )


def test_the_control_slip_tells_each_hand_over_and_why_the_day(here):
    dossier = here.receive("2026-03-02 08:10")
    here.ask_supplement(dossier, "2026-03-03 09:00")
    here.supply(dossier, "2026-03-05 10:00")
    here.handed_to_counter(dossier, "2026-03-06 09:00")
    here.conclude(dossier, "2026-03-06 10:00")

    paper = slips.control_slip_paper(read(here, dossier), moment("2026-03-06 11:00"))

    assert [(row.giver, row.taker) for row in paper.hand_overs] == [
        ("Ngô Thị Thu Hà, Bộ phận Một cửa", "Đỗ Minh Khôi, Phòng Kinh tế, Hạ tầng và Đô thị"),
        (
            "Đỗ Minh Khôi, Phòng Kinh tế, Hạ tầng và Đô thị",
            "Lê Văn Ước, UBND phường Văn Miếu - Quốc Tử Giám",
        ),
        (
            "Lê Văn Ước, UBND phường Văn Miếu - Quốc Tử Giám",
            "Ngô Thị Thu Hà, Bộ phận Một cửa",
        ),
    ]
    assert paper.promised_at == moment("2026-03-12 17:30")
    assert [line.used for line in paper.why if line.used] == [paper.total]
    assert [row.result for row in paper.hand_overs] == [
        None,
        HandOverResult.EARLY,
        HandOverResult.EARLY,
    ]
    text = text_of(control_slip(paper))
    assert "Vì sao ngày này" in text
    assert "Cộng, đúng bằng thời hạn" in text


def test_a_refusal_to_receive_prints_reason_and_ground(here):
    dossier = submitted(here)
    submission.refuse_at_intake(
        dossier.pk,
        reason="Không thuộc thẩm quyền",
        legal_ground="Điều 17 Nghị định 118/2025/NĐ-CP",
        by=here.acting(Role.CLERK),
        at=moment("2026-03-02 10:00"),
    )

    paper = slips.refusal_paper(read(here, dossier))

    assert (paper.reason, paper.legal_ground, paper.signature.name) == (
        "Không thuộc thẩm quyền",
        "Điều 17 Nghị định 118/2025/NĐ-CP",
        "Ngô Thị Thu Hà",
    )
    assert "Không thuộc thẩm quyền" in text_of(refusal(paper))


def test_what_was_withdrawn_prints_the_notice_with_the_papers_given_back(here):
    dossier = here.receive("2026-03-02 08:10")
    ending.withdraw(
        dossier.pk,
        reason="Không còn nhu cầu",
        by=here.acting(Role.CLERK),
        at=moment("2026-03-03 09:00"),
    )

    paper = slips.stop_paper(read(here, dossier))

    assert (paper.reason, [line.originals for line in paper.returned_papers]) == (
        "Không còn nhu cầu",
        [1],
    )
    assert "Đơn đề nghị cấp giấy phép" in text_of(stop(paper))


def test_a_form_that_the_dossier_has_not_come_to_is_not_made_up(here):
    dossier = read(here, here.receive("2026-03-02 08:10"))

    for fill in (slips.refusal_paper, slips.stop_paper):
        with pytest.raises(ValueError, match="is for what was"):
            fill(dossier)
