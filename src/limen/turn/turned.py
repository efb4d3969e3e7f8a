"""The front door as one result: the grid, the document its page is made of, and its files."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from limen import __version__, files
from limen.analysis.registry import estimator
from limen.design.dial import dial
from limen.design.judge import Measured
from limen.design.turn import Grid, turn_grid
from limen.dossier import words as numbers
from limen.parameters import parameters_for
from limen.parameters.posterior import drawn_from
from limen.protocol import OUTCOMES, Protocol, digest
from limen.results import Result, aligned
from limen.trial.plan import lay_out
from limen.turn import page, rests, words

ARRAYS = ("drug", "comparator", "right", "day", "scale")
ENDINGS = ("html", "json", "parquet")
COUNTED = ("notices, drug", "notices, comparator", "guesses right", "works, day", "works, scale")


@dataclass(frozen=True)
class Turned(Result):
    """A protocol at every stop of its dial, and the command that turned it."""

    grid: Grid
    command: str

    def document(self) -> dict[str, Any]:
        """Everything the page shows, sentences included."""
        return _document(self.grid, self.command)

    def rows(self) -> Sequence[Mapping[str, Any]]:
        return self.grid.table().to_dicts()

    def to_polars(self) -> pl.DataFrame:
        return self.grid.table()

    def lines(self) -> list[str]:
        """The protocol as written, and then the counts at every stop of its dose."""
        own = self.grid.dial.own
        here = [
            (dose, own["told"], own["against"], own["people"]) for dose in range(len(self.grid.dial.turned))
        ]
        scale = own["dose"] < len(here) and _asked(self.grid, here[own["dose"]]).scale is not None
        names = COUNTED if scale else COUNTED[:-1]
        head = ["dose", *(words.COUNTS[name] for name in names)]
        rows = [
            [stop.label, *(words.count_and_error(self.grid.at(*cell)[name]) for name in names)]
            for stop, cell in zip(self.grid.dial.turned, here, strict=True)
        ]
        said = [" ".join(_said(self.grid, here[own["dose"]])), ""] if own["dose"] < len(here) else []
        return [*said, words.TABLE, *aligned(head, rows), "", self.citation]

    @property
    def citation(self) -> str:
        return _citation(self.grid, self.command)

    def html(self) -> str:
        """The page, self-contained."""
        return page.html(self.document())

    def _repr_html_(self) -> str:
        return f"<pre>{self}</pre>"

    def save(self, folder: Path | str, name: str, force: bool = False) -> list[Path]:
        """Write the page, what it is made of and the grid as `NAME-turn.html`, `.json` and `.parquet`, together or not at
        all. Raises OutputError where they are there already and `force` is not given."""
        document = self.document()
        with files.together(folder, force) as out:
            return [
                out.text(f"{name}-turn.html", page.html(document)),
                out.json(f"{name}-turn.json", document),
                out.table(f"{name}-turn.parquet", self.to_polars()),
            ]


def not_there(folder: Path | str, name: str) -> None:
    """Raises OutputError, before any work, where a page of this name is there already."""
    for ending in ENDINGS:
        files.vacant(Path(folder) / f"{name}-turn.{ending}")


def turned(
    protocol: Protocol,
    trials: int,
    seed: int,
    workers: int,
    tick: Callable[[int], None] | None,
    command: str,
) -> Turned:
    """Turn a protocol. Raises ProtocolError for one that cannot be turned."""
    return Turned(turn_grid(dial(protocol), parameters_for(protocol), trials, seed, workers, tick), command)


def _citation(grid: Grid, command: str) -> str:
    return (
        f"limen {__version__}, command {command}: {numbers.number(grid.trials, 0)} simulated trials at each stop, parameters "
        f"{grid.parameters.digest[:12]}, protocol {digest(grid.dial.protocol)[:12]}. {drawn_from(grid.parameters)}"
    )


def _asked(grid: Grid, cell: tuple[int, int, int, int]) -> words.Asked:
    d, plan = grid.dial, grid.plan
    stop, arm, size = d.turned[cell[0]], d.against[cell[2]], d.people[cell[3]]
    scale = None
    if plan.model is not None:
        scale = f"{_full_name(grid)} at week {plan.primary_week or plan.weeks}"
    return words.Asked(stop.label, d.form, words.comparator(arm), sum(size), scale)


def _full_name(grid: Grid) -> str:
    entry = grid.dial.protocol.registered(grid.plan.outcome)
    assert entry is not None
    return entry.full_name


def _said(grid: Grid, cell: tuple[int, int, int, int]) -> tuple[str, str, str]:
    """The sentence of a stop, in its three parts."""
    found, asked = grid.at(*cell), _asked(grid, cell)
    return words.noticed(found, asked), words.guessed(found, asked), words.reported(found, asked)


class _Texts:
    """Texts that many stops share, each once."""

    def __init__(self) -> None:
        self._at: dict[str, int] = {}

    def __call__(self, text: str) -> int:
        return self._at.setdefault(text, len(self._at))

    @property
    def all(self) -> list[str]:
        return list(self._at)


def _cell(grid: Grid, cell: tuple[int, int, int, int], text: _Texts) -> dict[str, Any]:
    """One stop: `say` its sentence; for each array `dots`, `count` and `error`; `unsure` dots of guesses; for each outcome
    the dots left `without` belief, whether belief `adds` beyond its error, and what is said of it."""
    found = grid.at(*cell)
    shown = [found[name] for name in COUNTED]

    def clear(outcome: str) -> bool:
        added = words.adds(found, outcome)
        return added is not None and added.clear and added.value > 0

    outcomes = ("day", "scale")
    return {
        "say": [text(part) for part in _said(grid, cell)],
        "dots": [words.dots(one) for one in shown],
        "count": [text(words.of_100(one)) for one in shown],
        "error": [text(words.error_of_100(one)) for one in shown],
        "unsure": words.dots(found["does not know"]),
        "without": [words.dots(found[f"works without belief, {outcome}"]) for outcome in outcomes],
        "adds": [clear(outcome) for outcome in outcomes],
        "belief": [text(words.by_belief(found, outcome)) for outcome in outcomes],
    }


def _document(grid: Grid, command: str) -> dict[str, Any]:
    d, plan, text = grid.dial, grid.plan, _Texts()
    size = [range(len(side)) for side in (d.turned, d.told, d.against, d.people)]
    cells = [[[[_cell(grid, (i, j, k, m), text) for m in size[3]] for k in size[2]] for j in size[1]] for i in size[0]]  # fmt: skip
    own = d.own
    here: tuple[int, int, int, int] = (own["dose"], own["told"], own["against"], own["people"])
    return {
        "schema_version": 1,
        "title": d.protocol.question or d.protocol.name,
        "protocol": d.protocol.name,
        "compound": plan.compound,
        "form": d.form,
        "alpha": plan.alpha,
        "dials": _dials(grid),
        "own": own,
        "asked": words.imagined(plan.compound),
        "answer": words.of_100(_own_day(grid, here)),
        "sentence": " ".join(_said(grid, here)),
        "arrays": _arrays(grid),
        "helps": rests.helps(grid),
        "beside": rests.predicted_beside_reported(),
        "sources": rests.real_trials(grid),
        "citation": _citation(grid, command),
        "command": command,
        "seed": grid.seed,
        "trials": grid.trials,
        "method": words.analysed(
            *(estimator(name).words for name in (grid.method, d.protocol.analysis.method))
        )
        + _drawn_for_arms(d.protocol),
        "texts": text.all,
        "cells": cells,
    }


def _drawn_for_arms(protocol: Protocol) -> str:
    """What is left out of how people are put in arms."""
    if protocol.allocation.drawn:
        return ""
    return f" The protocol's way of putting people in arms ({protocol.allocation}) is left out: here they are drawn for them."


def _own_day(grid: Grid, here: tuple[int, int, int, int]) -> Measured:
    return grid.at(*here)["works, day"]


def _dials(grid: Grid) -> dict[str, Any]:
    """What can be turned, with the words of every stop."""
    d, p, own = grid.dial, grid.dial.protocol, grid.dial.own
    domain = p.record.domain
    assert domain is not None

    def note(at: int) -> str:
        stop = d.doses[at]
        held = (
            ()
            if stop.beyond
            else lay_out(
                d.asked(stop, d.told[0], d.against[:1]), grid.parameters, comedication=False
            ).warnings
        )
        return words.outside(stop, held, domain.note)

    def label(name: str, at: int, words_of: str) -> str:
        return f"{words_of}, as written" if at == own[name] else words_of

    return {
        "dose": [
            {"label": label("dose", at, stop.label), "tick": "" if stop.dose is None else stop.dose.split()[0], "measured": stop.measured,
             "beyond": stop.beyond is not None, "note": note(at)}
            for at, stop in enumerate(d.doses)
        ],
        "against": [{"label": label("against", at, words.comparator(arm))} for at, arm in enumerate(d.against)],
        "told": [{"label": label("told", at, words.told(chance))} for at, chance in enumerate(d.told)],
        "people": [{"label": label("people", at, f"{a} + {b} people")} for at, (a, b) in enumerate(d.people)],
    }  # fmt: skip


def _arrays(grid: Grid) -> list[dict[str, Any]]:
    """The arrays of 100, with what each rests on."""
    plan, by = grid.plan, rests.decided_by(grid)
    day = OUTCOMES[plan.dose_day].full_name
    titles = {
        "drug": f"of 100 people on {plan.compound} notice something on a dosing day",
        "comparator": "of 100 people on the comparator notice something on a dosing day",
        "right": "of 100 people guess right in the end",
        "day": f"of 100 trials of a drug that does nothing say that it works, by the dosing day ({day})",
        "scale": f"of 100 say so by the scale ({_full_name(grid)})",
    }
    shown = [name for name in ARRAYS if name != "scale" or plan.model is not None]
    return [
        {
            "id": name,
            "title": titles[name],
            "rests": [rests.standing(grid.parameters, by[key]) for key in by if key.startswith(name)],
        }
        for name in shown
    ]
