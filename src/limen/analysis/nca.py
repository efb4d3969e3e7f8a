"""Concentrations of people after one dose: non-compartmental analysis (NCA), and sums of exponentials after a bolus.

AUC by linear or linear-up log-down trapezoids; C0 of a bolus by log-linear extrapolation of the first two points; lambda_z by
the regression of log concentration on time over the last points that has the greatest adjusted R2, three at least (a later
point wins within 1e-4, as Phoenix WinNonlin does); AUC_inf = AUC_last + C_last / lambda_z. Gabrielsson and Weiner (2016).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import Any, Literal

import numpy as np
from jaxtyping import Float

from limen.analysis.sheet import Sheet, as_number, read_sheet, rows_where
from limen.analysis.survey import DataErrors
from limen.errors import DataError, LimenError
from limen.results import Result, aligned

Points = Float[np.ndarray, " points"]
Rule = Literal["linear", "log"]
CLOSE = 1e-4  # of adjusted R2, within which more points are preferred


@dataclass(frozen=True)
class Kinetics:
    """One person. Areas are in concentration x time; `cl`, `vz` and `vss` only where a dose is known (over bioavailability
    unless it was a bolus)."""

    id: str
    points: int
    cmax: float
    tmax: float
    c0: float | None
    tlast: float
    clast: float
    auc_last: float
    aumc_last: float
    lambda_z: float | None = None
    r2_adjusted: float | None = None
    points_lambda_z: int | None = None
    half_life: float | None = None
    auc_inf: float | None = None
    extrapolated: float | None = None
    mrt: float | None = None
    cl: float | None = None
    vz: float | None = None
    vss: float | None = None


@dataclass(frozen=True)
class KineticsTable(Result):
    """Everybody's kinetics; `notes` say what could not be worked out and why."""

    people: tuple[Kinetics, ...]
    rule: Rule
    bolus: bool
    dose: float | None
    notes: tuple[str, ...]
    file: Path

    def rows(self) -> Sequence[Mapping[str, Any]]:
        return [asdict(one) for one in self.people]

    def lines(self) -> list[str]:
        shown = ("points", "cmax", "tmax", "auc_last", "lambda_z", "half_life", "auc_inf", "cl", "vz", "vss")
        rows = [[one.id, *(_short(getattr(one, name)) for name in shown)] for one in self.people]
        return [
            *aligned(["person", *shown], rows),
            "",
            *(f"note: {note}" for note in self.notes),
            self.sentence(),
        ]

    def sentence(self) -> str:
        """Geometric means, as such numbers are reported."""
        told = []
        for name, words in (
            ("cmax", "peak"),
            ("auc_inf", "area to infinity"),
            ("half_life", "terminal half-life"),
        ):
            values = np.array([x for one in self.people if (x := getattr(one, name)) is not None and x > 0])
            if len(values):
                log = np.log(values)
                spread = (
                    f", geometric CV {100 * np.sqrt(np.expm1(log.var(ddof=1))):.0f}%"
                    if len(values) > 1
                    else ""
                )
                told.append(f"{words} {np.exp(log.mean()):.4g}{spread}, n = {len(values)}")
        how = "linear trapezoids" if self.rule == "linear" else "linear-up log-down trapezoids"
        return f"Geometric means of {len(self.people)} people ({how}): {'; '.join(told)}."


def kinetics(
    data: Path | str,
    columns: Mapping[str, str],
    *,
    dose: float | None = None,
    bolus: bool = False,
    rule: Rule = "linear",
    only: Sequence[str] = (),
) -> KineticsTable:
    """Non-compartmental analysis of a table with a row for each person and time; `columns` names `id`, `time` and `conc`.
    Raises DataError, by row, for what is no number, below zero, or stands twice.

    >>> import limen, pathlib, tempfile
    >>> file = pathlib.Path(tempfile.mkdtemp(), "plasma.csv")
    >>> _ = file.write_text("id,h,ng\\n" + "\\n".join(f"A,{t},{10 * 0.5 ** t}" for t in (1, 2, 3, 4)))
    >>> found = limen.kinetics(file, {"id": "id", "time": "h", "conc": "ng"}, dose=100.0, bolus=True)
    >>> [round(found.people[0].half_life, 6), found.people[0].c0]
    [1.0, 10.0]
    """
    if rule not in ("linear", "log"):
        raise LimenError(f"there is no rule {rule!r}", remedy="linear or log")
    if dose is not None and not (np.isfinite(dose) and dose > 0):
        raise LimenError(f"a dose of {dose:g}", remedy="a dose above zero")
    sheet = rows_where(read_sheet(Path(data)), only)
    if sheet.damage:
        raise DataErrors(sheet.damage)
    courses, notes = _courses(sheet, columns), list[str]()
    people = list[Kinetics]()
    for name, (time, conc) in courses.items():
        people.append(one_person(name, time, conc, dose, bolus, rule))
        if people[-1].lambda_z is None:
            notes.append(f"{name}: no terminal slope (fewer than three falling points at the end)")
    return KineticsTable(tuple(people), rule, bolus, dose, tuple(notes), Path(data))


