"""From doses taken to every marker, over parameter draws, with each switch at 0 and at 1."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from jaxtyping import Bool, Float

from limen.compounds import compound
from limen.engine.schedule import Timetable
from limen.engine.solve import solve
from limen.parameters import Draws
from limen.people import Participants
from limen.response.chain import Structure, exposure, model, numbers, reference
from limen.response.marker import Column, Marker
from limen.response.markers import in_order, registered
from limen.results import Result

FULL_DOSE = "psilocybin"  # what 25 mg of defines the size of a full dose's effect
# h after the first and the last dose
DAY = np.array([0.0, 0.5, 1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0, 12.0, 16.0, 20.0, 24.0])
AFTER = 16  # looks between the last dose and the end, closer together at first
Times = Float[np.ndarray, " times"]
Values = Float[np.ndarray, "people times"]


@dataclass(frozen=True)
class Dosing:
    """What was taken: `amount` ug of a compound's base (people or 1, doses) on `days`, 0 where one was missed; the named
    set of `kinetics`; the `clock` hour of every dose, each draw's own where None."""

    compound: str
    kinetics: str
    days: Float[np.ndarray, " doses"]
    amount: Float[np.ndarray, "#people doses"]
    clock: float | None = None


@dataclass(frozen=True)
class Look:
    """What is looked at: `markers`, all that are registered where None; further `hours` since the first dose; days of
    `washout` after the last; `totals`: every marker integrated over time as well."""

    markers: tuple[Marker, ...] | None = None
    hours: Times = field(default_factory=lambda: np.zeros(0))
    washout: float = 28.0
    totals: bool = False

    def times(self, days: Float[np.ndarray, " doses"]) -> Times:
        """Times (h): just before every day of the course, the hours after the first and last dose, and thinning after."""
        last = 24 * days[-1]
        after = last + 24 * np.round(np.geomspace(1, max(self.washout, 1.0), AFTER))
        every_day = np.arange(0, last + 1, 24.0)
        return np.unique(np.concatenate([every_day, DAY, last + DAY, after, self.hours]))


@dataclass(frozen=True)
class Baseline:
    """Where an indication moves a marker's usual level: `shift` per person in the marker's unit, or None; in words."""

    shift: Column | None
    status: str
    said: str


@dataclass(frozen=True)
class Markers(Result):
    """Marker courses: `times` h since the first dose; `values` per marker id and switch (0, 1): (people, times).

    `also`: further equations asked for, with the switches at 1. `totals`: time integrals of what was asked for.
    `within_sd`, `between_sd` per marker (people,), the latter where known. `probability` of each marker's switch being
    on, None where it has none. `single`: share of a full dose's effect that one dose may have, where given. `replaced`:
    people whose numbers could not be used together and that took those of the next. `last`: h of the last dose.
    """

    markers: tuple[Marker, ...]
    times: Times
    values: Mapping[str, tuple[Values, Values]]
    also: Mapping[str, Values]
    totals: Mapping[str, Values]
    within_sd: Mapping[str, Column]
    between_sd: Mapping[str, Column]
    coupling: Mapping[str, Column]
    probability: Mapping[str, float | None]
    single: Mapping[str, Column]
    baseline: Mapping[str, Baseline]
    replaced: int
    last: float


