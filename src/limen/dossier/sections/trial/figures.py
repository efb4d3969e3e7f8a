"""Courses of the arms, and the split of the improvement."""

from __future__ import annotations

from limen.dossier import words
from limen.dossier.answer import Answer
from limen.dossier.captions import points, short_reference, simulation
from limen.dossier.sections.trial.nouns import DIFFERENCE, Decomposition, ExpectedTrial
from limen.figures import course, waterfall
from limen.figures.figure import Figure
from limen.figures.marks import Datum


def figures(trial: ExpectedTrial, answer: Answer) -> list[Figure]:
    return [*([_course(trial, answer)] if trial.arms else []), _waterfall(trial, answer)]


def _course(trial: ExpectedTrial, answer: Answer) -> Figure:
    ends = [f"{a.arm} goes from {a.mean.median[0]:.1f} to {a.mean.median[-1]:.1f}" for a in trial.arms]
    week = trial.arms[0].weeks[-1]
    text = f"Over {week:g} weeks the mean score of {words.listed(ends)}. Thin lines are twenty simulated people per arm."
    found = sorted(
        {
            short_reference(answer, a.published_source)
            for a in trial.arms
            if a.published and a.published_source
        }
    )
    source = simulation(answer, trial.arms[0].mean)
    source += f" Open circles: published arm means, {words.listed(found)}." if found else ""
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
    first = splits[0]
    parts = [f"{part.name} {words.number(part.change.value, 1)}" for part in first.channels]
    text = (
        f"Of the {words.value(first.total)} by which {first.of} improves: {words.listed(parts)}. "
        f"Channels are added in the order {', '.join(first.order)}; whiskers span all orders."
    )
    source = f"{simulation(answer)} Nested runs of the same people with the same random numbers, before anybody leaves."
    table = [row for split in splits for row in _steps(split)]
    return Figure("waterfall", "Where the improvement comes from", text, source, table, waterfall.chart)


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