def one_person(
    name: str, time: Points, conc: Points, dose: float | None, bolus: bool, rule: Rule
) -> Kinetics:
    """The kinetics of one course, in order of time."""
    c0 = _back(time, conc) if bolus else None
    if c0 is not None and time[0] > 0:
        t, c = np.concatenate([[0.0], time]), np.concatenate([[c0], conc])
    elif not bolus and time[0] > 0:
        t, c = np.concatenate([[0.0], time]), np.concatenate([[0.0], conc])
    else:
        t, c = time, conc
    there = np.flatnonzero(c > 0)
    end = int(there[-1]) + 1 if len(there) else 1
    area, moment = areas(t[:end], c[:end], rule)
    peak = int(conc.argmax())
    tlast, clast = float(t[end - 1]), float(c[end - 1])
    found = Kinetics(name, len(time), float(conc[peak]), float(time[peak]), c0, tlast, clast, area, moment)
    slope = terminal(time, conc, peak if bolus else peak + 1)
    if slope is None:
        return found
    lz, fit, count = slope
    total = area + clast / lz
    moment += clast * tlast / lz + clast / lz**2
    mrt = moment / total
    cl = None if dose is None else dose / total
    return replace(
        found, lambda_z=lz, r2_adjusted=fit, points_lambda_z=count, half_life=float(np.log(2) / lz), auc_inf=total,
        extrapolated=100 * (clast / lz) / total, mrt=mrt, cl=cl, vz=None if cl is None else cl / lz,
        vss=None if cl is None or not bolus else cl * mrt,
    )  # fmt: skip


def areas(t: Points, c: Points, rule: Rule) -> tuple[float, float]:
    """Area under the curve and under its first moment."""
    area = moment = 0.0
    for (s, x), (e, y) in pairwise(zip(t.tolist(), c.tolist(), strict=True)):
        if rule == "log" and 0 < y < x:
            k = np.log(x / y) / (e - s)
            area += (x - y) / k
            moment += (s * x - e * y) / k + (x - y) / k**2
        else:
            area += (e - s) * (x + y) / 2
            moment += (e - s) * (s * x + e * y) / 2
    return float(area), float(moment)


def terminal(time: Points, conc: Points, first: int) -> tuple[float, float, int] | None:
    """lambda_z, adjusted R2 and points of the regression chosen; None where none falls. `first` is the earliest point taken."""
    use = np.flatnonzero((conc > 0) & (np.arange(len(conc)) >= first))
    fits = list[tuple[float, float, int]]()
    for count in range(3, len(use) + 1):
        x, y = time[use[-count:]], np.log(conc[use[-count:]])
        r = float(np.corrcoef(x, y)[0, 1]) if np.ptp(y) > 0 else 0.0
        slope = -float(np.polyfit(x, y, 1)[0])
        if slope > 0:
            fits.append((slope, 1 - (1 - r * r) * (count - 1) / (count - 2), count))
    best = max((fit for _, fit, _ in fits), default=0.0)
    return max((one for one in fits if one[1] > best - CLOSE), key=lambda one: one[2], default=None)


def _back(time: Points, conc: Points) -> float:
    """The concentration at time zero: the line through the first two logs, or the first point where they do not fall."""
    if time[0] == 0 or len(conc) < 2 or not 0 < conc[1] < conc[0]:
        return float(conc[0])
    slope = np.log(conc[0] / conc[1]) / (time[1] - time[0])
    return float(conc[0] * np.exp(slope * time[0]))


def _courses(sheet: Sheet, columns: Mapping[str, str]) -> dict[str, tuple[Points, Points]]:
    lacking = [name for name in ("id", "time", "conc") if name not in columns]
    if lacking:
        raise sheet.unnamed(lacking)
    for column in columns.values():
        if column not in sheet.columns:
            raise sheet.no_column(column)
    held = dict[str, dict[float, float]]()
    for number, who, *cells in zip(sheet.numbers, *(sheet.cells(columns[n]) for n in ("id", "time", "conc")), strict=True):  # fmt: skip
        at, level = map(as_number, cells)
        if not who or at is None or np.isnan(at) or at < 0:
            raise sheet.error(f"{cells[0]!r} is no time of a person", number, columns["time"], "a person, and a time since the dose of 0 or more")  # fmt: skip
        if level is None or level < 0:
            raise sheet.error(f"{cells[1]!r} is no concentration", number, columns["conc"], "0 or more; below the limit of quantification 0, not measured empty")  # fmt: skip
        mine = held.setdefault(who, {})
        if at in mine:
            raise sheet.error(f"{who} has time {at:g} twice", number, columns["time"], "keep one, or say which: --only")  # fmt: skip
        if not np.isnan(level):
            mine[at] = level
    few = next((who for who, course in held.items() if len(course) < 2), None)
    if few is not None:
        raise DataError(
            f"{few} has fewer than two concentrations", sheet.error("").where, "leave the person out: --only"
        )
    ordered = {who: sorted(course.items()) for who, course in held.items()}
    return {who: (np.array([t for t, _ in course]), np.array([c for _, c in course])) for who, course in ordered.items()}  # fmt: skip


def _short(value: float | None) -> str:
    return "-" if value is None else f"{value:.4g}"
