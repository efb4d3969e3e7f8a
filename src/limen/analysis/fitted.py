"""What a fit of one data set is told and gives: differences from control and means, one line for each visit."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from limen.analysis.estimate import Estimate
from limen.analysis.kenward_roger import Inference
from limen.analysis.mmrm import MixedFit


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

    def row(self) -> list[float | int | None]:
        """The numbers in the order of `Estimate`."""
        return [self.estimate, self.se, self.df, self.ci_low, self.ci_high, self.p, self.n]


@dataclass(frozen=True)
class Options:
    """What a fit is told besides the data. `visit` is the one the trial is about. A responder has come at least
    `responder` of the way from baseline to `best`, the end of the scale that is best."""

    level: float = 0.95
    visit: str = ""
    structure: str = "unstructured"
    se_method: str = "kenward-roger"
    responder: float = 0.5
    best: float = 0.0


@dataclass(frozen=True)
class Fitted:
    """What a fit gives: differences from control and means by visit; the model behind them where there is one."""

    estimates: tuple[VisitEstimate, ...]
    means: tuple[VisitEstimate, ...]
    se_method: str
    structure: str | None = None
    minus2: float | None = None
    covariance: tuple[tuple[float, ...], ...] | None = None


def lines_of(
    fit: MixedFit, se_method: str, level: float
) -> tuple[tuple[VisitEstimate, ...], tuple[VisitEstimate, ...]]:
    """Differences from control and least-squares means of a fitted model, at each of its visits."""
    visits = fit.data.visits
    inference = Inference(fit, "satterthwaite" if se_method == "model" else se_method)
    control, *others = fit.data.arms
    seen = {visit: dict(zip(fit.data.arms, fit.data.observed(visit), strict=True)) for visit in visits}
    pairs = [(visit, arm) for arm in others for visit in visits]
    n = np.array([seen[visit][arm] + seen[visit][control] for visit, arm in pairs])
    differences = np.stack([fit.difference(visit, arm, control) for visit, arm in pairs])
    names = [(f"{arm} - {control}", visit) for visit, arm in pairs]
    estimates = as_lines(names, inference.contrast(differences, n, level), se_method, True)
    cells = [(visit, arm) for arm in fit.data.arms for visit in visits]
    n = np.array([seen[visit][arm] for visit, arm in cells])
    means = inference.contrast(np.stack([fit.cell(*cell) for cell in cells]), n, level)
    return estimates, as_lines([(arm, visit) for visit, arm in cells], means, se_method, False)


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
