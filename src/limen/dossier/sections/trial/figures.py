"""Courses of the arms, and the split of the improvement."""

from __future__ import annotations

from limen.dossier import words
from limen.dossier.answer import Answer
from limen.dossier.captions import cited, simulation
from limen.dossier.sections.trial.nouns import ExpectedTrial
from limen.figures import course, waterfall
from limen.figures.figure import Figure


def figures(trial: ExpectedTrial, answer: Answer) -> list[Figure]:
    return [*([_course(trial, answer)] if trial.arms else []), _waterfall(trial, answer)]


def _course(trial: ExpectedTrial, answer: Answer) -> Figure:
    ends = [f"{a.arm} goes from {a.mean.median[0]:.1f} to {a.mean.median[-1]:.1f}" for a in trial.arms]
    week = trial.arms[0].weeks[-1]
    text = f"Over {week:g} weeks the mean score of {words.listed(ends)}. Thin lines are twenty simulated people per arm."
    found = sorted(
        {cited(answer, a.published_source) for a in trial.arms if a.published and a.published_source}
    )
    source = simulation(answer, trial.arms[0].mean)
    source += f" Open circles: published arm means, {words.listed(found)}." if found else ""
    name = answer.question.primary_name
    return Figure("course", "The trial", text, source, lambda narrow: course.chart(trial.arms, _short(name), narrow),
                 course.data(trial.arms))  # fmt: skip


def _waterfall(trial: ExpectedTrial, answer: Answer) -> Figure:
    splits = trial.decomposition
    first = splits[0]
    parts = [f"{part.name} {words.number(part.change.value, 1)}" for part in first.channels]
    text = (
        f"Of the {words.value(first.total)} by which {first.of} improves: {words.listed(parts)}. "
        f"Channels are added in the order {', '.join(first.order)}; whiskers span all orders."
    )
    return Figure("waterfall", "Where the improvement comes from", text, simulation(answer) +
                 " Nested runs of the same people with the same random numbers, before anybody leaves.",
                 lambda narrow: waterfall.chart(splits, "points", narrow), waterfall.data(splits))  # fmt: skip


def _short(name: str) -> str:
    return name.split(" (")[0]
