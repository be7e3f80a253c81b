"""The drawing of where a dossier is: lanes are units, each step with the time it used."""

from __future__ import annotations

from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from dossiers.models import Dossier
from dossiers.reading.steps import key_now
from dossiers.reading.story import StepLine, Story
from notifications import wording
from workflows import drawing
from workflows.graph import AgencyOf, Step
from workflows.models import Role

_STATES = {"done": drawing.State.DONE, "now": drawing.State.NOW, "late": drawing.State.LATE}
_ALONE = (Role.APPROVER, Role.ARCHIVE_CLERK, Role.CLERK)


def flow(story: Story) -> SafeString:
    """The dossier's workflow as SVG, the last passage through each step telling its state."""
    dossier = story.dossier
    passed = {key_now(dossier, line.key): line for line in story.steps if line.state in _STATES}
    picture = drawing.picture_of(
        dossier.definition.graph(),
        title=_("Where %(code)s is") % {"code": dossier.handle},
        language=get_language() or "vi",
        lane=lambda step: _lane(dossier, step, passed.get(step.key)),
        passages={
            key: drawing.Passage(_STATES[line.state], _used(line)) for key, line in passed.items()
        },
    )
    return mark_safe(drawing.draw(picture))  # noqa: S308 (the drawing escapes what it is given)


def _lane(dossier: Dossier, step: Step, line: StepLine | None) -> str:
    """Whose lane a step lies in: the unit that had it or will have it, else its role."""
    if step.agency_of == AgencyOf.RECEIVING:
        unit = dossier.receiving_unit
        return dossier.receiving_agency.name if unit is None else unit.name
    if line is not None and line.unit:
        return line.unit
    if step.agency_of != AgencyOf.ANSWERING:
        return _("Another agency") if line is None else line.agency
    return str(Role(step.role).label) if step.role in _ALONE else dossier.unit.name


def _used(line: StepLine) -> str:
    return "" if line.used is None else wording.duration(line.used)
