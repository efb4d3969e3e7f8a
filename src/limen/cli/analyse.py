"""`limen analyse`: a long table of scores in, estimates by visit out."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from limen.cli.options import AsJson, Exclude, Force, Keep, Level, Only, VisitOrder, taking

if TYPE_CHECKING:
    from limen.analysis.analyse import Fitting

NAME = "analyse"
ROLES = ("id", "visit", "arm", "control", "outcome", "baseline")


@dataclass(frozen=True)
class Options:
    """What may be said to it."""

    data: Annotated[
        Path,
        typer.Argument(
            help="A table: CSV, Parquet, SAS (XPT, sas7bdat) or Excel; one row per person and visit, or --wide.",
            show_default=False,
        ),
    ]
    spec: Annotated[
        Path | None,
        typer.Option(help="A YAML file that says the analysis, written before the data were seen."),
    ] = None
    by: Annotated[str | None, typer.Option(help="An analysis for each value of this column: trial, sex.")] = (
        None
    )
    id: Annotated[str | None, typer.Option(help="Column that names the person.")] = None
    visit: Annotated[str | None, typer.Option(help="Column that names the visit; none if there is none.")] = (
        None
    )
    arm: Annotated[str | None, typer.Option(help="Column that names the arm.")] = None
    control: Annotated[str | None, typer.Option(help="The arm others are compared with.")] = None
    outcome: Annotated[str | None, typer.Option(help="Column of the score, or of its change.")] = None
    baseline: Annotated[
        str | None, typer.Option(help="Column of the baseline score; none if there is none.")
    ] = None
    period: Annotated[str | None, typer.Option(help="Column of the period of a crossover.")] = None
    sequence: Annotated[str | None, typer.Option(help="Column of the order in which a person had them.")] = (
        None
    )
    event: Annotated[
        str | None, typer.Option(help="Column that is 1 where the time ended in the event (cox).")
    ] = None
    wide: Annotated[
        list[str] | None,
        typer.Option(help='A column that holds one visit: "week 2=madrs_w2" (repeatable; one row a person).'),
    ] = None
    wide_as: Annotated[
        Literal["visit", "arm", "period"], typer.Option(help="What each of the --wide columns is one of.")
    ] = "visit"
    order: Annotated[
        list[str] | None,
        typer.Option(help='Arms of a sequence, first to last: "AB=drug, placebo" (repeatable).'),
    ] = None
    baseline_visit: Annotated[
        str | None, typer.Option(help="The visit whose score is the baseline, where no column holds it.")
    ] = None
    derive: Annotated[
        list[str] | None,
        typer.Option(help='A column to be made of others: "change = score - baseline" (repeatable).'),
    ] = None
    summary: Annotated[
        str | None,
        typer.Option(help="One score of a person's visits: mean, max, min, last, auc (area over time)."),
    ] = None
    people: Annotated[
        Path | None,
        typer.Option(help="A table with a row for each person (ADSL), whose columns are added by --id."),
    ] = None
    encoding: Annotated[
        str | None, typer.Option(help="Of a text that is not in UTF-8: windows-1252, utf-16.")
    ] = None
    method: Annotated[
        str | None,
        typer.Option(
            help="mmrm (default): one model for all visits; ancova, responders: each visit alone; mixed: any rows, "
            "the condition within people; clda, gee, logistic, cox, ttest, welch, wilcoxon, change; or one registered."
        ),
    ] = None
    fixed: Annotated[
        str | None,
        typer.Option(help='Formula of the fixed effects (mixed): "arm * visit + baseline + age".'),
    ] = None
    random: Annotated[
        str | None, typer.Option(help='What a person has of their own (mixed): "1", "1 + time", none.')
    ] = None
    covariate: Annotated[
        list[str] | None, typer.Option(help="Column of numbers to adjust for (repeatable).")
    ] = None
    factor: Annotated[
        list[str] | None, typer.Option(help="Column of categories to adjust for (repeatable).")
    ] = None
    leave_out: Annotated[
        list[str] | None, typer.Option(help="A visit to leave out, such as the baseline visit (repeatable).")
    ] = None
    only: Only = None
    exclude: Exclude = None
    keep: Keep = None
    visit_order: VisitOrder = None
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
        str | None,
        typer.Option(
            help="Covariance of a person's scores: unstructured, toeplitz, compound-symmetry, ar1, heterogeneous-..., "
            'ante-dependence, spatial-power; several are tried in turn: "unstructured, toeplitz".'
        ),
    ] = None
    covariance_by: Annotated[
        str | None,
        typer.Option(help="Column whose groups have a covariance of their own, such as arm (mixed)."),
    ] = None
    weights: Annotated[str | None, typer.Option(help="Column of the precision of each row (mixed).")] = None
    likelihood: Annotated[Literal["reml", "ml"], typer.Option(help="Which likelihood (mixed).")] = "reml"
    se_method: Annotated[
        Literal["kenward-roger", "satterthwaite", "sandwich", "asymptotic"],
        typer.Option(help="Standard errors and degrees of freedom (mmrm, mixed)."),
    ] = "kenward-roger"
    pairs: Annotated[
        Literal["control", "all"], typer.Option(help="Arms against the control, or every pair.")
    ] = "control"
    contrast: Annotated[
        list[str] | None,
        typer.Option(
            help='A difference of arms: "A - B", "0.5 low + 0.5 high - placebo", or a trend over doses: '
            '"linear(placebo=0, low=5, high=20)" (repeatable).'
        ),
    ] = None
    margin: Annotated[float, typer.Option(help="Difference that is tested against, in points.")] = 0.0
    alternative: Annotated[
        Literal["two-sided", "greater", "less"], typer.Option(help="What the test would show.")
    ] = "two-sided"
    multiplicity: Annotated[
        Literal["none", "holm", "dunnett"], typer.Option(help="Adjustment over the arms of a visit.")
    ] = "none"
    level: Level = 0.95
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
    as_json: AsJson = False
    out: Annotated[Path | None, typer.Option(help="Folder for the figure and the JSON file.")] = None
    force: Force = False


# The parts of its help: each option stands in one.
PANELS = (
    ("Columns", "id visit arm control outcome baseline period sequence event"),
    (
        "How the table is laid out",
        "wide wide_as order baseline_visit derive summary people encoding visit_order visit_time scale",
    ),
    ("Rows", "only exclude keep leave_out"),
    ("Model", "method fixed random covariate factor covariance covariance_by weights likelihood se_method"),
    ("What is compared", "visit_of_interest pairs contrast margin alternative multiplicity level"),
    ("Missing scores", "impute imputations delta seed"),
)


@taking(Options, PANELS)
def command(given: Options) -> None:
    """Analyse the scores of a trial: adjusted means and differences from control, visit by visit.

    The mixed model for repeated measures (MMRM) takes every visit of every person, baseline by visit and arm by visit as
    fixed effects, REML, and Kenward-Roger standard errors and degrees of freedom. A missing score (an empty cell, or NA)
    is taken as missing at random. People without a baseline are left out, and counted. In a crossover or a self-blinding
    study, where the condition changes within a person, --method mixed takes the rows as they stand.

    The data are looked through first: what is impossible, double, or written in two ways is named by row and column,
    all of it at once, and nothing is analysed until each is resolved in the file or excluded by name.

    With --impute the difference at the visit of interest is also estimated from data completed by multiple imputation, and
    the shift of the imputed scores is given at which its significance ends (the tipping point).

    At a terminal, columns that were not named are guessed and shown before they are used. In a script they must be
    named, and the error prints the command to copy. A table that limen trial wrote is known by its columns, and so
    is an ADQS of CDISC ADaM.

    Example: limen analyse trial.csv --id patient --visit week --arm group --control placebo --outcome madrs
    --baseline madrs0 --out results
    """
    from limen.analysis.analyse import OPTIONAL, analyse, roles_known
    from limen.cli import output

    roles = {name: column for name in (*ROLES, *OPTIONAL) if (column := getattr(given, name)) is not None}
    at_a_terminal = not given.as_json and sys.stdin.isatty() and sys.stdout.isatty()
    if (
        at_a_terminal
        and given.spec is None
        and not given.wide
        and not roles_known(given.data, roles, given.encoding)
    ):
        roles = _confirmed(given.data, roles, given.encoding)
    found = analyse(
        given.data,
        roles=roles,
        covariates=given.covariate or (),
        factors=given.factor or (),
        leave_out=given.leave_out or (),
        only=given.only or (),
        exclude=given.exclude or (),
        **_how(given),
    )
    if given.out is not None:
        from limen.door import save

        output.wrote(save(found, given.out, "analysis", given.force))
    output.show(found, given.as_json)


def _how(given: Options) -> Fitting:
    """What was said beside the columns; what was left at its default is left to the specification."""
    plain = (
        "spec", "by", "wide_as", "baseline_visit", "summary", "people", "encoding", "method", "visit_time", "scale", "visit_of_interest", "fixed", "random", "covariance_by", "weights",
        "se_method", "level", "pairs", "margin", "alternative", "multiplicity", "likelihood", "imputations", "delta", "seed",
    )  # fmt: skip
    usual = Options(given.data)
    how: Any = {name: getattr(given, name) for name in plain if getattr(given, name) != getattr(usual, name)}
    if given.covariance is not None:
        how["structure"] = given.covariance
    if given.contrast is not None:
        how["contrasts"] = tuple(given.contrast)
    if given.visit_order is not None:
        how["visit_order"] = given.visit_order.split(",")
    return how | {
        name: tuple(value)
        for name in ("wide", "order", "keep", "impute", "derive")
        if (value := getattr(given, name))
    }


def _confirmed(data: Path, roles: dict[str, str], encoding: str | None) -> dict[str, str]:
    """The roles a person at a terminal agrees to; those that cannot be guessed are left for the error to name."""
    from limen.analysis.analyse import ROLE_NAMES
    from limen.analysis.roles import command_line, guess
    from limen.analysis.sheet import read_sheet

    sheet = read_sheet(data, encoding)
    guessed = guess(sheet, {role: roles.get(role) for role in ROLE_NAMES})
    found = {role: column for role, column in guessed.items() if column is not None}
    if len(found) == len(guessed):
        typer.echo(command_line(sheet.file, guessed), err=True)
        if not typer.confirm("analyse it so?", default=True, err=True):
            raise typer.Exit(0)
    return found
