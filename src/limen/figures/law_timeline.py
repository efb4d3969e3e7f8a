"""What the law allowed, where, and from when: one line a jurisdiction, pale where nobody can tell the day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, Protocol

import altair as alt

from limen.figures.theme import LIGHT, dressed, table

KINDS = {
    "prohibiting": (LIGHT["selection"], "scheduled, no use outside research"),
    "access": (LIGHT["course"], "special access or authorised prescriber"),
    "programme": (LIGHT["drug"], "regulated programme"),
    "open": (LIGHT["belief"], "not prohibited"),
    "uncertain": (LIGHT["rule"], "cannot tell: the date is known to the year or month"),
}
CHARACTER = 5.3  # units of the drawing a letter takes, for shortening a status to its stretch
DAY = 86_400_000  # milliseconds


class Stretch(Protocol):
    @property
    def place(self) -> str: ...
    @property
    def start(self) -> date: ...
    @property
    def end(self) -> date: ...
    @property
    def status(self) -> str: ...
    @property
    def kind(self) -> str: ...


class Mark(Protocol):
    @property
    def place(self) -> str: ...
    @property
    def when(self) -> date: ...
    @property
    def effect(self) -> str: ...


class Timeline(Protocol):
    @property
    def compound(self) -> str: ...
    @property
    def start(self) -> date: ...
    @property
    def end(self) -> date: ...
    @property
    def stretches(self) -> Sequence[Stretch]: ...
    @property
    def marks(self) -> Sequence[Mark]: ...


def chart(line: Timeline, narrow: bool = False) -> Any:
    """Bars by place, labelled with their status; hollow diamonds are pending events, which change nothing."""
    width = 320 if narrow else 880
    days = (line.end - line.start).days
    places = list(dict.fromkeys(stretch.place for stretch in line.stretches))
    kinds = [kind for kind in KINDS if any(stretch.kind == kind for stretch in line.stretches)]
    alone = {
        place
        for place in places
        if sum(s.place == place for s in line.stretches if s.kind != "uncertain") == 1
    }
    bars = [
        {
            "place": s.place,
            "start": _instant(s.start),
            "end": _instant(s.end),
            "kind": KINDS[s.kind][1],
            "room": width * (s.end - s.start).days / days,
            "status": "" if s.kind == "uncertain" else s.status,
        }
        for s in line.stretches
    ]
    for bar in bars:
        # A row with one status may write it leftwards, from its right end, where the bar is short.
        outside = bar["place"] in alone and len(bar["status"]) * CHARACTER > bar["room"]
        bar["words"] = "" if outside else _cut(bar["status"], bar["room"])
        bar["leftwards"] = bar["status"] if outside else ""
    marks = [{"place": m.place, "when": _instant(m.when)} for m in line.marks if m.effect == "pending"]
    y = alt.Y("place:N", sort=places, title=None, scale=alt.Scale(paddingInner=0.45, paddingOuter=0.3))
    scale = alt.Scale(domain=[_instant(line.start), _instant(line.end)], type="utc")
    x = alt.X("start:T", title=None, scale=scale, axis=alt.Axis(format="%Y", tickCount="year", grid=True))
    colour = alt.Color(
        "kind:N",
        title=None,
        scale=alt.Scale(domain=[KINDS[k][1] for k in kinds], range=[KINDS[k][0] for k in kinds]),
        legend=alt.Legend(
            orient="top",
            direction="horizontal",
            columns=1 if narrow else 2,
            labelLimit=0,
            symbolType="square",
        ),
    )
    base = alt.Chart(table(bars)).encode(y=y)
    layers: list[Any] = [
        base.mark_bar(clip=True).encode(x=x, x2="end:T", color=colour),
        base.mark_text(
            align="left", baseline="bottom", dy=-13, dx=1, fontSize=10.5, color=LIGHT["ink"]
        ).encode(x=alt.X("start:T", scale=scale), text="words:N"),
        base.mark_text(align="right", baseline="bottom", dy=-13, fontSize=10.5, color=LIGHT["ink"]).encode(
            x=alt.X("end:T", scale=scale), text="leftwards:N"
        ),
    ]
    if marks:
        layers.append(
            alt.Chart(table(marks))
            .mark_point(
                shape="diamond", filled=True, fill=LIGHT["paper"], stroke=LIGHT["ink"], size=55, opacity=1
            )
            .encode(x=alt.X("when:T", scale=scale), y=y)
        )
    title = alt.Title(
        f"The law on {line.compound}",
        subtitle=f"Diamonds: pending, without force. Data reach to {line.end.isoformat()}.",
    )
    return dressed(alt.layer(*layers).properties(width=width, height=44 * len(places), title=title), narrow)


def _instant(day: date) -> int:
    return (day.toordinal() - date(1970, 1, 1).toordinal()) * DAY


def _cut(words: str, room: float) -> str:
    fits = int(room / CHARACTER)
    if len(words) <= fits:
        return words
    return words[: fits - 1].rstrip() + "…" if fits > 12 else ""
