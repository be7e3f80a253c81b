"""Takes the instructions for coarse screens out of the faces for headings, half of their bytes.

The face of running text, which is small, keeps them. What the letters look like elsewhere, how they
are spaced and where the Vietnamese marks sit does not change.

    python -m onestop.ui.fonts.make_lighter
"""

from pathlib import Path

from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont

from onestop.ui.fonts.make_digits import FOLDER

HEADINGS = (500, 600)
SPACING_AND_MARKS = ["kern", "mark", "mkmk", "ccmp", "locl", "liga"]


def make(path: Path) -> Path:
    """Write the face in `path` anew without its instructions, every letter kept."""
    font = TTFont(path)
    options = Options()
    options.hinting = False
    options.layout_features = SPACING_AND_MARKS
    options.notdef_outline = True
    options.flavor = "woff2"
    subsetter = Subsetter(options)
    subsetter.populate(unicodes=font.getBestCmap())
    subsetter.subset(font)
    font.save(path)
    return path


if __name__ == "__main__":
    for weight in HEADINGS:
        for part in ("latin", "vietnamese"):
            print(make(FOLDER / f"be-vietnam-pro-{part}-{weight}-normal.woff2"))  # noqa: T201
