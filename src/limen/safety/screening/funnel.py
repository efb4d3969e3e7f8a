"""The recruitment funnel: how many people a trial would lose, and to which rule."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from limen import files
from limen.results import Result, aligned
from limen.safety.rules.hits import CLINICIAN, ELIGIBLE, NOT_ELIGIBLE
from limen.safety.screening.screen import Screening
from limen.units import number_of

SCHEMA_VERSION = 2
HEADER = ("id", "decision", "severity", "reasons", "drugs", "not_recognised", "left_out")


@dataclass(repr=False)
class Funnel(Result):
    """Counts only: people by decision, people touched by each rule, people each rule would lose by itself."""

    compound: str = ""
    decisions: Counter[str] = field(default_factory=Counter)
    touched: Counter[str] = field(default_factory=Counter)
    alone: Counter[str] = field(default_factory=Counter)
    without_medicines: int = 0
    words: dict[str, str] = field(
        default_factory=lambda: {"unrecognised": "a medicine or condition that nobody could place"}
    )

    def add(self, screening: Screening) -> None:
        for hit in screening.hits:
            self.words.setdefault(hit.rule_id, hit.comedication)
        for found in screening.conditions:
            self.words.setdefault(found.rule_id, found.condition)
        self.decisions[screening.decision] += 1
        self.without_medicines += not (screening.read or screening.unread or screening.ignored)
        reasons = screening.reasons
        self.touched.update(reasons)
        if len(reasons) == 1:
            self.alone.update(reasons)

    @property
    def people(self) -> int:
        return self.decisions.total()

    def rows(self) -> list[dict[str, Any]]:
        return [
            {"rule": r, "about": self.words.get(r, ""), "people": n, "only_reason": self.alone[r]}
            for r, n in self.touched.most_common()
        ]

    def document(self) -> dict[str, Any]:
        counts = {d: self.decisions[d] for d in (ELIGIBLE, CLINICIAN, NOT_ELIGIBLE)}
        told = {
            "people": self.people,
            "without_medicines": self.without_medicines,
            **counts,
            "rules": self.rows(),
        }
        return {"schema_version": SCHEMA_VERSION, "compound": self.compound, "funnel": told}

    def lines(self) -> list[str]:
        total = max(1, self.people)
        lines = [f"{number_of(self.people, 'person', 'people')} screened"]
        lines += [
            f"  {d:18} {self.decisions[d]:7}  {self.decisions[d] / total:6.1%}"
            for d in (ELIGIBLE, CLINICIAN, NOT_ELIGIBLE)
        ]
        if self.without_medicines:
            lines.append(f"  {self.without_medicines} named no medicine: an empty list is taken for none")
        lines.append("  lost or held by rule")
        told = [(r["rule"], str(r["people"]), str(r["only_reason"]), r["about"]) for r in self.rows()]
        head = ("", "people", "only reason", "")
        cells = [row[:3] for row in (head, *told)]
        table = aligned(cells[0], cells[1:])
        lines += [f"    {line}  {row[3]}".rstrip() for line, row in zip(table, (head, *told), strict=True)]
        return lines


def write_rows(path: Path, screenings: Iterable[Screening], force: bool = True) -> None:
    """Decisions as a CSV that a spreadsheet takes for text, written whole or not at all. Raises OutputError."""
    if not force:
        files.vacant(path)
    files.write_csv(path, HEADER, map(_row, screenings), force)


def _row(s: Screening) -> tuple[str, ...]:
    drugs = dict.fromkeys(drug for _, drug, _, _ in s.read)
    unread = "; ".join(u.text for u in s.unread)
    reasons, left_out = ";".join(s.reasons), "; ".join(s.ignored)
    return s.patient, s.decision, s.severity, reasons, ";".join(drugs), unread, left_out


def recruited(
    screenings: Iterable[Screening], compound: str, out: Path | None = None, force: bool = True
) -> Funnel:
    """The funnel of many screenings, streamed; their decisions go to `out` where one is named. Raises OutputError."""
    funnel = Funnel(compound)

    def each() -> Iterator[Screening]:
        for screening in screenings:
            funnel.add(screening)
            yield screening

    if out is not None:
        write_rows(out, each(), force)
    else:
        deque(each(), 0)
    return funnel
