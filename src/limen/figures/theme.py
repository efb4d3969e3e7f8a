"""One look for every figure: the colours, the patterns of evidence, and the way from a chart to SVG and PNG.

Four colours have one meaning each, in light, dark and print. Evidence is a pattern: measured solid, translated
dotted, assumption hatched. Vega-Lite fills only with colours, so a patterned fill is written as a stand-in colour
that nothing else uses, and becomes an SVG pattern when the chart is drawn.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from functools import cache
from itertools import pairwise
from types import MappingProxyType
from typing import Any, Literal

from limen.figures import engine
from limen.parameters.load import EvidenceStatus

_DRAWER = ThreadPoolExecutor(1)  # starts no thread before it is asked
_BESIDE: list[engine.Beside] = []  # the engine, once it was started beside this process
_AHEAD: dict[str, Future[str]] = {}  # by chart: drawings nobody has asked for yet
Spec = dict[str, Any]  # a Vega-Lite specification
Colour = Literal["paper", "ink", "soft", "rule", "selection", "course", "belief", "drug"]

LIGHT: Mapping[Colour, str] = MappingProxyType(
    {
        "paper": "#fffefb",
        "ink": "#1d1f24",
        "soft": "#565a63",
        "rule": "#dcd8ce",
        "selection": "#979797",
        "course": "#e0bd7d",
        "belief": "#563289",
        "drug": "#15776f",
    }
)
DARK: Mapping[Colour, str] = MappingProxyType(
    {
        "paper": "#15171b",
        "ink": "#e9e7e1",
        "soft": "#a9adb6",
        "rule": "#3a3e46",
        "selection": "#8a8f98",
        "course": "#e6cb92",
        "belief": "#9a7ce6",
        "drug": "#3bb3a6",
    }
)
CHANNELS: tuple[Colour, ...] = ("selection", "course", "belief", "drug")
PATTERNED: tuple[Colour, ...] = ("ink", *CHANNELS)
HATCHED: tuple[EvidenceStatus, ...] = ("translated", "assumption")
DASHES: tuple[tuple[int, ...], ...] = ((1, 0), (6, 4), (2, 3), (9, 3, 2, 3), (1, 4))
WIDE, NARROW = 1000, 344
FONT = "Helvetica Neue, Helvetica, Arial, Liberation Sans, sans-serif"
# Text is measured in one typeface, which the drawing engine brings along, so that a page is the same on every machine
# (and each label is looked up once, not in five typefaces). Its letters are as wide as those of the others of FONT.
MEASURED_IN = "Liberation Sans"

_STAND_IN: Mapping[tuple[Colour, EvidenceStatus], str] = MappingProxyType(
    {
        (colour, status): f"#fe{row:02x}{column:02x}"
        for row, colour in enumerate(PATTERNED)
        for column, status in enumerate(HATCHED)
    }
)

# Of a drawing: roles for assistive software (the page gives each figure a sentence), values that SVG has anyway, frames
# without a colour, labels that only hold a place; and groups that say nothing.
_IDLE = (
    re.compile(r' (?:aria-[a-z]+|role|class|pointer-events|font-family|version|xmlns:xlink)="[^"]*"'),
    re.compile(r' (?:(?:fill-|stroke-)?opacity="1"|stroke-width="1"|font-weight="normal"|transform="translate\(0,0\)"|[xy]2="0")'),
    re.compile(r'<path d="[^"]*"(?: display="none")?/>|<text[^>]* fill-opacity="0"[^>]*>[^<]*</text>| stroke-dasharray="1,0"'),
)  # fmt: skip
_PLACE = re.compile(r' (?:d|transform|[xy]|[xy]2|width|height)="[^"]*"')
_LONG = re.compile(r"-?\d+\.\d+")
_LABEL = re.compile(
    r'<text((?: text-anchor="[a-z]+")?) transform="translate\(([-.\d]+),([-.\d]+)\)"(?=[^>]*>[^<])'
)
_ALIKE = re.compile(r"(?:<line[^>]*/>){3,}|(?:<path[^>]*/>){3,}|(?:<text[^>]*>[^<]*</text>){3,}")
_RUN = re.compile(r"(?<=[ML])([-.\d]+),([-.\d]+)((?:L[-.\d]+,[-.\d]+){2,})")
_BARE = re.compile(r"<g>((?:<(?!/?g\b)[^>]*>[^<]*)*)</g>")


def fill(colour: Colour, status: EvidenceStatus) -> str:
    """The fill of a mark of this colour whose evidence has this status: a colour, or the stand-in of a pattern."""
    return LIGHT[colour] if status == "measured" else _STAND_IN[colour, status]


def dash(arms: list[str], legend: bool = True) -> dict[str, Any]:
    """The encoding of arms by line style, in the order of the protocol."""
    spans = [list(DASHES[i % len(DASHES)]) for i in range(len(arms))]
    key = (
        {"title": None, "orient": "top", "direction": "horizontal", "symbolType": "stroke", "symbolSize": 700,
         "symbolStrokeWidth": 2, "labelLimit": 0, "columns": 1}
        if legend and len(arms) > 1
        else None
    )  # fmt: skip
    return {
        "field": "arm",
        "type": "nominal",
        "sort": arms,
        "scale": {"domain": arms, "range": spans},
        "legend": key,
    }


def config(narrow: bool) -> dict[str, Any]:
    """The Vega-Lite configuration: a paper figure, text no smaller than 11 units of the drawing."""
    size = 11 if narrow else 13
    ink, soft, rule = LIGHT["ink"], LIGHT["soft"], LIGHT["rule"]
    return {
        "background": "transparent",
        "font": MEASURED_IN,
        "padding": {"left": 2, "top": 4, "right": 4, "bottom": 2},
        "view": {"stroke": None},
        "axis": {
            "labelColor": soft, "titleColor": soft, "domainColor": soft, "tickColor": soft, "gridColor": rule,
            "labelFontSize": size, "titleFontSize": size, "titleFontWeight": "normal", "titlePadding": 6,
            "tickSize": 4, "gridWidth": 0.7,
        },
        "axisX": {"grid": False},
        "axisY": {"domain": False, "ticks": False},
        "title": {
            "color": ink, "fontSize": size, "fontWeight": "bold", "anchor": "start", "frame": "group", "offset": 8,
            "subtitleColor": soft, "subtitleFontSize": size, "subtitlePadding": 3,
        },
        "legend": {"labelColor": ink, "labelFontSize": size, "titleFontSize": size, "titleColor": soft},
        "text": {"color": ink, "fontSize": size},
        "rule": {"color": ink},
        "concat": {"spacing": 28 if narrow else 36},
    }  # fmt: skip


def dressed(chart: Spec, narrow: bool = False) -> Spec:
    """The chart with the theme as its configuration."""
    return {**chart, "config": config(narrow)}


def drawn_by(verb: str, *args: Any, **how: Any) -> Any:
    """What the drawing engine makes of this. One thread asks it for everything, one thing after the other: asked by several
    at once it does not draw the same twice."""
    return _DRAWER.submit(_draw, verb, args, how).result()


def begin_drawing() -> None:
    """Start the drawing engine beside this process, which takes it a second; from now on charts may be drawn ahead."""
    _DRAWER.submit(_begin)


def drawing() -> bool:
    """Whether the drawing engine was started beside this process."""
    return bool(_BESIDE)


def draw_ahead(chart: Spec) -> None:
    """Have the engine that was started beside this process draw a chart, for `svg` to find."""
    text = _written(chart)
    if drawing() and text not in _AHEAD:
        _AHEAD[text] = _DRAWER.submit(_draw, *_asked(text))


def _begin() -> None:
    with suppress(OSError):  # where no process can be started this one draws
        if not _BESIDE:
            _BESIDE.append(engine.Beside())
            _draw(*_asked('{"mark": "point", "data": {"values": []}}'))


def _draw(verb: str, args: tuple[Any, ...], how: Mapping[str, Any]) -> Any:
    while _BESIDE:
        try:
            return _BESIDE[0].draw(verb, args, how)
        except OSError:
            _BESIDE.clear()
    return engine.draw(verb, args, how)


def _written(chart: Spec) -> str:
    return json.dumps(chart, default=float)


def _asked(text: str) -> tuple[str, tuple[str], dict[str, Any]]:
    return "vegalite_to_svg", (text,), {}


def svg(chart: Spec, name: str, themed: bool = False) -> str:
    """Draw a chart as one SVG element whose identifiers start with `name`.

    With `themed`, colours are CSS variables (`--ink`, `--drug` ...) that fall back to the light theme, so the same
    drawing serves light, dark and print; without, they are the light theme's and the file stands alone.
    """
    text = _written(chart)
    ahead = _AHEAD.pop(text, None)
    drawn = _lean(drawn_by("vegalite_to_svg", text) if ahead is None else ahead.result())
    drawn = re.sub(r'id="(clip\d+|gradient_\d+)"', rf'id="{name}-\1"', drawn)
    drawn = re.sub(r"url\(#(clip\d+|gradient_\d+)\)", rf"url(#{name}-\1)", drawn)
    used = [key for key, stand_in in _STAND_IN.items() if stand_in in drawn]
    for colour, status in used:
        drawn = drawn.replace(_STAND_IN[colour, status], f"url(#{name}-{colour}-{status})")
    defs = "".join(_pattern(f"{name}-{c}-{s}", LIGHT[c], s) for c, s in used)
    if used:
        drawn = drawn.replace(">", f"><defs>{defs}</defs>", 1)
    if themed:
        # A figure of one panel is not blown up to the full measure: its text stays the size of its neighbours'.
        drawn = re.sub(
            r' width="([\d.]+)" height="[\d.]+"',
            lambda size: f' style="max-width:{1.06 * float(size.group(1)):.0f}px"',
            drawn,
            count=1,
        )
        for colour, value in LIGHT.items():
            drawn = drawn.replace(f'"{value}"', f'"var(--{colour})"')
    return drawn


def _lean(drawn: str) -> str:
    """The drawing in a third of the bytes: without what changes nothing of it, to a tenth of a unit, finer than a screen, and
    what neighbours share said once."""
    for idle in _IDLE:
        drawn = idle.sub("", drawn)
    drawn = _PLACE.sub(
        lambda found: _LONG.sub(lambda x: f"{float(x.group()):.1f}".removesuffix(".0"), found.group()), drawn
    )
    drawn = _LABEL.sub(r'<text\1 x="\2" y="\3"', _RUN.sub(_steps, drawn))
    sizes = re.findall(r' font-size="([\d.]+px)"', drawn)
    usual = max(sizes, key=sizes.count, default="13px")
    drawn = drawn.replace(f' font-size="{usual}"', "").replace(
        "<g ", f'<g font-family="{FONT}" font-size="{usual}" ', 1
    )
    while (bare := _BARE.sub(r"\1", drawn)) != drawn:
        drawn = bare
    return _ALIKE.sub(_together, drawn)


def _together(alike: re.Match[str]) -> str:
    """Neighbours of one kind, with the looks that all of them have said once, by a group around them."""
    marks = re.findall(r"<\w+([^>]*?)/?>", re.sub(r"</\w+>", "", alike.group()))
    looks = [set(re.findall(r' (?:fill|stroke|text-anchor|font)[a-z-]*="[^"]*"', mark)) for mark in marks]
    shared = sorted(set.intersection(*looks))
    bare = alike.group()
    for look in shared:
        bare = bare.replace(look, "")
    return f"<g{''.join(shared)}>{bare}</g>" if shared else bare


def _steps(run: re.Match[str]) -> str:
    """A run of points as steps from each to the next, counted in tenths so that no error adds up."""
    at = [[round(10 * float(end)) for end in point.split(",")] for point in run.group().split("L")]
    steps = [f"{(x1 - x0) / 10:g},{(y1 - y0) / 10:g}" for (x0, y0), (x1, y1) in pairwise(at)]
    return f"{run.group(1)},{run.group(2)}l{' '.join(steps)}".replace(",-", "-").replace(" -", "-")


def on_paper(chart: Spec) -> Spec:
    """The chart on the light paper colour rather than on nothing."""
    return {**chart, "background": LIGHT["paper"]}


def png(chart: Spec, scale: float = 2.0) -> bytes:
    """Draw a chart as PNG on the light paper colour; `scale` pixels per unit."""
    return drawn_by("svg_to_png", svg(on_paper(chart), "figure"), scale=scale)


@cache
def _pattern(name: str, colour: str, status: str) -> str:
    """A hatch (assumption) or dots (translated) over a tint of the colour, so that the hue stays readable."""
    tile = f'<pattern id="{name}" patternUnits="userSpaceOnUse" width="6" height="6"'
    ground = f'<rect width="6" height="6" fill="{colour}" fill-opacity="0.22"/>'
    if status == "assumption":
        mark = f'<rect width="2.4" height="6" fill="{colour}"/>'
        return f'{tile} patternTransform="rotate(45)">{ground}{mark}</pattern>'
    return f'{tile}>{ground}<circle cx="3" cy="3" r="1.5" fill="{colour}"/></pattern>'
