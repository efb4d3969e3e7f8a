"""Four colours with one meaning each, told apart by anybody and on any paper; evidence as a pattern."""

from __future__ import annotations

import io
import itertools
import json
import re
import xml.etree.ElementTree as ET

import numpy as np
import pytest
import vl_convert

from limen.dossier.render import figures_of
from limen.figures import theme
from limen.figures.marks import mark, q
from support import sample


def luminance(colour: str) -> float:
    """Relative luminance of a #rrggbb colour (WCAG 2)."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def lightness(colour: str) -> float:
    """CIE L*, 0 black to 100 white: what is left of a colour on a grey printer."""
    y = luminance(colour)
    return 116 * y ** (1 / 3) - 16 if y > 0.008856 else 903.3 * y


def contrast(a: str, b: str) -> float:
    high, low = sorted((luminance(a), luminance(b)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize(("a", "b"), list(itertools.combinations(theme.CHANNELS, 2)))
def test_the_four_colours_stay_apart_in_grey_print(a, b):
    assert abs(lightness(theme.LIGHT[a]) - lightness(theme.LIGHT[b])) >= 10


@pytest.mark.parametrize("palette", [theme.LIGHT, theme.DARK], ids=["light", "dark"])
@pytest.mark.parametrize("text", ["ink", "soft"])
def test_text_can_be_read_on_its_paper(palette, text):
    assert contrast(palette[text], palette["paper"]) >= 4.5


@pytest.mark.parametrize("palette", [theme.LIGHT, theme.DARK], ids=["light", "dark"])
@pytest.mark.parametrize("colour", ["belief", "drug"])
def test_lines_and_marks_can_be_seen_on_their_paper(palette, colour):
    assert contrast(palette[colour], palette["paper"]) >= 3


def bar(status) -> theme.Spec:
    encoding = {"x": q("x"), "y": q("y")}
    return mark("bar", [{"x": 1, "y": 2}], encoding, fill=theme.fill("drug", status))


def test_evidence_becomes_a_pattern():
    drawn = {status: theme.svg(bar(status), "f") for status in ("measured", "translated", "assumption")}
    assert "<pattern" not in drawn["measured"]
    assert 'fill="url(#f-drug-translated)"' in drawn["translated"]
    assert "<circle" in drawn["translated"].split("</defs>")[0]
    assert 'fill="url(#f-drug-assumption)"' in drawn["assumption"]
    assert "rotate(45)" in drawn["assumption"].split("</defs>")[0]
    for text in drawn.values():
        ET.fromstring(text)


def test_a_themed_drawing_follows_the_page_and_a_plain_one_stands_alone():
    chart = theme.dressed(bar("measured"))
    assert "var(--drug)" in theme.svg(chart, "f", themed=True)
    assert "var(" not in theme.svg(chart, "f")
    assert theme.png(chart, 1.0).startswith(b"\x89PNG")


@pytest.mark.parametrize("name", list(figures_of(sample.with_mechanism())))
@pytest.mark.parametrize("narrow", [False, True], ids=["wide", "narrow"])
def test_a_lean_drawing_shows_what_the_whole_one_shows(name, narrow):
    """Both as pixels of 256 greys: a tenth of a unit shifts an edge by less than a third of them, a missing line by all."""
    chart = theme.on_paper(figures_of(sample.with_mechanism())[name].spec(narrow))
    plain = re.sub(r"#fe0[0-9]0[0-9]", theme.LIGHT["drug"], json.dumps(chart, default=float))
    whole, lean = vl_convert.vegalite_to_svg(plain), theme.svg(json.loads(plain), "f")
    assert len(lean) < 0.65 * len(whole)
    image = pytest.importorskip("PIL.Image")
    one, other = (
        np.asarray(image.open(io.BytesIO(vl_convert.svg_to_png(drawn))).convert("L"), int)
        for drawn in (whole, lean)
    )
    assert one.shape == other.shape
    assert abs(one - other).max() < 80


def test_arms_differ_by_line_style_never_by_colour():
    encoded = theme.dash(["a", "b", "c"])["scale"]
    assert len({tuple(style) for style in encoded["range"]}) == 3
