"""What simulated trials would report."""

from __future__ import annotations

from limen.dossier import words
from limen.dossier.answer import Answer
from limen.dossier.captions import simulation
from limen.dossier.sections.trial.nouns import ExpectedTrial, Reported
from limen.figures import report
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
    return [Figure("report", "What the trial would say", text, source, table, report.chart)]


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
