"""A small city for tests: one commune with a counter, a division and a head, one procedure.

Leaf rows are made directly; every state of a dossier is reached through commands.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from dossiers.lifecycle import ending, intake, progress, supplement
from dossiers.models import Breach, Dossier, Reason
from tests.given.definitions import plain_definition
from workflows.actors import STAFF, Actor, held
from workflows.folding import fold, sort_key
from workflows.models import (
    NATIONAL,
    Agency,
    Calendar,
    CalendarHours,
    Channel,
    Definition,
    Edition,
    Field,
    Limit,
    Offer,
    PaperItem,
    Post,
    Procedure,
    Role,
    Unit,
)
from workflows.timelimit import TimeLimit

LOCAL = ZoneInfo("Asia/Ho_Chi_Minh")
SINCE = date(2020, 1, 1)


def moment(text: str) -> datetime:
    """`"2026-03-02 08:10"` in Hanoi."""
    return datetime.fromisoformat(text).replace(tzinfo=LOCAL)


@dataclass
class City:
    """What the builder made; `acting(role)` is the actor holding that role."""

    root: Agency
    commune: Agency
    counter: Unit
    division: Unit
    procedure: Procedure
    edition: Edition
    paper: PaperItem
    posts: dict[str, Post] = field(default_factory=dict)

    def acting(self, role: str) -> Actor:
        """The actor who holds this role and nothing else."""
        post = self.posts[role]
        return Actor(kind=STAFF, user_id=post.user_id, name=post.name, posts=(held(post),))

    def receive(self, at: str | datetime = "2026-03-02 08:10", **more: Any) -> Dossier:
        """A dossier received at the counter."""
        asked: dict[str, Any] = {
            "procedure": self.procedure.code,
            "channel": "counter",
            "receiving_agency": self.commune.pk,
            "receiving_unit": self.counter.pk,
            "parties": [
                intake.PartyGiven(role="holder", name="Nguyễn Thị Ẩm", identity="001099012345"),
                intake.PartyGiven(
                    role="submitter",
                    name="Phan Anh Tuấn",
                    identity="001088054321",
                    email="tuan@example.vn",
                ),
            ],
            "papers": [intake.PaperGiven(item=self.paper.pk, form="original")],
            "by": self.acting(Role.CLERK),
            "at": at if isinstance(at, datetime) else moment(at),
        }
        return intake.receive(**(asked | more))

    def advance(self, dossier: Dossier, role: str, at: str, outcome: str = "done") -> Dossier:
        """The holder of `role` finishes the step under way."""
        return progress.advance(dossier.pk, outcome=outcome, by=self.acting(role), at=moment(at))

    def handed_to_counter(self, dossier: Dossier, at: str) -> Dossier:
        """Appraised and signed at `at`: the result waits for the counter."""
        self.advance(dossier, Role.OFFICER, at)
        return self.advance(dossier, Role.APPROVER, at)

    def conclude(self, dossier: Dossier, at: str) -> Dossier:
        """The counter takes the result over."""
        return ending.conclude(dossier.pk, by=self.acting(Role.CLERK), at=moment(at))

    def ask_supplement(self, dossier: Dossier, at: str) -> Dossier:
        return supplement.request_supplement(
            dossier.pk,
            items=[self.paper.pk],
            reason="Thiếu chữ ký",
            by=self.acting(Role.OFFICER),
            at=moment(at),
        )

    def supply(self, dossier: Dossier, at: str) -> Dossier:
        return supplement.supply(
            dossier.pk,
            papers=[intake.PaperGiven(item=self.paper.pk, form="original")],
            by=self.acting(Role.CLERK),
            at=moment(at),
        )

    def breach_of(self, dossier: Dossier) -> Breach:
        return Breach.objects.get(dossier=dossier, of="dossier", annulled_at=None)


def city(
    *,
    limit: TimeLimit | None = None,
    body: dict[str, Any] | None = None,
    after_supplement: str = "restart",
    roles: Sequence[str] = tuple(Role.values),
) -> City:
    """Build the city; `limit` is the procedure's (5 working days unless given)."""
    calendar = Calendar.objects.create(code=NATIONAL, name="Việt Nam")
    for weekday in range(5):
        for opens, closes in ((time(8), time(12)), (time(13, 30), time(17, 30))):
            CalendarHours.objects.create(
                calendar=calendar, weekday=weekday, opens=opens, closes=closes
            )
    root = _agency("H26", "Thành phố Hà Nội", "city", None)
    commune = _agency("H26.C001", "UBND phường Văn Miếu - Quốc Tử Giám", "commune", root)
    counter = _unit(commune, "00", "Bộ phận Một cửa", Unit.Kind.COUNTER)
    division = _unit(commune, "02", "Phòng Kinh tế, Hạ tầng và Đô thị", Unit.Kind.DIVISION)
    procedure, edition, paper = _procedure(limit or TimeLimit(5, "working_day"), after_supplement)
    Definition.objects.create(
        procedure=procedure,
        version=1,
        state=Definition.State.PUBLISHED,
        body=body or plain_definition(),
        sha256="0" * 64,
        published_at=moment("2020-01-01 00:00"),
    )
    Offer.objects.create(procedure=procedure, agency=commune, unit=division, valid_from=SINCE)
    Reason.objects.get_or_create(
        code="overload",
        defaults={"name": "Quá tải", "name_en": "Overload", "position": 1},
    )
    built = City(root, commune, counter, division, procedure, edition, paper)
    for role in roles:
        built.posts[role] = _post(built, role)
    return built


