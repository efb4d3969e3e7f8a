"""A user's own extraction rows, kept beside the shipped facts and guarded by the same schema.

The evidence is living: `limen evidence add FILE` puts a study, its outcomes or its reference in a folder of
the user's. Nothing is written unless every row of the file passes, and of several at once each finds the rows of those
before it.
"""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

from limen import files
from limen.errors import FactsError, OutputError, Place
from limen.evidence import families, plausible, sheet
from limen.evidence import references as bib
from limen.evidence.references import References
from limen.facts import schema
from limen.facts.read import Row, bibliography, read
from limen.heard import Heard, Reading
from limen.results import Result

TABLES = (
    "clinical/studies",
    "clinical/outcomes",
    "clinical/comparators",
    "claims/claims",
    "clinical/blinding",
    "clinical/participant_overlap",
)


class OverlayErrors(FactsError):
    """Every broken row of one file, reported at once; the overlay was left as it was."""

    def __init__(self, errors: Sequence[FactsError]):
        self.errors = tuple(errors)
        super().__init__(errors[0].what, errors[0].where, errors[0].remedy)

    def __str__(self) -> str:
        kept = "nothing was added"
        return "\n".join([*(f"{e.where}: {e.what}\n  {e.remedy}" for e in self.errors), kept])


@dataclass(frozen=True)
class Added(Result):
    """What `add` put where (a table or `references.bib`, rows, file), and how the file was read."""

    table: str
    count: int
    path: Path
    heard: Reading

    def document(self) -> dict[str, Any]:
        head = {"schema_version": 1, "table": self.table, "rows": self.count, "path": str(self.path)}
        return {**head, "reading": self.heard.as_data()}

    def lines(self) -> list[str]:
        """What was added, and how the file was read where that is not plain."""
        read_as = [line for line in self.heard.as_text() if not line.startswith("understood: reference")]
        return [f"added {self.count} to {self.table}, in {self.path}", *(f"  {line}" for line in read_as)]


def folder() -> Path:
    """Where the overlay lives: `LIMEN_OVERLAY` if set, else the user's data folder."""
    chosen = os.environ.get("LIMEN_OVERLAY")
    if chosen:
        return Path(chosen)
    from platformdirs import user_data_dir

    return Path(user_data_dir("limen", appauthor=False)) / "evidence"


def path_of(table: str) -> Path:
    """The overlay's file of a table."""
    return folder() / f"{table}.csv"


def rows(table: str) -> tuple[Row, ...]:
    """The overlay's rows of a table, checked again as they are read. Raises FactsError if one was edited badly."""
    found = _kept(table)
    errors = _complaints(path_of(table), found) if found else []
    if errors:
        raise OverlayErrors(errors)
    return found


def own_references() -> References:
    """The overlay's own `references.bib`."""
    path = folder() / "references.bib"
    return bib.read_entries(path, sheet.text_of(path)[0])[0] if path.is_file() else MappingProxyType({})


def add(path: Path | str) -> Added:
    """Check a CSV of extraction rows (or a `.bib`) and add it to the overlay, whole or not at all.

    The table is recognised by its header. Raises OverlayErrors naming row (1 is the header line), column and
    remedy; OutputError where the overlay cannot be written.
    """
    path = Path(path)
    text, heard = sheet.text_of(path)
    if path.suffix.lower() == ".bib":
        entries, read_as = bib.read_entries(path, text)
        _check_references(path, entries)
        with _alone():
            _check_references(path, entries)
            target = folder() / "references.bib"
            _write(target, bib.bibtex({**own_references(), **entries}) + "\n")
        return Added("references.bib", len(entries), target, heard + read_as)
    found = sheet.rows_of(path, TABLES, text)
    if not found.rows:
        raise FactsError("holds no rows", Place(file=path), "add at least one row below the header")
    _check_rows(path, found.rows)
    with _alone():
        _check_rows(path, found.rows)
        _write(path_of(found.table), _csv(read(found.table).columns, [*rows(found.table), *found.rows]))
    return Added(
        found.table, len(found.rows), path_of(found.table), heard + found.heard + _unfamiliar(found.rows)
    )


