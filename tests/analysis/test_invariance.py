"""An analysis knows neither the zero nor the unit of a score or a covariate, nor the order of rows or arms."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from limen.analysis.by_visit import ByVisit, by_visit
from limen.analysis.longitudinal import Longitudinal
from limen.errors import DataError

FITS = [
    ("ancova", "unstructured"),
    *(("mmrm", s) for s in ("unstructured", "toeplitz", "compound-symmetry", "ar1")),
]


def trial(seed: int, people: int = 40, missing: float = 0.1) -> Longitudinal:
    """Visits of a person differ by a fortieth of what people differ by: where digits are lost first."""
    rng = np.random.default_rng(seed)
    arm = rng.permutation(np.arange(people) % 3)
    baseline, age = rng.normal(25, 5, people), rng.normal(40, 12, people)
    outcome = 10 + 0.5 * baseline[:, None] + rng.normal(0, 5, (people, 1)) + rng.normal(0, 0.125, (people, 4))
    outcome[rng.random((people, 4)) < missing] = np.nan
    names = tuple(f"P{i}" for i in range(people))
    return Longitudinal(names, ("1", "2", "3", "4"), ("placebo", "low", "high"), outcome, arm, baseline, age[:, None], ("age",))  # fmt: skip


def numbers(result: ByVisit, scale: float = 1.0) -> np.ndarray:
    """Differences by visit and arm: estimate, SE and limits in the first unit, df, p."""
    lines = sorted(result.estimates, key=lambda line: (line.contrast, line.visit))
    return np.array(
        [[line.estimate / scale, line.se / scale, line.ci_low / scale, line.df, line.p] for line in lines]
    )


@pytest.mark.parametrize(("method", "structure"), FITS)
@settings(max_examples=8, deadline=None, phases=[Phase.generate])
@given(seed=st.integers(0, 50), shift=st.floats(-1e6, 1e6), power=st.integers(-6, 6))
def test_zero_and_unit_of_the_score_and_of_covariates(method, structure, seed, shift, power) -> None:
    data, unit = trial(seed), 10.0**power
    first = numbers(by_visit(data, method, structure))
    moved = replace(data, outcome=data.outcome + shift, baseline=data.baseline - shift / 10)
    np.testing.assert_allclose(numbers(by_visit(moved, method, structure)), first, rtol=2e-5, atol=1e-7)
    scaled = replace(data, outcome=data.outcome * unit, baseline=data.baseline / unit, covariates=7 + data.covariates * unit)  # fmt: skip
    np.testing.assert_allclose(
        numbers(by_visit(scaled, method, structure), unit), first, rtol=2e-5, atol=1e-7
    )


@pytest.mark.parametrize(("method", "structure"), FITS)
def test_order_of_rows_and_of_arms(method, structure) -> None:
    data = trial(3)
    first = numbers(by_visit(data, method, structure))
    order = np.random.default_rng(1).permutation(len(data.people))
    columns = {n: getattr(data, n)[order] for n in ("outcome", "arm", "baseline", "covariates")}
    mixed = replace(data, people=tuple(data.people[i] for i in order), **columns)
    np.testing.assert_allclose(numbers(by_visit(mixed, method, structure)), first, rtol=1e-6)
    turned = replace(data, arms=("placebo", "high", "low"), arm=np.array([0, 2, 1])[data.arm])
    np.testing.assert_allclose(numbers(by_visit(turned, method, structure)), first, rtol=1e-6)


def test_complete_data_have_whole_degrees_of_freedom_wherever_zero_is() -> None:
    # Without a covariate of all visits every visit has the same regressors: the t law is exact, n - arms - 1.
    data = replace(trial(5, missing=0.0), covariates=np.zeros((40, 0)), covariate_names=())
    for shift in (0.0, 1e3, 1e6):
        df = {line.df for line in by_visit(replace(data, outcome=data.outcome + shift)).estimates}
        assert max(abs(x - 36) for x in df) < 1e-3


@pytest.mark.parametrize("constant", [0.1, 3.0, 1e6 + 0.1, 1e-9])
def test_a_constant_is_told_from_a_covariate_in_any_unit(constant: float) -> None:
    data = trial(6)
    same, none = (by_visit(replace(data, baseline=np.full(40, x))) for x in (constant, 0.0))
    np.testing.assert_allclose(numbers(same), numbers(none), rtol=1e-10)  # nothing to adjust for
    narrow = replace(data, baseline=1e3 + 1e-6 * data.baseline)
    assert np.isfinite(numbers(by_visit(narrow))).all()


def test_errors_state_only_what_is_established() -> None:
    data = trial(7, missing=0.0)
    repeated = data.outcome.copy()
    repeated[:, 2] = repeated[:, 1]
    with pytest.raises(DataError, match="visits '2' and '3' repeat each other"):
        by_visit(replace(data, outcome=repeated))
    with pytest.raises(DataError, match="no participant has a baseline\n"):
        by_visit(replace(data, baseline=np.full(40, np.nan)))
    with pytest.raises(DataError, match="no participant has the covariate age"):
        by_visit(replace(data, covariates=np.full((40, 1), np.nan)))
