"""Covariances whose likelihood comes apart into ordinary regressions: an outside answer without other software for mixed models."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import statsmodels.api as sm

from limen.analysis.analyse import analyse
from limen.analysis.analysed import Analysed

PEOPLE = 40


@pytest.fixture(scope="module")
def scores() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(6)
    arm = np.arange(PEOPLE) % 2
    y = np.cumsum(rng.normal(0, [3, 2, 4], (PEOPLE, 3)) * (1 + 0.5 * arm[:, None]), 1) + 20 - arm[:, None]
    return np.round(y, 2), arm


def fitted(folder: Path, scores: tuple[np.ndarray, np.ndarray], **how: str) -> Analysed:
    y, arm = scores
    rows = [
        f"P{i},{w},{('placebo', 'drug')[arm[i]]},{y[i, k]}"
        for i in range(PEOPLE)
        for k, w in enumerate((1, 2, 5))
    ]
    file = folder / "trial.csv"
    file.write_text(
        "\n".join(["id,week,arm,score,w", *(f"{row},{1 + at % 4}" for at, row in enumerate(rows))])
    )
    roles = dict(id="id", visit="week", arm="arm", control="placebo", outcome="score", baseline="none")
    found = analyse(
        file, roles=roles, method="mixed", fixed="arm * visit", random="none", likelihood="ml", **how
    )  # type: ignore[arg-type]
    assert isinstance(found, Analysed)
    return found


def of_regressions(y: np.ndarray, *columns: np.ndarray) -> float:
    """-2 log likelihood of one regression by maximum likelihood."""
    return -2 * float(sm.OLS(y, sm.add_constant(np.column_stack(columns))).fit().llf)


def test_ante_dependence_is_each_visit_given_the_one_before(tmp_path: Path, scores) -> None:
    y, arm = scores
    apart = of_regressions(y[:, 0], arm) + sum(of_regressions(y[:, k], y[:, k - 1], arm) for k in (1, 2))
    found = fitted(tmp_path, scores, structure="ante-dependence")
    assert found.result.minus2 == pytest.approx(apart, abs=1e-6)


def test_a_covariance_for_each_arm_is_each_arm_by_itself(tmp_path: Path, scores) -> None:
    y, arm = scores
    apart = 0.0
    for a in (0, 1):
        own = y[arm == a]
        sigma = np.cov(own.T, bias=True)
        apart += len(own) * (np.linalg.slogdet(2 * np.pi * sigma)[1] + 3)
    found = fitted(tmp_path, scores, structure="unstructured", covariance_by="arm")
    assert found.result.minus2 == pytest.approx(apart, abs=1e-6)


def test_weights_are_those_of_weighted_least_squares(tmp_path: Path, scores) -> None:
    y, arm = scores
    visit, owner = np.tile(np.arange(3), PEOPLE), np.repeat(arm, 3)
    cells = np.stack([(visit == v) & (owner == a) for v in range(3) for a in (0, 1)], 1).astype(float)
    fit = sm.WLS(y.ravel(), cells, weights=1 + np.arange(3 * PEOPLE) % 4).fit()
    found = fitted(tmp_path, scores, weights="w")
    assert found.result.minus2 == pytest.approx(-2 * float(fit.llf), abs=1e-6)
