"""From a dosing history to every marker, over parameter draws, with each switch at 0 and at 1."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from limen.compounds import compound as record_of
from limen.engine.schedule import Schedule
from limen.engine.solve import solve
from limen.errors import ParameterError
from limen.parameters import Draws
from limen.response.chain import COMPOUNDS, KINETICS, PER_UNIT, Structure, exposure, model, person
from limen.response.marker import Marker
from limen.response.markers import in_order, registered
from limen.results import Result

ACUTE = np.array([1.0, 2.0, 3.0, 4.0, 6.0, 8.0, 12.0])  # h after the first and the last dose
DAY = np.array(
    [0.0, 0.5, 1.5, 5.0, 10.0, 16.0, 20.0, 24.0]
)  # and further, after the last dose, for its picture
AFTER = 16  # looks between the last dose and the end, closer together at first


@dataclass(frozen=True)
class Baseline:
    """Where an indication moves a marker's usual level: `shift` per draw in the marker's unit, or None; in words."""

    shift: np.ndarray | None
    status: str
    said: str


@dataclass(frozen=True)
class Markers(Result):
    """Marker courses: `times` h since the first dose; `values` per marker id and switch (0, 1): (draws, times).

    `also`: further equations asked for, with the switches at 1. `totals`: time integrals of what was asked for.
    `within_sd`, `between_sd` per marker (draws,), the latter where known. `probability` of each marker's switch being
    on, None where it has none. `single`: share of a full dose's effect that one dose may have (draws,), where given.
    `replaced`: draws whose numbers could not be used together and that took those of the next. `last`: h of the last dose.
    """

    markers: tuple[Marker, ...]
    times: np.ndarray
    values: Mapping[str, tuple[np.ndarray, np.ndarray]]
    also: Mapping[str, np.ndarray]
    totals: Mapping[str, np.ndarray]
    within_sd: Mapping[str, np.ndarray]
    between_sd: Mapping[str, np.ndarray]
    coupling: Mapping[str, np.ndarray]
    probability: Mapping[str, float | None]
    single: Mapping[str, np.ndarray]
    baseline: Mapping[str, Baseline]
    replaced: int
    last: float


def respond(
    days: Sequence[float] | np.ndarray,
    dose: np.ndarray | float,
    compound: str,
    indication: str,
    draws: Draws | Mapping[str, np.ndarray],
    seed: int,
    *,
    markers: Sequence[Marker] | None = None,
    kinetics: str | None = None,
    washout_days: float = 28.0,
    hours: Sequence[float] | np.ndarray = (),
    dose_clock: float | None = None,
    tracer: str = "agonist",
    plasticity: str = "occupancy",
    binding: bool = False,
    peripheral: bool = False,
    typical: bool = False,
    participants: Any = None,
    totals: bool = False,
) -> Markers:
    """Every marker over a course of doses on `days` (d), one virtual person per draw.

    `participants`: the people of a trial, one per draw; without them people are drawn here, who take nothing besides.
    `dose`: ug LSD base, or mg psilocybin anhydrate, shared, per draw, or per draw and day (0 where one was missed). The
    size of a full dose's effect is defined at 25 mg psilocybin; a smaller dose has the ratio of drives, once, where its
    switch is on. `markers`: all that are registered where left out. `hours`: further times (h since the first dose). `dose_clock`: clock hour of every dose; drawn where left out. `tracer`,
    `plasticity`, `binding`, `peripheral`: see Structure. `kinetics`: a named set, the low-dose oral one where left out.
    `typical`: the typical person of each draw. `totals`: integrate every marker over time as well.
    `draws` should satisfy the two classic tolerance findings (`limen.design.operate.draw_parameters` sees to it).
    Raises ParameterError.
    """
    name = (record_of(compound).like or compound).casefold()
    if name not in COMPOUNDS:
        raise ParameterError(f"no kinetics for {compound!r}", remedy=f"compounds are: {', '.join(COMPOUNDS)}")
    structure = Structure(tracer, plasticity, binding, peripheral)
    if binding and name != "lsd":
        raise ParameterError("slow binding is of LSD", remedy="leave `binding` out for psilocybin")
    chosen = registered() if markers is None else in_order(tuple(markers))
    people = {k: person(draws, s, seed, _of(structure, k), typical) for k, s in KINETICS.items()}
    p = person(draws, kinetics or KINETICS[name], seed, structure, typical, participants)
    count = len(p["cl"])

    def reference(other: str, amount: np.ndarray) -> Mapping[str, np.ndarray]:
        key = other.casefold()
        return exposure(people[key], PER_UNIT[key] * np.asarray(amount, float), _of(structure, key))

    days = np.asarray(days, float)
    given = np.asarray(dose, float) * PER_UNIT[name]
    given = np.broadcast_to(given if given.ndim == 2 else given.reshape(-1, 1), (count, len(days)))
    amount = given.max(axis=1)
    full, mine = reference("psilocybin", p["reference_full_dose"]), exposure(p, amount, structure)
    drive = "auc" if plasticity == "occupancy" else "concentration"
    # full by dose, not by modelled exposure: a potent draw of EC50 does not turn a microdose into a full dose
    full_from = "psilocin_oral_low" if name == "psilocybin" else "switch_to_full"
    is_full = amount / PER_UNIT[name] >= np.asarray(draws[f"pharmacology.range.{full_from}"])
    p |= {
        "o_full": full["peak"],
        "auc_full": full["auc"],
        "plastic_share": np.minimum(mine[drive] / full[drive], 1.0),
        "full_dose": is_full.astype(float),
        "clock": p["reference_dose_clock"] if dose_clock is None else np.full(count, float(dose_clock)),
    }
    for marker in chosen:
        p |= marker.derive(p, reference) if marker.derive is not None else {}
    schedule = Schedule(days * 24, given, _looks(days, washout_days, hours))
    reads, also = tuple(m.reads for m in chosen), tuple(name for m in chosen for name in m.also)
    summed = reads if totals else ()
    observe = (*reads, *also, *(f"{name}_total" for name in summed))
    system = model(chosen, binding, peripheral, summed)
    # a full dose is what the effects were measured at: there a switch is never off
    forced = {m.switch: m.forced for m in chosen if m.switch is not None}
    switches = {
        switch: np.stack([np.where(is_full & always, 1.0, on) for on in (0.0, 1.0)])
        for switch, always in forced.items()
    }
    switches = switches or {"unswitched": np.array([[0.0], [1.0]])}
    found = solve(system, p, schedule, observe, variants=switches, pad=True).values
    return Markers(
        markers=chosen,
        times=schedule.outputs,
        values={m.id: (found[m.reads][0], found[m.reads][1]) for m in chosen},
        also={name: found[name][1] for name in also},
        totals={m.id: found[f"{m.reads}_total"][1] for m in chosen if totals},
        within_sd={m.id: p[m.within_sd] for m in chosen},
        between_sd={m.id: p[m.between_sd] for m in chosen if m.between_sd is not None},
        coupling={m.id: p[m.coupling] for m in chosen if m.coupling is not None},
        probability={m.id: None if m.probability is None else float(p[m.probability].mean()) for m in chosen},
        single={m.id: p[m.single] for m in chosen if m.single is not None},
        baseline={m.id: _baseline(m, indication, p) for m in chosen},
        last=float(24 * (days[-1])),
        replaced=int(sum(p[key].sum() for m in chosen if (key := f"{m.id}_replaced") in p)),
    )


def _of(structure: Structure, compound: str) -> Structure:
    """The structure as it is for a compound: slow binding is of LSD, and only the dose given may have its own q, v2."""
    return replace(structure, binding=structure.binding and compound == "lsd", peripheral=False)


def _looks(days: np.ndarray, washout_days: float, hours: Sequence[float] | np.ndarray) -> np.ndarray:
    """Times (h): just before every day of the course, the hours after the first and last dose, and thinning after."""
    last = 24 * days[-1]
    after = last + 24 * np.round(np.geomspace(1, max(washout_days, 1.0), AFTER))
    every_day = np.arange(0, last + 1, 24.0)
    return np.unique(
        np.concatenate([every_day, ACUTE, last + ACUTE, last + DAY, after, np.asarray(hours, float)])
    )


def _baseline(marker: Marker, indication: str, p: Mapping[str, np.ndarray]) -> Baseline:
    """The shift of an indication in the marker's unit: standardised shift times the between-person SD."""
    if indication.casefold() == "healthy":
        return Baseline(None, "measured", "Healthy people are the reference.")
    shift = marker.shift(indication)
    if shift is None or marker.between_sd is None:
        said = f"No size for how {marker.name} differs in {indication} is among limen's facts, and none is assumed."
        return Baseline(None, "assumption", said)
    said = f"Measured in {indication} against healthy people."
    if shift.borrowed:
        said = f"Borrowed from {shift.borrowed}: nothing in limen's facts measures it in {indication}."
    return Baseline(p[shift.parameter] * p[marker.between_sd], shift.status, f"{said} {shift.note}".strip())