def respond(
    course: Dosing,
    draws: Draws,
    indication: str = "healthy",
    who: Participants | None = None,
    look: Look | None = None,
    structure: Structure | None = None,
) -> Markers:
    """Every marker over a course of doses, of the participants of a trial; without them, of the typical person of each
    draw, who takes nothing besides. Nobody is drawn here.

    The size of a full dose's effect is defined in the typical person at 25 mg psilocybin; a smaller dose has the ratio of
    drives, once, where its switch is on. `draws` should satisfy the two classic tolerance findings
    (`limen.design.operate.draw_parameters` sees to it). Raises ParameterError, and CompoundError for what the record of
    the compound lacks.
    """
    look, structure = look or Look(), structure or Structure()
    if who is not None:
        mine = np.asarray(who.draw)
        draws = Draws({name: draws[name][mine] for name in draws}, len(mine))
    chosen = registered() if look.markers is None else in_order(tuple(look.markers))
    p, given, full = _prepared(course, draws, who, chosen, structure)
    days = np.asarray(course.days, float)
    schedule = Timetable(24 * days, given, look.times(days))
    reads, also = tuple(m.reads for m in chosen), tuple(name for m in chosen for name in m.also)
    summed = reads if look.totals else ()
    system = model(chosen, structure.binding, structure.peripheral, summed)
    observe = (*reads, *also, *(f"{name}_total" for name in summed))
    found = solve(system, p, schedule, observe, variants=_switches(chosen, full), pad=True).values
    return Markers(
        markers=chosen,
        times=schedule.outputs,
        values={m.id: (found[m.reads][0], found[m.reads][1]) for m in chosen},
        also={name: found[name][1] for name in also},
        totals={m.id: found[f"{m.reads}_total"][1] for m in chosen if look.totals},
        within_sd={m.id: p[m.within_sd] for m in chosen},
        between_sd={m.id: p[m.between_sd] for m in chosen if m.between_sd is not None},
        coupling={m.id: p[m.coupling] for m in chosen if m.coupling is not None},
        probability={m.id: None if m.probability is None else float(p[m.probability].mean()) for m in chosen},
        single={m.id: p[m.single] for m in chosen if m.single is not None},
        baseline={m.id: _baseline(m, indication, p) for m in chosen},
        last=float(24 * days[-1]),
        replaced=int(sum(p[key].sum() for m in chosen if (key := f"{m.id}_replaced") in p)),
    )


def after_a_full_dose(course: Dosing, draws: Draws, look: Look | None = None) -> Markers:
    """Every marker in the typical person of each draw after the one full dose that the sizes of effects refer to, on the
    first day of a course. It arrives and is looked at when the course's first is, so that both share a compiled program."""
    reference, own = compound(FULL_DOSE), compound(course.compound).set_named(course.kinetics)
    units = draws["response_reference.full_dose"]
    kinetics = reference.kinetic_set("oral", float(units.max()))
    late = {f"{kinetics.parameters}.tlag": f"{own.parameters}.tlag"}
    draws = Draws({name: draws[late.get(name, name)] for name in draws}, draws.count)
    amount = reference.ug_per_unit * units[:, None] * (np.arange(len(course.days)) == 0)
    return respond(Dosing(FULL_DOSE, kinetics.name, course.days, amount, course.clock), draws, look=look)


def _prepared(
    course: Dosing, draws: Draws, who: Participants | None, chosen: tuple[Marker, ...], structure: Structure
) -> tuple[dict[str, Column], Float[np.ndarray, "people doses"], Bool[np.ndarray, " people"]]:
    """Every number that the equations read, the doses in ug, and whose doses are full ones."""
    given = compound(course.compound)
    p = numbers(draws, given, course.kinetics, structure, who)
    count = len(p["cl"])
    amount = np.broadcast_to(np.asarray(course.amount, float), (count, len(course.days)))
    largest = amount.max(axis=1)
    full = reference(draws, FULL_DOSE, p["reference_full_dose"], structure)
    drive = "auc" if structure.plasticity == "occupancy" else "concentration"
    # full by dose, not by modelled exposure: a potent draw of EC50 does not turn a microdose into a full dose
    is_full = largest / given.ug_per_unit >= draws[given.need("full_dose")]
    p |= {
        "o_full": full["peak"],
        "auc_full": full["auc"],
        "plastic_share": np.minimum(exposure(p, largest, structure)[drive] / full[drive], 1.0),
        "full_dose": is_full.astype(float),
        "clock": p["reference_dose_clock"] if course.clock is None else np.full(count, float(course.clock)),
    }
    for marker in chosen:
        if marker.derive is not None:
            p |= marker.derive(p, lambda name, dose: reference(draws, name, dose, structure))
    return p, amount, is_full


def _switches(
    chosen: tuple[Marker, ...], full: Bool[np.ndarray, " people"]
) -> dict[str, Float[np.ndarray, "switch _"]]:
    """Every switch at 0 and at 1. A full dose is what the effects were measured at: there a switch is never off."""
    found = {
        m.switch: np.stack([np.where(full & m.forced, 1.0, on) for on in (0.0, 1.0)])
        for m in chosen
        if m.switch is not None
    }
    return found or {"unswitched": np.array([[0.0], [1.0]])}


def _baseline(marker: Marker, indication: str, p: Mapping[str, Column]) -> Baseline:
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
