"""A workflow definition as an accessible drawing: a lane for each unit, steps from left to right,
lines where outcomes lead; for a running dossier, where it stands and how long each step took.
Plain values in, SVG text out; colours come from the style sheet's classes (`.flow`)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from html import escape
from textwrap import wrap

from django.utils.formats import number_format
from django.utils.functional import Promise
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from workflows.graph import END, Definition, Kind, Share, ShareUnit, Step

_BOX = 128
_GAP = 30
_LETTERS = 15  # that fit into one line of a box, at 12 px and 600
_SMALL_LETTERS = 20  # at 11 px
_LINE = 15
_LANE_NAME = 150
_LANE_LETTERS = 22
_PAD = 14


class State(StrEnum):
    """Where a step stands in one dossier; PLAIN in a drawing of the definition alone."""

    PLAIN = "plain"
    DONE = "done"
    NOW = "now"
    LATE = "late"
    TO_COME = "to_come"


_CLASSES = {
    State.PLAIN: "step",
    State.DONE: "step is-done",
    State.NOW: "step is-now",
    State.LATE: "step is-late",
    State.TO_COME: "step is-next",
}
STATE_WORDS: dict[State, Promise] = {
    State.DONE: _("done"),
    State.NOW: _("under way"),
    State.LATE: _("late"),
    State.TO_COME: _("to come"),
}
HEATS: tuple[Promise, ...] = (
    _("most use less than half of the share"),
    _("nine of ten keep within the share"),
    _("one of ten and more use more than the share"),
    _("half and more use more than the share"),
)
"""What the tones of a heat picture mean, from cool to hot."""
_MARKS = {
    State.DONE: '<path d="M0 5l3 3 6-7" fill="none" stroke="var(--ink)" stroke-width="2"/>',
    State.NOW: '<path d="M0 0l8 4.5-8 4.5z" fill="var(--on-brand)"/>',
    State.LATE: '<path d="M4.5 -0.5l5 5-5 5-5-5z" fill="var(--late)"/>',
}


@dataclass(frozen=True, slots=True)
class Passage:
    """What one dossier made of a step: its state and the time used, in words, perhaps in several
    lines. Of many dossiers, `heat` says how their time stands to the share (HEATS), and `share` is
    the share in the same words as the time used."""

    state: State
    used: str = ""
    heat: int | None = None
    share: str = ""


@dataclass(frozen=True, slots=True)
class Box:
    """A step as drawn. `time` is what stands under the name, like "2 hours / ½ day"."""

    key: str
    name: str
    lane: str
    share: str = ""
    used: str = ""
    state: State = State.PLAIN
    heat: int | None = None

    @property
    def time(self) -> str:
        """Used and granted, whatever of them is known."""
        used = "; ".join(self.used.splitlines())
        return " / ".join(part for part in (used, self.share) if part)

    @property
    def words(self) -> str:
        """The step in one line for who cannot see the drawing."""
        state = STATE_WORDS.get(self.state)
        heat = "" if self.heat is None else str(HEATS[self.heat])
        parts = [self.name, self.lane, self.time, str(state) if state else "", heat]
        return ", ".join(part for part in parts if part)


@dataclass(frozen=True, slots=True)
class Line:
    """A way from one box to another."""

    start: str
    to: str
    returns: bool = False


@dataclass(frozen=True, slots=True)
class Picture:
    """All that is drawn: title and description in words, boxes in their order, lines."""

    title: str
    boxes: tuple[Box, ...]
    lines: tuple[Line, ...] = ()
    ident: str = "flow"

    @property
    def description(self) -> str:
        """The steps in their order, one sentence."""
        return "; ".join(f"{number}. {box.words}" for number, box in enumerate(self.boxes, 1)) + "."


def picture_of(
    definition: Definition,
    *,
    title: str,
    language: str,
    lane: Callable[[Step], str],
    passages: Mapping[str, Passage] | None = None,
    ident: str = "flow",
) -> Picture:
    """The picture of a definition, its lanes named by `lane`; with `passages` (by key of the step)
    of a running dossier. Steps that it has not come to are to come."""
    running = passages is not None
    not_yet = Passage(State.TO_COME if running else State.PLAIN)
    boxes = []
    for step in definition.steps:
        passage = (passages or {}).get(step.key, not_yet)
        boxes.append(
            Box(
                key=step.key,
                name=step.name.in_language(language),
                lane=gettext("By itself") if step.kind is Kind.AUTOMATIC else lane(step),
                share=passage.share or (share_words(step.share) if step.share else ""),
                used=passage.used,
                state=passage.state,
                heat=passage.heat,
            )
        )
    lines = dict.fromkeys(
        Line(step.key, way.to, outcome.returns)
        for step in definition.steps
        for outcome in step.outcomes
        for way in outcome.ways
        if way.to != END and definition.has(way.to)
    )
    return Picture(title=title, boxes=tuple(boxes), lines=tuple(lines), ident=ident)


def share_words(share: Share) -> str:
    """A share of the time in the reader's words."""
    amount = number_format(share.amount.normalize(), use_l10n=True)
    count = 1 if share.amount == 1 else 2
    if share.unit is ShareUnit.PERCENT:
        return gettext("%(amount)s%% of the limit") % {"amount": amount}
    words = {
        ShareUnit.WORKING_HOUR: ngettext("%(amount)s hour", "%(amount)s hours", count),
        ShareUnit.WORKING_DAY: ngettext("%(amount)s working day", "%(amount)s working days", count),
        ShareUnit.DAY: ngettext("%(amount)s day", "%(amount)s days", count),
        ShareUnit.MONTH: ngettext("%(amount)s month", "%(amount)s months", count),
    }
    return words[share.unit] % {"amount": amount}


