"""The figures of a dossier, in their fixed order: each with what it shows, where it comes from, and its data."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from limen.dossier import words
from limen.dossier.answer import Answer, Band, ExpectedTrial
from limen.dossier.biology import Mechanism
from limen.dossier.context import ForestLine
from limen.figures import (
    clock,
    course,
    dose,
    forest,
    funnel,
    guesses,
    knowledge,
    law_timeline,
    month,
    report,
    switches,
    tornado,
    waterfall,
)
from limen.figures.curves import Row
from limen.regulation.timeline import Mark, Stretch, Timeline


@dataclass(frozen=True)
class Plate:
    """One figure: `draw(narrow)` builds the chart for a wide page or a phone; `rows` are the points it shows."""

    name: str
    title: str
    sentence: str
    source: str
    draw: Callable[[bool], Any]
    rows: list[Row]


def plates(answer: Answer) -> dict[str, Plate]:
    """Every figure this answer can fill, by name, in the order of the page."""
    made = [_dose(answer), _month(answer), _guesses(answer)]
    if answer.trial is not None:
        made += [
            _course(answer, answer.trial),
            _waterfall(answer, answer.trial),
            _report(answer, answer.trial),
        ]
    made += [
        _funnel(answer),
        *_mechanism(answer),
        _forest(answer),
        _law(answer),
        _knowledge(answer),
        _tornado(answer),
    ]
    return {plate.name: plate for plate in made if plate is not None}


def _simulation(answer: Answer, band: Band | None = None) -> str:
    r = answer.reproduce
    text = f"Simulated: {words.number(r.draws, 0)} parameter draws, {words.number(r.people, 0)} people, seed {r.seed}."
    return text + (f" Bands (50% and 90%) hold {words.layers(band.layers)}." if band else "")


def _dose(answer: Answer) -> Plate | None:
    exposure = answer.exposure
    arms = exposure.arms
    if not arms:
        return None
    parts = []
    for arm in arms:
        first = arm.dosing_days[0].noticed if arm.dosing_days else None
        text = f"{arm.arm}: plasma {exposure.analyte} peaks at {words.full(arm.cmax)}"
        parts.append(
            text
            + (
                f"; on the first dosing day {words.percent(first.value)} of people notice something"
                if first
                else ""
            )
        )
    floor = f"After an inert placebo {words.percent(exposure.false_alarm.value)} do."
    return Plate(
        "dose", "Dose and threshold",
        f"{'. '.join(parts)}. {floor} Across people the threshold is {words.full(exposure.threshold)}.",
        _simulation(answer, arms[0].concentration),
        lambda narrow: dose.chart(arms, exposure.threshold, exposure.false_alarm, exposure.analyte, exposure.statuses, narrow),
        dose.data(arms),
    )  # fmt: skip


def _month(answer: Answer) -> Plate | None:
    arms = answer.exposure.arms
    if not arms:
        return None
    peak = max(max(arm.month.median) for arm in arms)
    shift = max(
        (d.tolerance_fold for arm in arms for d in arm.dosing_days), key=lambda i: i.value, default=None
    )
    met = (
        f" The most tolerance any dose meets shifts the threshold {words.number(shift.value, 2)}-fold "
        f"({shift.level:.0%} interval {words.number(shift.low, 2)} to {words.number(shift.high, 2)})."
        if shift
        else ""
    )
    return Plate(
        "month", "The month",
        f"On a dosing day the median person's peak occupancy of the serotonin 2A receptor (5-HT2A) reaches {words.percent(peak)}.{met}",
        _simulation(answer, arms[0].month), lambda narrow: month.chart(arms, answer.exposure.statuses, narrow), month.data(arms),
    )  # fmt: skip


def _guesses(answer: Answer) -> Plate | None:
    blinding = answer.blinding
    arms = [arm for arm in blinding.arms if arm.guesses]
    if not arms:
        return None
    said = [f"{words.percent(arm.guesses[-1].active)} of {arm.arm}" for arm in arms]
    text = (
        f"By week {arms[0].guesses[-1].week:g}, {words.listed(said)} guess that they are in the active arm."
    )
    if len(arms) > 1:
        text += (
            f" Telling the arms apart: d\N{PRIME} {words.brief(blinding.d_prime)}; leaning, whatever the arm:"
            f" criterion {words.brief(blinding.criterion)}."
        )
    source = _simulation(answer, arms[0].belief) + " Whiskers: 90% interval of the share guessing active."
    if blinding.published:
        found = sorted({_cited(answer, p.source) for p in blinding.published})
        source += f" Open circles: published guesses, {words.listed(found)}."
    return Plate("guesses", "Who knows?", text, source,
                 lambda narrow: guesses.chart(arms, blinding.published, narrow), guesses.data(arms, blinding.published))  # fmt: skip


def _course(answer: Answer, trial: ExpectedTrial) -> Plate | None:
    if not trial.arms:
        return None
    ends = [f"{a.arm} goes from {a.mean.median[0]:.1f} to {a.mean.median[-1]:.1f}" for a in trial.arms]
    week = trial.arms[0].weeks[-1]
    text = f"Over {week:g} weeks the mean score of {words.listed(ends)}. Thin lines are twenty simulated people per arm."
    found = sorted(
        {_cited(answer, a.published_source) for a in trial.arms if a.published and a.published_source}
    )
    source = _simulation(answer, trial.arms[0].mean)
    source += f" Open circles: published arm means, {words.listed(found)}." if found else ""
    name = answer.question.primary_name
    return Plate("course", "The trial", text, source, lambda narrow: course.chart(trial.arms, _short(name), narrow),
                 course.data(trial.arms))  # fmt: skip


def _waterfall(answer: Answer, trial: ExpectedTrial) -> Plate:
    splits = trial.decomposition
    first = splits[0]
    parts = [f"{part.name} {words.number(part.change.value, 1)}" for part in first.channels]
    text = (
        f"Of the {words.value(first.total)} by which {first.of} improves: {words.listed(parts)}. "
        f"Channels are added in the order {', '.join(first.order)}; whiskers span all orders."
    )
    return Plate("waterfall", "Where the improvement comes from", text, _simulation(answer) +
                 " Nested runs of the same people with the same random numbers, before anybody leaves.",
                 lambda narrow: waterfall.chart(splits, "points", narrow), waterfall.data(splits))  # fmt: skip


def _report(answer: Answer, trial: ExpectedTrial) -> Plate | None:
    outcomes = [o for o in (trial.weekly, trial.dose_day) if o is not None and o.scenarios]
    if not outcomes:
        return None
    parts = []
    for outcome in outcomes:
        null = next((s for s in outcome.scenarios if s.delta == 0), None)
        if null is not None:
            parts.append(f"{words.percent(null.significant.value)} of trials on {outcome.outcome_name}")
    text = (
        f"With no drug effect at all, {words.listed(parts)} would report p < {outcomes[0].alpha:g}. "
        "The dark region is where a trial is reported as significant."
    )
    source = f"{_simulation(answer)} Analysis: {outcomes[0].method}."
    return Plate("report", "What the trial would say", text, source, lambda narrow: report.chart(outcomes, narrow),
                 report.data(outcomes))  # fmt: skip


def _funnel(answer: Answer) -> Plate | None:
    found = None if answer.safety is None else answer.safety.recruitment
    if found is None or not found.steps:
        return None
    text = (
        f"Of 100 people ({found.indication}) who would come, rules on what they take besides keep out "
        f"{words.number(100 - found.let_in.value, 0)}; {words.brief(found.let_in)} are let in (90% interval). "
        "Each person is counted once, at the gravest rule."
    )
    return Plate("funnel", "Who would come, and who is let in", text,
                 f"Computed from {words.number(answer.reproduce.draws, 0)} parameter draws and the screening rules. {found.note}.",
                 lambda narrow: funnel.chart(found.steps, found.let_in, narrow),
                 funnel.data(found.steps, found.let_in))  # fmt: skip


def _mechanism(answer: Answer) -> list[Plate]:
    """One figure of markers per group, and the day of cortisol."""
    m = answer.mechanism
    if m is None:
        return []
    groups = dict.fromkeys(marker.group for marker in m.markers)
    return [*(_switches(answer, m, group) for group in groups), _cortisol(answer, m)]


def _switches(answer: Answer, m: Mechanism, group: str) -> Plate:
    markers = [marker for marker in m.markers if marker.group == group]
    switched = [marker.name for marker in markers if marker.switch]
    text = f"{words.listed(marker.name for marker in markers)} under {m.dose} of {answer.question.compound}"
    text += f", {m.course}." if any(marker.on.at_unit == "d" for marker in markers) else " on a dosing day."
    if switched:
        text += f" {words.listed(switched)}: with the switch at 0 (left) and at 1 (right)."
    source = f"Simulated: {m.draws} parameter draws, a person each. Bands (50% and 90%) hold {words.layers(markers[0].on.layers)}."
    return Plate(f"mechanism-{group.lower()}", f"Markers: {group}", text, source,
                 lambda narrow: switches.chart(markers, narrow), switches.data(markers))  # fmt: skip


def _cortisol(answer: Answer, m: Mechanism) -> Plate:
    day = m.cortisol
    parts = [f"at {s.clock} by {words.value(s.change)}" for s in day.samples]
    swing = max(day.without.median) / min(day.without.median)
    text = (
        f"Cortisol over a dosing day, dosed at {day.dose_clock}. The drug changes the median person's level "
        f"{words.listed(parts)}; without it the highest level of the day is {words.number(swing, 1)} times the lowest."
    )
    source = f"Simulated: {m.draws} parameter draws, a person each. Bands (50% and 90%) hold {words.layers(day.without.layers)}."
    return Plate("cortisol", "A day of cortisol", text, source,
                 lambda narrow: clock.chart(day.without, day.with_drug, day.dose_clock, [s.clock for s in day.samples],
                                            "Cortisol", "assumption", narrow),
                 clock.data(day.without, day.with_drug))  # fmt: skip


def _forest(answer: Answer) -> Plate | None:
    known = answer.known
    if known is None or known.forest is None:
        return None
    f = known.forest
    trials = [line.label for line in f.lines if line.kind == "trial"]
    text = (
        f"{(known.dose_class or 'microdose').capitalize()} trials that report {known.outcome}: {words.listed(trials)}. "
        + (f"The diamond pools {known.pooled.of}." if known.pooled else "There is no diamond: one trial is too few to pool.")
    )  # fmt: skip

    def drawn(narrow: bool) -> forest.Forest:
        lines = [_line(line, narrow) for line in f.lines]
        if not narrow:
            return forest.Forest(f.title, f.subtitle, f.axis, f.left, f.right, lines, footnotes=f.footnotes)
        left, right = (side.removeprefix("favours ") for side in (f.left, f.right))
        return forest.Forest(f.title, "", "Hedges g (95% CI)", left, right, lines)

    return Plate("forest", "What trials found", text,
                 " ".join(["Published results, one a set of participants; squares are trials, lines 95% intervals.", *f.footnotes]),
                 lambda narrow: forest.chart(drawn(narrow), narrow), [line.model_dump() for line in f.lines])  # fmt: skip


def _line(line: ForestLine, narrow: bool) -> forest.Line:
    """A line of the forest; a phone leaves its words room for about twenty letters."""
    label, detail = line.label, line.detail
    if narrow:
        label = {"pooled": "random effects", "predicted": "a new trial", "absent": "too few to pool",
                 "heading": "Beside it:"}.get(line.kind, label)  # fmt: skip
        detail = ""
    return forest.Line(line.kind, label, detail, line.y, line.low, line.high, line.weight)


def _law(answer: Answer) -> Plate | None:
    law = answer.law
    if law is None or law.timeline is None:
        return None
    t, day = law.timeline, date.fromisoformat
    drawn = Timeline(
        t.compound, day(t.start), day(t.end),
        tuple(Stretch(s.place, day(s.start), day(s.end), s.status, s.kind, s.event) for s in t.stretches),
        tuple(Mark(m.place, day(m.when), m.event, m.words, m.effect) for m in t.marks),
    )  # fmt: skip
    places = dict.fromkeys(s.place for s in t.stretches)
    text = (
        f"The law on {t.compound} in each place with an enacting event in the data ({', '.join(places)}). "
        "Pending events are hollow diamonds: they change nothing."
    )
    return Plate("law", "The law over time", text, f"Published legal events; the data reach to {law.reach}.",
                 lambda narrow: law_timeline.chart(drawn, narrow), [s.model_dump() for s in t.stretches])  # fmt: skip


def _knowledge(answer: Answer) -> Plate:
    v = answer.verdict
    lines = [("prior", v.prior), *(("data", d) for d in v.data), ("posterior", v.posterior)]
    share = v.share_of_prior
    text = (
        "No controlled trial with an interval updates the prior: the posterior is the prior."
        if not v.data
        else f"The data narrow the prior's standard deviation to {words.percent(share)} of what it was."
        + (" They add almost nothing to it." if share > 0.9 else "")
    )
    return Plate("knowledge", "What was believed, what was found, what is left", text,
                 "Normal distributions of the standardised drug effect; lines are 90% intervals.",
                 lambda narrow: knowledge.chart(lines, narrow), knowledge.data(lines))  # fmt: skip


def _tornado(answer: Answer) -> Plate | None:
    p = answer.provenance
    if not p.influences:
        return None
    top = p.influences[0]
    low, high = sorted((top.low, top.high))
    as_text = words.percent if low >= 0 and high <= 1 else lambda x: words.number(x, 2)
    kind = {"measured": "measured", "translated": "translated from animals", "assumption": "an assumption"}[
        top.status
    ]
    text = (
        f"The answer moves most with {top.description} ({kind}): from its 10% to its 90% point, "
        f"the headline moves between {as_text(low)} and {as_text(high)}."
    )
    return Plate("tornado", "What moves the verdict", text, _simulation(answer) +
                 " Each bar runs from the parameter's 10% point to its 90% point.",
                 lambda narrow: tornado.chart(p.influences, p.headline, p.headline_value, narrow), tornado.data(p.influences))  # fmt: skip


def _cited(answer: Answer, key: str) -> str:
    """A reference short enough for a source line: authors and year of the formatted reference, or the key itself."""
    formatted = answer.provenance.references.get(key)
    return formatted.split(").")[0] + ")" if formatted and ")." in formatted else key


def _short(name: str) -> str:
    return name.split(" (")[0]
