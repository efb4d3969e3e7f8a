"""What each way of taking guesses off a difference leaves of its bias, by where guesses come from and by dose."""

from __future__ import annotations

from collections.abc import Sequence

from limen.figures.marks import Datum, around, beside, distinct, mark, n, of, panel, q, upto
from limen.figures.theme import LIGHT, Spec, dressed

COLUMNS = {
    "way": "how guesses are taken off",
    "guesses_from": "what guesses come from, a panel each",
    "dose": "dose, by the shape of the point",
    "bias": "mean of what is found less the drug's own effect, points, benefit positive",
    "bias_se": "its Monte Carlo standard error; bars are twice that",
}
NAMES = 190


def chart(table: Sequence[Datum], narrow: bool = False) -> Spec:
    """A row a way, points for doses one below the other, bars of twice the Monte Carlo error; nothing left of a bias is the rule."""
    rows = [
        {**r, "low": r["bias"] - 2 * r["bias_se"], "high": r["bias"] + 2 * r["bias_se"]}
        for r in table if r["bias"] is not None
    ]  # fmt: skip
    ways, doses = distinct(rows, "way"), distinct(rows, "dose")
    ends = [0.0, *(r[side] for r in rows for side in ("low", "high"))]
    scale = around(min(ends), max(ends), 0.05)
    panels = list[Spec]()
    for number, source in enumerate(distinct(rows, "guesses_from")):
        own = of(rows, guesses_from=source)
        labels = {} if number == 0 or narrow else {"labels": False}
        y = n("way", sort=ways, title=None, axis={"labelLimit": NAMES + 60, "ticks": False, **labels})
        row = n("dose", sort=doses)
        x = q("low", title="points", scale=scale, axis={"grid": True, "tickCount": 5})
        legend = {"title": None, "orient": "top"} if number == 0 else None
        shape = n("dose", sort=doses, legend=legend, scale={"domain": doses})
        panels.append(panel([
            mark("rule", [{"x": 0.0}], {"x": q("x", scale=scale)}, color=LIGHT["ink"], strokeWidth=1),
            mark("rule", own, {"x": x, "x2": upto("high"), "y": y, "yOffset": row}, color=LIGHT["ink"], strokeWidth=1.4),
            mark("point", own, {"x": {**x, "field": "bias"}, "y": y, "yOffset": row, "shape": shape}, color=LIGHT["ink"],
                 filled=True, opacity=1, size=46),
        ], 190, 36 * len(ways), f"guesses from {source}"))  # fmt: skip
    return dressed({"vconcat": panels} if narrow else beside(panels, 26), narrow)
