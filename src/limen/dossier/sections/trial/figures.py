"""Courses of the arms, and the split of the improvement."""

from __future__ import annotations

from limen.dossier import words
from limen.dossier.answer import Answer
from limen.dossier.captions import points, simulation
from limen.dossier.references import short
from limen.dossier.sections.trial.nouns import DIFFERENCE, Decomposition, ExpectedTrial
from limen.figures import course, waterfall
from limen.figures.figure import Figure
from limen.figures.marks import Datum


def figures(trial: ExpectedTrial, answer: Answer) -> list[Figure]:
    return [*([_course(trial, answer)] if trial.arms else []), _waterfall(trial, answer)]


def _course(trial: ExpectedTrial, answer: Answer) -> Figure:
    ends = [f"{a.arm} goes from {a.mean.median[0]:.1f} to {a.mean.median[-1]:.1f}" for a in trial.arms]
    week = trial.arms[0].weeks[-1]
    text = f"Over {week:g} weeks the mean score of {words.listed(ends)}, and of single people it goes anywhere: thin lines are twenty of them."
    found = sorted({short(a.published_source) for a in trial.arms if a.published and a.published_source})
    source = simulation(answer, trial.arms[0].mean)
    source += (
        f" Open circles: published arm means, or published changes from the simulated baseline, {words.listed(found)}."
        if found
        else ""
    )
    table = _course_table(trial, answer.question.primary_name.split(" (")[0])
    return Figure("course", "The trial", text, source, table, course.chart)


def _course_table(trial: ExpectedTrial, outcome: str) -> list[Datum]:
    """The rows of figures/course.py."""
    rows: list[Datum] = []
    for arm in trial.arms:
        own = {"arm": arm.arm, "outcome": outcome}
        rows += points(arm.mean, **own, quantity="arm mean")
        rows += [
            {**own, "quantity": "person", "person": i, "x": week, "median": score}
            for i, line in enumerate(arm.people)
            for week, score in zip(arm.weeks, line, strict=True)
            if score is not None and score == score  # a line ends where its person leaves
        ]
        rows += [{**own, "quantity": "published", "x": week, "median": mean} for week, mean in arm.published]
    return rows


def _waterfall(trial: ExpectedTrial, answer: Answer) -> Figure:
    splits = trial.decomposition
    source = (
        f"{simulation(answer)} Nested runs of the same people with the same random numbers, before anybody leaves. Whiskers: 90% interval "
        f"over parameters. Channels are added in the order {', '.join(splits[0].order)}; ticks: the range over all orders."
    )
    table = [row for split in splits for row in _steps(split)]
    return Figure(
        "waterfall", "Where the improvement comes from", _finding(splits), source, table, waterfall.chart
    )


def _finding(splits: list[Decomposition]) -> str:
    """How much of an arm's improvement is there without the drug, and what is left of the difference."""
    first, last = splits[0], splits[-1]
    text = ""
    if first.of != DIFFERENCE:
        without = sum(part.change.value for part in first.channels if part.name != "drug")
        text = f"{first.of} improves by {words.full(first.total)}; without the drug it would by {words.number(without, 1)}. "
    if last.of == DIFFERENCE:
        parts = {part.name: part.change for part in last.channels}
        text += f"Between arms belief is {words.better(parts['belief'])} and the drug {words.better(parts['drug'])}."
    return text


def _steps(split: Decomposition) -> list[Datum]:
    """The rows of figures/waterfall.py for one split: a step per channel, then the total."""
    rows: list[Datum] = []
    reached = 0.0
    own = {"of": split.of, "own_axis": split.of == DIFFERENCE, "unit": split.total.unit}
    for part in split.channels:
        change = part.change.value
        rows.append(
            {**own, "channel": part.name, "start": reached, "end": reached + change, "change": change,
             "low": part.change.low, "high": part.change.high,
             "order_low": part.order_low, "order_high": part.order_high, "status": part.status}
        )  # fmt: skip
        reached += change
    total = split.total
    last = {"channel": "total", "start": 0.0, "end": total.value, "change": total.value, "low": total.low,
            "high": total.high, "order_low": total.value, "order_high": total.value, "status": "measured"}  # fmt: skip
    return [*rows, own | last]
