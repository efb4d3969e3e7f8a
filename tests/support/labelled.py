"""The labelled screening entries, and how an answer to one is scored."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from limen.safety.reading.intake import patient
from limen.safety.rules.hits import ELIGIBLE
from limen.safety.screening.screen import screen

FOLDER = Path(__file__).parents[1] / "safety" / "labelled"
TODAY = date(2026, 11, 26)


@dataclass(frozen=True)
class Answer:
    """A labelled entry and what the screen said of it."""

    row: dict[str, str]
    decision: str

    @property
    def missed(self) -> bool:
        """A dangerous miss: something dangerous ends eligible."""
        return self.row["dangerous"] == "yes" and self.decision == ELIGIBLE

    @property
    def alarm(self) -> bool:
        """A false alarm: the label is `eligible` alone, and the answer is not."""
        return self.row["label"] == ELIGIBLE and self.decision != ELIGIBLE

    @property
    def wrong(self) -> bool:
        return self.decision not in self.row["label"].split("|")


def answers() -> list[Answer]:
    """Every labelled entry with the decision, in the order of the files."""
    found = []
    for path in sorted(FOLDER.glob("*.csv")):
        for row in csv.DictReader(path.open(encoding="utf-8")):
            person = patient(row["medications"], row["conditions"], row["id"], TODAY)
            found.append(Answer(row, screen(person, row["compound"]).decision))
    return found


def table(scored: Iterable[Answer]) -> list[str]:
    """Dangerous misses, false alarms and answers outside the label, by kind."""
    scored = list(scored)
    lines = [
        "| kind | entries | dangerous | missed | eligible | false alarms | outside the label |",
        "|---|---|---|---|---|---|---|",
    ]
    kinds = [*dict.fromkeys(a.row["kind"] for a in scored), "all"]
    for kind in kinds:
        of = [a for a in scored if kind in (a.row["kind"], "all")]
        dangerous = sum(a.row["dangerous"] == "yes" for a in of)
        eligible = sum(a.row["label"] == ELIGIBLE for a in of)
        counts = (
            len(of),
            dangerous,
            sum(a.missed for a in of),
            eligible,
            sum(a.alarm for a in of),
            sum(a.wrong for a in of),
        )
        lines.append(f"| {kind} | {' | '.join(map(str, counts))} |")
    return lines


if __name__ == "__main__":
    print("\n".join(table(answers())))
