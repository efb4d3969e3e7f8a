"""What a reader is shown of each marker: label, bands with the switch at 0 and at 1, and whether a trial could see it."""

from __future__ import annotations

from typing import Any

import numpy as np

from limen.response.respond import MARKERS, Markers

# Two-sided 5%, power 80%: (1.960 + 0.842)^2, the normal quantiles.
POWERED = 7.849


def summary(markers: Markers) -> list[dict[str, Any]]:
    """One plain dict per marker: id, name, unit, label, times (h), `bands` {0, 1} of median, q05, q95 per time,
    `per_arm` {0, 1}: median and 5-95% of participants per arm, `baseline_shift`, sentence."""
    rows = []
    for marker in MARKERS:
        off, on = markers.values[marker.id]
        shift = markers.baseline[marker.id]
        sizes = {str(z): detectable(value, markers.within_sd[marker.id]) for z, value in ((0, off), (1, on))}
        rows.append(
            {
                "id": marker.id,
                "name": marker.name,
                "unit": marker.unit,
                "label": marker.label,
                "switch": marker.switch,
                "times": markers.times.tolist(),
                "bands": {str(z): _band(value) for z, value in ((0, off), (1, on))},
                "per_arm": sizes,
                "baseline_shift": None
                if shift is None
                else [float(q) for q in np.quantile(shift, (0.5, 0.05, 0.95))],
                "sentence": f"{marker.sentence} {_said(sizes['1'])}",
            }
        )
    return rows


def _band(value: np.ndarray) -> dict[str, list[float]]:
    low, middle, high = np.quantile(value, (0.05, 0.5, 0.95), axis=0)
    return {"median": middle.tolist(), "q05": low.tolist(), "q95": high.tolist()}


def detectable(value: np.ndarray, within_sd: np.ndarray) -> dict[str, float] | None:
    """Participants per arm at 80% power for the largest modelled change against one pre and one post sample:
    n = 2 (z_0.975 + z_0.8)^2 (2 SD^2) / change^2. None where there is no change to see in half of the draws."""
    change = np.abs(value).max(axis=1)
    with np.errstate(divide="ignore"):
        n = np.ceil(2 * POWERED * 2 * within_sd**2 / change**2)
    middle, low, high = np.quantile(np.minimum(n, 1e12), (0.5, 0.05, 0.95))
    return None if middle >= 1e12 else {"median": float(middle), "q05": float(low), "q95": float(high)}


def _said(size: dict[str, float] | None) -> str:
    if size is None:
        return "With its switch on, nothing changes that a trial could see."
    return f"With its switch on, seeing the modelled change would take about {size['median']:,.0f} people per arm."
