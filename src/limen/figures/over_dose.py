"""Who notices over the dose: the share of people after a first dose of any size, hatched below what was measured."""

from __future__ import annotations

from collections.abc import Sequence

from limen.figures.marks import Datum, exactly, mark, n, of, panel, q, ribbon, stacked, upto
from limen.figures.theme import LIGHT, Spec, dash, dressed

COLUMNS = {
    "arm": "any dose on the curve; else the arm whose dose is marked, or what it is compared with",
    "quantity": "share noticing, dose of the protocol, or comparator: the share who notice something on it",
    "x": "dose of the base",
    "x_unit": "unit of the dose",
    "median": "median over parameters; of a comparator the mean",
    "q05": "5% point; q25, q75 and q95 likewise",
    "q25": "25% point",
    "q75": "75% point",
    "q95": "95% point",
    "unit": "fraction",
    "status": "measured in the range of doses that trials have asked about, else assumption",
}


def chart(table: Sequence[Datum], narrow: bool = False) -> Spec:
    """One panel: the curve with its bands, the doses of the protocol as dots on it, the comparator as a broken line."""
    width, height = (290, 190) if narrow else (560, 230)
    curve = of(table, quantity="share noticing")
    end = max(r["x"] for r in curve)
    title = f"first dose, {curve[0]['x_unit']} of the base"
    dose = q("x", title=title, scale=exactly(0, end), axis={"tickCount": 8})
    share = q("median", title=None, scale={"domain": [0, 1]}, axis={"format": "%", "tickCount": 5})
    assumed, measured = of(curve, status="assumption"), of(curve, status="measured")
    parts = (
        ribbon(assumed + measured[:1], dose, share, "drug", dash(["any dose"], False), "assumption")
        if assumed
        else []
    )
    parts += ribbon(measured, dose, share, "drug", dash(["any dose"], False)) if len(measured) > 1 else []
    floor = [{**r, "zero": 0, "end": end} for r in of(table, quantity="comparator")]
    own = of(table, quantity="dose of the protocol")
    return dressed(stacked([panel([
        *parts,
        mark("rule", floor, {"x": q("zero"), "x2": upto("end"), "y": q("median")}, color=LIGHT["ink"], strokeDash=[2, 3]),
        mark("text", floor, {"x": q("end"), "y": q("median"), "text": n("arm")},
             align="right", baseline="top", dx=-2, dy=4),
        mark("point", own, {"x": dose, "y": share}, color=LIGHT["drug"], fill=LIGHT["drug"], filled=True, opacity=1, size=60),
        mark("text", own, {"x": q("x"), "y": q("median"), "text": n("arm")},
             align="right", baseline="bottom", dx=-6, dy=-6),
    ], width, height, "Share who notice something on a first dose")]), narrow)  # fmt: skip
