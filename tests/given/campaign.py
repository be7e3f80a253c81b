"""How long the suite tries: a little each time, long in `make campaign`."""

from __future__ import annotations

import os
from itertools import product

CAMPAIGN = bool(os.environ.get("ONESTOP_CAMPAIGN"))
MORE = 25

WIDTHS = (320, 360, 768, 1280, 1680) if CAMPAIGN else (1280, 360)
# Width, theme and language of a page.
LOOKS = tuple(product(WIDTHS, ("light", "dark"), ("vi", "en")))


def examples(few: int) -> int:
    """How many random examples a law meets."""
    return few * MORE if CAMPAIGN else few
