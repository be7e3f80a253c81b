"""What a mapping names, in the database: agencies and units, channels, procedures, a calendar, and
the staff of a log. What is missing is put in, what is there stays as it is."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, time

from django.utils.translation import gettext

from dossiers.exchange.history_mapping import LogMapping, NewAgency, NewCalendar, NewProcedure
from workflows.catalogue.channels import ensure_channels
from workflows.folding import fold, sort_key
from workflows.models import (
    NATIONAL,
    Agency,
    Calendar,
    CalendarDay,
    CalendarHours,
    Channel,
    Edition,
    Field,
    Post,
    Procedure,
    Unit,
)

OFFICE_HOURS = "office-hours"
_MORNING, _AFTERNOON = (time(8), time(12)), (time(13, 30), time(17, 30))


class UnknownPlace(ValueError):
    """The mapping names what is neither there nor to be put in; the text is a line."""


@dataclass(frozen=True, slots=True)
class Places:
    """Everything that cases may point at, by code."""

    agencies: Mapping[str, Agency]
    units: Mapping[str, Unit]
    channels: Mapping[str, Channel]
    procedures: Mapping[str, Procedure]
    calendars: Mapping[int, Calendar]  # by the agency's id

    def unit_of(self, agency: Agency, code: str) -> Unit | None:
        """The unit of that code, or the agency's first one; None if it has no such unit."""
        own = [unit for unit in self.units.values() if unit.agency_id == agency.pk]
        if code:
            own = [unit for unit in own if unit.code == code]
        return min(own, key=lambda unit: unit.code, default=None)


def ensure_places(mapping: LogMapping, first_day: date) -> Places:
    """Put in what the mapping creates, valid from the log's first day; give all that is there.

    Raises: UnknownPlace.
    """
    calendar = _calendar(mapping.calendar) if mapping.calendar else None
    for agency in mapping.agencies:
        _agency(agency, first_day, calendar)
    for channel in mapping.channels:
        Channel.objects.get_or_create(
            code=channel.code,
            defaults={
                "name": channel.name,
                "name_en": channel.name_en,
                "national_code": channel.national_code,
            },
        )
    for procedure in mapping.procedures:
        _procedure(procedure, first_day)
    agencies = {agency.code: agency for agency in Agency.objects.select_related("calendar__base")}
    usual = _usual_calendar()
    return Places(
        agencies=agencies,
        units={unit.code: unit for unit in Unit.objects.all()},
        channels=ensure_channels(),
        procedures={procedure.code: procedure for procedure in Procedure.objects.all()},
        calendars={agency.pk: agency.calendar or usual for agency in agencies.values()},
    )


def ensure_staff(
    wanted: Iterable[tuple[str, str, Unit]], since: date
) -> dict[tuple[str, str, int], Post]:
    """Posts without a login for (name, role, unit), by name, role and the unit's id."""
    needed = {(name, role, unit.pk): unit for name, role, unit in wanted}
    names = {name for name, _, _ in needed}
    known = _staff(names)
    missing = [
        Post(name=name, role=role, agency_id=unit.agency_id, unit=unit, valid_from=since)
        for (name, role, _), unit in sorted(needed.items(), key=lambda item: item[0])
        if (name, role, unit.pk) not in known
    ]
    Post.objects.bulk_create(missing)
    return _staff(names)


def _staff(names: set[str]) -> dict[tuple[str, str, int], Post]:
    rows = Post.objects.filter(user=None, name__in=names, unit__isnull=False)
    return {
        (post.name, post.role, post.unit_id): post
        for post in rows.select_related("agency").order_by("-pk")
        if post.unit_id is not None
    }


def _agency(new: NewAgency, since: date, calendar: Calendar | None) -> None:
    agency = Agency.objects.filter(code=new.code).first()
    if agency is None:
        parent = Agency.objects.filter(code=new.parent).first() if new.parent else None
        if new.parent and parent is None:
            raise UnknownPlace(
                gettext("create.agencies: %(code)s lies under %(parent)s, which is not there")
                % {"code": new.code, "parent": new.parent}
            )
        agency = Agency.objects.create(
            code=new.code,
            code_as_given=new.code,
            code_is_demo=True,
            name=new.name,
            kind=new.kind,
            parent=parent,
            path=f"{parent.path if parent else '/'}{new.code}/",
            calendar=calendar,
            valid_from=since,
            sort_key=sort_key(new.name)[:400],
        )
    for code, name in new.units:
        unit, _ = Unit.objects.get_or_create(
            code=code,
            defaults={
                "agency": agency,
                "name": name,
                "kind": Unit.Kind.DIVISION,
                "valid_from": since,
            },
        )
        if unit.agency_id != agency.pk:
            raise UnknownPlace(
                gettext(
                    "create.agencies: the unit %(unit)s belongs to another agency than %(code)s"
                )
                % {"code": new.code, "unit": code}
            )


def _procedure(new: NewProcedure, since: date) -> None:
    field, _ = Field.objects.get_or_create(name=new.field)
    procedure, _ = Procedure.objects.get_or_create(
        code=new.code,
        defaults={
            "name": new.name,
            "field": field,
            "search_key": fold(f"{new.name} {new.code}"),
            "origin": "history",
        },
    )
    if procedure.editions.exists():
        return
    Edition.objects.create(
        procedure=procedure,
        number=1,
        in_force_from=new.in_force_from or since,
        decision_no=new.decision_no,
        name=new.name,
        after_supplement=new.after_supplement,
        fingerprint=hashlib.sha256(f"{new.code}\n{new.name}".encode()).hexdigest(),
    )


def _calendar(new: NewCalendar) -> Calendar:
    calendar, is_new = Calendar.objects.get_or_create(
        code=new.code, defaults={"name": new.name, "tz": new.zone}
    )
    if is_new:
        CalendarHours.objects.bulk_create(
            CalendarHours(calendar=calendar, weekday=weekday, opens=opens, closes=closes)
            for weekday, opens, closes in new.hours
        )
        CalendarDay.objects.bulk_create(
            CalendarDay(calendar=calendar, on=day, kind=CalendarDay.Kind.HOLIDAY)
            for day in new.days_off
        )
    return calendar


def _usual_calendar() -> Calendar:
    """The national calendar; where none has been put in, plain office hours."""
    national = Calendar.objects.select_related("base").filter(code=NATIONAL).first()
    if national is not None:
        return national
    hours = tuple((day, *span) for day in range(5) for span in (_MORNING, _AFTERNOON))
    return _calendar(NewCalendar(OFFICE_HOURS, "Giờ hành chính", "Asia/Ho_Chi_Minh", hours, ()))
