"""What simulated trials would report."""

from __future__ import annotations

from limen.dossier import words
from limen.dossier.answer import Answer
from limen.dossier.captions import simulation
from limen.dossier.sections.trial.nouns import ExpectedTrial, Reported
from limen.dossier.sections.verdict.boxes import told
from limen.figures import report, size
from limen.figures.figure import Figure
from limen.figures.marks import Datum


def figures(trial: ExpectedTrial, answer: Answer) -> list[Figure]:
    outcomes = [
        o for o in (trial.weekly, trial.dose_day) if o is not None and any(s.estimates for s in o.scenarios)
    ]
    if not outcomes:
        return []
    parts = []
    for outcome in outcomes:
        null = next((s for s in outcome.scenarios if s.delta == 0), None)
        if null is not None:
            parts.append(f"{words.percent(null.significant.value)} of trials on {outcome.outcome_name}")
    text = (
        f"With no drug effect at all, {words.listed(parts)} would report p < {outcomes[0].alpha:g}. "
        "The dark region is where a trial is reported as significant."
    )
    source = f"{simulation(answer)} Analysis: {outcomes[0].method}."
    table = [row for outcome in outcomes for row in _table(outcome)]
    drawn = [Figure("report", "What the trial would say", text, source, table, report.chart)]
    return [*drawn, _size(answer)] if answer.verdict.sizes else drawn


def _size(answer: Answer) -> Figure:
    """The chances of an answer over the size of the trial."""
    v = answer.verdict
    people = v.people_here
    text = f"With {people} people as planned the trial settles the question in {words.of_100(v.settled_here)} of 100 runs"
    if v.settled_here_error is not None:
        text += f" (Monte Carlo error {words.number(100 * v.settled_here_error, 1)})"
    text += (
        f"; {words.number(v.participants_to_settle, 0)} would do in 80 ({told(v.settle_low or 0, v.settle_high)})."
        if v.participants_to_settle
        else "; no feasible number does in 80."
    )
    lines = {"settles the question": "settles", "p < 0.05 in favour, effect 0.4 SD": "power",
             "finds a benefit of a drug that does nothing": "false_benefit"}  # fmt: skip
    table: list[Datum] = [{"what": what, "people": s.people, "chance": float(f"{getattr(s, name):.4g}")}
                          for what, name in lines.items() for s in v.sizes]  # fmt: skip
    source = f"{simulation(answer)} From the standard error of the simulated trials, scaled by the square root of the size. Settled: {v.settle_meaning}."
    return Figure(
        "size", "How large a trial would settle it", text, source, [*table, {"here": people}], size.chart
    )


def _table(outcome: Reported) -> list[Datum]:
    """The rows of figures/report.py for one outcome."""
    rows: list[Datum] = []
    for s in (s for s in outcome.scenarios if s.estimates):
        own = {"outcome": f"{outcome.outcome_name} ({outcome.timing})", "scenario": s.label}
        rows.append(own | {
            "unit": outcome.unit, "delta": s.delta, "alpha": outcome.alpha,
            "critical": None if s.critical is None else float(f"{s.critical:.4g}"),
            "significant": s.significant.value, "favourable": s.favourable.value,
        })  # fmt: skip
        curve = report.density(s.estimates)
        rows += [own | {"x": float(f"{x:.4g}"), "density": float(f"{d:.4g}")} for x, d in curve]
    return rows
