"""What the law allowed, where, and from when: one line a jurisdiction, pale where nobody can tell the day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from limen.figures.marks import Datum, distinct, mark, n, of, upto
from limen.figures.theme import LIGHT, Spec, dressed
from limen.regulation.events import marks

COLUMNS = {
    "compound": "what the law is on",
    "place": "code of the jurisdiction",
    "start": "first day of the stretch, or the day of a pending event",
    "end": "day after the last",
    "status": "what held, and whether its row was recalled or derived",
    "kind": "prohibiting, access, programme, open, uncertain: what it allows; or pending: an event without force",
    "event": "the event that made it so",
    "first": "first day of the picture",
    "reach": "the day the data reach to",
}
KINDS = {
    "prohibiting": (LIGHT["selection"], "scheduled, no use outside research"),
    "access": (LIGHT["course"], "special access or authorised prescriber"),
    "programme": (LIGHT["drug"], "regulated programme"),
    "open": (LIGHT["belief"], "not prohibited"),
    "uncertain": (LIGHT["rule"], "cannot tell: the date is known to the year or month"),
}
PENDING = "pending"
CHARACTER = 5.3  # units of the drawing a letter takes, for shortening a status to its stretch
DAY = 86_400_000  # milliseconds


def table(line: Any) -> list[Datum]:
    """The rows of a timeline, of the law's room or of a dossier."""
    shared = {"compound": line.compound, "first": str(line.start), "reach": str(line.end)}
    points = [(s, s.start, s.end, s.status, s.kind) for s in line.stretches]
    points += [(m, m.when, m.when, m.words, PENDING) for m in line.marks if m.effect == PENDING]
    rows: list[Datum] = []
    for point, start, end, status, kind in points:
        event = getattr(point, "event", None) or point.event_id
        rows.append({**shared, "place": point.place, "start": str(start), "end": str(end),
                     "status": status + marks().get(event, ""), "kind": kind, "event": event})  # fmt: skip
    return rows


def chart(table: Sequence[Datum], narrow: bool = False) -> Spec:
    """Bars by place, labelled with their status; hollow diamonds are pending events, which change nothing."""
    width, first = 320 if narrow else 880, table[0]
    stretches = [r for r in table if r["kind"] in KINDS]
    places = distinct(stretches, "place")
    domain = [_instant(first["first"]), _instant(first["reach"])]
    unit = width * DAY / (domain[1] - domain[0])
    bars = [_bar(row, stretches, unit) for row in stretches]
    y = n("place", sort=places, title=None, scale={"paddingInner": 0.45, "paddingOuter": 0.3})
    scale = {"domain": domain, "type": "utc"}

    def when(field: str, **given: Any) -> Spec:
        return {"field": field, "type": "temporal", "scale": scale, **given}

    shown = [KINDS[kind] for kind in KINDS if of(stretches, kind=kind)]
    legend = {"orient": "top", "direction": "horizontal", "columns": 1 if narrow else 2, "labelLimit": 0,
              "symbolType": "square"}  # fmt: skip
    colour = n("means", title=None, legend=legend,
               scale={"domain": [words for _, words in shown], "range": [paint for paint, _ in shown]})  # fmt: skip
    x = when("from", title=None, axis={"format": "%Y", "tickCount": "year", "grid": True})
    look: dict[str, Any] = {"baseline": "bottom", "dy": -13, "fontSize": 10.5, "color": LIGHT["ink"]}
    pending = [{"place": r["place"], "from": _instant(r["start"])} for r in of(table, kind=PENDING)]
    layers = [
        mark("bar", bars, {"x": x, "x2": upto("to"), "y": y, "color": colour}, clip=True),
        mark("text", bars, {"x": when("from"), "y": y, "text": n("words")}, align="left", dx=1, **look),
        mark("text", bars, {"x": when("to"), "y": y, "text": n("leftwards")}, align="right", **look),
        mark("point", pending, {"x": when("from"), "y": y},
             shape="diamond", filled=True, fill=LIGHT["paper"], stroke=LIGHT["ink"], size=55, opacity=1),
    ]  # fmt: skip
    title = {"text": f"The law on {first['compound']}",
             "subtitle": f"Diamonds: pending, without force. Data reach to {first['reach']}."}  # fmt: skip
    return dressed({"layer": layers, "width": width, "height": 44 * len(places), "title": title}, narrow)


def _bar(row: Datum, stretches: Sequence[Datum], unit: float) -> Datum:
    """A stretch with its words: inside it, or leftwards from its end where a row has one status and the bar is short."""
    start, end = _instant(row["start"]), _instant(row["end"])
    known = row["kind"] != "uncertain"
    room, status = unit * (end - start) / DAY, row["status"] if known else ""
    alone = sum(r["place"] == row["place"] and r["kind"] != "uncertain" for r in stretches) == 1
    outside = alone and len(status) * CHARACTER > room
    return {"place": row["place"], "from": start, "to": end, "means": KINDS[row["kind"]][1],
            "words": "" if outside else _cut(status, room), "leftwards": status if outside else ""}  # fmt: skip


def _instant(day: str) -> int:
    return (date.fromisoformat(day).toordinal() - date(1970, 1, 1).toordinal()) * DAY


def _cut(words: str, room: float) -> str:
    fits = int(room / CHARACTER)
    if len(words) <= fits:
        return words
    return words[: fits - 1].rstrip() + "…" if fits > 12 else ""
