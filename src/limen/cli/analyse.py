"""`limen analyse`: a long table of scores in, estimates by visit out."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

import typer

from limen.cli.options import Force, taking

NAME = "analyse"
ROLES = ("id", "visit", "arm", "control", "outcome", "baseline")


@dataclass(frozen=True)
class Options:
    """What may be said to it."""

    data: Annotated[
        Path, typer.Argument(help="A CSV file, one row per person and visit.", show_default=False)
    ]
    id: Annotated[str | None, typer.Option(help="Column that names the person.")] = None
    visit: Annotated[str | None, typer.Option(help="Column that names the visit.")] = None
    arm: Annotated[str | None, typer.Option(help="Column that names the arm.")] = None
    control: Annotated[str | None, typer.Option(help="The arm others are compared with.")] = None
    outcome: Annotated[str | None, typer.Option(help="Column of the score, or of its change.")] = None
    baseline: Annotated[str | None, typer.Option(help="Column of the baseline score.")] = None
    method: Annotated[
        str,
        typer.Option(
            help="mmrm: one model for all visits; ancova or responders: each visit alone; or one registered."
        ),
    ] = "mmrm"
    covariate: Annotated[
        list[str] | None, typer.Option(help="Column of numbers to adjust for (repeatable).")
    ] = None
    factor: Annotated[
        list[str] | None, typer.Option(help="Column of categories to adjust for (repeatable).")
    ] = None
    leave_out: Annotated[
        list[str] | None, typer.Option(help="A visit to leave out, such as the baseline visit (repeatable).")
    ] = None
    only: Annotated[
        list[str] | None, typer.Option(help="Keep rows where a column has a value: trial=1 (repeatable).")
    ] = None
    exclude: Annotated[
        list[str] | None,
        typer.Option(help='Leave out by name: "row 17", "person P3", "score -99" (repeatable).'),
    ] = None
    keep: Annotated[
        list[str] | None, typer.Option(help='A row that looks odd and is right: "row 17" (repeatable).')
    ] = None
    visit_order: Annotated[
        str | None, typer.Option(help='Visits from first to last: "start, middle, end".')
    ] = None
    visit_time: Annotated[
        str | None, typer.Option(help="Column of numbers or dates that says when a visit was.")
    ] = None
    scale: Annotated[
        str | None,
        typer.Option(help="Registered scale of the outcome, such as madrs, if its column is not named so."),
    ] = None
    visit_of_interest: Annotated[
        str | None, typer.Option(help="The visit the trial is about; the last one if not given.")
    ] = None
    covariance: Annotated[
        Literal["unstructured", "toeplitz", "compound-symmetry", "ar1"],
        typer.Option(help="Covariance of a person's scores (mmrm)."),
    ] = "unstructured"
    se_method: Annotated[
        Literal["kenward-roger", "satterthwaite", "asymptotic"],
        typer.Option(help="Standard errors and degrees of freedom (mmrm)."),
    ] = "kenward-roger"
    level: Annotated[float, typer.Option(help="Confidence level.")] = 0.95
    impute: Annotated[
        list[str] | None,
        typer.Option(
            help="Also under other assumptions about missing scores: missing-at-random, jump-to-reference, copy-reference,"
            " copy-increments, or all (repeatable).",
        ),
    ] = None
    imputations: Annotated[int, typer.Option(help="How many times (--impute).")] = 1000
    delta: Annotated[
        float,
        typer.Option(
            help="Points added to what is imputed after leaving, outside the control arm (--impute)."
        ),
    ] = 0.0
    seed: Annotated[int, typer.Option(help="Seed of the imputations.")] = 1
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for programs.")] = False
    out: Annotated[Path | None, typer.Option(help="Folder for the figure and the JSON file.")] = None
    force: Force = False


@taking(Options)
def command(given: Options) -> None:
    """Analyse the scores of a parallel-group trial: adjusted means and differences from control, visit by visit.

    The mixed model (MMRM) takes every visit of every person, baseline by visit and arm by visit as fixed effects,
    REML, and Kenward-Roger standard errors and degrees of freedom. A missing score (an empty cell, or NA) is taken
    as missing at random. People without a baseline are left out, and counted.

    The data are looked through first: what is impossible, double, or written in two ways is named by row and column,
    all of it at once, and nothing is analysed until each is resolved in the file or excluded by name.

    With --impute the difference at the visit of interest is also estimated from data completed by multiple imputation, and
    the shift of the imputed scores is given at which its significance ends (the tipping point).

    At a terminal, columns that were not named are guessed and shown before they are used. In a script they must be
    named, and the error prints the command to copy.

    Example: limen analyse trial.csv --id patient --visit week --arm group --control placebo --outcome madrs
    --baseline madrs0 --out results
    """
    from limen.analysis.analyse import analyse
    from limen.cli import output

    roles = {name: column for name in ROLES if (column := getattr(given, name)) is not None}
    if len(roles) < len(ROLES) and not given.as_json and sys.stdin.isatty() and sys.stdout.isatty():
        roles = _confirmed(given.data, roles)
    found = analyse(
        given.data,
        roles=roles,
        method=given.method,
        structure=given.covariance,
        se_method=given.se_method,
        level=given.level,
        visit_of_interest=given.visit_of_interest,
        covariates=given.covariate or (),
        factors=given.factor or (),
        leave_out=given.leave_out or (),
        only=given.only or (),
        exclude=given.exclude or (),
        keep=given.keep or (),
        visit_order=given.visit_order.split(",") if given.visit_order else (),
        visit_time=given.visit_time,
        scale=given.scale,
        impute=given.impute or (),
        imputations=given.imputations,
        delta=given.delta,
        seed=given.seed,
    )
    if given.out is not None:
        from limen.door import save

        output.wrote(save(found, given.out, "analysis", given.force))
    output.show(found, given.as_json)


def _confirmed(data: Path, roles: dict[str, str]) -> dict[str, str]:
    """The roles a person at a terminal agrees to; those that cannot be guessed are left for the error to name."""
    from limen.analysis.analyse import ROLE_NAMES
    from limen.analysis.roles import command_line, guess
    from limen.analysis.sheet import read_sheet

    sheet = read_sheet(data)
    guessed = guess(sheet, {role: roles.get(role) for role in ROLE_NAMES})
    found = {role: column for role, column in guessed.items() if column is not None}
    if len(found) == len(guessed):
        typer.echo(command_line(sheet.file, guessed), err=True)
        if not typer.confirm("analyse it so?", default=True, err=True):
            raise typer.Exit(0)
    return found
