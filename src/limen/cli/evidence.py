"""`limen evidence`: what is already known, what can be pooled, what a sentence is worth; a user's own rows."""

from __future__ import annotations

from collections.abc import Callable
from inspect import Parameter, Signature
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from limen.cli.evidence_meta import meta

if TYPE_CHECKING:
    from limen.evidence.listings import Listing

NAME = "evidence"
app = typer.Typer(
    no_args_is_help=True,
    help="What is already known: studies, outcomes, comparators, claims, references, and what can be pooled.",
)

Year = Annotated[str | None, typer.Option("--year", help="2025, or a span such as 2022-2026.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]
Csv = Annotated[bool, typer.Option("--csv", help="Print CSV with every column.")]
Bibtex = Annotated[bool, typer.Option("--bibtex", help="Print the references of these rows as BibTeX.")]
FILTERS: dict[str, Any] = {
    "compound": Annotated[str | None, typer.Option("--compound", "-c", help="LSD, psilocybin (mushrooms included) ...")],
    "dose_class": Annotated[str | None, typer.Option("--dose-class", help="microdose, low dose comparator, full dose.")],
    "indication": Annotated[str | None, typer.Option("--indication", help="depression, anxiety, ADHD, healthy ...")],
    "design": Annotated[str | None, typer.Option("--design", help="Words of the design: RCT, crossover, open-label ...")],
    "year": Year,
    "verification": Annotated[str | None, typer.Option("--verification", help="seen, recalled, derived or not_found.")],
    "topic": Annotated[str | None, typer.Option("--topic", help="clinical, pharmacology, hpa, regulatory ...")],
    "verdict": Annotated[str | None, typer.Option("--verdict", help="supported, partly supported, contradicted, not found, opinion.")],
    "outcome": Annotated[str | None, typer.Option("--outcome", help="A construct (depression) or an outcome.")],
}  # fmt: skip
FORMS: dict[str, Any] = {"as_json": Json, "as_csv": Csv, "as_bibtex": Bibtex}
LISTS = {
    "studies": (
        "compound dose_class indication design year verification",
        "Studies and registered trials, one a row.",
    ),
    "outcomes": (
        "outcome compound dose_class indication design year verification",
        "Results by arm, and contrasts, as found: a direction without a number stays a direction.",
    ),
    "comparators": (
        "indication compound verification",
        "Standard care and full-dose trials, with the control of each: read it before comparing.",
    ),
    "claims": ("topic verdict verification", "Claims of a popular article beside what the literature says."),
    "pipeline": (
        "compound dose_class indication design year verification",
        "Registered trials, planned or done. A planned size is a target, and says so.",
    ),
}


def _lister(name: str, filters: str, text: str) -> Callable[..., None]:
    """A command that lists rows of a kind, with the filters it answers to and the three forms."""

    def command(as_json: bool, as_csv: bool, as_bibtex: bool, **chosen: str | None) -> None:
        from limen.evidence.listings import listing
        from limen.evidence.tables import Filters

        _print(listing(name, Filters(**chosen)), as_json, as_csv, as_bibtex)

    options = {**{each: FILTERS[each] for each in filters.split()}, **FORMS}
    command.__name__, command.__doc__, command.__annotations__ = name, text, {**options, "return": None}
    parameters = [
        Parameter(each, Parameter.KEYWORD_ONLY, default=False if each in FORMS else None, annotation=kind)
        for each, kind in options.items()
    ]
    command.__dict__["__signature__"] = Signature(parameters)
    return command


for _name, (_filters, _text) in LISTS.items():
    app.command(_name)(_lister(_name, _filters, _text))


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
    from limen.evidence.listings import reference_list

    _print(reference_list(key or [], year, search), as_json, as_csv, as_bibtex)


@app.command()
def facts(
    table: Annotated[
        str | None,
        typer.Argument(help="A table, such as mechanism/hpa; left out, the list.", show_default=False),
    ] = None,
    as_json: Json = False,
    as_csv: Csv = False,
    as_bibtex: Bibtex = False,
) -> None:
    """Any shipped table as it was found, with source and verification of each row."""
    from limen.evidence import listings

    _print(listings.facts(table), as_json, as_csv, as_bibtex)


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
    typer.echo(
        files.json_text(checking.checked_data(found)) if as_json else "\n".join(checking.checked_text(found))
    )


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


def _print(found: Listing, as_json: bool, as_csv: bool, as_bibtex: bool) -> None:
    if as_json:
        from limen import files

        typer.echo(files.json_text(found.as_data()))
    elif as_csv:
        typer.echo(found.as_csv(), nl=False)
    elif as_bibtex:
        typer.echo(found.as_bibtex())
    elif (lines := found.as_text()) is not None:
        typer.echo("\n".join(lines))
    else:
        _table(found)


def _table(found: Listing) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table(title=f"{len(found.rows)} {found.name}", title_justify="left", show_lines=True)
    for column in found.shown:
        table.add_column(column.replace("_", " "), overflow="fold")
    for row in found.rows:
        table.add_row(*(str(row.get(column, "") or "") for column in found.shown))
    Console().print(table)


app.command()(meta)
