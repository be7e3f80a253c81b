"""The catalogue of the demo city: some sixty real procedures, their limits decided, who answers for
them and how each is carried through the units. Files and origins: `workflows/fixtures/demo`."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.db import transaction

from workflows.catalogue.calendars import load_national_calendar
from workflows.catalogue.channels import ensure_channels
from workflows.catalogue.definitions import publish
from workflows.catalogue.importing import import_procedures
from workflows.catalogue.limits import Decision, decide_limits
from workflows.catalogue.organisation import load_organisation
from workflows.catalogue.shipped import read_json, read_rows
from workflows.models import Agency, AgencyKind, Edition, Offer, Procedure, Unit

ALL_COMMUNES = "commune"


@transaction.atomic
def load_demo_city(*, in_force_from: date, at: datetime) -> list[Procedure]:
    """Put in calendar, organisation, procedures, offers and definitions of the demo city.

    Everything is in force from the day given, definitions from the moment `at`. Safe to call
    again: what is there stays.
    """
    load_national_calendar()
    ensure_channels()
    agencies = load_organisation()
    import_procedures(read_json("procedures.json"), in_force_from=in_force_from)
    decide_limits([Decision(**row) for row in read_rows("limits.csv")], at=at)
    entries = read_json("definitions.json")
    procedures = {
        procedure.code: procedure
        for procedure in Procedure.objects.filter(code__in=[one["procedure"] for one in entries])
    }
    _offer(entries, procedures, agencies, in_force_from)
    for entry in entries:
        procedure = procedures[entry["procedure"]]
        publish(procedure, entry["definition"], source=entry["source"], at=at)
    on_the_spot = [entry["procedure"] for entry in entries if entry["on_the_spot"]]
    Edition.objects.filter(procedure__code__in=on_the_spot).update(on_the_spot=True)
    return list(procedures.values())


def _offer(
    entries: list[dict[str, Any]],
    procedures: dict[str, Procedure],
    agencies: dict[str, Agency],
    valid_from: date,
) -> None:
    units = {unit.code: unit for unit in Unit.objects.filter(agency__in=agencies.values())}
    communes = [agency for agency in agencies.values() if agency.kind == AgencyKind.COMMUNE]
    offers = []
    for entry in entries:
        answering = entry["answering"]
        for agency in communes if answering == ALL_COMMUNES else [agencies[answering]]:
            offers.append(
                Offer(
                    procedure=procedures[entry["procedure"]],
                    agency=agency,
                    unit=units[f"{agency.code}.{entry['unit']}"],
                    valid_from=valid_from,
                )
            )
    Offer.objects.bulk_create(offers, ignore_conflicts=True)
