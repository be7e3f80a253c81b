"""Makes the digits-only face out of Be Vietnam Pro, which has no tabular figures of its own.

The face keeps 0 to 9 and gives every digit the same advance; wider digits are narrowed, narrower
ones centred. It is put first in `font-family` with `unicode-range: U+30-39` wherever numbers stand
in columns. Be Vietnam Pro is under the SIL Open Font License 1.1 without a reserved font name, and
so is what is made here.

    python -m onestop.ui.fonts.make_digits
"""

from pathlib import Path

from fontTools.pens.recordingPen import DecomposingRecordingPen
from fontTools.pens.transformPen import TransformPen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont

FOLDER = Path(__file__).parent.parent / "static" / "ui" / "fonts"
WEIGHTS = (400, 500, 600)
ADVANCE = 650  # of 1000 units
SIDE_BEARING = 22  # the least white on either side of a narrowed digit


def make(weight: int) -> Path:
    """Write the digits-only face of `weight` beside its source and return its path."""
    font = TTFont(FOLDER / f"be-vietnam-pro-latin-{weight}-normal.woff2")
    _keep_digits(font)
    for name in _digit_glyphs(font):
        _set_advance(font, name)
    _rename(font)
    target = FOLDER / f"onestop-digits-{weight}.woff2"
    font.flavor = "woff2"
    font.save(target)
    return target


def _keep_digits(font: TTFont) -> None:
    options = Options()
    options.layout_features = []
    options.hinting = False
    options.notdef_outline = True
    subsetter = Subsetter(options)
    subsetter.populate(text="0123456789")
    subsetter.subset(font)


def _digit_glyphs(font: TTFont) -> list[str]:
    cmap = font.getBestCmap()
    return [cmap[ord(digit)] for digit in "0123456789"]


def _set_advance(font: TTFont, name: str) -> None:
    """Narrow the drawing of `name` to the advance if it is wider, and set it in the middle."""
    glyphs = font["glyf"]
    glyph = glyphs[name]
    width = glyph.xMax - glyph.xMin
    scale = min(1.0, (ADVANCE - 2 * SIDE_BEARING) / width)
    shift = (ADVANCE - width * scale) / 2 - glyph.xMin * scale

    recording = DecomposingRecordingPen(glyphs)
    glyph.draw(recording, glyphs)
    pen = TTGlyphPen(None)
    recording.replay(TransformPen(pen, (scale, 0, 0, 1, shift, 0)))
    redrawn = pen.glyph()
    glyphs[name] = redrawn
    redrawn.recalcBounds(glyphs)
    font["hmtx"][name] = (ADVANCE, redrawn.xMin)


def _rename(font: TTFont) -> None:
    names = font["name"]
    for record in list(names.names):
        if record.nameID in {1, 16}:
            names.setName("OneStop Digits", record.nameID, *_place(record))
        elif record.nameID in {4, 6}:
            names.setName("OneStopDigits", record.nameID, *_place(record))


def _place(record: object) -> tuple[int, int, int]:
    return record.platformID, record.platEncID, record.langID  # type: ignore[attr-defined]


if __name__ == "__main__":
    for each in WEIGHTS:
        print(make(each))  # noqa: T201
