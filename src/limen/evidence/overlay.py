"""A user's own extraction rows, kept beside the shipped facts and guarded by the same schema.

The evidence is living: `limen evidence add FILE` puts a study, its outcomes or its reference in a folder of
the user's. Nothing is written unless every row of the file passes.
"""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from limen.errors import FactsError, OutputError, Place
from limen.facts import schema
from limen.facts.read import Row, bibliography, read, read_bibtex

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
class Added:
    """What `add` put where: a table (or `references.bib`), how many rows, and the file that holds them."""

    table: str
    rows: int
    path: Path


def folder() -> Path:
    """Where the overlay lives: `LIMEN_OVERLAY` if set, else the user's data folder."""
    chosen = os.environ.get("LIMEN_OVERLAY")
    if chosen:
        return Path(chosen)
    from platformdirs import user_data_dir

    return Path(user_data_dir("limen", appauthor=False)) / "evidence"


def path_of(table: str) -> Path:
    return folder() / f"{table}.csv"


def rows(table: str) -> tuple[Row, ...]:
    """The overlay's rows of a table, checked again as they are read. Raises FactsError if one was edited
    badly."""
    path = path_of(table)
    if not path.is_file():
        return ()
    found = _read_rows(table, path, path.read_text(encoding="utf-8"))
    errors = _complaints(table, path, found, studies=_studies(), references=references())
    if errors:
        raise OverlayErrors(errors)
    return found


def references() -> Mapping[str, Mapping[str, str]]:
    """The overlay's own `references.bib`."""
    path = folder() / "references.bib"
    return read_bibtex(path.read_text(encoding="utf-8")) if path.is_file() else MappingProxyType({})


def add(path: Path | str) -> Added:
    """Check a CSV of extraction rows (or a `.bib`) and add it to the overlay, whole or not at all.

    The table is recognised by its header. Raises OverlayErrors naming row (1 is the header line), column and
    remedy.
    """
    path = Path(path)
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise FactsError(
            f"cannot be read ({error})", Place(file=path), "give a UTF-8 CSV or BibTeX file"
        ) from None
    if path.suffix == ".bib":
        return _add_references(path, text)
    table = recognise(path, text)
    found = _read_rows(table, path, text)
    if not found:
        raise FactsError("holds no rows", Place(file=path), "add at least one row below the header")
    keys = schema.words(table, "key")
    errors = _complaints(table, path, found, studies=_studies(), references=references())
    taken = {_name(row, keys) for row in (*read(table).rows, *rows(table))} if keys else set[str]()
    for number, row in enumerate(found, start=2):
        if keys and _name(row, keys) in taken:
            where = Place(file=path, row=number, column=keys[0])
            errors.append(
                FactsError(f"{_name(row, keys)!r} is already there", where, "give the row its own name")
            )
        taken.add(_name(row, keys))
    if errors:
        raise OverlayErrors(sorted(errors, key=lambda error: error.where.row or 0))
    whole = [*rows(table), *found]
    _write(path_of(table), _csv(read(table).columns, whole))
    return Added(table, len(found), path_of(table))


def recognise(path: Path, text: str) -> str:
    """The table a header belongs to. Raises FactsError naming the closest one and what is missing or too
    much."""
    header = next(csv.reader(io.StringIO(text)), [])
    for table in TABLES:
        if set(header) <= set(read(table).columns) and set(schema.words(table, "required")) <= set(header):
            return table
    closest = max(TABLES, key=lambda table: len(set(header) & set(read(table).columns)))
    missing = sorted(set(schema.words(closest, "required")) - set(header))
    extra = sorted(set(header) - set(read(closest).columns))
    parts = [
        f"{word} {', '.join(names)}" for word, names in (("missing", missing), ("unknown", extra)) if names
    ]
    what = f"this header is no table of the evidence; closest is {closest} ({'; '.join(parts)})"
    raise FactsError(
        what, Place(file=path, row=1), "`limen evidence outcomes --csv` shows a header that works"
    )


def _read_rows(table: str, path: Path, text: str) -> tuple[Row, ...]:
    columns = read(table).columns
    reader = csv.DictReader(io.StringIO(text))
    found: list[Row] = []
    for number, cells in enumerate(reader, start=2):
        if None in cells or None in cells.values():
            what = "has more or fewer cells than the header"
            raise FactsError(what, Place(file=path, row=number), "quote cells that hold a comma")
        whole = {column: (cells.get(column) or "").strip() for column in columns}
        found.append(Row(table, reader.line_num, MappingProxyType(whole)))
    return tuple(found)


def _complaints(
    table: str, path: Path, found: Sequence[Row], *, studies: set[str], references: Mapping[str, object]
) -> list[FactsError]:
    errors: list[FactsError] = []
    for number, row in enumerate(found, start=2):
        errors += schema.check_row(table, row, Place(file=path, row=number), studies, references.keys())
    return errors


def _studies() -> set[str]:
    path = path_of("clinical/studies")
    if not path.is_file():
        return set()
    return {row["study_id"] for row in _read_rows("clinical/studies", path, path.read_text(encoding="utf-8"))}


def _name(row: Row, keys: Sequence[str]) -> str:
    return "/".join(row[column] for column in keys)


def _add_references(path: Path, text: str) -> Added:
    entries = read_bibtex(text)
    if not entries:
        raise FactsError(
            "holds no BibTeX entry", Place(file=path), "close each entry with } on a line of its own"
        )
    twins = [key for key in entries if key in bibliography() or key in references()]
    if twins:
        raise FactsError(
            f"{', '.join(twins)}: already in references.bib", Place(file=path), "drop these entries"
        )
    target = folder() / "references.bib"
    before = target.read_text(encoding="utf-8").rstrip() + "\n\n" if target.is_file() else ""
    _write(target, before + text.strip() + "\n")
    return Added("references.bib", len(entries), target)


def _csv(columns: Sequence[str], whole: Sequence[Row]) -> str:
    stream = io.StringIO()
    writer = csv.DictWriter(stream, fieldnames=columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(dict(row) for row in whole)
    return stream.getvalue()


def _write(path: Path, text: str) -> None:
    """Atomic: the overlay file is the old one or the new one, never half of either."""
    part = path.with_name(f".{path.name}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part.write_text(text, encoding="utf-8")
        os.replace(part, path)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise OutputError(
            f"cannot be written ({error.strerror})", Place(file=path), "set LIMEN_OVERLAY"
        ) from None
