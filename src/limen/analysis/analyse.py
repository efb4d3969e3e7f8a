"""The analysis of a file of scores, as one result: what was read, how, and what came out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, TypedDict, Unpack

from limen.analysis.by_visit import ByVisit, by_visit
from limen.analysis.fitted import VisitEstimate
from limen.analysis.registry import estimator
from limen.analysis.roles import command_line, guess
from limen.analysis.sensitivity import Sensitivity, sensitivity
from limen.analysis.sheet import Sheet, read_sheet, rows_where, without
from limen.analysis.survey import DataReport, Roles, order_of, scale_words
from limen.analysis.table import read_long
from limen.analysis.visits import canonical
from limen.errors import DataError, Place
from limen.results import Result, aligned

ROLE_NAMES = ("id", "visit", "arm", "control", "outcome", "baseline")


class Fitting(TypedDict, total=False):
    """What else is known of the data (see `Roles`), and how they are analysed; what is left out is as `by_visit` has it.
    `impute` names strategies for what is missing ("all" of them), `imputations`, `delta` and `seed` how (`sensitivity`)."""

    visit_order: Sequence[str]
    visit_time: str | None
    scale: str | None
    keep: Sequence[str]
    method: str
    structure: str
    se_method: str
    level: float
    visit_of_interest: str | None
    impute: Sequence[str]
    imputations: int
    delta: float
    seed: int


@dataclass(frozen=True)
class Analysed(Result):
    """`result`: adjusted means and differences from control by visit; `roles`: which column was taken for what; `data`:
    what the data are; `imputed`: what other assumptions about missing scores would make of it, where that was asked."""

    result: ByVisit
    data: DataReport
    roles: Mapping[str, str]
    file: Path
    imputed: Sensitivity | None = None

    def document(self) -> dict[str, Any]:
        return {
            **self.result.document(),
            "file": str(self.file),
            "roles": dict(self.roles),
            "data": asdict(self.data),
            **({"imputed": self.imputed.document()} if self.imputed else {}),
        }

    def rows(self) -> Sequence[Mapping[str, Any]]:
        lines = (*self.result.estimates, *self.result.means)
        return [{"of": "difference" if i < len(self.result.estimates) else "mean", **asdict(line)}
                for i, line in enumerate(lines)]  # fmt: skip

    def lines(self) -> list[str]:
        r = self.result
        model = "mixed model" if r.minus2 is not None else f"{estimator(r.method).words}, at each visit"
        detail = f", {r.structure} covariance, REML, {r.se_method}" if r.minus2 is not None else ""
        out = f", {r.left_out} left out (no baseline, covariate or score)" if r.left_out else ""
        fit = "" if r.minus2 is None else f"; -2 restricted log likelihood {r.minus2:.4f}"
        interval = f"{100 * r.level:g}% interval"
        head = ["visit", "adjusted mean", "n", "estimate", "SE", "df", interval]
        uneven = (
            ["note: this covariance takes visits as evenly spaced, which these are not"]
            if r.structure in ("ar1", "toeplitz") and not self.data.order.evenly_spaced
            else []
        )
        return [
            *self.data.lines(), *uneven, "",
            f"{self.roles['outcome']}: {model}{detail}",
            f"{r.people} people, {r.observations} scores{out}{fit}",
            "", *aligned(head, [_row(line) for line in r.means], left=2),
            "", *aligned(["visit", "difference", *head[2:], "p"], [[*_row(line), _p(line.p)] for line in r.estimates], left=2),
            "", *(f"At visit {line.visit}, {line.contrast} was {line.estimate:.2f} ({interval} {line.ci_low:.2f} to "
                  f"{line.ci_high:.2f}; p {'' if _tiny(line.p) else '= '}{_p(line.p)})." for line in r.of_interest()),
            *(["", *self.imputed.lines()] if self.imputed else []),
        ]  # fmt: skip


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
) -> Analysed:
    """Analyse the scores of a parallel-group trial in a long CSV: MMRM for all visits, or ANCOVA for each.

    `roles` names the columns `id`, `visit`, `arm`, `outcome` and `baseline`, and the arm that is the `control`. Raises
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
    sheet = rows_where(read_sheet(Path(data)), only)
    named = complete(sheet, roles or {})
    model: dict[str, Any] = {**how}
    known = Roles(
        **named, covariates=tuple(covariates), factors=tuple(factors), leave_out=tuple(leave_out),
        visit_order=tuple(model.pop("visit_order", ())), visit_time=model.pop("visit_time", None),
        scale=model.pop("scale", None), keep=tuple(model.pop("keep", ())),
    )  # fmt: skip
    sheet = without(sheet, exclude, known.id, (known.outcome, known.baseline))
    trial = read_long(sheet, known)
    interest = model.pop("visit_of_interest", None)
    interest = interest and canonical(interest)
    imputing = {name: model.pop(name) for name in ("impute", "imputations", "delta", "seed") if name in model}
    try:
        found = by_visit(trial, visit_of_interest=interest, **model)
        asked = imputing.pop("impute", ())
        others = sensitivity(trial, asked, visit=interest, level=found.level, **imputing) if asked else None
    except DataError as error:
        raise error if error.where.file else DataError(error.what, Place(file=data), error.remedy) from None
    report = DataReport.of(trial, order_of(sheet, known), scale_words(known) + sheet.read_as)
    return Analysed(found, report, named, Path(data), others)


def complete(sheet: Sheet, given: Mapping[str, str | None]) -> dict[str, str]:
    """Every role named. Raises DataError with a guess to copy and correct where one is not."""
    roles = {role: given.get(role) for role in ROLE_NAMES}
    missing = [f"--{role}" for role, column in roles.items() if column is None]
    if missing:
        line = command_line(sheet.file, guess(sheet, roles))
        raise DataError(
            f"which column is what: {', '.join(missing)} not given", Place(file=sheet.file),
            f"a guess to copy and correct:\n  {line}\n  columns: {', '.join(sheet.columns)}",
        )  # fmt: skip
    return {role: str(column) for role, column in roles.items()}


def _row(line: VisitEstimate) -> list[str]:
    df = f"{line.df:.1f}" if line.df < 1e6 else "-"
    between = f"{line.ci_low:.3f} to {line.ci_high:.3f}"
    return [line.visit, line.contrast, str(line.n), f"{line.estimate:.4f}", f"{line.se:.4f}", df, between]


def _tiny(p: float | None) -> bool:
    return p is not None and p < 1e-4


def _p(p: float | None) -> str:
    return "" if p is None else "< 0.0001" if _tiny(p) else f"{p:.4f}"
