"""The pages on which calendars are kept: who may, what is shown before, what is done after."""

from __future__ import annotations

import html
import re
from datetime import date, timedelta
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from django.utils import timezone

from dossiers.lifecycle.recount import recount_due
from dossiers.models import ClockRow, Event, Recount
from tests.given.city import SINCE, City, city
from workflows.models import NATIONAL, Agency, Amendment, Calendar, CalendarDay, Post, Role

pytestmark = pytest.mark.django_db

LIST, AMEND = "/catalogue/calendars/", "/catalogue/calendars/amend/"


@pytest.fixture
def town() -> City:
    return city(roles=[Role.CLERK, Role.OFFICER, Role.UNIT_HEAD, Role.APPROVER])


def manager(agency: Agency) -> Client:
    """A catalogue manager of `agency`, logged in; pages come in English."""
    user = get_user_model().objects.create_user(username=f"manager-{agency.pk}")
    Post.objects.create(
        user=user,
        name="Đặng Thuỳ Ế",
        title="Cán bộ đầu mối",
        role=Role.CATALOGUE_MANAGER,
        agency=agency,
        valid_from=SINCE,
    )
    client = Client(headers={"accept-language": "en"})
    client.cookies["django_language"] = "en"
    client.force_login(user)
    return client


def in_days(days: int) -> date:
    return timezone.localdate() + timedelta(days=days)


def next_working(days: int) -> date:
    """The first weekday so many days ahead or later."""
    day = in_days(days)
    while day.weekday() > 4:
        day += timedelta(days=1)
    return day


def closing(day: date, **more: Any) -> dict[str, Any]:
    return {
        "day_from": f"{day:%d/%m/%Y}",
        "day_kind": "closed",
        "source": "Công điện số 12 của UBND Thành phố",
        **{f"week_{n}": "" for n in range(7)},
        **more,
    }


def hidden(page: str) -> str:
    found = re.search(r'name="amendment" value="([^"]+)"', page)
    assert found is not None
    return html.unescape(found.group(1))


def test_a_closure_is_shown_before_it_is_confirmed_and_then_counted(town: City) -> None:
    dossier = town.receive(timezone.now() - timedelta(hours=1))
    client = manager(town.root)
    before = ClockRow.objects.get(dossier=dossier, kind="dossier").limit_at

    shown = client.post(AMEND, closing(next_working(1)))

    page = shown.content.decode()
    assert shown.status_code == 200
    assert "What would move" in page
    assert dossier.code in page.replace("<b>", "").replace("</b>", "")
    assert Amendment.objects.count() == 0
    done = client.post(AMEND, {"amendment": hidden(page)}, follow=True)
    assert done.redirect_chain[-1][0] == (
        f"/catalogue/calendars/amendments/{Amendment.objects.get().pk}/"
    )
    assert "Running clocks are being counted again: 1 dossier left" in done.content.decode()
    assert done["Refresh"] == "5"
    recount_due(timezone.now())
    after = ClockRow.objects.get(dossier=dossier, kind="dossier").limit_at
    assert before is not None
    assert after is not None
    assert after > before
    assert Amendment.objects.get().post.name == "Đặng Thuỳ Ế"
    page = client.get(done.redirect_chain[-1][0])
    assert "All running clocks were counted again" in page.content.decode()
    assert "Refresh" not in page
    assert Event.objects.filter(kind="recalendared").count() == 1


def test_a_managers_own_agency_gets_a_calendar_of_its_own(town: City) -> None:
    client = manager(town.commune)
    address = f"{AMEND}?agency={town.commune.code}"

    shown = client.post(address, closing(next_working(1)))
    client.post(address, {"amendment": hidden(shown.content.decode())})

    own = Calendar.objects.get(code=f"agency-{town.commune.code}")
    assert Agency.objects.get(pk=town.commune.pk).calendar == own
    assert CalendarDay.objects.get().calendar == own


def test_the_national_calendar_is_for_the_whole_citys_manager_alone(town: City) -> None:
    client = manager(town.commune)

    assert client.get(AMEND).status_code == 403
    assert client.post(AMEND, closing(next_working(1))).status_code == 403
    posted = client.post(f"{AMEND}?agency={town.root.code}", closing(next_working(1)))
    assert posted.status_code == 403
    # What the address shows is not what the hidden field names: the command looks itself.
    forged = '{"source": "x", "days": [{"on": "2030-03-04", "kind": "closed"}]}'
    refused = client.post(f"{AMEND}?agency={town.commune.code}", {"amendment": forged})
    assert refused.status_code == 409
    assert Amendment.objects.count() == Recount.objects.count() == 0


def test_pages_of_calendars_are_for_those_who_keep_or_watch_them(town: City) -> None:
    clerk = Client()
    clerk.force_login(get_user_model().objects.get(username="clerk"))

    assert clerk.get(LIST).status_code == 403
    assert Client().get(LIST).status_code == 302
    watching = Client()
    watching.force_login(get_user_model().objects.get(username="approver"))
    assert watching.get(LIST).status_code == 200
    assert watching.get(f"{LIST}{NATIONAL}/").status_code == 200
    assert watching.get(AMEND).status_code == 403


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, "This amendment changes nothing."),
        ({"swap_off": "02/01/2026"}, "A swap needs both days"),
        ({"day_from": "31/02/2026"}, "Enter a valid date"),
        ({"week_since": "02/03/2026"}, "A calendar without any open hours"),
        ({"week_since": "02/03/2026", "week_0": "8h-12h"}, "are not hours like"),
        ({"day_from": "02/03/2026", "day_until": "01/03/2026"}, "The last day lies before"),
        (closing(date(2026, 3, 4), source=""), "Every entry needs its source"),
        (closing(date(2026, 3, 1)), "01/03/2026 is a day off already."),
    ],
)
def test_what_cannot_stand_is_said_at_its_place(
    town: City, given: dict[str, str], said: str
) -> None:
    client = manager(town.root)
    blank = {f"week_{n}": "" for n in range(7)}

    page = client.post(AMEND, blank | {"source": "QĐ 1"} | given)

    assert page.status_code == 422
    assert said in page.content.decode()
    assert Amendment.objects.count() == 0


def test_the_year_tells_days_hours_sources_and_what_is_not_confirmed(town: City) -> None:
    CalendarDay.objects.create(
        calendar=Calendar.objects.get(code=NATIONAL),
        on=date(2026, 2, 16),
        kind="holiday",
        name="Tết Nguyên đán",
        source="Dự kiến của Bộ Nội vụ",
        confirmed=False,
    )
    client = manager(town.root)

    page = client.get(f"{LIST}{NATIONAL}/?year=2026").content.decode()

    for said in ("Tết Nguyên đán", "Dự kiến của Bộ Nội vụ", "not confirmed", "08:00–12:00"):
        assert said in page
    assert client.get(f"{LIST}nowhere/").status_code == 404
    assert client.get(f"{LIST}{NATIONAL}/?year=x").status_code == 200
