"""The tokens keep their promises: two equal dark blocks, and enough contrast in both themes."""

import re
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders

TEXT, SHAPE = 4.5, 3.0
GROUNDS = ("paper", "surface", "sunken")


def tokens():
    """The colours of each theme, by token."""
    source = Path(finders.find("ui/css/tokens.css")).read_text()
    blocks = re.findall(r"(:root[^{]*)\{([^{}]*)\}", source)
    return [
        (selector.strip(), dict(re.findall(r"--([\w-]+): (#\w{6});", body)))
        for selector, body in blocks
    ]


def themes():
    found = tokens()
    return {"light": found[0][1], "dark": found[1][1]}


def luminance(colour):
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one, other):
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_the_dark_of_the_system_and_the_dark_of_choice_are_the_same():
    by_selector = dict(tokens())

    assert by_selector[':root:not([data-theme="light"])'] == by_selector[':root[data-theme="dark"]']
    assert set(by_selector[":root"]) == set(by_selector[':root[data-theme="dark"]'])


PAIRS = [
    *[
        (text, ground, TEXT)
        for text in ("ink", "ink-2", "ink-3", "link", "brand")
        for ground in GROUNDS
    ],
    *[
        (tone, ground, TEXT)
        for tone in ("late", "soon", "ok", "stop")
        for ground in (*GROUNDS, f"{tone}-soft")
    ],
    *[(shape, ground, SHAPE) for shape in ("edge", "focus") for ground in GROUNDS],
    *[(chart, "surface", SHAPE) for chart in ("chart-1", "chart-2", "chart-3")],
    ("on-brand", "brand", TEXT),
    ("on-brand", "brand-hover", TEXT),
    ("brand", "brand-soft", TEXT),
    ("toast-ink", "toast", TEXT),
    ("toast-act", "toast", TEXT),
]


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("front", "ground", "least"), PAIRS)
def test_contrast_suffices(theme, front, ground, least):
    colours = themes()[theme]

    assert contrast(colours[front], colours[ground]) >= least
