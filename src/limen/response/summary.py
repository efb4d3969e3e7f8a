"""What a reader is shown of each marker: label, bands with the switch at 0 and at 1, and whether a trial could see it."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import numpy as np

from limen.response.detect import HOLDS, Size, sizes
from limen.response.respond import Markers


def summary(markers: Markers, full: Markers | None = None) -> list[dict[str, Any]]:
    """One plain dict per marker: id, name, unit, label, times (h), `bands` {0, 1} of median, q05, q95 per time (the 90%
    prior-predictive band), `sizes` (see `detect.sizes`; the full-dose ones where `full`, the response to one full dose,
    is given), `baseline_shift` (median, 5%, 95%, or None) with `baseline_said`, sentence."""
    rows = []
    for marker in markers.markers:
        off, on = markers.values[marker.id]
        baseline = markers.baseline[marker.id]
        found = sizes(markers, marker.id, full)
        rows.append(
            {
                "id": marker.id,
                "name": marker.name,
                "unit": marker.unit,
                "label": marker.label,
                "switch": marker.switch,
                "times": markers.times.tolist(),
                "bands": {"0": _band(off), "1": _band(on)},
                "sizes": [asdict(size) for size in found],
                "baseline_shift": None
                if baseline.shift is None
                else [float(q) for q in np.quantile(baseline.shift, (0.5, 0.05, 0.95))],
                "baseline_said": baseline.said,
                "sentence": f"{marker.sentence} {_said(found)}".strip(),
            }
        )
    return rows


def marked(markers: Markers) -> dict[str, Any]:
    """The same for programs."""
    return {"schema_version": 1, "markers": summary(markers)}


def told_of(markers: Markers) -> list[str]:
    """The same for people, a line a marker."""
    return [f"{row['name']} ({row['label']}): {row['sentence']}" for row in summary(markers)]


def _band(value: np.ndarray) -> dict[str, list[float]]:
    low, middle, high = np.quantile(value, (0.05, 0.5, 0.95), axis=0)
    return {"median": middle.tolist(), "q05": low.tolist(), "q95": high.tolist()}


def _said(found: list[Size]) -> str:
    size = next(size for size in found if size.what == HOLDS)
    if size.per_arm is None:
        return "If the link holds, nothing changes that a trial could see."
    return (
        f"If the link holds, seeing the modelled change would take about {size.per_arm:,.0f} people per arm."
    )
