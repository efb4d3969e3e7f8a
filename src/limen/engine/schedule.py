"""When people are dosed and when they are looked at, laid out as intervals from dose to dose."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from limen.errors import DataError

SAME = 1e-9  # hours: offsets closer than this are one offset


@dataclass(frozen=True)
class Schedule:
    """Dosing and sampling, in hours and micrograms (any mass unit that matches the volume).

    `times` (doses,) or (participants, doses), ascending; `doses` the same or a scalar per dose; `outputs` (times,) or
    (participants, times). A dose of zero is no dose. An output at the time of a dose is read just before that dose.
    """

    times: np.ndarray
    doses: np.ndarray
    outputs: np.ndarray
    start: float | None = None

    def __post_init__(self):
        for name in ("times", "doses", "outputs"):
            array = np.asarray(getattr(self, name), dtype=float)
            if not np.isfinite(array).all():
                raise DataError(f"{name} of a schedule must be finite", remedy="a missed dose is a dose of 0")
            object.__setattr__(self, name, array)
        if (np.diff(self.times, axis=-1) < 0).any():
            raise DataError("dose times must ascend")


@dataclass(frozen=True)
class Layout:
    """Intervals between doses. `pins` are offsets (h) at which a panel must end; the last is the interval's length.

    starts (intervals, 1 | participants); doses (intervals, 1 | participants); pins of the kinds of interval
    (kinds, pins, 1) with `kind` of each interval, or of each interval (intervals, pins, participants) where `kind` is
    None; `where` the (interval + 1) * pins + pin at which each output is read, 0 for the start.
    """

    starts: np.ndarray
    doses: np.ndarray
    pins: np.ndarray
    kind: np.ndarray | None
    where: np.ndarray
    outputs: np.ndarray


def lay_out(
    schedule: Schedule, lag: np.ndarray | None = None, longest: float | None = None, kinds: int = 6
) -> Layout:
    """Cut the course at every dose; keep one set of offsets where intervals repeat (at most `kinds` of them)."""
    times = np.atleast_2d(schedule.times)
    doses = np.atleast_2d(schedule.doses)
    outputs = np.atleast_2d(schedule.outputs)
    if lag is not None and np.any(lag != 0):
        lag = np.unique(lag) if np.unique(lag).size == 1 else np.asarray(lag)
        times = times + np.atleast_1d(lag)[:, None]
    first = min(times.min(initial=np.inf), outputs.min())
    first = first if schedule.start is None else min(first, schedule.start)
    end = outputs.max()
    keep = (times < end).any(axis=0)
    doses = np.broadcast_to(doses, (doses.shape[0], times.shape[1]))[:, keep]
    times = times[:, keep]
    if times.shape[1] == 0 or (times[:, 0] > first).any():
        times = np.concatenate([np.full((times.shape[0], 1), first), times], axis=1)
        doses = np.concatenate([np.zeros((doses.shape[0], 1)), doses], axis=1)
    people = max(times.shape[0], outputs.shape[0])
    edges = np.concatenate([times, np.maximum(times[:, -1:], end)], axis=1)
    edges, outputs = (np.broadcast_to(a, (people, a.shape[1])) for a in (edges, outputs))
    intervals = edges.shape[1] - 1

    offsets: list[list[np.ndarray]] = []
    home = np.empty(outputs.shape, dtype=int)
    for i in range(people):
        home[i] = np.searchsorted(edges[i], outputs[i] - SAME, side="right") - 1
        row = []
        for j in range(intervals):
            gap = edges[i, j + 1] - edges[i, j]
            inner = outputs[i][home[i] == j] - edges[i, j]
            if longest is not None:
                inner = np.append(inner, np.arange(longest, gap, longest))
            inner = np.unique(np.round(np.append(inner[inner < gap - SAME], gap), 12))
            row.append(inner[np.append(np.diff(inner) > SAME, True)])
        offsets.append(row)
    width = max(o.size for row in offsets for o in row)
    pins = np.array([[np.pad(o, (0, width - o.size), mode="edge") for o in row] for row in offsets])
    where = np.zeros(outputs.shape, dtype=int)
    for i in range(people):
        inside = home[i] >= 0
        offset = outputs[i] - edges[i, np.maximum(home[i], 0)]
        nearest = np.abs(pins[i, np.maximum(home[i], 0)] - offset[:, None]).argmin(axis=1)
        where[i] = np.where(inside, (home[i] + 1) * width + nearest, 0)
    kind = None
    laid = np.moveaxis(pins, 0, 2)
    if people == 1:
        unique, inverse = np.unique(np.round(pins[0], 9), axis=0, return_inverse=True)
        if len(unique) <= kinds:
            kind = inverse.reshape(-1)
            firsts = [int(np.flatnonzero(kind == k)[0]) for k in range(len(unique))]
            laid = laid[firsts]
    return Layout(edges[:, :-1].T.copy(), doses.T.copy(), laid, kind, where, outputs)
