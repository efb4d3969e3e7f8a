"""Simulated trials as a result: the table of their data, and what to know about it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import polars as pl

from limen.design.estimands import Estimands, estimands
from limen.design.operate import Run, operate
from limen.design.tables import concentration_table, trial_table
from limen.files import together
from limen.parameters import parameters_for
from limen.parameters.posterior import drawn_from
from limen.protocol import Protocol
from limen.results import Result, aligned
from limen.trial.plan import lay_out
from limen.trial.roll import enrolled
from limen.units import number_of


@dataclass(frozen=True)
class Trials(Result):
    """`table`: one row per trial, person and visit; `people` are those of one trial; `warnings` weaken the result; `run` is what
    they come from, `truth` what their estimands truly are, where that was asked."""

    table: pl.DataFrame
    trials: int
    people: int
    warnings: tuple[str, ...]
    run: Run
    files: tuple[Path, ...] = ()
    truth: Estimands | None = None

    @classmethod
    def of_run(cls, run: Run, trials: int) -> Trials:
        """The first `trials` of a run."""
        count = min(trials, run.trials)
        return cls(trial_table(run, trials), count, enrolled(run.plan), tuple(run.plan.warnings), run)

    def with_truth(self, people: int, tick: Callable[[int], None] | None = None) -> Trials:
        """The same trials, knowing what each estimand truly is under their parameters (`estimands`)."""
        return replace(self, truth=estimands(self.run, people, tick))

    def concentrations(self) -> pl.DataFrame:
        """Plasma concentrations of the same people (`concentration_table`)."""
        return concentration_table(self.run, self.trials)

    @classmethod
    def of(cls, protocol: Protocol, trials: int, seed: int, tick: Callable[[int], None] | None) -> Trials:
        """Simulate `trials` trials of a protocol, each under its own draw of the parameters."""
        parameters = parameters_for(protocol)
        plan = lay_out(protocol, parameters)
        run = operate(plan, parameters, draws=trials, people=plan.people, seed=seed, tick=tick)
        return cls.of_run(run, trials)

    def document(self) -> dict[str, Any]:
        return {
            "schema_version": 1,
            "trials": self.trials,
            "people": self.people,
            "rows": self.table.height,
            "columns": self.table.columns,
            "files": [str(path) for path in self.files],
            "warnings": list(self.warnings),
            "parameters": drawn_from(self.run.parameters),
            "estimands": None if self.truth is None else self.truth.document(),
        }

    def rows(self) -> Sequence[dict[str, Any]]:
        return self.table.to_dicts()

    def to_polars(self) -> pl.DataFrame:
        return self.table

    def lines(self) -> list[str]:
        notes = [f"note: {note}" for note in self.warnings]
        where = f": {', '.join(map(str, self.files))}" if self.files else ""
        truth = [] if self.truth is None else [*self.truth.lines(), ""]
        return [
            *self._by_visit(),
            "",
            *notes,
            *truth,
            drawn_from(self.run.parameters),
            f"{number_of(self.trials, 'trial')} of {number_of(self.people, 'person', 'people')}, "
            f"{number_of(self.table.height, 'row')}{where}",
        ]

    def _by_visit(self) -> list[str]:
        """What was seen of each arm at each visit, over all trials."""
        what = "score" if "score" in self.table.columns else "rating"
        value, guess = pl.col(what), pl.col("guess")
        found = self.table.group_by("arm", "visit").agg(
            (value.count() / self.trials).alias("seen"),
            value.mean().alias("mean"),
            value.std().alias("SD"),
            (100 * (guess == "active").sum() / guess.count()).alias("said active, %"),
        )
        order = {arm.name: at for at, arm in enumerate(self.run.plan.arms)}
        rows = sorted(found.iter_rows(), key=lambda row: (order[row[0]], row[1]))
        head = ["arm", "week", f"people seen, {what}", "mean", "SD", "said active, %"]
        return aligned(head, [[arm, f"{week:g}", *map(_cell, rest)] for arm, week, *rest in rows])

    def save(self, folder: Path | str, name: str, force: bool = True) -> Trials:
        """Write the table as `NAME.parquet` and `NAME.csv`; the same trials, knowing their files."""
        with together(folder, force) as out:
            written = tuple(out.table(f"{name}.{ending}", self.table) for ending in ("parquet", "csv"))
        return replace(self, files=written)


def _cell(value: float | None) -> str:
    return "" if value is None or value != value else f"{value:.1f}"
