"""`limen evidence`: studies, outcomes, comparators, claims and references; what can be pooled; a user's own
rows."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from limen.cli.evidence_meta import meta

if TYPE_CHECKING:
    from limen.evidence.tables import Record

NAME = "evidence"
SCHEMA_VERSION = 1
app = typer.Typer(
    no_args_is_help=True,
    help="What is already known: studies, outcomes, comparators, claims, references, and what can be pooled.",
)

Compound = Annotated[
    str | None, typer.Option("--compound", "-c", help="LSD, psilocybin (mushrooms included) ...")
]
DoseClass = Annotated[
    str | None, typer.Option("--dose-class", help="microdose, low dose comparator, full dose.")
]
Indication = Annotated[
    str | None, typer.Option("--indication", help="depression, anxiety, ADHD, healthy ...")
]
Design = Annotated[
    str | None, typer.Option("--design", help="Words of the design: RCT, crossover, open-label ...")
]
Year = Annotated[str | None, typer.Option("--year", help="2025, or a span such as 2022-2026.")]
Verification = Annotated[
    str | None, typer.Option("--verification", help="seen, recalled, derived or not_found.")
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]
Csv = Annotated[bool, typer.Option("--csv", help="Print CSV with every column.")]
Bibtex = Annotated[bool, typer.Option("--bibtex", help="Print the references of these rows as BibTeX.")]


@app.command()
def studies(
    compound: Compound = None,
    dose_class: DoseClass = None,
    indication: Indication = None,
    design: Design = None,
    year: Year = None,
    verification: Verification = None,
    as_json: Json = False,
    as_csv: Csv = False,
    as_bibtex: Bibtex = False,
) -> None:
    """Studies and registered trials, one a row. The dose class follows from what registered trials call a
    microdose."""
    from limen.evidence import tables

    found = tables.select(
        tables.studies(), compound=compound, dose_class=dose_class, indication=indication, design=design, year=year,
        verification=verification,
    )  # fmt: skip
    extra = {record.study_id: {"dose_class": record.dose_class} for record in found}
    shown = [
        "study_id",
        "year",
        "design",
        "compound",
        "doses",
        "dose_class",
        "n_randomised",
        "headline_result",
    ]
    _print("studies", found, shown, [extra[r.study_id] for r in found], as_json, as_csv, as_bibtex)


@app.command()
def outcomes(
    outcome: Annotated[
        str | None, typer.Option("--outcome", help="A construct (depression) or an outcome.")
    ] = None,
    compound: Compound = None,
    dose_class: DoseClass = None,
    indication: Indication = None,
    design: Design = None,
    year: Year = None,
    verification: Verification = None,
    as_json: Json = False,
    as_csv: Csv = False,
    as_bibtex: Bibtex = False,
) -> None:
    """Results by arm, and contrasts, as found: a direction without a number stays a direction."""
    from limen.evidence import tables

    found = tables.select(
        tables.outcomes(), outcome=outcome, compound=compound, dose_class=dose_class, indication=indication,
        design=design, year=year, verification=verification,
    )  # fmt: skip
    extra = [{"construct": record.construct, "dose_class": record.dose_class} for record in found]
    shown = [
        "study_id",
        "arm",
        "comparator",
        "outcome",
        "timepoint",
        "n",
        "mean",
        "sd",
        "change_mean",
        "effect",
        "unit",
    ]
    _print("outcomes", found, shown, extra, as_json, as_csv, as_bibtex)


@app.command()
def comparators(
    indication: Indication = None,
    compound: Compound = None,
    verification: Verification = None,
    as_json: Json = False,
    as_csv: Csv = False,
    as_bibtex: Bibtex = False,
) -> None:
    """Standard care and full-dose trials, with the control each was measured against: read it before
    comparing."""
    from limen.evidence import tables

    found = tables.select(
        tables.comparators(), indication=indication, compound=compound, verification=verification
    )
    shown = [
        "comparator_id",
        "condition",
        "intervention",
        "control",
        "scale",
        "effect_type",
        "effect",
        "ci_low",
        "ci_high",
    ]
    _print("comparators", found, shown, [{} for _ in found], as_json, as_csv, as_bibtex)


@app.command()
def claims(
    topic: Annotated[
        str | None, typer.Option("--topic", help="clinical, pharmacology, hpa, regulatory ...")
    ] = None,
    verdict: Annotated[
        str | None,
        typer.Option("--verdict", help="supported, partly supported, contradicted, not found, opinion."),
    ] = None,
    verification: Verification = None,
    as_json: Json = False,
    as_csv: Csv = False,
    as_bibtex: Bibtex = False,
) -> None:
    """The claims of a popular article beside what the literature says, with verdict, sources and
    verification."""
    from limen.evidence import tables

    _known("topic", topic, {claim.topic for claim in tables.claims()})
    _known("verdict", verdict, {claim.verdict for claim in tables.claims()})
    found = tables.select(tables.claims(), topic=topic, verdict=verdict, verification=verification)
    shown = ["claim_id", "topic", "claim", "verdict", "literature", "sources", "verification"]
    _print("claims", found, shown, [{} for _ in found], as_json, as_csv, as_bibtex)


@app.command()
def refs(
    key: Annotated[
        list[str] | None, typer.Argument(help="Citation keys; left out, all.", show_default=False)
    ] = None,
    year: Year = None,
    search: Annotated[str | None, typer.Option("--search", help="Words in author, title or journal.")] = None,
    as_json: Json = False,
    as_csv: Csv = False,
    as_bibtex: Bibtex = False,
) -> None:
    """The bibliography. Its notes say which DOI was seen and which was recalled."""
    from limen.errors import FactsError
    from limen.evidence import tables

    known = tables.references()
    missing = [name for name in key or [] if name not in known]
    if missing:
        raise FactsError(f"no reference {', '.join(missing)}", remedy="limen evidence refs --search WORD")
    low, high = tables.span(year)
    found = {
        name: entry
        for name, entry in known.items()
        if (not key or name in key)
        and (year is None or low <= int("".join(filter(str.isdigit, entry.get("year", "")))[:4] or 0) <= high)
        and (search is None or search.lower() in " ".join(entry.values()).lower())
    }
    rows = [{"key": name, **entry} for name, entry in found.items()]
    if as_bibtex:
        typer.echo(_bibtex(found))
    elif as_json:
        typer.echo(json.dumps({"schema_version": SCHEMA_VERSION, "refs": rows}, indent=2))
    elif as_csv:
        columns = list(dict.fromkeys(column for row in rows for column in row))
        _csv(columns, rows)
    else:
        _table("refs", ["key", "year", "author", "title", "doi", "note"], rows)


@app.command()
def check(
    text: Annotated[str, typer.Argument(help="A claim in words.", show_default=False)],
    count: Annotated[int, typer.Option("--count", "-n", min=1, help="How many claims at most.")] = 3,
    as_json: Json = False,
) -> None:
    """Whether a sentence is a known claim: its verdict, or in what it differs and what limen holds on it.

    limen evidence check "microdosing lowers cortisol"
    """
    from limen import files
    from limen.evidence import check as checking

    found = checking.check(text, count)
    typer.echo(files.json_text(checking.as_data(found)) if as_json else "\n".join(checking.as_text(found)))


@app.command()
def add(
    file: Annotated[
        Path, typer.Argument(help="A CSV of extraction rows, or a BibTeX file.", show_default=False)
    ],
    as_json: Json = False,
) -> None:
    """Check a file of your own extraction rows and add it to your overlay, whole or not at all.

    The table is recognised by its header; the same guard as for the shipped rows applies. Add the reference
    first (a .bib file), then the study, then its outcomes. The overlay is LIMEN_OVERLAY, or a folder of your
    user data.
    """
    from limen import files
    from limen.evidence import overlay

    done = overlay.add(file)
    typer.echo(files.json_text(done.as_data()) if as_json else "\n".join(done.as_text()))


def _known(what: str, value: str | None, allowed: set[str]) -> None:
    if value is not None and value not in allowed:
        from limen.errors import FactsError

        raise FactsError(f"no {what} {value!r}", remedy=f"use one of: {', '.join(sorted(allowed))}")


def _print(
    name: str, found: Sequence[Record], shown: list[str], extra: Sequence[Mapping[str, str]],
    as_json: bool, as_csv: bool, as_bibtex: bool,
) -> None:  # fmt: skip
    rows = [{**dict(record.cells), **more} for record, more in zip(found, extra, strict=True)]
    if as_bibtex:
        from limen.evidence import tables

        known = tables.references()
        keys = dict.fromkeys(source for record in found for source in record.sources)
        typer.echo(_bibtex({key: known[key] for key in keys}))
    elif as_json:
        marked = [{**row, "added": record.added} for row, record in zip(rows, found, strict=True)]
        typer.echo(json.dumps({"schema_version": SCHEMA_VERSION, "count": len(rows), name: marked}, indent=2))
    elif as_csv:
        # Derived columns are left out, so that what is printed can be edited and added again.
        columns = list(found[0].cells) if found else []
        _csv(columns, rows)
    elif name == "claims":
        for row in rows:
            typer.echo(f"{row['claim_id']}  {row['topic']}: {row['claim']}")
            typer.echo(f"  verdict     {row['verdict']}\n  literature  {row['literature']}")
            typer.echo(f"  sources     {row['sources'] or 'none'} ({row['verification']})")
    else:
        _table(name, shown, rows)


def _csv(columns: Sequence[str], rows: Sequence[Mapping[str, str]]) -> None:
    import csv
    import io

    stream = io.StringIO()
    writer = csv.DictWriter(
        stream, fieldnames=columns, extrasaction="ignore", lineterminator="\n", restval=""
    )
    writer.writeheader()
    writer.writerows(rows)
    typer.echo(stream.getvalue(), nl=False)


def _table(name: str, columns: Sequence[str], rows: Sequence[Mapping[str, str]]) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table(title=f"{len(rows)} {name}", title_justify="left", show_lines=name == "refs")
    for column in columns:
        table.add_column(column.replace("_", " "), overflow="fold")
    for row in rows:
        table.add_row(*(str(row.get(column, "") or "") for column in columns))
    Console().print(table)


def _bibtex(entries: Mapping[str, Mapping[str, str]]) -> str:
    return "\n\n".join(
        f"@{entry['ENTRYTYPE']}{{{key},\n"
        + ",\n".join(f"  {name} = {{{value}}}" for name, value in entry.items() if name != "ENTRYTYPE")
        + "\n}"
        for key, entry in entries.items()
    )


app.command()(meta)