def draw(picture: Picture) -> str:
    """The picture as SVG, never scaled below its own size: put it where it can be scrolled."""
    plan = _Plan(picture)
    title, described = f"{picture.ident}-title", f"{picture.ident}-desc"
    parts = [
        f'<svg class="flow" role="img" aria-labelledby="{escape(title)} {escape(described)}" '
        f'width="{plan.width}" height="{plan.height}" '
        f'viewBox="0 0 {plan.width} {plan.height}" xmlns="http://www.w3.org/2000/svg">',
        f'<title id="{escape(title)}">{escape(picture.title)}</title>',
        f'<desc id="{escape(described)}">{escape(picture.description)}</desc>',
        *plan.lanes_drawn(),
        *(plan.line_drawn(line) for line in picture.lines),
        *(plan.box_drawn(box) for box in picture.boxes),
        "</svg>",
    ]
    return "\n".join(parts)


@dataclass(slots=True)
class _Plan:
    """Where everything stands: a column for each box, a row for each lane."""

    picture: Picture
    lanes: list[str] = field(init=False)
    columns: dict[str, int] = field(init=False)
    boxes: dict[str, Box] = field(init=False)
    box_height: int = field(init=False)

    def __post_init__(self) -> None:
        self.boxes = {box.key: box for box in self.picture.boxes}
        self.lanes = list(dict.fromkeys(box.lane for box in self.picture.boxes))
        self.columns = _columns(self.picture, self.lanes)
        most = max((len(_named(box)) + len(_timed(box)) for box in self.picture.boxes), default=1)
        self.box_height = _LINE * most + 14

    @property
    def lane_height(self) -> int:
        names = max((len(_wrapped(lane, _LANE_LETTERS)) for lane in self.lanes), default=1)
        return max(self.box_height + 2 * _PAD, names * _LINE + _PAD)

    @property
    def width(self) -> int:
        last = max(self.columns.values(), default=0)
        return _LANE_NAME + (last + 1) * (_BOX + _GAP) + _GAP

    @property
    def height(self) -> int:
        return max(1, len(self.lanes)) * self.lane_height

    def corner(self, key: str) -> tuple[int, int]:
        """Left and top of a box."""
        left = _LANE_NAME + _GAP // 2 + self.columns[key] * (_BOX + _GAP)
        row = self.lanes.index(self.boxes[key].lane)
        return left, row * self.lane_height + (self.lane_height - self.box_height) // 2

    def lanes_drawn(self) -> Iterable[str]:
        for row, lane in enumerate(self.lanes):
            top = row * self.lane_height
            if row % 2 == 0:
                yield (
                    f'<rect class="lane" x="0" y="{top}" width="{self.width}" '
                    f'height="{self.lane_height}"/>'
                )
            words = _wrapped(lane, _LANE_LETTERS)
            first = top + (self.lane_height - len(words) * _LINE) // 2 + 12
            yield _text(words, 10, first, "lane-name")

    def box_drawn(self, box: Box) -> str:
        left, top = self.corner(box.key)
        words, time = _named(box), _timed(box)
        rows = len(words) + len(time)
        first = top + (self.box_height - rows * _LINE) // 2 + 12
        hot = box.heat is not None and box.heat == len(HEATS) - 1
        mark = _MARKS[State.LATE] if hot else _MARKS.get(box.state, "")
        classes = _CLASSES[box.state] + ("" if box.heat is None else f" is-heat-{box.heat}")
        shift = 14 if mark else 0
        return "".join(
            (
                f'<g class="{classes}"><title>{escape(box.words)}</title>',
                f'<rect x="{left}" y="{top}" width="{_BOX}" height="{self.box_height}" rx="4"/>',
                f'<g transform="translate({left + 8} {first - 9})">{mark}</g>' if mark else "",
                _text(words, left + 8 + shift, first),
                _text(time, left + 8, first + len(words) * _LINE, "used") if time else "",
                "</g>",
            )
        )

    def line_drawn(self, line: Line) -> str:
        points = self._points(line)
        to_come = State.TO_COME in (self.boxes[line.start].state, self.boxes[line.to].state)
        classes = "way way--next" if to_come else "way"
        dots = ' stroke-dasharray="1 3"' if line.returns else ""
        path = "M" + " L".join(f"{x} {y}" for x, y in points)
        return f'<path class="{classes}" d="{path}"{dots}/>' + _arrow(points[-2], points[-1])

    def _points(self, line: Line) -> list[tuple[int, int]]:
        """The corners of a line: through the gaps between columns and the edges of lanes only, so
        that it never runs over a box."""
        left, top = self.corner(line.start)
        to_left, to_top = self.corner(line.to)
        middle, to_middle = top + self.box_height // 2, to_top + self.box_height // 2
        apart = self.columns[line.to] - self.columns[line.start]
        if line.returns or apart < 0:
            edge = top - _PAD + 4
            gap = to_left + _BOX + _GAP // 2 - 6
            start = left + _BOX // 2 + 20
            low = to_middle + 8
            return [(start, top), (start, edge), (gap, edge), (gap, low), (to_left + _BOX, low)]
        if apart == 0:
            x = left + _BOX // 2
            down = to_top > top
            return (
                [(x, top + self.box_height), (x, to_top)]
                if down
                else [
                    (x, top),
                    (x, to_top + self.box_height),
                ]
            )
        out = left + _BOX + _GAP // 2
        if apart == 1:
            turn = [] if middle == to_middle else [(out, middle), (out, to_middle)]
            return [(left + _BOX, middle), *turn, (to_left, to_middle)]
        edge = top + self.box_height + _PAD - 4 if to_top >= top else top - _PAD + 4
        into = to_left - _GAP // 2
        return [
            (left + _BOX, middle),
            (out, middle),
            (out, edge),
            (into, edge),
            (into, to_middle),
            (to_left, to_middle),
        ]


