"""The designs of a search as one result: its table, what it found in words, a report of the simulation, its files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from limen import __version__, files
from limen.design.judge import Measured
from limen.design.search import JUDGED, Design, Goal, smallest_design
from limen.design.vary import Axis
from limen.protocol import Protocol
from limen.results import Result, aligned

SHOWN = 12  # designs at a terminal
SHARES = frozenset(JUDGED) - {"bias", "enrolled"}
COLUMNS = ("power", "false", "belief_adds", "bias", "guesses", "settles")
HEADS = {"power": "power", "false": "dead drug works", "belief_adds": "by belief", "bias": "bias",
         "guesses": "right guesses", "settles": "settles", "enrolled": "people at stop"}  # fmt: skip


@dataclass(frozen=True)
class Designs(Result):
    """`designs`: one for every combination of the axes; `goals`: what a design must meet; `trials` stand behind each."""

    protocol: Protocol
    axes: tuple[Axis, ...]
    goals: tuple[Goal, ...]
    designs: tuple[Design, ...]
    trials: int
    seed: int
    method: str
    command: str

    def rows(self) -> Sequence[Mapping[str, Any]]:
        """One row a design: what was varied, people, doses, weeks, each measure with its Monte Carlo standard error."""
        return [
            {**d.said, "people": d.people, "doses": d.doses, "weeks": d.weeks,
             **{key: value for name, m in d.found.items()
                for key, value in ((name, _known(m[0])), (f"{name}_se", _known(m[1])))},
             "meets": {True: "yes", False: "no", None: "cannot tell"}[d.meets(self.goals)] if self.goals else None,
             "beyond": d.beyond}
            for d in self.designs
        ]  # fmt: skip

    def document(self) -> dict[str, Any]:
        best, open_ = smallest_design(self.designs, self.goals) if self.goals else (None, [])
        return {
            "schema_version": 1,
            "protocol": self.protocol.name,
            "command": self.command,
            "limen": __version__,
            "trials": self.trials,
            "seed": self.seed,
            "method": self.method,
            "measures": JUDGED,
            "goals": [
                {"measure": g.measure, "at_most" if g.less else "at_least": g.value} for g in self.goals
            ],
            "designs": list(self.rows()),
            "smallest": None if best is None else {**best.said, "people": best.people},
            "cannot_tell": [{**d.said, "people": d.people} for d in open_],
            "sentences": self.found(),
        }

    @property
    def columns(self) -> tuple[str, ...]:
        """The measures at a terminal; how many people are in it when it stops where some design is looked at."""
        looked = any(d.beyond is None and d.found["enrolled"][0] < d.people for d in self.designs)
        return (*COLUMNS, *(["enrolled"] if looked else []))

    def lines(self) -> list[str]:
        names = [a.name for a in self.axes if a.name != "n"]
        columns = self.columns
        shown = [d for d in self.designs if d.beyond is None][:SHOWN]
        table = [
            [*(d.said[name] for name in names), str(d.people), *(_said(n, d.found[n]) for n in columns)]
            for d in shown
        ]
        head = [*names, "people", *(HEADS[n] for n in columns)]
        wide = max((sum(map(len, row)) for row in (head, *table)), default=0) + 2 * len(head) > 100
        lines = self._blocks(head, table) if wide else aligned(head, table, left=len(names))
        left = len(self.designs) - len(shown)
        more = [f"{left} more designs are in the files."] if left > 0 else []
        return [*lines, *more, "", *self.found()]

    def _blocks(self, head: Sequence[str], table: Sequence[Sequence[str]]) -> list[str]:
        split = len(head) - len(self.columns)
        lines: list[str] = []
        for row in table:
            lines.append(", ".join(f"{h} {v}" for h, v in zip(head[:split], row[:split], strict=True)))
            lines += [f"  {h:<16}{v}" for h, v in zip(head[split:], row[split:], strict=True)]
        return lines

    def found(self) -> list[str]:
        """What the search found, in sentences; nothing is ranked that the simulation cannot tell apart."""
        beyond = sorted({d.beyond for d in self.designs if d.beyond})
        said = [f"Not simulated: {reason}" for reason in beyond]
        if not self.goals:
            return [*said, f"Each from {self.trials} trials; +/- is the Monte Carlo standard error."]
        wanted = " and ".join(_goal(g) for g in self.goals)
        best, open_ = smallest_design(self.designs, self.goals)
        if best is None:
            said.append(f"None of the {len(self.designs)} designs is known to reach {wanted}.")
        else:
            said += [f"The smallest design that reaches {wanted}: {_named(best)}.", self.paragraph(best)]
        if open_:
            told = "; ".join(map(_named, open_[:3])) + ("; ..." if len(open_) > 3 else "")
            said.append(
                f"Within twice the Monte Carlo error, so not decided by {self.trials} trials: {told}."
            )
        return said

    def paragraph(self, design: Design) -> str:
        """The sample size as a protocol would give its reasons."""
        power, false, bias = (design.found[name] for name in ("power", "false", "bias"))
        return (
            f"Sample size: {_named(design)}, analysed by {self.method}, has an assurance of {_said('power', power)} over "
            f"what is believed of the drug's effect. With no drug effect at all {_said('false', false)} of such trials "
            f"would report a significant benefit, and the mean difference would be {_said('bias', bias)} points. "
            f"From {self.trials} simulated trials ({self.command}; limen {__version__}, seed {self.seed})."
        )

    def report(self) -> str:
        """The simulation by aims, data, estimands, methods and performance (ADEMP), as Markdown."""
        varied = "; ".join(f"{a.name}: {', '.join(a.values)}" for a in self.axes)
        columns = list(self.rows()[0]) if self.designs else []
        table = ["| " + " | ".join(columns) + " |", "|" + "---|" * len(columns)]
        table += ["| " + " | ".join(_cell(row[c]) for c in columns) + " |" for row in self.rows()]
        measures = [f"- `{name}`: {meaning}" for name, meaning in JUDGED.items()]
        return "\n".join([
            f"# Designs of {self.protocol.name}", "", f"`{self.command}`, limen {__version__}", "",
            "## Aims", "", "What a trial of each design would show, with people who notice, believe and guess.", "",
            "## Data", "", f"{self.trials} trials for each design, each under its own draw of the parameters and the same "
            f"draws, people and random numbers in every design. Varied: {varied}.", "",
            "## Estimands", "", f"The difference between the arms in {self.protocol.primary.id}, and the part of it that is "
            "the drug's own: what the same trials find more than with a drug that does nothing.", "",
            "## Methods", "", f"{self.method}, two-sided level {self.protocol.analysis.alpha:g}.", "",
            "## Performance", "", *measures, "",
            "Columns that end in `_se` are Monte Carlo standard errors.", "", *table, "", *self.found(), "",
        ])  # fmt: skip

    def save(self, folder: Path | str, name: str, force: bool = False) -> list[Path]:
        """Write `NAME-designs.csv`, `.parquet`, `.json`, the report as `.md` and the figure as `.svg`, together or not at all."""
        with files.together(folder, force) as out:
            return [
                *(out.table(f"{name}-designs.{e}", self.to_polars()) for e in ("csv", "parquet")),
                out.json(f"{name}-designs.json", self.document()),
                out.text(f"{name}-designs.md", self.report()),
                out.text(f"{name}-designs.svg", self.figure().svg()),
            ]


def _known(value: float) -> float | None:
    return value if value == value else None


def _cell(value: Any) -> str:
    return "" if value is None else f"{value:.4g}" if isinstance(value, float) else str(value)


def _named(design: Design) -> str:
    return ", ".join([*(f"{name} {value}" for name, value in design.said.items()), f"{design.people} people"])


def _goal(wanted: Goal) -> str:
    value = f"{wanted.value:.0%}" if wanted.measure in SHARES else f"{wanted.value:g}"
    return f"{wanted.measure.replace('_', ' ')} of at {'most' if wanted.less else 'least'} {value}"


def _said(name: str, found: Measured) -> str:
    value, error, trials = found
    if not trials:
        return "-"
    return f"{100 * value:.1f}+/-{100 * error:.1f}%" if name in SHARES else f"{value:.2f}+/-{error:.2f}"
