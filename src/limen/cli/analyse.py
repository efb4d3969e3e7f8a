"""`limen analyse`: a long table of scores in, estimates by visit out."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

if TYPE_CHECKING:
    from limen.analysis.by_visit import ByVisit
    from limen.analysis.fitted import VisitEstimate
    from limen.analysis.table import Sheet

NAME = "analyse"


def command(
    data: Annotated[
        Path, typer.Argument(help="A CSV file, one row per person and visit.", show_default=False)
    ],
    id: Annotated[str | None, typer.Option(help="Column that names the person.")] = None,
    visit: Annotated[str | None, typer.Option(help="Column that names the visit.")] = None,
    arm: Annotated[str | None, typer.Option(help="Column that names the arm.")] = None,
    control: Annotated[str | None, typer.Option(help="The arm others are compared with.")] = None,
    outcome: Annotated[str | None, typer.Option(help="Column of the score, or of its change.")] = None,
    baseline: Annotated[str | None, typer.Option(help="Column of the baseline score.")] = None,
    method: Annotated[
        str,
        typer.Option(
            help="mmrm: one model for all visits; ancova or responders: each visit alone; or one registered."
        ),
    ] = "mmrm",
    covariate: Annotated[
        list[str] | None, typer.Option(help="Column of numbers to adjust for (repeatable).")
    ] = None,
    factor: Annotated[
        list[str] | None, typer.Option(help="Column of categories to adjust for (repeatable).")
    ] = None,
    leave_out: Annotated[
        list[str] | None, typer.Option(help="A visit to leave out, such as the baseline visit (repeatable).")
    ] = None,
    visit_of_interest: Annotated[
        str | None, typer.Option(help="The visit the trial is about; the last one if not given.")
    ] = None,
    covariance: Annotated[
        Literal["unstructured", "toeplitz", "compound-symmetry", "ar1"],
        typer.Option(help="Covariance of a person's scores (mmrm)."),
    ] = "unstructured",
    se_method: Annotated[
        Literal["kenward-roger", "satterthwaite", "asymptotic"],
        typer.Option(help="Standard errors and degrees of freedom (mmrm)."),
    ] = "kenward-roger",
    level: Annotated[float, typer.Option(help="Confidence level.")] = 0.95,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for programs.")] = False,
    out: Annotated[Path | None, typer.Option(help="Folder for the figure and the JSON file.")] = None,
) -> None:
    """Analyse the scores of a parallel-group trial: adjusted means and differences from control, visit by visit.

    The mixed model (MMRM) takes every visit of every person, baseline by visit and arm by visit as fixed effects,
    REML, and Kenward-Roger standard errors and degrees of freedom. A missing score (an empty cell, or NA) is taken
    as missing at random. People without a baseline are left out, and counted.

    At a terminal, columns that were not named are guessed and shown before they are used. In a script they must be
    named, and the error prints the command to copy.

    Example: limen analyse trial.csv --id patient --visit week --arm group --control placebo --outcome madrs
    --baseline madrs0 --out results
    """
    from limen.analysis.table import Roles, canonical, read_long, read_sheet

    sheet = read_sheet(data)
    given = {
        "id": id,
        "visit": visit,
        "arm": arm,
        "control": control,
        "outcome": outcome,
        "baseline": baseline,
    }
    roles = _complete(sheet, given, as_json)
    trial = read_long(
        sheet, Roles(**roles, covariates=tuple(covariate or ()), factors=tuple(factor or ()),
                     leave_out=tuple(leave_out or ()))
    )  # fmt: skip

    from limen.analysis.by_visit import by_visit
    from limen.engine.runs import without_nan
    from limen.errors import DataError, Place

    interest = None if visit_of_interest is None else canonical(visit_of_interest)
    try:
        result = by_visit(trial, method, covariance, se_method, level, interest)
    except DataError as error:
        raise error if error.where.file else DataError(error.what, Place(file=data), error.remedy) from None
    document = without_nan({**result.document(), "file": str(data), "roles": roles})
    written = [] if out is None else _write(out, result, document, roles)
    if as_json:
        typer.echo(json.dumps(document, indent=1, allow_nan=False))
    else:
        _show(result, roles["outcome"])
    for path in written:
        typer.echo(f"wrote {path}", err=True)


def _complete(sheet: Sheet, given: dict[str, str | None], as_json: bool) -> dict[str, str]:
    """Every role named: by the user, or guessed and confirmed at a terminal; raises DataError otherwise."""
    missing = [f"--{role}" for role, column in given.items() if column is None]
    if missing:
        from limen.analysis.roles import command_line, guess
        from limen.errors import DataError, Place

        guessed = guess(sheet, given)
        line = command_line(sheet.file, guessed)
        unknown = [f"--{role}" for role, column in guessed.items() if column is None]
        at_terminal = sys.stdin.isatty() and sys.stdout.isatty() and not as_json
        if unknown or not at_terminal:
            columns = f"columns: {', '.join(sheet.columns)}"
            raise DataError(
                f"which column is what: {', '.join(unknown if at_terminal else missing)} not given",
                Place(file=sheet.file), f"a guess to copy and correct:\n  {line}\n  {columns}",
            )  # fmt: skip
        typer.echo(f"guessed from the file:\n  {line}", err=True)
        if not typer.confirm("analyse it so?", default=True, err=True):
            raise typer.Exit(0)
        given = guessed
    return {role: str(column) for role, column in given.items()}


def _write(out: Path, result: ByVisit, document: dict, roles: dict[str, str]) -> list[Path]:
    from limen.engine.runs import atomic, write_json, write_text
    from limen.figures import lsmeans
    from limen.figures.theme import on_paper, png, svg

    figure = lsmeans.chart(lsmeans.table(result, roles["outcome"], roles["visit"]))
    drawing = svg(on_paper(figure), "lsmeans")
    written = [write_json(out / "analysis.json", document), write_text(out / "lsmeans.svg", drawing)]
    with atomic(out / "lsmeans.png") as temporary:
        temporary.write_bytes(png(figure, scale=3.0))
    return [*written, out / "lsmeans.png"]


def _show(result: ByVisit, outcome: str) -> None:
    from rich import box
    from rich.console import Console
    from rich.table import Table

    console = Console(highlight=False)
    model = "mixed model" if result.method == "mmrm" else "analysis of covariance at each visit"
    detail = f", {result.structure} covariance, REML, {result.se_method}" if result.method == "mmrm" else ""
    left_out = f", {result.left_out} left out (no baseline, covariate or score)" if result.left_out else ""
    console.print(f"{outcome}: {model}{detail}")
    console.print(f"{result.people} people, {result.observations} scores{left_out}", end="")
    console.print("" if result.minus2 is None else f"; -2 restricted log likelihood {result.minus2:.4f}")
    interval = f"{100 * result.level:g}% interval"
    for title, lines in (("adjusted mean", result.means), ("difference", result.estimates)):
        tested = title == "difference"
        table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
        for name in ("visit", title, "n", "estimate", "SE", "df", interval, *(["p"] if tested else [])):
            table.add_column(name, justify="left" if name in ("visit", title) else "right", no_wrap=True)
        for line in lines:
            strong = tested and line.visit == result.visit_of_interest
            table.add_row(*_row(line, tested), style="bold" if strong else None)
        console.print(table)
    for line in result.of_interest():
        console.print(
            f"At visit {line.visit}, {line.contrast} was {line.estimate:.2f} ({interval} {line.ci_low:.2f} to"
            f" {line.ci_high:.2f}; p {'' if line.p is not None and line.p < 1e-4 else '= '}{_p(line.p)})."
        )


def _row(line: VisitEstimate, tested: bool) -> list[str]:
    df = f"{line.df:.1f}" if line.df < 1e6 else "-"
    between = f"{line.ci_low:.3f} to {line.ci_high:.3f}"
    cells = [line.visit, line.contrast, str(line.n), f"{line.estimate:.4f}", f"{line.se:.4f}", df, between]
    return [*cells, _p(line.p)] if tested else cells


def _p(p: float | None) -> str:
    return "" if p is None else "< 0.0001" if p < 1e-4 else f"{p:.4f}"
