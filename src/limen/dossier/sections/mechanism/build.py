"""The mechanism section: which links are measured, and what each marker would do, with the link off and on."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from jaxtyping import Float

from limen import facts
from limen.design.operate import Run
from limen.dossier import words
from limen.dossier.asked import Asked
from limen.dossier.noun import Interval
from limen.dossier.sections.mechanism.nouns import (
    BaselineShift,
    CortisolDay,
    Link,
    MarkerParameter,
    MarkerPicture,
    Mechanism,
    Needed,
    Sample,
)
from limen.dossier.summarise import PARAMETER, POPULATION, band, interval
from limen.parameters import Draws
from limen.protocol import Protocol
from limen.response import Marker, Markers, after_a_full_dose, respond, sizes
from limen.response.coupling import carriers
from limen.trial.marked import DAY, by_the_clock, dosing_and_looks, first_of_each_draw

DRAWS = 200  # more would sharpen the bands and not the answer
MEASURED = ("found", "mixed", "null", "against")  # in people, whatever came out
Curves = Float[np.ndarray, "people hours"]
NOTHING = 1e-3  # % or ug/dL: what a dose of days ago leaves is no change


def build(asked: Asked) -> Mechanism:
    return mechanism(asked.run, asked.protocol)


def mechanism(run: Run, protocol: Protocol) -> Mechanism:
    """Markers of the active arm's own people, one a draw, on the doses they took, in the protocol's indication."""
    plan, arm = run.plan, run.plan.arms[run.plan.active]
    draws = Draws({name: run.draws[name][:DRAWS] for name in run.draws}, min(run.draws.count, DRAWS))
    theirs = first_of_each_draw(draws, plan, run.seed, plan.active)
    course, look = dosing_and_looks(plan, theirs, protocol.clock)
    found = respond(course, draws, plan.indication, theirs.people, look)
    full = after_a_full_dose(course, draws, look)
    links = [_link(row) for row in facts.read("mechanism/links")]
    parameters = _parameters(run)
    return Mechanism(
        arm=arm.name,
        dose=f"{arm.mean_dose / plan.ug_per_unit:.3g} {plan.unit}",
        course=_course(course.days, plan.days),
        draws=draws.count,
        count=_count(links),
        links=links,
        markers=[picture(m, found, full) for m in found.markers],
        cortisol=_by_clock(found, protocol),
        scenario=plan.scenario,
        assumes=_assumes(plan.scenario),
        mediated=_mediated(run),
        parameters=parameters,
        notes=_notes(run, found),
        sources=sorted({key for noun in (*links, *parameters) for key in noun.sources}),
    )


def cited(section: Mechanism) -> Iterable[str]:
    """Citation keys of everything the section names."""
    return section.sources


def _link(row: facts.Row) -> Link:
    cells: dict[str, object] = {name: row[name] for name in Link.model_fields if name in row}
    return Link.model_validate(cells | {"default": row["default_words"], "sources": list(row.sources)})


def _count(links: list[Link]) -> str:
    seen = [link.human_microdose for link in links]
    measured = sum(s in MEASURED for s in seen)
    text = (
        f"Of {len(links)} links, {measured} have been measured in people at a microdose, {seen.count('partly')} in part "
        f"and {seen.count('none')} not at all"
    )
    kinds = [
        (seen.count("found"), "found what the model assumes"),
        (seen.count("mixed"), "gave a mixed picture"),
        (seen.count("null"), "saw no effect"),
        (seen.count("against"), "points away from what is claimed"),
    ]
    return f"{text}. Of the {measured}, {words.listed(f'{n} {what}' for n, what in kinds if n)}."


def _course(days: np.ndarray, planned: tuple[int, ...]) -> str:
    text = f"{len(days)} dose{'s' if len(days) > 1 else ''} over {days[-1] - days[0] + 1:.0f} days"
    return text if len(days) == len(planned) else f"the first {text} of {len(planned)} doses"


def picture(marker: Marker, found: Markers, full: Markers | None = None) -> MarkerPicture:
    """One marker as the page and a notebook show it; `full` is the response to one full dose, for its size."""
    last = found.last
    if marker.shown == "day":
        rows = np.flatnonzero((found.times >= last) & (found.times <= last + 24))
        at, unit = found.times[rows] - last, "h"
    else:
        rows = np.flatnonzero(np.abs(found.times / 24 - np.round(found.times / 24)) < 1e-9)
        at, unit = found.times[rows] / 24, "d"
    off, on = (band(at, unit, value[:, rows].T, marker.unit, POPULATION) for value in found.values[marker.id])
    baseline = found.baseline[marker.id]
    chance = found.probability[marker.id]
    needed = [
        Needed.like(s, said=_said(s.what, marker, chance))
        for s in sizes(found, marker.id, full)
    ]  # fmt: skip
    return MarkerPicture.like(
        marker,
        status=marker.label,
        switch=marker.switch is not None,
        switch_probability=chance,
        off=off,
        on=on,
        needed=needed,
        baseline=BaselineShift.like(
            baseline,
            shift=None if baseline.shift is None else interval(baseline.shift, marker.unit, PARAMETER),
        ),
        sentence=f"{marker.sentence} {_detectable(needed, marker)}",
    )


def _said(what: str, marker: Marker, chance: float | None) -> str:
    if what == "full dose":
        return "one full dose, 25 mg of psilocybin: the reference"
    if what == "if the link holds":
        return "this course, if the link holds (switch at 1)" if marker.switch else "this course, as modelled"
    if what == "expected":
        odds = f", the link being there with probability {chance:.2g}" if chance is not None else ""
        return f"the change the prior expects of this course{odds}"
    return "one dose of the course, with the share of a full dose's effect that the evidence notes suggest"


def _detectable(needed: list[Needed], marker: Marker) -> str:
    """Whether a trial could tell the change from the marker's own variation, one number for each kind of change."""
    size = {n.what: words.about(n.per_arm) for n in needed}
    full = f"{size['full dose']} people after a full dose; " if "full dose" in size else ""
    course = "if the link holds" if marker.switch else "as modelled"
    return (
        "To tell the change from one person's month-to-month variation a trial would need, per arm, "
        f"{full}{size['if the link holds']} people for this course {course}; and {size['expected']} people for the change "
        "that the prior expects."
    )


