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
    home = np.sum(edges[:, None, :] <= outputs[:, :, None] - SAME, axis=2) - 1
    pins, where = _pins(edges, outputs, home, longest)
    kind = None
    laid = np.moveaxis(pins, 0, 2)
    if people == 1:
        unique, inverse = np.unique(np.round(pins[0], 9), axis=0, return_inverse=True)
        if len(unique) <= kinds:
            kind = inverse.reshape(-1)
            firsts = [int(np.flatnonzero(kind == k)[0]) for k in range(len(unique))]
            laid = laid[firsts]
    return Layout(edges[:, :-1].T.copy(), doses.T.copy(), laid, kind, where, outputs)


def _pins(
    edges: np.ndarray, outputs: np.ndarray, home: np.ndarray, longest: float | None
) -> tuple[np.ndarray, np.ndarray]:
    """Offsets at which panels end (participants, intervals, pins), each interval's length last, and where each output
    is read: (interval + 1) * pins + pin, 0 before the first interval. `home` is the interval of each output."""
    people, intervals = edges.shape[0], edges.shape[1] - 1
    gaps = np.diff(edges, axis=1)
    person, inside = np.arange(people)[:, None], np.maximum(home, 0)
    gap = np.take_along_axis(gaps, inside, axis=1)
    offset = outputs - np.take_along_axis(edges, inside, axis=1)
    # an output at the end of its interval is the interval's last pin, which is there anyway
    within = (home >= 0) & (offset < gap - SAME)
    order = np.argsort(np.where(within, home, intervals), axis=1, kind="stable")
    sorted_home = np.take_along_axis(np.where(within, home, intervals), order, axis=1)
    first = np.sum(sorted_home[:, None, :] < sorted_home[:, :, None], axis=2)
    rank = np.arange(outputs.shape[1]) - first
    counted = sorted_home < intervals
    width = int(rank[counted].max(initial=-1)) + 2
    laid = np.broadcast_to(gaps[..., None], (people, intervals, width)).copy()
    rows = np.broadcast_to(person, order.shape)[counted]
    laid[rows, sorted_home[counted], rank[counted]] = np.take_along_axis(offset, order, axis=1)[counted]
    if longest is not None:
        extra = np.arange(longest, gaps.max(), longest)
        laid = np.concatenate([np.minimum(extra, gaps[..., None]), laid], axis=2)
    laid = np.round(np.sort(laid, axis=2), 12)
    reached = np.sum(laid[person, inside] < offset[..., None] - SAME, axis=2)
    reached = np.minimum(reached, laid.shape[2] - 1)
    return laid, np.where(home >= 0, (home + 1) * laid.shape[2] + reached, 0)