def _columns(picture: Picture, lanes: Sequence[str]) -> dict[str, int]:
    """The column of each box: after all that lead to it; right below the one before where only the
    next lane down is entered and its place is free."""
    rows = {box.key: lanes.index(box.lane) for box in picture.boxes}
    order = {box.key: place for place, box in enumerate(picture.boxes)}
    columns: dict[str, int] = {}
    taken: set[tuple[int, int]] = set()
    for box in picture.boxes:
        before = [
            line.start
            for line in picture.lines
            if line.to == box.key and not line.returns and order[line.start] < order[box.key]
        ]
        column = max((columns[key] for key in before), default=0)
        below = all(rows[box.key] == rows[key] + 1 for key in before if columns[key] == column)
        if before and not below:
            column += 1
        while (rows[box.key], column) in taken:
            column += 1
        columns[box.key] = column
        taken.add((rows[box.key], column))
    return columns


def _named(box: Box) -> list[str]:
    return _wrapped(box.name, _LETTERS)


def _timed(box: Box) -> list[str]:
    """The time under the name: in one line if it fits, else used over granted."""
    if "\n" in box.used:
        given = [*box.used.splitlines(), *([f"/ {box.share}"] if box.share else [])]
        return [line for part in given for line in _wrapped(part, _SMALL_LETTERS)]
    if len(box.time) <= _SMALL_LETTERS:
        return [box.time] if box.time else []
    return (
        [box.used, f"/ {box.share}"]
        if box.used and box.share
        else _wrapped(box.time, _SMALL_LETTERS)
    )


def _wrapped(words: str, letters: int) -> list[str]:
    return wrap(words, letters, break_long_words=False)[:4] or [""]


def _text(lines: Sequence[str], x: int, y: int, name: str = "") -> str:
    classes = f' class="{name}"' if name else ""
    spans = "".join(
        f'<tspan x="{x}" y="{y + number * _LINE}">{escape(line)}</tspan>'
        for number, line in enumerate(lines)
    )
    return f"<text{classes}>{spans}</text>"


def _arrow(before: tuple[int, int], at: tuple[int, int]) -> str:
    """The head of a line that comes from `before` to `at`, along one axis."""
    x, y = at
    across = (at[0] > before[0]) - (at[0] < before[0])
    down = (at[1] > before[1]) - (at[1] < before[1])
    back_x, back_y = x - 7 * across, y - 7 * down
    side_x, side_y = 4 * abs(down), 4 * abs(across)
    return (
        f'<path class="arrow" d="M{x} {y}L{back_x - side_x} {back_y - side_y}'
        f'L{back_x + side_x} {back_y + side_y}z"/>'
    )
