"""The analysis of a file of scores: read, looked through, fitted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal, TypedDict, Unpack

from limen.analysis.adam import bds_analysis, is_bds, records
from limen.analysis.analysed import Analysed, AnalysedEach
from limen.analysis.by_visit import by_row, by_visit
from limen.analysis.derive import derived, inputs_of, underivable
from limen.analysis.effects import named
from limen.analysis.fitted import RowModel
from limen.analysis.frame import NAMED, read_rows
from limen.analysis.own import is_own, own_analysis
from limen.analysis.question import Question
from limen.analysis.registry import methods
from limen.analysis.reshape import joined, reshaped
from limen.analysis.roles import command_line, guess
from limen.analysis.rows import models_known
from limen.analysis.scores import scale_words
from limen.analysis.sensitivity import sensitivity
from limen.analysis.sheet import Sheet, read_sheet, rows_where, without
from limen.analysis.specification import specified
from limen.analysis.summary import summarised
from limen.analysis.survey import DataReport, Roles, beside, order_of, refuse
from limen.analysis.t_law import Alternative
from limen.analysis.table import read_long
from limen.analysis.visits import canonical
from limen.errors import DataError, LimenError, Place

ROLE_NAMES = ("id", "visit", "arm", "control", "outcome", "baseline")
OPTIONAL = ("period", "sequence", "event")
NONE = "none"  # the answer to "which column" where there is none


class Fitting(TypedDict, total=False):
    """What else is known of the data (see `Roles`), and how they are analysed. What is left out is as `by_visit` has it;
    see `Options`, `RowModel` and `Question`.

    `by`: an analysis for each value of a column. `wide`: columns that hold one visit each, or one arm or period as
    `wide_as` says; `order`: the arms of a sequence ("AB=drug, placebo"); `baseline_visit`: the visit whose score is the
    baseline; `encoding` of a text that is not in UTF-8; `people`: a table with a row for
    each person (ADSL), whose columns are added. `spec`: a file that says all of
    this, written before the data were seen. `impute` names strategies for what is missing ("all" of them),
    `imputations`, `delta` and `seed` how (`sensitivity`). `contrasts` of arms as a person writes them ("0.5 low + 0.5 high -
    placebo", "linear(placebo=0, low=5, high=20)"); `derive`d columns ("change = score - baseline"); `summary` of a person's
    visits ("mean", "max", "min", "auc", "last").
    """

    visit_order: Sequence[str]
    visit_time: str | None
    scale: str | None
    keep: Sequence[str]
    by: str | None
    wide: Sequence[str]
    wide_as: str | None
    order: Sequence[str]
    baseline_visit: str | None
    derive: Sequence[str]
    summary: str | None
    encoding: str | None
    people: Path | str | None
    spec: Path | str | None
    method: str | None
    structure: str
    se_method: str
    level: float
    visit_of_interest: str | None
    pairs: Literal["control", "all"]
    contrasts: Sequence[str]
    margin: float
    alternative: Alternative
    multiplicity: str
    fixed: str | None
    random: str | None
    covariance_by: str | None
    weights: str | None
    likelihood: Literal["reml", "ml"]
    impute: Sequence[str]
    imputations: int
    delta: float
    seed: int


def analyse(
    data: Path | str,
    *,
    roles: Mapping[str, str] | None = None,
    covariates: Sequence[str] = (),
    factors: Sequence[str] = (),
    leave_out: Sequence[str] = (),
    only: Sequence[str] = (),
    exclude: Sequence[str] = (),
    **how: Unpack[Fitting],
) -> Analysed | AnalysedEach:
    """Analyse the scores of a trial: MMRM for all visits, ANCOVA for each, or a model of the rows as they stand.

    `roles` names the columns `id`, `visit`, `arm`, `outcome` and `baseline` ("none" where there is none), and the arm that
    is the `control`; in a crossover `period` and `sequence`. A table that `limen trial` wrote needs none of them, nor does
    an ADQS of CDISC ADaM. Raises
    DataError, with a guess to correct, where one is missing, and naming row and column for anything that does not fit.
    `only` keeps the rows where a column has a value: `("trial=1",)`. Raises DataErrors with every finding about the
    data, before anything is fitted; `exclude` leaves out by name (`("row 17", "person P3", "score -99")`), `keep` says
    that a row is right as it stands.

    >>> import limen, pathlib, tempfile
    >>> file = pathlib.Path(tempfile.mkdtemp(), "trial.csv")
    >>> rows = [f"P{i},{week},{'drug' if i % 2 else 'placebo'},{30 - week * (1 + i % 2) + (i * 7 + week) % 5},{30 + i * 7 % 5}"
    ...         for i in range(20) for week in (2, 4)]
    >>> _ = file.write_text("\\n".join(["id,week,arm,score,base", *rows]))
    >>> roles = dict(id="id", visit="week", arm="arm", control="placebo", outcome="score", baseline="base")
    >>> round(limen.analyse(file, roles=roles, method="ancova").result.estimates[-1].estimate, 6)
    -4.0
    """
    told: dict[str, Any] = {
        "roles": dict(roles or {}), "covariates": tuple(covariates), "factors": tuple(factors),
        "leave_out": tuple(leave_out), "only": tuple(only), "exclude": tuple(exclude), **how,
    }  # fmt: skip
    if (spec := told.pop("spec", None)) is not None:
        told = specified(Path(str(spec)), told)
    sheet = read_sheet(Path(data), told.pop("encoding", None))
    sheet = records(rows_where(sheet, told.pop("only")))
    if (people := told.pop("people", None)) is not None:
        sheet = joined(sheet, read_sheet(Path(people)), told["roles"].get("id"))
    by = told.pop("by", None)
    if by is None:
        return _one(sheet, told)
    return _each(sheet, by, told)


def _each(sheet: Sheet, by: str, told: Mapping[str, Any]) -> AnalysedEach:
    """One analysis for each value; a value that cannot be analysed is said beside the others, unless none can be."""
    if by not in sheet.columns:
        raise sheet.error(f"there is no column {by!r}", 1, remedy=f"columns: {', '.join(sheet.columns)}")
    values = tuple(dict.fromkeys(sheet.cells(by)))
    each, failed = dict[str, Analysed](), dict[str, str]()
    for value in values:
        try:
            each[value] = _one(sheet.keep([cell == value for cell in sheet.cells(by)]), {**told})
        except LimenError as error:
            if len(values) == len(failed) + 1:
                raise
            failed[value] = str(error)
    return AnalysedEach(by, each, failed)


def _one(sheet: Sheet, said: Mapping[str, Any]) -> Analysed:
    own = own_analysis(sheet) or bds_analysis(sheet)
    told: dict[str, Any] = {**own, **said, "roles": {**own.get("roles", {}), **said["roles"]},
            "leave_out": said["leave_out"] or own.get("leave_out", ())}  # fmt: skip
    method = told.get("method") or own.get("method") or "mmrm"
    if method not in (*methods(), *models_known()):
        raise DataError(
            f"there is no method {method!r}", remedy=f"methods: {', '.join((*methods(), *models_known()))}"
        )
    sheet, named_roles = _shaped(sheet, told, method in models_known())
    known = _known(named_roles, told, method in models_known())
    asked: dict[str, Any] = {name: told[name] for name in ("se_method", "level", "pairs") if name in told}
    asked["contrasts"] = tuple(told.get("contrasts", ()))
    asked["visit_of_interest"] = told.get("visit_of_interest") and canonical(told["visit_of_interest"])
    question = {name: told[name] for name in ("margin", "alternative", "multiplicity") if name in told}
    asked["question"] = Question(**question)
    imputing = {name: told[name] for name in ("imputations", "delta", "seed") if name in told}
    others = None
    try:
        if known.by_row:
            if told.get("impute"):
                raise DataError(f"{method} does not impute", remedy="mmrm, ancova and responders do")
            frame = read_rows(sheet, known)
            asked["rows"] = _row_model(told)
            found = by_row(frame, method, **asked)
            report = DataReport.of_rows(
                frame.people,
                frame.owner,
                frame.table,
                frame.score,
                frame.order,
                scale_words(known) + sheet.read_as,
            )
        else:
            _no_row_model(method, told)
            trial = read_long(sheet, known)
            found = by_visit(trial, method, told.get("structure") or "unstructured", **asked)
            if told.get("impute"):
                visit = asked["visit_of_interest"]
                others = sensitivity(trial, told["impute"], visit=visit, level=found.level, **imputing)
            report = DataReport.of(trial, order_of(sheet, known), scale_words(known) + sheet.read_as)
    except DataError as error:
        raise (
            error if error.where.file else DataError(error.what, Place(file=sheet.file), error.remedy)
        ) from None
    report = replace(report, beside=beside(sheet, known))
    columns = {role: str(column) for role, column in named_roles.items() if column is not None}
    return Analysed(found, report, columns, sheet.file, others)


def _shaped(sheet: Sheet, told: dict[str, Any], by_row: bool) -> tuple[Sheet, Mapping[str, str | None]]:
    """The sheet in the shape that is analysed, without what was excluded and with what is derived, and the role of every
    column. Each number is looked at before another is made of it."""
    derive, keep = tuple(told.pop("derive", ())), tuple(told.get("keep") or ())
    if told.get("wide"):
        sheet, derive = derived(sheet, derive, keep)
    sheet = reshaped(sheet, told)
    named_roles = complete(sheet, told["roles"])
    known = _known(named_roles, told, by_row)
    numbers = dict.fromkeys((*known.numeric, *inputs_of(sheet, derive)))
    sheet = without(sheet, told["exclude"], known.id, [name for name in numbers if name in sheet.columns])
    while derive:
        sheet, later = derived(sheet, derive, keep)
        if len(later) == len(derive):
            raise underivable(sheet, later[0])
        derive = later
    if (how := told.pop("summary", None)) is not None:
        refuse(sheet, replace(known, by_row=True))
        roles = {role: column for role, column in named_roles.items() if column is not None}
        sheet = summarised(sheet, roles, known, how)
        told["leave_out"], told["visit_order"], told["visit_time"] = (), None, None
        named_roles = {**named_roles, "visit": None}
    return sheet, named_roles


def _known(roles: Mapping[str, str | None], told: Mapping[str, Any], by_row: bool) -> Roles:
    given: dict[str, Any] = {name: roles.get(name) for name in (*ROLE_NAMES, *OPTIONAL)}
    formulas = [told.get("fixed"), told.get("random")]
    columns = [told.get("covariance_by"), told.get("weights")]
    others = dict.fromkeys(
        name for name in (*(n for formula in formulas for n in named(formula)), *columns)
        if name and name not in (*NAMED, "time", "carryover")
    )  # fmt: skip
    return Roles(
        **given, covariates=told["covariates"], factors=told["factors"], leave_out=told["leave_out"],
        visit_order=tuple(told.get("visit_order") or ()), visit_time=told.get("visit_time"), scale=told.get("scale"),
        keep=tuple(told.get("keep") or ()), others=tuple(others), by_row=by_row,
    )  # fmt: skip


def _row_model(told: Mapping[str, Any]) -> RowModel:
    structures = tuple(name.strip() for name in told.get("structure", "").split(",") if name.strip())
    said = {name: told[name] for name in ("fixed", "random", "covariance_by", "weights") if told.get(name)}
    return RowModel(**said, structures=structures, restricted=told.get("likelihood", "reml") == "reml")


def _no_row_model(method: str, told: Mapping[str, Any]) -> None:
    """What only models of rows take must not be passed over in silence."""
    said = [name for name in ("fixed", "random", "covariance_by", "weights") if told.get(name)]
    said += ["likelihood"] if told.get("likelihood", "reml") != "reml" else []
    if said:
        raise DataError(
            f"{method} takes no {said[0].replace('_', ' ')}", remedy="give --method mixed, which does"
        )


def complete(sheet: Sheet, given: Mapping[str, str | None]) -> dict[str, str | None]:
    """Every role named, None where the answer is that there is none. Raises DataError with a guess to copy and correct
    where one is not named."""
    roles = {role: given.get(role) for role in ROLE_NAMES}
    missing = [f"--{role}" for role, column in roles.items() if column is None]
    if missing:
        line = command_line(sheet.file, guess(sheet, roles))
        raise DataError(
            f"which column is what: {', '.join(missing)} not given", Place(file=sheet.file),
            f"a guess to copy and correct ({NONE} where there is no visit or baseline):\n  {line}\n"
            f"  columns: {', '.join(sheet.columns)}",
        )  # fmt: skip
    for role in ("visit", "baseline", "control"):
        there = (
            sheet.cells(str(roles["arm"]))
            if role == "control" and roles["arm"] in sheet.columns
            else sheet.columns
        )
        if roles[role] == NONE and NONE not in there:
            roles[role] = None
    return {**roles, **{role: given[role] for role in OPTIONAL if given.get(role) is not None}}


def roles_known(data: Path, given: Mapping[str, str], encoding: str | None = None) -> bool:
    """Whether nothing need be asked: every column was named, or the table is limen's own."""
    return len(given.keys() & set(ROLE_NAMES)) == len(ROLE_NAMES) or _is_known(read_sheet(data, encoding))


def _is_known(sheet: Sheet) -> bool:
    return is_own(sheet) or is_bds(sheet)
