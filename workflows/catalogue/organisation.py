"""The agencies and units of the demo city put into the database, from the files shipped.

Hanoi's own codes below `H26` are not public: those here are of our making, marked so on each row,
and hold a letter where a real one holds digits only.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import date

from django.db import transaction

from workflows.catalogue.shipped import read_rows
from workflows.folding import sort_key
from workflows.models import Agency, Unit

COUNTER_UNIT = "08"
LEADERSHIP_UNIT = "09"
OFFICE_UNIT = "01"
"""Last parts of units' codes, the same in every agency that has such a unit."""


@transaction.atomic
def load_organisation() -> dict[str, Agency]:
    """Put in the agencies and units of the demo city that are missing; all its agencies by code.

    Safe to call again: a row that is there is left as it is.
    """
    rows = read_rows("agencies.csv")
    agencies = {agency.code: agency for agency in Agency.objects.all()}
    for row in rows:  # those above come first in the file
        if row["code"] not in agencies:
            agencies[row["code"]] = _agency(row, agencies.get(row["parent"]))
    loaded = {row["code"]: agencies[row["code"]] for row in rows}
    _load_units(loaded)
    return loaded


def _agency(row: dict[str, str], parent: Agency | None) -> Agency:
    return Agency.objects.create(
        code=row["code"],
        code_as_given=row["code"],
        code_is_demo=row["demo_code"] == "yes",
        name=row["name"],
        short_name=row["short_name"],
        kind=row["kind"],
        parent=parent,
        path=f"{parent.path if parent else '/'}{row['code']}/",
        valid_from=date.fromisoformat(row["valid_from"]),
        decision_no=row["decision_no"],
        sort_key=sort_key(row["name"]),
    )


def _load_units(agencies: dict[str, Agency]) -> None:
    """Units stand in the file by the agency's code, or by its kind for all that are alike."""
    patterns: dict[str, list[dict[str, str]]] = defaultdict(list)
    for row in read_rows("units.csv"):
        patterns[row["of"]].append(row)
    units = [
        Unit(
            agency=agency,
            code=f"{agency.code}.{row['suffix']}",
            name=_unit_name(row["name"], agency),
            kind=row["kind"],
            valid_from=agency.valid_from,
            decision_no=agency.decision_no,
        )
        for agency in agencies.values()
        for row in patterns.get(agency.code) or patterns.get(agency.kind, [])
    ]
    Unit.objects.bulk_create(units, ignore_conflicts=True)


def _unit_name(name: str, agency: Agency) -> str:
    """A rural commune has a division for the economy where a ward's takes in the city's growth."""
    if agency.name.startswith("UBND xã") and name.startswith("Phòng Kinh tế"):
        return "Phòng Kinh tế"
    return name
