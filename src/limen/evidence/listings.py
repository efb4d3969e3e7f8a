"""What the evidence commands list: rows of a kind as a table, as JSON, CSV or BibTeX."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from limen.errors import FactsError
from limen.evidence import references, tables
from limen.evidence.tables import Filters, Record
from limen.facts.read import names, read
from limen.results import Result, folded

SCHEMA_VERSION = 1
CALLED = {
    "pipeline": "registered trials",
    "refs": "references",
}  # what rows are, where not called by their command
UNITS = {"doses": "dose_unit", "timepoint": "timepoint_unit"}  # the column that holds a column's unit
LISTS = ("doses", "sources")  # several in one cell, parted by semicolons


@dataclass(frozen=True)
class Kind:
    """Which rows, the columns a terminal shows, and those that limen derives."""

    rows: Callable[[], Sequence[Record]]
    shown: str
    derived: str = ""


KINDS: Mapping[str, Kind] = {
    "studies": Kind(
        tables.studies,
        "study_id year design compound doses dose_class n_planned n_randomised headline_result", "dose_class"
    ),
    "outcomes": Kind(
        tables.outcomes,
        "study_id arm comparator outcome timepoint n mean sd change_mean effect unit", "construct dose_class"
    ),
    "comparators": Kind(
        tables.comparators,
        "comparator_id condition intervention control scale effect_type effect ci_low ci_high"
    ),
    "claims": Kind(
        tables.claims,
        "claim_id topic claim verdict literature sources verification"
    ),
    "pipeline": Kind(
        tables.registered,
        "trial_id registry_id dose_class compound indication design n n_type status start"
    )
}  # fmt: skip


@dataclass(frozen=True)
class Listing(Result):
    """Rows ready to print. `derived` columns are left out of CSV, so that what is printed can be added again."""

    name: str
    found: Sequence[Mapping[str, Any]]
    columns: Sequence[str]
    shown: Sequence[str]
    cited: Sequence[str] = ()
    of: int | None = None  # how many there are, where not all are listed

    def first(self, limit: int | None) -> Listing:
        """The first rows, where there are more than `limit`."""
        if limit is None or limit >= len(self.found):
            return self
        return replace(self, found=self.found[:limit], of=len(self.found))

    def rows(self) -> Sequence[Mapping[str, Any]]:
        return self.found

    def lines(self) -> list[str]:
        """A table; the claims, too wordy for one, in lines."""
        if self.name != "claims":
            cells = [[_shown(row, column) for column in self.shown] for row in self.found]
            head = [column.replace("_", " ") for column in self.shown]
            return folded(self._count(), head, cells)
        return [
            *([self._count()] if self.of else []),
            *(
                line
                for row in self.found
                for line in (
                    f"{row['claim_id']}  {row['topic']}: {row['claim']}",
                    f"  verdict     {row['verdict']}",
                    f"  literature  {row['literature']}",
                    f"  sources     {_shown(row, 'sources') or 'none'} ({row['verification']})",
                )
            ),
        ]

    def _count(self) -> str:
        called = f"rows of {self.name}" if "/" in self.name else CALLED.get(self.name, self.name)
        if self.of:
            return f"the first {len(self.found)} of {self.of} {called} (all of them: --limit {self.of})"
        return f"{len(self.found)} {called}"

    def document(self) -> dict[str, Any]:
        head = {"schema_version": SCHEMA_VERSION, "count": len(self.found), "of": self.of or len(self.found)}
        return {**head, self.name: list(self.found)}

    def as_csv(self) -> str:
        """Every column of the table."""
        stream = io.StringIO()
        writer = csv.DictWriter(stream, self.columns, extrasaction="ignore", lineterminator="\n", restval="")
        writer.writeheader()
        writer.writerows(self.found)
        return stream.getvalue()

    def as_bibtex(self) -> str:
        """The references that the rows cite."""
        every = tables.every_reference()
        return references.bibtex({key: every[key] for key in dict.fromkeys(self.cited) if key in every})


def _shown(row: Mapping[str, Any], column: str) -> str:
    """A cell as words: with its unit, and with letters for TeX."""
    said = references.without_tex(str(row.get(column) or ""))
    said = said.replace(";", ", ") if column in LISTS else said
    unit = row.get(UNITS.get(column, ""))
    return f"{said} {unit}" if said and unit else said


def listing(name: str, filters: Filters) -> Listing:
    """Rows of a kind that meet every filter. Raises FactsError for a filter value that no row has."""
    kind = KINDS[name]
    if filters.dose_class is not None:
        tables.refuse_unknown("dose class", (filters.dose_class,), tables.dose_classes.CLASSES)
    found = tables.select(kind.rows(), filters)
    rows = [
        {**record.cells, **{d: getattr(record, d) for d in kind.derived.split()}, "added": record.added}
        for record in found
    ]
    columns = next((list(record.cells) for record in kind.rows()), list[str]())
    return Listing(
        name, rows, columns, kind.shown.split(), [key for record in found for key in record.sources]
    )


def reference_list(keys: Sequence[str], year: str | None, search: str | None) -> Listing:
    """References by key, year or words of author, title and journal. Raises FactsError for an unknown key."""
    every = tables.every_reference()
    missing = [key for key in keys if key not in every]
    if missing:
        raise FactsError(f"no reference {', '.join(missing)}", remedy="limen evidence refs --search WORD")
    low, high = tables.span(year)
    rows = [
        {"key": key, **entry}
        for key, entry in every.items()
        if (not keys or key in keys)
        and (year is None or low <= int("".join(filter(str.isdigit, entry.get("year", "")))[:4] or 0) <= high)
        and (search is None or search.lower() in " ".join(entry.values()).lower())
    ]
    columns = list(dict.fromkeys(column for row in rows for column in row))
    return Listing(
        "refs", rows, columns, ["key", "year", "author", "title", "doi", "note"], [r["key"] for r in rows]
    )


def facts(table: str | None) -> Listing:
    """A shipped table whole, or the list of them. Raises FactsError for an unknown one."""
    if table is None:
        rows = [
            {"table": name, "rows": len(read(name)), "columns": ", ".join(read(name).columns)}
            for name in names()
        ]
        return Listing("tables", rows, ["table", "rows", "columns"], ["table", "rows", "columns"])
    found = read(table)
    cited = [key for row in found for key in row.sources]
    return Listing(table, [dict(row) for row in found], found.columns, found.columns, cited)