def _by_clock(found: Markers, protocol: Protocol) -> CortisolDay | None:
    """The day of the marker that has a level by the clock, `<id>_level` among its equations; None where none has."""
    marker = next((m for m in found.markers if f"{m.id}_level" in found.also), None)
    if marker is None:
        return None
    off, on = found.values[marker.id]
    clock, samples = by_the_clock(protocol.clock)

    def at(hours: Float[np.ndarray, " hours"]) -> tuple[Curves, Curves, Curves]:
        """Level without the drug (ug/dL), and its log change with the lasting change off and on, by clock hour. What lies
        before a first dose has the level of a day later and no change."""
        times = found.last + hours - clock
        before = times < 0
        rows = np.searchsorted(found.times, np.where(before, times + 24, times) - 1e-6)
        change = [np.where(before, 0.0, value[:, rows]) for value in (off, on)]
        return found.also[f"{marker.id}_level"][:, rows], change[0], change[1]

    level, change, _ = at(DAY)
    return CortisolDay(
        marker=marker.id,
        name=marker.name,
        group=marker.group,
        dose_clock=_time(clock),
        dose_stated=protocol.clock.dose is not None,
        samples_stated=bool(protocol.clock.samples),
        without=band(DAY, "clock hour", level.T, "ug/dL", POPULATION),
        with_drug=band(DAY, "clock hour", (level * np.exp(change)).T, "ug/dL", POPULATION),
        samples=[_sample(hour, clock, *at(np.array([hour]))) for hour in samples],
    )


def _sample(hour: float, clock: float, level: Curves, off: Curves, on: Curves) -> Sample:
    def of(values: Curves, unit: str) -> Interval:
        values = np.where(np.abs(values) < NOTHING, 0.0, values)
        return interval(values[:, 0], unit, POPULATION, float(np.median(values)))

    return Sample(
        clock=_time(hour),
        before_dose=bool(hour <= clock),
        without=of(level, "ug/dL"),
        change=of(100 * np.expm1(off), "%"),
        with_lasting=of(100 * np.expm1(on), "%"),
    )


def _time(hour: float) -> str:
    minutes = round(60 * hour)
    return f"{minutes // 60 % 24:02d}:{minutes % 60:02d}"


def _parameters(run: Run) -> list[MarkerParameter]:
    """Every number of the markers, couplings included where a scenario reads them."""
    listed = []
    for name, p in run.parameters.items():
        if name.startswith("response_") and (run.plan.scenario or not name.startswith("response_coupling")):
            low, middle, high = (float(q) for q in np.quantile(run.draws[name], (0.05, 0.5, 0.95)))
            listed.append(
                MarkerParameter.like(
                    p, name=name.removeprefix("response_"), description=p.text, value=middle, q05=low, q95=high,
                    sources=list(p.source),
                )
            )  # fmt: skip
    return listed


def _assumes(scenario: str | None) -> str | None:
    if scenario is None:
        return None
    names = words.listed(marker.name for marker in carriers(scenario))
    return (
        f"This page assumes the scenario {scenario}: that the drug moves {names} as if the link held, and that this moves "
        "symptoms. limen's tables hold no human evidence of either at a microdose. The benefit through markers is an input of this page, "
        "not a finding of it."
    )


def _mediated(run: Run):
    if run.mediated is None:
        return None
    week = run.plan.primary_week or run.plan.weeks
    return interval(run.mediated[week - 1, run.plan.active], "points", PARAMETER)


def _notes(run: Run, found: Markers) -> list[str]:
    notes = []
    if run.plan.scenario is not None and run.mediated is None:
        notes.append(
            "the scenario moves weekly scales, and limen simulates none for the primary outcome: nothing follows from it"
        )
    if found.replaced:
        notes.append(
            f"{found.replaced} of {found.values['cortisol'][0].shape[0]} drawn cortisol rhythms have two peaks or negative "
            "production and are replaced by the next sound one"
        )
    return notes
