"""What the difference at one visit becomes under other assumptions about the scores that are missing, as a table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from limen.analysis.imputation import FARTHEST, STRATEGIES, Imputed, impute
from limen.analysis.longitudinal import Longitudinal
from limen.errors import DataError
from limen.results import aligned, p_cell

HEAD = (
    "missing scores of those who left", "difference", "estimate", "SE", "df", "interval", "p", "information missing",
    "significance ends at",
)  # fmt: skip


@dataclass(frozen=True)
class Assumed:
    """One difference under one assumption. `monte_carlo` is the standard error that the number of imputations leaves in
    `estimate`, `monte_carlo_se` in `se`; `missing` the share of information that is missing. `tipping`: points, added to
    what was imputed after leaving, at which significance ends; 0 if there is none, None if it does not within FARTHEST
    standard deviations."""

    strategy: str
    contrast: str
    visit: str
    estimate: float
    se: float
    df: float
    ci_low: float
    ci_high: float
    p: float
    monte_carlo: float
    monte_carlo_se: float
    missing: float
    tipping: float | None

    def cells(self) -> list[str]:
        ends = {None: f"not within {FARTHEST:g} SD", 0.0: "-"}.get(
            self.tipping, f"{self.tipping or 0:+.2f} points"
        )
        return [
            self.strategy, self.contrast, f"{self.estimate:.3f} (MC {self.monte_carlo:.3f})",
            f"{self.se:.3f} (MC {self.monte_carlo_se:.3f})", f"{self.df:.1f}",
            f"{self.ci_low:.3f} to {self.ci_high:.3f}", p_cell(self.p),
            f"{100 * self.missing:.0f}%", ends,
        ]  # fmt: skip


@dataclass(frozen=True)
class Sensitivity:
    """The assumptions side by side, and how they were computed."""

    visit: str
    imputations: int
    delta: float
    level: float
    seed: int
    assumed: tuple[Assumed, ...]

    def document(self) -> dict[str, Any]:
        return asdict(self)

    def lines(self) -> list[str]:
        shift = (
            f", {self.delta:+g} points added to what was imputed after leaving outside the control arm"
            if self.delta
            else ""
        )
        head = [f"{100 * self.level:g}% interval" if name == "interval" else name for name in HEAD]
        return [
            f"What is missing, imputed {self.imputations} times (seed {self.seed}; analysis of covariance at visit {self.visit},"
            f" Rubin's rules){shift}:",
            *aligned(head, [one.cells() for one in self.assumed], left=2),
            "MC is the Monte Carlo error. Visits missed by those who came back, and the control arm, are imputed as missing at"
            " random. Under a reference the standard error is that of the trial's information, not of repeated trials.",
        ]  # fmt: skip


def sensitivity(
    data: Longitudinal,
    strategies: Sequence[str] = ("all",),
    imputations: int = 1000,
    delta: float = 0.0,
    visit: str | None = None,
    level: float = 0.95,
    seed: int = 1,
) -> Sensitivity:
    """Every arm against the control at `visit` (the last if not named) under each of `strategies`, "all" of STRATEGIES."""
    visit = visit or data.visits[-1]
    if visit not in data.visits:
        raise DataError(f"there is no visit {visit!r}", remedy=f"visits: {', '.join(data.visits)}")
    found = [
        one
        for strategy in (STRATEGIES if "all" in strategies else strategies)
        for one in _assumed(impute(data, strategy, imputations, seed), data, strategy, visit, delta, level)
    ]
    return Sensitivity(visit, imputations, delta, level, seed, tuple(found))


def _assumed(
    done: Imputed, data: Longitudinal, strategy: str, visit: str, delta: float, level: float
) -> list[Assumed]:
    column = data.visits.index(visit)
    p = done.pooled(done.differences, level, delta)
    found = []
    for number, arm in enumerate(data.arms[1:]):
        at = (number, column)
        found.append(
            Assumed(
                strategy, f"{arm} - {data.arms[0]}", data.visits[column],
                estimate=float(p.estimate[at]), se=float(p.se[at]), df=float(p.df[at]), ci_low=float(p.low[at]),
                ci_high=float(p.high[at]), p=float(p.p[at]), monte_carlo=float(p.monte_carlo[at]),
                monte_carlo_se=float(p.monte_carlo_se[at]), missing=float(p.missing[at]),
                tipping=done.tipping(number, column, 1 - level),
            )
        )  # fmt: skip
    return found
