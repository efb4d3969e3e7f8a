"""The analysis of a longitudinal trial as a table: least-squares means per arm and differences from control by visit."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from limen.analysis.estimate import Estimate
from limen.analysis.kenward_roger import Inference
from limen.analysis.longitudinal import Longitudinal
from limen.analysis.mmrm import MixedFit, mmrm
from limen.errors import DataError

SCHEMA_VERSION = 1
MODELS = ("mmrm", "ancova")


@dataclass(frozen=True)
class Line:
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


@dataclass(frozen=True)
class ByVisit:
    """A whole analysis. `minus2` and `covariance` are None for separate analyses of covariance."""

    method: str
    structure: str | None
    se_method: str
    level: float
    visits: tuple[str, ...]
    visit_of_interest: str
    arms: tuple[str, ...]
    people: int
    left_out: int
    observations: int
    minus2: float | None
    covariance: tuple[tuple[float, ...], ...] | None
    estimates: tuple[Line, ...]
    means: tuple[Line, ...]

    def document(self) -> dict[str, Any]:
        """For programs: `schema_version` and `estimates[]` (differences), `means[]`, and the model fitted."""
        return {"schema_version": SCHEMA_VERSION, **asdict(self)}

    def of_interest(self) -> tuple[Line, ...]:
        return tuple(line for line in self.estimates if line.visit == self.visit_of_interest)


def by_visit(
    data: Longitudinal,
    method: str = "mmrm",
    structure: str = "unstructured",
    se_method: str = "kenward-roger",
    level: float = 0.95,
    visit_of_interest: str | None = None,
) -> ByVisit:
    """Analyse every visit. `mmrm`: one model for all; `ancova`: each visit by itself, those seen there.

    Means are at the mean baseline (and covariates) of the analysed observations. With two arms and no covariates
    `ancova` gives what `limen.analysis.ancova.ancova` gives; with more arms their residual variance is pooled.
    Raises DataError for data the model cannot be fitted to and for an unknown method or visit.
    """
    if method not in MODELS:
        raise DataError(f"no method {method!r}", remedy=f"choose one of {', '.join(MODELS)}")
    if not 0 < level < 1:
        raise DataError(f"a confidence level of {level}", remedy="give one between 0 and 1, such as 0.95")
    interest = data.visits[-1] if visit_of_interest is None else visit_of_interest
    if interest not in data.visits:
        raise DataError(f"there is no visit {interest!r}", remedy=f"visits: {', '.join(data.visits)}")
    if method == "mmrm":
        parts = [(mmrm(data, structure), data.visits)]
        used = parts[0][0].data
    else:
        # With one visit the covariance is one variance, and every df method gives n - p exactly.
        parts, se_method = [(mmrm(data.at(visit)), (visit,)) for visit in data.visits], "model"
        used = data.analysed()
    estimates, means = [], []
    for fit, visits in parts:
        more_estimates, more_means = _lines(fit, visits, se_method, level)
        estimates += more_estimates
        means += more_means
    fit = parts[0][0] if method == "mmrm" else None
    return ByVisit(
        method,
        None if fit is None else structure,
        se_method,
        level,
        data.visits,
        interest,
        data.arms,
        len(used.people),
        len(data.people) - len(used.people),
        int(np.isfinite(used.outcome).sum()),
        None if fit is None else fit.minus2,
        None if fit is None else tuple(tuple(float(v) for v in row) for row in fit.at.sigma),
        tuple(estimates),
        tuple(means),
    )


def _lines(
    fit: MixedFit, visits: tuple[str, ...], se_method: str, level: float
) -> tuple[list[Line], list[Line]]:
    inference = Inference(fit, "satterthwaite" if se_method == "model" else se_method)
    control, *others = fit.data.arms
    seen = {visit: dict(zip(fit.data.arms, fit.data.observed(visit), strict=True)) for visit in visits}
    pairs = [(visit, arm) for arm in others for visit in visits]
    n = np.array([seen[visit][arm] + seen[visit][control] for visit, arm in pairs])
    differences = np.stack([fit.difference(visit, arm, control) for visit, arm in pairs])
    names = [(f"{arm} - {control}", visit) for visit, arm in pairs]
    estimates = _table(names, inference.contrast(differences, n, level), se_method, True)
    cells = [(visit, arm) for arm in fit.data.arms for visit in visits]
    n = np.array([seen[visit][arm] for visit, arm in cells])
    means = inference.contrast(np.stack([fit.cell(*cell) for cell in cells]), n, level)
    return estimates, _table([(arm, visit) for visit, arm in cells], means, se_method, False)


def _table(names: list[tuple[str, str]], e: Estimate, se_method: str, tested: bool) -> list[Line]:
    columns = (np.asarray(x, float) for x in (e.estimate, e.se, e.df, e.ci_low, e.ci_high, e.p, e.n))
    return [
        Line(name, visit, value, se, se_method, df, low, high, p if tested else None, int(n))
        for (name, visit), value, se, df, low, high, p, n in zip(
            names, *(column.tolist() for column in columns), strict=True
        )
    ]
