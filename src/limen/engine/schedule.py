"""When people are dosed and when they are looked at, laid out as intervals from dose to dose."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from jaxtyping import Bool, Float, Int, Shaped

from limen.errors import DataError

SAME = 1e-9  # hours: offsets closer than this are one offset
CROWDED = 7  # looks within one interval


@dataclass(frozen=True)
class Timetable:
    """Dosing and sampling, in hours and micrograms (any mass unit that matches the volume).

    Doses ascend in time; times of doses and of outputs are shared (one axis) or everybody's own (two). A dose of zero
    is no dose. An output at the time of a dose is read just before that dose. Times that everybody shares are fast; of
    histories of one's own the union is marched, with no dose for the others.
    """

    times: Float[np.ndarray, "*timed doses"]
    doses: Float[np.ndarray, "*given #doses"]
    outputs: Float[np.ndarray, "*looked times"]
    start: float | None = None

    def __post_init__(self):
        for name in ("times", "doses", "outputs"):
            array = np.atleast_1d(np.asarray(getattr(self, name), float))
            if not np.isfinite(array).all():
                raise DataError(f"{name} of a schedule must be finite", remedy="a missed dose is a dose of 0")
            object.__setattr__(self, name, array)
        if (np.diff(self.times, axis=-1) < 0).any():
            raise DataError("dose times must ascend")

    def shared(self) -> Timetable:
        """The same doses and looks with one row of times for everybody."""
        times, doses, outputs = self.times, self.doses, np.unique(self.outputs)
        if times.ndim == 2 and len(times) > 1:
            every = np.unique(times)
            given = np.zeros((len(times), len(every)))
            np.add.at(given, (np.arange(len(times))[:, None], np.searchsorted(every, times)), doses)
            times, doses = every, given
        return Timetable(np.ravel(times), np.atleast_2d(doses), outputs, self.start)


@dataclass(frozen=True)
class Layout:
    """Intervals from dose to dose. Each person's clock runs late by that person's lag, so that all share intervals.

    `starts`, h, is when the dose arrives. `pins`: offsets (h) at which a panel must end, the last the interval's length,
    for each kind of interval; `kind` says which an interval is, or is None where every interval is its own. `where`: the
    (interval + 1) * pins + pin at which an output is read, 0 for the start; `sooner` the same for those whose dose has
    not arrived by then, the `early`.
    """

    starts: Float[np.ndarray, " intervals #lags"]
    doses: Float[np.ndarray, " intervals #people"]
    pins: Float[np.ndarray, "kinds pins #lags"]
    kind: Int[np.ndarray, " intervals"] | None
    where: Int[np.ndarray, " times"]
    sooner: Int[np.ndarray, " times"]
    early: Bool[np.ndarray, " times #lags"]
    outputs: Float[np.ndarray, " times"]


def laid_out(
    schedule: Timetable,
    lag: Float[np.ndarray, " participants"] | None = None,
    longest: float | None = None,
    pinned: bool = True,
    kinds: int = 16,
) -> Layout:
    """Cut the course at every dose; keep one set of offsets where intervals repeat (at most `kinds` of them).

    Without `pinned` no output is a pin, which is enough where only what has a closed form is asked for. Raises DataError
    where doses follow each other faster than they arrive.
    """
    times, doses, outputs = schedule.times, schedule.doses, schedule.outputs
    late = np.zeros(1) if lag is None else np.round(np.atleast_1d(lag), 9)
    late = late[:1] if np.ptp(late) == 0 else late
    first = min(times.min(initial=np.inf), outputs.min())
    first = first if schedule.start is None else min(first, schedule.start)
    end = outputs.max()
    keep = times + late.min() < end
    doses = np.broadcast_to(doses, (doses.shape[0], len(times)))[:, keep]
    times = times[keep]
    if np.any(np.diff(times)[np.diff(times) > 0] <= np.ptp(late)):
        raise DataError(
            "doses follow each other within the spread of the lag", remedy="give such doses as one"
        )
    looks = outputs if pinned else outputs[-1:]
    if pinned:
        if longest is not None:
            looks = np.union1d(looks, _filled(np.union1d([first, *times], outputs), longest))
        times, doses = _spread(times, doses, looks, float(np.ptp(late)))
    nominal, edges = times, np.broadcast_to(times[:, None], (len(times), len(late)))
    if len(times) == 0 or times[0] + late.max() > first:
        nominal = np.concatenate([[first], times])
        edges = np.concatenate([(first - late)[None], edges])
        doses = np.concatenate([np.zeros((doses.shape[0], 1)), doses], axis=1)
    edges = np.concatenate([edges, np.maximum(edges[-1:], end - late.min())])
    home = np.searchsorted(nominal, looks - SAME) - 1
    early = (home >= 0)[:, None] & (looks[:, None] - late <= edges[home] + SAME)
    pins, where, sooner = _pins(edges, looks[:, None] - late, home, early)
    asked = np.searchsorted(looks, outputs) if pinned else np.zeros(len(outputs), int)
    kind = None
    _, firsts, inverse = np.unique(
        np.round(pins, 9).reshape(len(pins), -1), axis=0, return_index=True, return_inverse=True
    )
    if len(firsts) <= kinds:
        kind, pins = inverse.reshape(-1), pins[firsts]
    return Layout(
        edges[:-1] + late, doses.T.copy(), pins, kind, where[asked], sooner[asked], early[asked], outputs
    )


def in_shared_shape(layout: Layout) -> Layout:
    """The same course in one of a few shapes, so that courses share compiled programs: the last kind, pin, interval
    (without its dose) and output are repeated, and read by nobody; whoever has no lag has a column of their own too."""
    if layout.kind is None:
        return layout
    people = layout.doses.shape[1]
    width, intervals = layout.pins.shape[1], len(layout.kind)
    wide, long = (
        -width % 4 + width,
        intervals if intervals > 512 else max(32, 1 << (intervals - 1).bit_length()),
    )

    def grown(array: Shaped[np.ndarray, ...], count: int, axis: int = 0) -> Shaped[np.ndarray, ...]:
        added = [(0, count - size if i == axis else 0) for i, size in enumerate(array.shape)]
        return np.pad(array, added, mode="edge")

    looks = -len(layout.where) % 128 + len(layout.where)
    doses = grown(layout.doses, long)
    doses[intervals:] = 0.0
    pins = grown(grown(layout.pins, wide, axis=1), -layout.pins.shape[0] % 12 + layout.pins.shape[0])
    where, sooner = (grown(w // width * wide + w % width, looks) for w in (layout.where, layout.sooner))
    starts, early, outputs = (
        grown(a, n) for a, n in ((layout.starts, long), (layout.early, looks), (layout.outputs, looks))
    )
    starts, pins, early = (
        np.broadcast_to(a, (*a.shape[:-1], max(people, a.shape[-1]))) for a in (starts, pins, early)
    )
    return Layout(starts, doses, pins, grown(layout.kind, long), where, sooner, early, outputs)


def _spread(
    times: np.ndarray, doses: np.ndarray, looks: np.ndarray, apart: float
) -> tuple[np.ndarray, np.ndarray]:
    """Doses of nothing wherever an interval would be looked at more often than `CROWDED` times: all intervals hold as
    many pins as the fullest one, so that one crowded interval would otherwise slow down every other. They stand further
    than `apart`, the spread of the lag, from each other and from every dose, since a look is early by one interval at most."""
    home = np.searchsorted(times, looks - SAME)
    rank = np.arange(len(looks)) - np.searchsorted(home, home)
    cuts = np.setdiff1d(looks[(rank > 0) & (rank % CROWDED == 0)], times)
    cuts = _further_than(apart, cuts[cuts > times.min(initial=np.inf)], times)
    every = np.concatenate([times, cuts])
    order = np.argsort(every, kind="stable")
    return every[order], np.concatenate([doses, np.zeros((len(doses), len(cuts)))], axis=1)[:, order]


def _further_than(apart: float, cuts: np.ndarray, times: np.ndarray) -> np.ndarray:
    """Those of the ascending `cuts` that keep their distance from the times and from the cut kept before."""
    kept: list[float] = []
    for cut in cuts:
        if np.abs(times - cut).min(initial=np.inf) > apart and (not kept or cut - kept[-1] > apart):
            kept.append(float(cut))
    return np.array(kept)


def _filled(known: np.ndarray, longest: float) -> np.ndarray:
    """Further times wherever these leave much more than `longest` between two of them."""
    return np.concatenate(
        [
            known[:0],
            *(np.arange(a + longest, b, longest) for a, b in pairwise(known) if b - a > 1.5 * longest),
        ]
    )


def _pins(edges: np.ndarray, seen: np.ndarray, home: np.ndarray, early: np.ndarray) -> tuple[np.ndarray, ...]:
    """Offsets at which panels end (intervals, pins, participants), each interval's length last, and where each look is
    read, in the interval `home` and, for the `early`, in the one before: (interval + 1) * pins + pin, 0 for the start."""
    gaps = np.diff(edges, axis=0)
    inside: list[list[np.ndarray]] = [[] for _ in gaps]
    slot = np.full((2, len(home)), -1)
    for row, there in ((0, ~early), (1, early)):
        for i in np.flatnonzero(there.any(axis=1) & (home >= row)):
            j = home[i] - row
            # those who read it elsewhere have their pin at the end: one at the start would spoil the first panel
            offset = np.where(there[i], np.clip(seen[i] - edges[j], 0.0, gaps[j]), gaps[j])
            # a look at the end of its interval is the interval's last pin, which is there anyway
            if (offset < gaps[j] - SAME)[there[i]].any():
                slot[row, i] = len(inside[j])
                inside[j].append(offset)
    width = 1 + max(map(len, inside))
    laid = np.repeat(gaps[:, None], width, axis=1)
    for pins, offsets in zip(laid, inside, strict=True):
        for r, offset in enumerate(offsets):
            pins[r] = offset
    slot = np.where(slot < 0, width - 1, slot)
    where, sooner = ((home - row + 1) * width + slot[row] for row in (0, 1))
    return np.round(laid, 12), np.where(home >= 0, where, 0), np.where(home >= 1, sooner, 0)
