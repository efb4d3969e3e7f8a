"""The dossier as one result: the answer, the run behind it, and its files, which appear together or not at all."""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from limen import files
from limen.design.operate import Enrolled, Run
from limen.design.trials import Trials
from limen.dossier import compose, render, terminal
from limen.dossier.answer import Answer
from limen.errors import LimenError, OutputError, Place
from limen.protocol import Protocol
from limen.results import Result

SHOWN_TRIALS = 20
ENDINGS = ("html", "json", "parquet", "csv")


@dataclass(frozen=True)
class Dossier(Result):
    """What limen says to a protocol. `answer` is everything the page shows; `run` simulated it, or holds the people alone
    where the trial model says nothing of the compound or the dose."""

    answer: Answer
    run: Enrolled

    def trials(self, count: int = SHOWN_TRIALS) -> Trials:
        """Data of the first simulated trials. Raises LimenError where none is simulated."""
        if not isinstance(self.run, Run):
            raise LimenError(f"no trial is simulated: {self.answer.beyond}")
        return Trials.of_run(self.run, count)

    def document(self) -> dict[str, Any]:
        return self.answer.model_dump(mode="python")

    def rows(self) -> Sequence[Mapping[str, Any]]:
        """The numbers of the verdict, each with its interval or Monte Carlo error."""
        return [{"what": name, "value": said["value"], "low": said.get("low"), "high": said.get("high"),
                 "monte_carlo_se": said.get("monte_carlo_se")}
                for name, said in self.document()["verdict"].items()
                if isinstance(said, dict) and "value" in said]  # fmt: skip

    def lines(self) -> list[str]:
        return terminal.at_terminal(self.answer).splitlines()

    def html(self, long: bool = False) -> str:
        """The page, self-contained; with `long` nothing is folded."""
        return render.html(self.answer, long)

    def _repr_html_(self) -> str:
        return f"<pre>{self}</pre>"

    def save(self, folder: Path | str, name: str, force: bool = False, long: bool = False) -> list[Path]:
        """Write the page, the answer as JSON and data of simulated trials, if any, as `NAME.html`, `.json`, `.parquet`, `.csv`.

        A dossier of the same protocol is replaced; of another one, or a file of another making, only with `force`.
        Raises OutputError.
        """
        if not force:
            replaces(folder, name, self.answer.question.protocol)
        tables = dict.fromkeys(ENDINGS[2:], self.trials().table) if isinstance(self.run, Run) else {}
        # The page is drawn while the data are written.
        with files.together(folder) as out, ThreadPoolExecutor(1) as beside:
            page = beside.submit(self.html, long)
            data = out.json(f"{name}.json", self.document())
            written = [out.table(f"{name}.{ending}", table) for ending, table in tables.items()]
            return [out.text(f"{name}.html", page.result()), data, *written]

    def told(self, written: Sequence[Path], replaced: bool) -> list[str]:
        """What was written where, and how to go on; the page last."""
        page, data, *tables = written
        command = self.analysis(tables[-1]) if tables else None
        where = ", ".join(map(str, tables))
        return [
            *([f"Trial data ({SHOWN_TRIALS} simulated trials): {where}"] if tables else []),
            *([f"Analyse one of them: {command}"] if command else []),
            f"As data: {data}",
            *(["An earlier dossier of this protocol was replaced."] if replaced else []),
            f"Dossier: {page}",
        ]

    def analysis(self, data: Path | str) -> str:
        """The command that analyses one of the simulated trials in a file."""
        return f"limen analyse {shlex.quote(str(data))} --only trial=1"


def replaces(folder: Path | str, name: str, protocol: str) -> bool:
    """Whether a dossier of this protocol is there. Raises OutputError where it is another's, or no dossier."""
    there = [path for ending in ENDINGS if (path := Path(folder) / f"{name}.{ending}").exists()]
    if not there:
        return False
    remedy = "name another folder with --out, or replace it with --force"
    try:
        found = json.loads((Path(folder) / f"{name}.json").read_text(encoding="utf-8"))["question"][
            "protocol"
        ]
    except (OSError, ValueError, TypeError, KeyError):
        raise OutputError("this file is there and is no dossier", Place(file=there[0]), remedy) from None
    if found != protocol:
        raise OutputError(f"the dossier of another protocol is there: {found}", Place(file=there[0]), remedy)
    return True


def answered(
    protocol: Protocol,
    draws: int,
    people: int,
    seed: int,
    workers: int,
    on: date,
    tick: Callable[[int], None] | None,
    command: str,
) -> Dossier:
    """Simulate a protocol and compose its dossier."""
    return Dossier(*compose.answer(protocol, draws, people, seed, workers, tick, command, on))
