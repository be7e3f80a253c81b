"""Charts as accessible SVG text, drawn on the server from plain numbers: bars, a ranking with
intervals, a line of months, time against its share. Words, and how a number is written, come from
whoever asks, in the reader's language; colours come from the style sheet's classes."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape
from math import ceil, floor, log10, sqrt

WIDE = 520
NARROW = 300

Written = Callable[[float], str]

_LETTER = 6.7  # the mean advance of a letter at 12 px, on the generous side
_BAR = 13
_ROW = 27
_LINE = 16
_GAP = 8


@dataclass(frozen=True)
class Caption:
    """What a chart says in words: its title as a sentence, the description that stands for the
    picture to who cannot see it, the source with its cut-off moment."""

    title: str
    description: str
    source: str = ""


@dataclass(frozen=True)
class Bar:
    """One bar; `tone` is 1 for a quantity, 2 for a lighter one, 3 for what is late."""

    label: str
    value: float
    tone: int = 1


@dataclass(frozen=True)
class Ranked:
    """One unit of a ranking: late dossiers of all it resolved."""

    label: str
    late: int
    resolved: int


@dataclass(frozen=True)
class Point:
    """One month of a line; None where nothing was resolved, which breaks the line."""

    label: str
    value: float | None


@dataclass(frozen=True)
class Taken:
    """Time a step took against the time it was granted: the median, nine of ten, the share."""

    label: str
    median: float
    ninth_decile: float
    share: float | None


def both(draw: Callable[[int], str]) -> str:
    """Draw a chart twice, for wide and for narrow pages, so that text is never scaled; the style
    sheet shows one of them, and a screen reader meets only that one."""
    return draw(WIDE) + draw(NARROW)


def bars(items: Sequence[Bar], *, caption: Caption, written: Written, width: int = WIDE) -> str:
    """Draw horizontal bars from zero, each with its label and its value."""
    frame = _Frame.of([bar.label for bar in items], width, values=[written(b.value) for b in items])
    longest = max((bar.value for bar in items), default=0)
    parts: list[str] = []
    for place, bar in enumerate(items):
        length = frame.length(bar.value, longest)
        parts += [
            frame.label(place, bar.label),
            _rectangle(frame.left, frame.bar_top(place), length, _BAR, f"fill-{bar.tone}"),
            _text(frame.left + length + 6, frame.baseline(place), written(bar.value), "value"),
        ]
    return frame.svg(parts, len(items), caption)


def ageing(items: Sequence[Bar], *, caption: Caption, written: Written, width: int = WIDE) -> str:
    """Draw how long what is overdue has waited: bars of lateness, youngest first."""
    late = [Bar(item.label, item.value, tone=3) for item in items]
    return bars(late, caption=caption, written=written, width=width)


def ranking(
    items: Sequence[Ranked],
    *,
    common: float,
    caption: Caption,
    written: Written,
    width: int = WIDE,
) -> str:
    """Draw the late share of each unit: a stroke for the share, a bar for its 95 % interval, a
    dashed line for the `common` share of all. A stroke is in the colour of lateness only where
    the whole interval lies above that line.
    """
    texts = [
        f"{written(_share(item))} ({item.late}/{item.resolved})" if item.resolved else "–"
        for item in items
    ]
    frame = _Frame.of([item.label for item in items], width, values=texts, values_at_end=True)
    intervals = [likely_share(item.late, item.resolved) for item in items]
    seen = [high for item, (_, high) in zip(items, intervals, strict=True) if item.resolved]
    end = min(_axis_end(max([common, *seen])), 1.0)
    bottom = frame.height(len(items))
    line_at = frame.left + frame.length(common, end)
    parts = frame.axis(end, len(items), written)
    for place, (item, (low, high), text) in enumerate(zip(items, intervals, texts, strict=True)):
        top = frame.bar_top(place)
        parts.append(frame.label(place, item.label))
        parts.append(_text(width, frame.baseline(place), text, "value", anchor="end"))
        parts.append(_line(line_at, top - 4, line_at, top + _BAR + 4, "city"))
        if not item.resolved:
            continue
        start, stop = frame.length(low, end), frame.length(high, end)
        at = frame.left + frame.length(_share(item), end)
        tone = 3 if low > common else 1
        parts += [
            _rectangle(frame.left + start, top + 2, max(stop - start, 2), _BAR - 4, "fill-2"),
            _rectangle(at - 1.5, top - 1, 3, _BAR + 2, f"fill-{tone}"),
        ]
    return _svg(parts, width, bottom + 20, caption)


def trend(points: Sequence[Point], *, caption: Caption, written: Written, width: int = WIDE) -> str:
    """Draw a value month by month on an axis from zero, the last one written beside its mark."""
    known = [point.value for point in points if point.value is not None]
    end = _axis_end(max(known, default=0))
    marks = _ticks(end)
    left = max(_width(written(mark)) for mark in marks) + _GAP + 4
    last_text = written(known[-1]) if known else ""
    right = width - _width(last_text) - 12
    top, floor_at = 10, 130
    step = (right - left) / max(len(points) - 1, 1)

    def place(index: int, value: float) -> tuple[float, float]:
        return left + index * step, floor_at - (floor_at - top) * value / end

    parts: list[str] = []
    for mark in marks:
        height = place(0, mark)[1]
        parts.append(_line(left, height, right, height, "rule"))
        parts.append(_text(left - _GAP, height + 4, written(mark), "axis", anchor="end"))
    for run in _runs(points):
        spots = [place(index, value) for index, value in run]
        drawn = " ".join(f"{_n(x)},{_n(y)}" for x, y in spots)
        parts.append(f'<polyline class="line stroke-1" points="{drawn}"/>')
        # A month between two empty ones has no line, so it gets a mark of its own.
        parts += [_dot(*spots[0])] if len(spots) == 1 else []
    if known:
        index = max(i for i, point in enumerate(points) if point.value is not None)
        x, y = place(index, known[-1])
        parts += [_dot(x, y), _text(x + _GAP, y + 4, last_text, "value")]
    parts += _month_labels([point.label for point in points], left, step, floor_at + 18, width)
    return _svg(parts, width, floor_at + 24, caption)


def time_taken(
    items: Sequence[Taken], *, caption: Caption, written: Written, width: int = WIDE
) -> str:
    """Draw the time steps took: the bar is the median, the whisker reaches nine of ten, the
    stroke is the share granted; a median beyond its share is in the colour of lateness."""
    texts = [written(item.median) for item in items]
    frame = _Frame.of([item.label for item in items], width, values=texts, values_at_end=True)
    end = max((max(item.ninth_decile, item.median, item.share or 0) for item in items), default=0)
    parts: list[str] = []
    for place, (item, text) in enumerate(zip(items, texts, strict=True)):
        late = item.share is not None and item.median > item.share
        top, middle = frame.bar_top(place), frame.bar_top(place) + _BAR / 2
        median = frame.length(item.median, end)
        reach = frame.left + frame.length(item.ninth_decile, end)
        parts += [
            frame.label(place, item.label),
            _rectangle(frame.left, top, median, _BAR, "fill-3" if late else "fill-1"),
            _line(frame.left + median, middle, reach, middle, "share"),
            _line(reach, top + 3, reach, top + _BAR - 3, "share"),
            _text(width, frame.baseline(place), text, "value", anchor="end"),
        ]
        if item.share is not None:
            granted = frame.left + frame.length(item.share, end)
            parts.append(_line(granted, top - 4, granted, top + _BAR + 4, "share"))
    return frame.svg(parts, len(items), caption)


def likely_share(part: int, whole: int) -> tuple[float, float]:
    """Give the 95 % interval (Wilson) in which a share lies that was seen as `part` of `whole`;
    all of 0 to 1 where nothing was seen."""
    if whole <= 0:
        return 0.0, 1.0
    z = 1.959964
    share = part / whole
    middle = share + z * z / (2 * whole)
    spread = z * sqrt(share * (1 - share) / whole + z * z / (4 * whole * whole))
    scale = 1 + z * z / whole
    return max(0.0, (middle - spread) / scale), min(1.0, (middle + spread) / scale)


@dataclass(frozen=True)
class _Frame:
    """Where rows of bars stand: labels beside them, or above where they are too long."""

    width: int
    left: float
    room: float
    lines: int  # of a label above its bar; 0 where labels stand beside

    @classmethod
    def of(
        cls,
        labels: Sequence[str],
        width: int,
        *,
        values: Sequence[str],
        values_at_end: bool = False,
    ) -> "_Frame":
        label = max((_width(text) for text in labels), default=0)
        value = max((_width(text) for text in values), default=0) + (12 if values_at_end else 8)
        stacked = label > width * 0.42 or width - label - _GAP - value < width * 0.3
        left = 0 if stacked else label + _GAP
        lines = max(len(_wrapped(text, width)) for text in labels) if stacked else 0
        return cls(width, left, max(width - left - value, 40), lines)

    @property
    def row(self) -> int:
        return _ROW + _LINE * self.lines

    def height(self, rows: int) -> float:
        return rows * self.row

    def length(self, value: float, longest: float) -> float:
        return self.room * value / longest if longest > 0 else 0

    def bar_top(self, place: int) -> float:
        return place * self.row + 7 + _LINE * self.lines

    def baseline(self, place: int) -> float:
        return self.bar_top(place) + _BAR - 2

    def label(self, place: int, text: str) -> str:
        if not self.lines:
            return _text(0, self.baseline(place), text)
        lines = _wrapped(text, self.width)
        above = self.bar_top(place) - 6 - _LINE * (len(lines) - 1)
        return "".join(_text(0, above + _LINE * line, words) for line, words in enumerate(lines))

    def axis(self, end: float, rows: int, written: Written) -> list[str]:
        """Write the marks of an axis under the rows; their rules keep clear of the labels."""
        parts: list[str] = []
        bottom = self.height(rows)
        for mark in _ticks(end):
            x = self.left + self.length(mark, end)
            for place in range(rows):
                top = self.bar_top(place)
                parts.append(_line(x, top - 4, x, top + _BAR + 4, "rule"))
            anchor = "start" if mark == 0 else "middle"
            parts.append(_text(x, bottom + 14, written(mark), "axis", anchor=anchor))
        return parts

    def svg(self, parts: list[str], rows: int, caption: Caption) -> str:
        return _svg(parts, self.width, self.height(rows), caption)


def _svg(parts: list[str], width: int, height: float, caption: Caption) -> str:
    if caption.source:
        parts = list(parts)
        for line in _wrapped(caption.source, width):
            height += 17
            parts.append(_text(0, height - 3, line, "axis"))
    size = "chart--wide" if width >= WIDE else "chart--narrow"
    return (
        f'<svg class="chart {size}" role="img" aria-label="{escape(caption.title)}" '
        f'viewBox="0 0 {width} {_n(height)}" width="{width}" height="{_n(height)}">'
        f"<title>{escape(caption.title)}</title><desc>{escape(caption.description)}</desc>"
        f"{''.join(parts)}</svg>"
    )


def _share(item: Ranked) -> float:
    return item.late / item.resolved


def _runs(points: Sequence[Point]) -> list[list[tuple[int, float]]]:
    runs: list[list[tuple[int, float]]] = [[]]
    for index, point in enumerate(points):
        if point.value is None:
            runs.append([])
        else:
            runs[-1].append((index, point.value))
    return [run for run in runs if run]


def _month_labels(
    labels: Sequence[str], left: float, step: float, y: float, width: int
) -> list[str]:
    """Write as many of the labels as have room, the last one always."""
    if not labels:
        return []
    room = max(_width(label) for label in labels) + 14
    every = max(1, ceil(room / step)) if step > 0 else 1
    last = len(labels) - 1
    shown = [index for index in range(len(labels)) if (last - index) % every == 0]
    parts: list[str] = []
    for index in shown:
        x = left + index * step
        half = _width(labels[index]) / 2
        anchor = "start" if x - half < 0 else "end" if x + half > width else "middle"
        parts.append(_text(x, y, labels[index], "axis", anchor=anchor))
    return parts


def _axis_end(highest: float) -> float:
    """Give the round number at which an axis ends: at most four steps of 1, 2 or 5."""
    if highest <= 0:
        return 1
    step = _step(highest)
    return step * ceil(highest / step - 1e-9)


def _ticks(end: float) -> list[float]:
    step = _step(end)
    return [step * place for place in range(round(end / step) + 1)]


def _step(highest: float) -> float:
    rough = highest / 4
    power: float = 10.0 ** floor(log10(rough))
    return next(times * power for times in (1, 2, 5, 10) if times * power >= rough * (1 - 1e-9))


def _width(text: str) -> float:
    return len(text) * _LETTER


def _wrapped(text: str, width: int) -> list[str]:
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if lines[-1] and _width(longer) > width:
            lines.append(word)
        else:
            lines[-1] = longer
    return lines


def _text(x: float, y: float, text: str, kind: str = "", anchor: str = "") -> str:
    marks = f' class="{kind}"' if kind else ""
    marks += f' text-anchor="{anchor}"' if anchor else ""
    return f'<text x="{_n(x)}" y="{_n(y)}"{marks}>{escape(text)}</text>'


def _rectangle(x: float, y: float, width: float, height: float, kind: str) -> str:
    return (
        f'<rect class="{kind}" x="{_n(x)}" y="{_n(y)}" width="{_n(width)}" height="{_n(height)}" '
        'rx="1.5"/>'
    )


def _line(x1: float, y1: float, x2: float, y2: float, kind: str) -> str:
    return f'<line class="{kind}" x1="{_n(x1)}" y1="{_n(y1)}" x2="{_n(x2)}" y2="{_n(y2)}"/>'


def _dot(x: float, y: float) -> str:
    return f'<circle class="fill-1" cx="{_n(x)}" cy="{_n(y)}" r="4"/>'


def _n(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")