def _agency(code: str, name: str, kind: str, parent: Agency | None) -> Agency:
    return Agency.objects.create(
        code=code,
        name=name,
        kind=kind,
        parent=parent,
        path=f"{parent.path if parent else '/'}{code}/",
        valid_from=SINCE,
        sort_key=sort_key(name),
        phone="024 3200 0000",
    )


def _unit(agency: Agency, suffix: str, name: str, kind: str) -> Unit:
    return Unit.objects.create(
        agency=agency, code=f"{agency.code}.{suffix}", name=name, kind=kind, valid_from=SINCE
    )


def _procedure(limit: TimeLimit, after_supplement: str) -> tuple[Procedure, Edition, PaperItem]:
    subject = Field.objects.create(name="Xây dựng")
    name = "Cấp giấy phép xây dựng mới đối với nhà ở riêng lẻ"
    procedure = Procedure.objects.create(
        code="1.009994", name=name, field=subject, search_key=fold(name)
    )
    edition = Edition.objects.create(
        procedure=procedure,
        number=1,
        in_force_from=SINCE,
        name=name,
        fingerprint="f",
        after_supplement=after_supplement,
    )
    paper = PaperItem.objects.create(
        edition=edition,
        kind=PaperItem.Kind.HAND_IN,
        name="Đơn đề nghị cấp giấy phép",
        originals=1,
        position=1,
    )
    Limit.objects.create(procedure=procedure, edition=edition, limit=limit.to_json())
    Channel.objects.get_or_create(
        code="counter", defaults={"name": "Trực tiếp", "national_code": 1}
    )
    return procedure, edition, paper


def _post(built: City, role: str) -> Post:
    from django.contrib.auth import get_user_model

    names = {
        Role.CLERK: "Ngô Thị Thu Hà",
        Role.OFFICER: "Đỗ Minh Khôi",
        Role.UNIT_HEAD: "Trần Thị Hương",
        Role.APPROVER: "Lê Văn Ước",
        Role.SUPERVISOR: "Phạm Thị Ngưỡng",
    }
    at_root = role in (Role.SUPERVISOR, Role.PUBLISHER, Role.INSPECTOR, Role.CATALOGUE_MANAGER)
    units = {
        Role.CLERK: built.counter,
        Role.OFFICER: built.division,
        Role.UNIT_HEAD: built.division,
    }
    user, _ = get_user_model().objects.get_or_create(username=role)
    return Post.objects.create(
        user=user,
        name=names.get(Role(role), str(role)),
        title=str(role),
        role=role,
        agency=built.root if at_root else built.commune,
        unit=units.get(Role(role)),
        valid_from=SINCE,
    )