@contextmanager
def _alone() -> Generator[None]:
    """One `add` at a time: read, check and write are one step for everybody else."""
    lock = folder() / ".adding"
    try:
        lock.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        refused = files.refusal(folder(), error)
        raise OutputError(
            refused.what, refused.where, "set LIMEN_OVERLAY to a folder you may write to"
        ) from None
    with files.locked(lock):
        yield


def _check_rows(path: Path, found: Sequence[Row]) -> None:
    """Raises OverlayErrors for rows that break the schema, cannot be true, or are there already."""
    table = found[0].table
    keys = schema.words(table, "key")
    errors = _complaints(path, found)
    taken = {_name(row, keys) for row in (*read(table).rows, *rows(table))}
    for number, row in enumerate(found, start=2):
        if _name(row, keys) in taken:
            where = Place(file=path, row=number, column=keys[0] if keys else None)
            said = f"{_name(row, keys)!r}" if keys else "the same row"
            errors.append(
                FactsError(f"{said} is already there", where, "give the row its own name, or leave it out")
            )
        taken.add(_name(row, keys))
    if errors:
        raise OverlayErrors(sorted(errors, key=lambda error: error.where.row or 0))


def _complaints(path: Path, found: Sequence[Row]) -> list[FactsError]:
    """What the schema refuses in rows of one table, and where it refuses nothing, what cannot be true."""
    own, known = _kept("clinical/studies"), own_references()
    names = {row["study_id"] for row in own}
    studies = (*read("clinical/studies").rows, *own)
    every = {**bibliography(), **known}
    errors: list[FactsError] = []
    for number, row in enumerate(found, start=2):
        where = Place(file=path, row=number)
        broken = schema.check_row(row.table, row, where, names, known.keys())
        errors += broken or plausible.complaints(row, where, studies, every)
    return errors


def _unfamiliar(found: Sequence[Row]) -> Reading:
    """Outcomes that no family holds: kept, and found by their own name only."""
    odd = dict.fromkeys(
        row["outcome"]
        for row in found
        if row.table == "clinical/outcomes" and not families.in_a_family(row["outcome"])
    )
    why = "belongs to no outcome family limen knows: only `--outcome` with this very name finds it"
    return Reading(unread=tuple(Heard("outcome", "", name, why) for name in odd))


def _kept(table: str) -> tuple[Row, ...]:
    """The overlay's rows of a table as they stand; a folder written before a column existed has it empty."""
    path = path_of(table)
    return sheet.rows_of(path, (table,), sheet.text_of(path)[0]).rows if path.is_file() else ()


def _name(row: Row, keys: Sequence[str]) -> str:
    """What tells a row from another: its key, or all it says but the note where the table has no key."""
    return "/".join(row[column] for column in (keys or [c for c in row if c != "note"]))


def _check_references(path: Path, entries: References) -> None:
    if not entries:
        raise FactsError("holds no BibTeX entry", Place(file=path), "write @article{key, ... }")
    known = {**bibliography(), **own_references()}
    dois = {bib.doi(entry["doi"]): key for key, entry in known.items() if entry.get("doi")}
    for key, entry in entries.items():
        twin = key if key in known else dois.get(bib.doi(entry.get("doi", "")))
        if twin is not None:
            same = "has this key" if twin == key else "has the same DOI"
            remedy = f"leave it out and name {twin} as the source"
            raise FactsError(f"{key}: {twin} {same}, already in references.bib", Place(file=path), remedy)
        if entry.get("doi"):
            dois[bib.doi(entry["doi"])] = key


def _csv(columns: Sequence[str], whole: Sequence[Mapping[str, str]]) -> str:
    stream = io.StringIO()
    writer = csv.DictWriter(stream, fieldnames=columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(dict(row) for row in whole)
    return stream.getvalue()


def _write(path: Path, text: str) -> None:
    try:
        files.write_text(path, text)
    except OutputError as error:
        raise OutputError(error.what, error.where, "set LIMEN_OVERLAY to a folder you may write to") from None
