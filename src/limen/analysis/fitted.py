"""What a fit of one data set is told and gives: differences from control and means, one line for each visit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations

import numpy as np
from jaxtyping import Float, Int

from limen.analysis.contrasts import Contrast, contrast, difference
from limen.analysis.estimate import Estimate
from limen.analysis.fit import Fit
from limen.analysis.kenward_roger import Inference
from limen.analysis.mmrm import MixedFit
from limen.errors import DataError


@dataclass(frozen=True)
class VisitEstimate:
    """One estimate: `contrast` is "drug - placebo", or an arm for its mean; `n` people seen at that visit."""

    contrast: str
    visit: str
    estimate: float
    se: float
    se_method: str
    df: float
    ci_low: float
    ci_high: float
    p: float | None
    n: int
    p_adjusted: float | None = None

    def row(self) -> list[float | int | None]:
        """The numbers in the order of `Estimate`."""
        return [self.estimate, self.se, self.df, self.ci_low, self.ci_high, self.p, self.n]


@dataclass(frozen=True)
class RowModel:
    """How rows are modelled as they stand. `fixed` and `random` are formulas, None what suits the data; `structures` of
    the residuals, tried in turn; `covariance_by` a column whose groups have a covariance of their own; `weights` a column
    of precisions. `restricted` is REML."""

    fixed: str | None = None
    random: str | None = None
    structures: tuple[str, ...] = ()
    covariance_by: str | None = None
    weights: str | None = None
    restricted: bool = True


@dataclass(frozen=True)
class Options:
    """What a fit is told besides the data. `visit` is the one the trial is about. A responder has come at least
    `responder` of the way from baseline to `best`, the end of the scale that is best. `pairs` of arms: with the control, or
    all; or `contrasts` as a person writes them. `structure` may name several, tried in turn."""

    level: float = 0.95
    visit: str = ""
    structure: str = "unstructured"
    se_method: str = "kenward-roger"
    responder: float = 0.5
    best: float = 0.0
    pairs: str = "control"
    rows: RowModel = RowModel()
    contrasts: tuple[str, ...] = ()

    def differences(self, arms: Sequence[str]) -> list[Contrast]:
        """The combinations of arms that are estimated. Raises DataError for one that is no difference of these arms."""
        if self.contrasts:
            return [contrast(said, arms) for said in dict.fromkeys(self.contrasts)]
        if self.pairs == "all":
            return [difference(later, earlier) for earlier, later in combinations(arms, 2)]
        return [difference(other, arms[0]) for other in arms[1:]]

    def compared(self, arms: Sequence[str]) -> list[tuple[str, str]]:
        """The same, of an estimator that knows two arms at a time: the first minus the second. Raises DataError for more."""
        pairs = [one.pair or (one.name, "") for one in self.differences(arms)]
        for name, second in pairs:
            if not second:
                raise DataError(f"this estimator compares two arms at a time, and {name!r} is more", remedy="choose mmrm, mixed or gee")  # fmt: skip
        return pairs


@dataclass(frozen=True)
class TermTest:
    """A joint test of a term of a model (type 3)."""

    term: str
    f: float
    numerator_df: int
    denominator_df: float
    p: float


@dataclass(frozen=True)
class Fitted:
    """What a fit gives: differences between arms and means by visit; the model behind them where there is one, in words,
    with its tests and criteria, and `notes` on what was tried or left out. `correlations` are those of the differences of
    a visit, in their order, for tests of several at once; `coefficients` those of the model, the first level of a factor as the reference."""

    estimates: tuple[VisitEstimate, ...]
    means: tuple[VisitEstimate, ...]
    se_method: str
    structure: str | None = None
    minus2: float | None = None
    covariance: tuple[tuple[float, ...], ...] | None = None
    words: str | None = None
    tests: tuple[TermTest, ...] = ()
    aic: float | None = None
    bic: float | None = None
    notes: tuple[str, ...] = ()
    correlations: Mapping[str, tuple[tuple[float, ...], ...]] = field(default_factory=dict)
    coefficients: tuple[VisitEstimate, ...] = ()


def lines_of(fit: MixedFit, options: Options, se_method: str | None = None) -> Lines:
    """Differences between arms, least-squares means and correlations of a fitted model, at each of its visits."""
    visits, arms = fit.data.visits, fit.data.arms
    seen = {visit: dict(zip(arms, map(int, fit.data.observed(visit)), strict=True)) for visit in visits}
    cells = {(arm, visit): fit.cell(visit, arm) for arm in arms for visit in visits}
    return compare(fit, cells, seen, options, se_method or options.se_method)


Lines = tuple[
    tuple["VisitEstimate", ...], tuple["VisitEstimate", ...], dict[str, tuple[tuple[float, ...], ...]]
]
Cells = Mapping[tuple[str, str], Float[np.ndarray, " columns"]]


def compare(
    fit: Fit, cells: Cells, seen: Mapping[str, Mapping[str, int]], options: Options, se_method: str
) -> Lines:
    """What `lines_of` gives, of any model whose cells (arm, visit) are known; `seen` counts scores by visit and arm."""
    inference = Inference(fit, "satterthwaite" if se_method == "model" else se_method)
    arms = tuple(dict.fromkeys(arm for arm, _ in cells))
    asked = [(one, visit) for one in options.differences(arms) for visit in seen]
    rows, n, names = combined(asked, cells, seen)
    estimates = as_lines(names, inference.contrast(rows, n, options.level), se_method, True)
    correlations = {}
    for visit in seen:
        here = rows[[i for i, (_, at) in enumerate(asked) if at == visit]] @ fit.basis
        correlations[visit] = correlations_of(here, inference.covariance)
    ordered = [(arm, visit) for arm in arms for visit in seen]
    n = np.array([seen[visit][arm] for arm, visit in ordered])
    means = inference.contrast(np.stack([cells[cell] for cell in ordered]), n, options.level)
    return estimates, as_lines(ordered, means, se_method, False), correlations


def combined(
    asked: Sequence[tuple[Contrast, str]], cells: Cells, seen: Mapping[str, Mapping[str, int]]
) -> tuple[Float[np.ndarray, "contrasts columns"], Int[np.ndarray, " contrasts"], list[tuple[str, str]]]:
    """Combinations of coefficients for contrasts at visits, the people in each, and what they are called."""
    rows = np.stack([sum(w * cells[arm, visit] for arm, w in one.weights.items()) for one, visit in asked])
    n = np.array([sum(seen[visit][arm] for arm in one.weights) for one, visit in asked])
    return rows, n, [(one.name, visit) for one, visit in asked]


def as_lines(
    names: list[tuple[str, str]], e: Estimate, se_method: str, tested: bool
) -> tuple[VisitEstimate, ...]:
    """One line for each (contrast, visit); a mean is not tested."""
    columns = (np.asarray(x, float) for x in (e.estimate, e.se, e.df, e.ci_low, e.ci_high, e.p, e.n))
    return tuple(
        VisitEstimate(name, visit, value, se, se_method, df, low, high, p if tested else None, int(n))
        for (name, visit), value, se, df, low, high, p, n in zip(
            names, *(column.tolist() for column in columns), strict=True
        )
    )


def correlations_of(
    rows: Float[np.ndarray, "contrasts columns"], covariance: Float[np.ndarray, "columns columns"]
) -> tuple[tuple[float, ...], ...]:
    """Correlations of linear combinations of estimates."""
    shared = rows @ covariance @ rows.T
    size = np.sqrt(np.diag(shared))
    return tuple(tuple(map(float, row)) for row in shared / np.outer(size, size))
