"""The shipped tables, loaded on demand. Every fact has one row in one file; nothing here computes."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from functools import cache
from importlib.resources import as_file, files
from types import MappingProxyType
from typing import Any

from limen.errors import FactsError, Place

# The column, or columns, that name a row; `parameters` and the evidence commands refer to rows by them.
KEYS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "claims/claims": ("claim_id",),
        "clinical/studies": ("study_id",),
        "clinical/comparators": ("comparator_id",),
        "clinical/outcome_constructs": ("pattern",),
        "clinical/participant_overlap": ("participants", "study_id"),
        "mechanism/hpa": ("id",),
        "mechanism/inflammation": ("id",),
        "mechanism/links": ("id",),
        "mechanism/model_priors": ("symbol",),
        "mechanism/network": ("id",),
        "mechanism/plasticity": ("id",),
        "mechanism/receptor": ("id",),
        "mechanism/tolerance": ("id",),
        "outcomes/model_defaults": ("scale_id", "symbol"),
        "outcomes/scales": ("scale_id",),
        "pharmacokinetics/acute_pd": ("pd_id",),
        "pharmacokinetics/dose_conversion": ("conv_id",),
        "pharmacokinetics/metabolism": ("met_id",),
        "pharmacokinetics/pk_observations": ("obs_id",),
        "pharmacokinetics/pk_parameters": ("param_id",),
        "regulation/event_effects": ("event_id",),
        "regulation/places": ("code",),
        "regulation/guidance": ("rule_id",),
        "regulation/regulatory_events": ("event_id",),
        "regulation/trial_pipeline": ("trial_id",),
        "safety/adverse_events": ("row_id",),
        "safety/contraindications": ("rule_id",),
        "safety/drugs": ("name",),
        "safety/interactions": ("rule_id",),
        "safety/monitoring": ("rule_id",),
    }
)


@dataclass(frozen=True)
class Row(Mapping[str, str]):
    """One line of a table: column name to text as printed in the file, with where it stands."""

    table: str
    line: int
    cells: Mapping[str, str]

    def __getitem__(self, column: str) -> str:
        return self.cells[column]

    def __iter__(self) -> Iterator[str]:
        return iter(self.cells)

    def __len__(self) -> int:
        return len(self.cells)

    @property
    def key(self) -> str:
        """The row's name inside its table: the key columns joined by a slash."""
        return "/".join(self.cells[column] for column in KEYS[self.table])

    @property
    def sources(self) -> tuple[str, ...]:
        """Citation keys, split; `none` means there is no source."""
        text = self.cells.get("source", "") or self.cells.get("sources", "")
        return tuple(key for key in re.split(r"[;,\s]+", text) if key and key != "none")

    def number(self, column: str) -> float | None:
        """The cell as a number, or None where it is empty or words."""
        try:
            return float(self.cells[column])
        except ValueError:
            return None

    def into(self, kind: type[Any], **given: Any) -> Any:
        """The row as a dataclass: a field takes what is given, else its column, as a number or as parts where it is typed so."""
        for field in fields(kind):
            if field.name in given or field.name not in {*self.cells, "sources"}:
                continue
            if field.name == "sources":
                value = self.sources
            else:
                as_number = field.type == "float | None"
                value = self.number(field.name) if as_number else self[field.name]
            given[field.name] = value
        return kind(**given)

    def parts(self, column: str) -> tuple[str, ...]:
        """What stands between semicolons in the cell."""
        return tuple(part.strip() for part in self[column].split(";") if part.strip())


@dataclass(frozen=True)
class Table:
    """A whole shipped file, in file order."""

    name: str
    columns: tuple[str, ...]
    rows: tuple[Row, ...]

    def __iter__(self) -> Iterator[Row]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)

    def row(self, key: str) -> Row:
        """The row named `key` (key columns joined by a slash). Raises FactsError where there is none."""
        for row in self.rows:
            if row.key == key:
                return row
        raise FactsError(f"no row {key!r}", Place(file=self.name), f"rows are named by {KEYS[self.name]}")

    def where(self, **equal: str) -> tuple[Row, ...]:
        """Rows whose cells equal the given texts."""
        return tuple(row for row in self.rows if all(row[column] == text for column, text in equal.items()))


@cache
def read(name: str) -> Table:
    """A shipped table by name, such as `pharmacokinetics/pk_observations`. Raises FactsError for an unknown one."""
    path = files("limen.facts").joinpath(*f"{name}.csv".split("/"))
    if not path.is_file():
        raise FactsError(f"no table {name!r}", remedy=f"tables are: {', '.join(names())}")
    reader = csv.DictReader(io.StringIO(path.read_text(encoding="utf-8"), newline=""))
    rows = [Row(name, reader.line_num, MappingProxyType(cells)) for cells in reader]
    return Table(name, tuple(reader.fieldnames or ()), tuple(rows))


@cache
def names() -> tuple[str, ...]:
    """Every shipped table."""
    with as_file(files("limen.facts")) as root:
        return tuple(sorted(str(p.relative_to(root).with_suffix("").as_posix()) for p in root.rglob("*.csv")))


@cache
def bibliography() -> Mapping[str, Mapping[str, str]]:
    """`references.bib` as citation key to fields (`ENTRYTYPE` included)."""
    return read_bibtex(files("limen.facts").joinpath("references.bib").read_text(encoding="utf-8"))


def read_bibtex(text: str) -> Mapping[str, Mapping[str, str]]:
    """BibTeX entries as citation key to fields; each entry closes with a brace on its own line."""
    entries: dict[str, Mapping[str, str]] = {}
    for kind, key, body in re.findall(r"@(\w+)\s*\{\s*([^,\s]+)\s*,(.*?)\n\}", text, flags=re.DOTALL):
        fields = {"ENTRYTYPE": kind.lower()}
        for name, braced, quoted, bare in re.findall(
            r"(\w+)\s*=\s*(?:\{((?:[^{}]|\{[^{}]*\})*)\}|\"([^\"]*)\"|(\d+))", body
        ):
            fields[name.lower()] = (braced or quoted or bare).strip()
        entries[key] = MappingProxyType(fields)
    return MappingProxyType(entries)
