"""Prior, data, posterior: what was believed about the drug effect, what the trials said, and what is left."""

from __future__ import annotations

from collections.abc import Sequence

from limen.figures.marks import Datum, mark, n, q, upto
from limen.figures.theme import LIGHT, Spec, dressed

COLUMNS = {
    "role": "prior, data or posterior",
    "label": "what it is",
    "mean": "mean of the standardised drug effect, a normal distribution; above zero favours the drug",
    "low": "5% point",
    "high": "95% point",
}
ROLES = {"prior": "circle", "data": "square", "posterior": "diamond"}
AXIS = "drug effect, standard deviations of control-arm change; right favours the drug"


def chart(table: Sequence[Datum], narrow: bool = False) -> Spec:
    """One line per source of belief about the standardised drug effect; to the right favours the drug."""
    values = [{**r, "place": f"{i} {r['label']}"} for i, r in enumerate(table)]
    y = n("place", sort=[v["place"] for v in values], title=None, axis=None, scale={"paddingInner": 0.5})
    axis = {"grid": True, "tickCount": 6}
    x = q("low", title="drug effect, SD; right favours the drug" if narrow else AXIS, axis=axis)
    shape = n("role", legend=None, scale={"domain": list(ROLES), "range": list(ROLES.values())})
    drug = LIGHT["drug"]
    layers = [
        mark("rule", [{"x": 0}], {"x": q("x")}, color=LIGHT["ink"], strokeDash=[3, 3]),
        mark("rule", values, {"x": x, "x2": upto("high"), "y": y}, strokeWidth=3, color=drug),
        mark("point", values, {"x": q("mean"), "y": y, "shape": shape},
             filled=True, size=80, opacity=1, color=drug),
        mark("text", values, {"x": q("low"), "y": y, "text": n("label")}, align="left", baseline="bottom", dy=-9),
    ]  # fmt: skip
    return dressed({"layer": layers, "width": 320 if narrow else 920, "height": 46 * len(values)}, narrow)
