"""Laws of the mixed model: what theory says it must equal, what must not change it, what it must refuse."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from limen.analysis import covariance, reml
from limen.analysis.ancova import adjusted_means, ancova
from limen.analysis.kenward_roger import Inference
from limen.analysis.longitudinal import Longitudinal
from limen.analysis.mmrm import MixedFit, mmrm
from limen.errors import DataError


def trial(
    seed: int, people: int = 40, visits: int = 4, missing: float = 0.15, effect: float = 0.0
) -> Longitudinal:
    """A trial under the model: common person effect, visit noise, holes anywhere."""
    rng = np.random.default_rng(seed)
    arm = rng.permutation(np.arange(people) % 2)
    baseline = rng.normal(25, 5, people)
    person = rng.normal(0, 3, people)[:, None]
    course = -np.linspace(1, 5, visits)
    outcome = (
        course
        + 0.3 * baseline[:, None]
        + person
        + rng.normal(0, 1, (people, visits)) * (2 + np.arange(visits))
    )
    outcome += effect * arm[:, None]
    outcome[rng.random((people, visits)) < missing] = np.nan
    return Longitudinal(
        tuple(f"P{i}" for i in range(people)),
        tuple(f"w{v}" for v in range(visits)),
        ("placebo", "drug"),
        outcome,
        arm,
        baseline,
        np.zeros((people, 0)),
    )


def last(fit: MixedFit, method: str = "kenward-roger") -> tuple[float, float, float]:
    visit = fit.data.visits[-1]
    e = Inference(fit, method).contrast(fit.difference(visit, "drug", "placebo"), 1)
    return float(e.estimate[0]), float(e.se[0]), float(e.df[0])


@pytest.mark.parametrize("method", ["kenward-roger", "satterthwaite"])
def test_one_visit_is_the_analysis_of_covariance(method: str) -> None:
    data = trial(1, visits=1)
    closed = ancova(data.outcome[:, 0], data.baseline, data.arm)
    fit = mmrm(data)
    np.testing.assert_allclose(last(fit, method), [closed.estimate, closed.se, closed.df], rtol=1e-9)
    means = Inference(fit, method).contrast(np.stack([fit.cell("w0", a) for a in data.arms]), 1)
    np.testing.assert_allclose(
        means.estimate, adjusted_means(data.outcome[:, 0], data.baseline, data.arm).estimate
    )


def test_complete_data_give_each_visits_own_ancova() -> None:
    # Every visit has the same regressors, so generalised and ordinary least squares coincide (Zellner 1962), the
    # restricted estimate of Sigma is the residual cross-product over n - 3, and the t law is exact.
    data = trial(2, missing=0)
    for method in ("kenward-roger", "satterthwaite"):
        inference = Inference(mmrm(data), method)
        for v, visit in enumerate(data.visits):
            closed = ancova(data.outcome[:, v], data.baseline, data.arm)
            e = inference.contrast(inference.fit.difference(visit, "drug", "placebo"), 1)
            np.testing.assert_allclose(e.estimate[0], closed.estimate, rtol=1e-8)
            np.testing.assert_allclose([e.se[0], e.df[0]], [closed.se, closed.df], rtol=1e-6)


@pytest.mark.parametrize("structure", covariance.STRUCTURES)
def test_derivatives_are_those_of_the_likelihood(structure: str) -> None:
    rng = np.random.default_rng(4)
    data = trial(3)
    design = rng.normal(size=(*data.outcome.shape, 5))
    groups = reml.scored(design, data.outcome)
    shape = covariance.structure(structure, 4)
    theta = shape.start(6 * np.eye(4) + 9 * 0.8 ** np.abs(np.subtract.outer(np.arange(4), np.arange(4))))
    at = reml.likelihood(groups, shape, theta)
    np.testing.assert_allclose(at.minus2, reml.minus2_loglik(groups, at.sigma), rtol=1e-12)
    step = 1e-5
    for k in range(len(theta)):
        ahead, behind = theta.copy(), theta.copy()
        ahead[k] += step
        behind[k] -= step
        above, below = reml.likelihood(groups, shape, ahead), reml.likelihood(groups, shape, behind)
        np.testing.assert_allclose(
            at.gradient[k], (above.minus2 - below.minus2) / (2 * step), rtol=1e-5, atol=1e-6
        )
        slope = (above.gradient - below.gradient) / (2 * step)
        np.testing.assert_allclose(at.observed[k], slope, rtol=1e-5, atol=1e-6)


def test_likelihood_is_that_of_the_dense_formula() -> None:
    data = trial(5, people=15)
    fit = mmrm(data, "compound-symmetry")
    blocks, x, y = [], [], []
    seen = np.isfinite(data.outcome)
    for i in range(15):
        rows = np.flatnonzero(seen[i])
        blocks.append(fit.at.sigma[np.ix_(rows, rows)])
        for v in rows:
            row = np.zeros(12)
            row[2 * v + data.arm[i]] = 1
            row[8 + v] = data.baseline[i]
            x.append(row)
            y.append(data.outcome[i, v])
    n = len(y)
    v_matrix, start = np.zeros((n, n)), 0
    for block in blocks:
        v_matrix[start : start + len(block), start : start + len(block)] = block
        start += len(block)
    x, y = np.array(x), np.array(y)
    inverse = np.linalg.inv(v_matrix)
    information = x.T @ inverse @ x
    residual = y - x @ np.linalg.solve(information, x.T @ inverse @ y)
    dense = (n - 12) * np.log(2 * np.pi) + np.linalg.slogdet(v_matrix)[1] + np.linalg.slogdet(information)[1]
    np.testing.assert_allclose(fit.minus2, dense + residual @ inverse @ residual, rtol=1e-10)


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 1000), st.sampled_from(["unstructured", "toeplitz", "ar1"]))
def test_nothing_hangs_on_the_order_of_people_or_the_unit(seed: int, structure: str) -> None:
    data = trial(seed)
    rng = np.random.default_rng(seed)
    reference = np.array(last(mmrm(data, structure)))
    order = rng.permutation(len(data.people))
    shuffled = replace(
        data,
        people=tuple(data.people[i] for i in order),
        outcome=data.outcome[order],
        arm=data.arm[order],
        baseline=data.baseline[order],
        covariates=data.covariates[order],
    )
    np.testing.assert_allclose(last(mmrm(shuffled, structure)), reference, rtol=1e-6)
    rescaled = replace(data, outcome=100 * data.outcome - 7, baseline=data.baseline / 1000 + 3)
    np.testing.assert_allclose(last(mmrm(rescaled, structure)), reference * [100, 100, 1], rtol=1e-5)
    swapped = replace(data, arms=("drug", "placebo"), arm=1 - data.arm)
    np.testing.assert_allclose(last(mmrm(swapped, structure)), reference, rtol=1e-6)


def test_unstructured_covariance_does_not_know_the_order_of_visits() -> None:
    data = trial(8)
    turned = replace(data, visits=data.visits[::-1], outcome=data.outcome[:, ::-1])
    fit, other = mmrm(data), mmrm(turned)
    np.testing.assert_allclose(other.minus2, fit.minus2, rtol=1e-10)
    e = Inference(fit).contrast(fit.difference("w1", "drug", "placebo"), 1)
    o = Inference(other).contrast(other.difference("w1", "drug", "placebo"), 1)
    np.testing.assert_allclose([e.estimate, e.se, e.df], [o.estimate, o.se, o.df], rtol=1e-5)


def test_a_richer_covariance_never_fits_worse() -> None:
    data = trial(9, people=60)
    fits = {name: mmrm(data, name).minus2 for name in covariance.STRUCTURES}
    assert fits["unstructured"] <= fits["toeplitz"] <= min(fits["compound-symmetry"], fits["ar1"])


def test_people_without_any_outcome_change_nothing() -> None:
    data = trial(10)
    silent = data.outcome.copy()
    silent[:3] = np.nan
    with_silent = replace(data, outcome=silent)
    without = with_silent.select(np.arange(len(data.people)) >= 3)
    np.testing.assert_allclose(last(mmrm(with_silent)), last(mmrm(without)), rtol=1e-10)


def test_joint_test_of_one_contrast_is_its_t_test() -> None:
    fit = mmrm(trial(11))
    inference = Inference(fit)
    row = fit.difference("w3", "drug", "placebo")
    e, f = inference.contrast(row, 1), inference.joint(row)
    np.testing.assert_allclose([f.f, f.denominator_df], [(e.estimate / e.se)[0] ** 2, e.df[0]], rtol=1e-7)
    np.testing.assert_allclose(f.p, e.p[0], rtol=1e-7)


def test_covariates_enter_and_sharpen() -> None:
    data = trial(12, people=80)
    rng = np.random.default_rng(12)
    severity = rng.normal(size=80)
    shifted = replace(data, outcome=data.outcome + 6 * severity[:, None])
    adjusted = replace(shifted, covariates=severity[:, None], covariate_names=("severity",))
    assert last(mmrm(adjusted))[1] < 0.7 * last(mmrm(shifted))[1]


def refuse(data: Longitudinal, words: str, structure: str = "unstructured") -> None:
    with pytest.raises(DataError, match=words):
        mmrm(data, structure)


def test_refusals_say_what_is_wrong() -> None:
    data = trial(13)
    hole = data.outcome.copy()
    hole[data.arm == 1, 2] = np.nan
    refuse(replace(data, outcome=hole), "nobody of arm 'drug' has an outcome at visit 'w2'")
    apart = data.outcome.copy()
    apart[::2, 0], apart[1::2, 1] = np.nan, np.nan
    refuse(replace(data, outcome=apart), "no participant was seen at both visit 'w0' and visit 'w1'")
    refuse(replace(data, baseline=np.full(40, np.nan)), "no participant has a baseline")
    twice = replace(data, covariates=np.arange(40.0)[:, None] * np.ones((1, 2)), covariate_names=("a", "b"))
    refuse(twice, "the effect 'b' cannot be told apart")
    refuse(replace(data, outcome=np.where(np.isfinite(data.outcome), 2.0, np.nan)), "no residual variance")
    repeated = trial(13, missing=0).outcome
    repeated[:, 3] = repeated[:, 2]
    refuse(replace(data, outcome=repeated), "no maximum")
    refuse(trial(1, people=6, missing=0), "too few")
    refuse(trial(1, people=60, visits=16), "too many for an unstructured")
    refuse(data, "no covariance structure", "spatial")
    with pytest.raises(DataError, match="no method"):
        Inference(mmrm(data), "magic")
