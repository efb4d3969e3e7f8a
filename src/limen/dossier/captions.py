"""What several figures share: the rows of a band, and what their source lines say."""

from __future__ import annotations

from limen.dossier import words
from limen.dossier.answer import Answer
from limen.dossier.noun import Band, Interval
from limen.figures.marks import Datum


def simulation(answer: Answer, band: Band | None = None) -> str:
    r = answer.reproduce
    text = f"Simulated: {words.number(r.draws, 0)} parameter draws, {words.number(r.people, 0)} people, seed {r.seed}."
    return text + (f" Bands (50% and 90%) hold {words.layers(band.layers)}." if band else "")


def points(band: Band, **labels: object) -> list[Datum]:
    """One row per point of the band, four digits each: `x`, `median`, `q05` to `q95`, and the labels given."""
    columns = (band.at, band.median, band.q05, band.q25, band.q75, band.q95)
    return [
        {**labels, **dict(zip(("x", "median", "q05", "q25", "q75", "q95"), map(_short, point), strict=True))}
        for point in zip(*columns, strict=True)
    ]


def spread(interval: Interval) -> Datum:
    """An interval as a row's `median`, `q05` and `q95`."""
    return {"median": interval.value, "q05": interval.low, "q95": interval.high}


def _short(value: float) -> float:
    return float(f"{value:.4g}")
