"""The designs of a search as one result: its table, what it found in words, a report of the simulation, its files."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import inf, isfinite, nan
from pathlib import Path
from typing import Any

from limen import __version__, files
from limen.design import settle
from limen.design.judge import Measured
from limen.design.measures import DEAD, ENDS, JUDGED, SETTLING, SHARES, SIZED, LookEnds
from limen.design.search import Design, Goal, smallest_design
from limen.design.vary import Axis
from limen.errors import LimenError
from limen.protocol import Protocol
from limen.results import Result, aligned

SHOWN = 12  # designs at a terminal
COLUMNS = ("power", "false", "belief_adds", "bias", "guesses", "settles")
HEADS = {"power": "power", "false": "dead drug works", "belief_adds": "by belief", "bias": "bias",
         "guesses": "right guesses", "settles": "settles", "enrolled": "people at stop"}  # fmt: skip


UNDER = {DEAD: "no effect", SIZED: "0.4 SD"}


@dataclass(frozen=True)
class Cost:
    """What a trial is said to cost: for each person, and for each visit of a person, in any currency."""

    person: float = 0.0
    visit: float = 0.0

    @classmethod
    def stated(cls, text: str) -> Cost:
        """From `person=500,visit=80`, or one of the two. Raises LimenError for anything else."""
        found: dict[str, float] = {}
        for part in text.split(","):
            name, _, value = (word.strip() for word in part.partition("="))
            try:
                amount = float(value)
            except ValueError:
                amount = nan
            if name not in ("person", "visit") or name in found or not 0 <= amount < inf:
                raise LimenError(f"{part.strip()!r} is no cost", remedy="write person=500,visit=80")
            found[name] = amount
        return cls(**found)

    def of(self, people: float, visits: int) -> float:
        """What so many people cost, all of their visits included."""
        return people * (self.person + visits * self.visit)


@dataclass(frozen=True)
class Designs(Result):
    """`designs`: one for every combination of the axes; `goals`: what a design must meet; `trials` stand behind each; `cost`
    where it was said."""

    protocol: Protocol
    axes: tuple[Axis, ...]
    goals: tuple[Goal, ...]
    designs: tuple[Design, ...]
    trials: int
    seed: int
    method: str
    command: str
    cost: Cost | None = None
    drawn: str = ""  # what the parameters of its trials are drawn from

    def costing(self, cost: Cost | None) -> Designs:
        """The same designs with what they cost."""
        return replace(self, cost=cost)

    def rows(self) -> Sequence[Mapping[str, Any]]:
        """One row a design: what was varied, people, doses, weeks, each measure with its Monte Carlo standard error."""
        return [
            {**d.row(),
             "meets": {True: "yes", False: "no", None: "cannot tell"}[d.meets(self.goals)] if self.goals else None,
             **({} if self.cost is None else {"cost": self.cost.of(d.people, d.visits)}),
             "beyond": d.beyond}
            for d in self.designs
        ]  # fmt: skip

    def look_rows(self) -> list[dict[str, Any]]:
        """One row for each design, supposed effect and look: the shares of all trials that end there, each with its error."""
        return [
            {**d.said, "people": d.people, "under": look.under, "look": look.look, "at": look.at,
             **{key: value for name, m in zip(ENDS, look.ends, strict=True)
                for key, value in ((name, _known(m[0])), (f"{name}_se", _known(m[1])))}}
            for d in self.designs for look in d.looks
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
            "looks": self.look_rows(),
            "smallest": None if best is None else {**best.said, "people": best.people},
            "cannot_tell": [{**d.said, "people": d.people} for d in open_],
            "parameters": self.drawn,
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
        lines = aligned(head, table, left=len(names) + 1)
        left = len(self.designs) - len(shown)
        more = [f"{left} more designs are in the files."] if left > 0 else []
        return [*lines, *more, "", *self._stops(shown), *self.found(), *([self.drawn] if self.drawn else [])]

    def _stops(self, shown: Sequence[Design]) -> list[str]:
        """Where trials of a design end: of the smallest that will do, or of the first."""
        best = smallest_design(self.designs, self.goals)[0] if self.goals else None
        one = best or next((d for d in shown if d.looks), None)
        if one is None or not one.looks:
            return []
        names = [f"{end}, {said}" for said in UNDER.values() for end in ENDS]
        each: dict[str, list[LookEnds]] = {}
        for look in one.looks:
            if look.under in UNDER:
                each.setdefault(look.look, []).append(look)
        rows = [
            [f"{name} ({looks[0].at:.0%})", *(_said("power", m) for under in UNDER for look in looks if look.under == under for m in look.ends)]
            for name, looks in each.items()
        ]  # fmt: skip
        return [f"Where trials end ({_named(one)}):", *aligned(["end", *names], rows), ""]

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
            said.append(
                f"Within twice the Monte Carlo error, so not decided by {self.trials} trials: {_listed(map(_named, open_))}."
            )
        return [*said, *self._to_settle()] if {g.measure for g in self.goals} & set(SETTLING) else said

    def _to_settle(self) -> list[str]:
        """Which design needs the fewest people, and those that cannot be told from it."""
        by_design = {tuple(d.said.items()): d for d in self.designs if d.found["to_settle"][2]}
        sized = [d for d in by_design.values() if isfinite(d.found["to_settle"][0])]
        if not sized:
            return [f"No size up to {settle.LIMIT:,} of any of them has so many trials settle it."]
        fewest = min(sized, key=lambda d: d.found["to_settle"][0])
        high = fewest.found["to_settle_high"][0]
        open_ = [d for d in sized if d is not fewest and not d.found["to_settle_low"][0] > high]
        beside = f" Not told from it: {_listed(map(_size, open_))}." if open_ else ""
        return [f"If nothing but the number of people were changed, {_size(fewest)}.{beside}"]

    def paragraph(self, design: Design) -> str:
        """The sample size as a protocol would give its reasons."""
        power, false, bias = (design.found[name] for name in ("power", "false", "bias"))
        return (
            f"Sample size: {_named(design)}, analysed by {self.method}, has an assurance of {_said('power', power)} over "
            f"what is believed of the drug's effect. With no drug effect at all {_said('false', false)} of such trials "
            f"would report a significant benefit, and the mean difference would be {_said('bias', bias)} points. {self._stopped(design)}"
            f"From {self.trials} simulated trials ({self.command}; limen {__version__}, seed {self.seed})."
        )

    def _stopped(self, design: Design) -> str:
        """How many people the looks of a design spare."""
        if not design.looks:
            return ""
        nothing, works = (_said(name, design.found[name]) for name in ("enrolled", "enrolled_0.4"))
        ends = ", ".join(
            f"{look.look} ({look.at:.0%} of the people)" for look in design.looks if look.under == DEAD
        )
        return (
            f"Where it ends is decided on the way ({ends}): it has {nothing} people on average if the drug does nothing, "
            f"{works} if it is worth 0.4 SD. "
        )

    def report(self) -> str:
        """The simulation by aims, data, estimands, methods and performance (ADEMP), as Markdown."""
        varied = "; ".join(f"{a.name}: {', '.join(a.values)}" for a in self.axes)
        table = _markdown(self.rows())
        measures = [f"- `{name}`: {meaning}" for name, meaning in JUDGED.items()]
        return "\n".join([
            f"# Designs of {self.protocol.name}", "", f"`{self.command}`, limen {__version__}", "",
            "## Aims", "", "What a trial of each design would show, with people who notice, believe and guess.", "",
            "## Data", "", f"{self.trials} trials for each design, each under its own draw of the parameters and the same "
            f"draws, people and random numbers in every design. Varied: {varied}.", "",
            "## Estimands", "", f"The difference between the arms in {self.protocol.primary.id}, and the part of it that is "
            "the drug's own: what the same trials find more than with a drug that does nothing.", "",
            "## Methods", "", f"{self.method}, {self.protocol.analysis.sides} level {self.protocol.analysis.alpha:g}.", "",
            "## Performance", "", *measures, "",
            "Columns that end in `_se` are Monte Carlo standard errors.", "", *table, "", *_looked(self.look_rows()),
            *self.found(), "",
        ])  # fmt: skip

    def save(self, folder: Path | str, name: str, force: bool = False) -> list[Path]:
        """Write `NAME-designs.csv`, `.parquet`, `.json`, the report as `.md` and the figure as `.svg`, together or not at all."""
        import polars as pl

        looks = self.look_rows()
        with files.together(folder, force) as out:
            return [
                *(out.table(f"{name}-designs.{e}", self.to_polars()) for e in ("csv", "parquet")),
                *(
                    [out.table(f"{name}-looks.csv", pl.DataFrame(looks, infer_schema_length=None))]
                    if looks
                    else []
                ),
                out.json(f"{name}-designs.json", self.document()),
                out.text(f"{name}-designs.md", self.report()),
                out.text(f"{name}-designs.svg", self.figure().svg()),
            ]


def _markdown(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    columns = list(rows[0]) if rows else []
    table = ["| " + " | ".join(columns) + " |", "|" + "---|" * len(columns)]
    return table + ["| " + " | ".join(_cell(row[c]) for c in columns) + " |" for row in rows]


def _looked(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    return (
        ["Where trials end, look by look, as shares of all trials:", "", *_markdown(rows), ""] if rows else []
    )


def _known(value: float) -> float | None:
    return value if value == value else None


def _cell(value: Any) -> str:
    return "" if value is None else f"{value:.4g}" if isinstance(value, float) else str(value)


def _named(design: Design) -> str:
    return ", ".join([*(f"{name} {value}" for name, value in design.said.items()), f"{design.people} people"])


def _goal(wanted: Goal) -> str:
    value = f"{wanted.value:.0%}" if wanted.measure in SHARES else f"{wanted.value:g}"
    return f"{wanted.measure.replace('_', ' ')} of at {'most' if wanted.less else 'least'} {value}"


def _listed(each: Iterable[str]) -> str:
    """The first three."""
    said = list(each)
    return "; ".join(said[:3]) + ("; ..." if len(said) > 3 else "")


def _size(design: Design) -> str:
    """How many people settle it, and between which sizes the simulation can tell."""
    people, low, high = (design.found[name][0] for name in SETTLING[2:])
    which = ", ".join(f"{name} {value}" for name, value in design.said.items()) or "this design"
    upper = f"{high:.0f}" if isfinite(high) else f"more than {settle.LIMIT}"
    return (
        f"{which} would settle it with {people:.0f} people (the simulation tells it to {low:.0f} to {upper})"
    )


def _said(name: str, found: Measured) -> str:
    value, error, trials = found
    if not trials:
        return "-"
    return f"{100 * value:.1f}+/-{100 * error:.1f}%" if name in SHARES else f"{value:.2f}+/-{error:.2f}"
