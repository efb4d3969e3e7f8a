"""Many mixed models at once are the single fits, replicate by replicate, and say of each whether it was fitted."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from limen.analysis import covariance, mmrm_many
from limen.analysis.kenward_roger import Inference
from limen.analysis.longitudinal import Longitudinal
from limen.analysis.mmrm import mmrm
from limen.analysis.sums import Replicates
from limen.errors import DataError

ALIKE = 1e-8


def drawn(seed: int = 0, replicates: int = 3, people: int = 40, visits: int = 4, arms: int = 2) -> Replicates:
    """Replicates under the model, nothing missing; arms of unequal size."""
    rng = np.random.default_rng(seed)
    arm = np.minimum(rng.integers(0, arms + 1, (replicates, people)), arms - 1)
    baseline = rng.normal(25, 5, (replicates, people))
    outcome = 0.4 * baseline[..., None] + rng.normal(0, 3, (replicates, people, 1)) - np.arange(visits)
    outcome = outcome + rng.normal(0, 1, outcome.shape) * (2 + np.arange(visits))
    return Replicates(outcome, arm, baseline, arms)


def without(data: Replicates, gone: np.ndarray) -> Replicates:
    return replace(data, outcome=np.where(gone, np.nan, data.outcome))


def left(data: Replicates, hazard: float, seed: int = 1) -> Replicates:
    """People leave for good after the first visit."""
    gone = np.random.default_rng(seed).random(data.outcome.shape) < hazard
    gone[:, :, 0] = False
    return without(data, np.cumsum(gone, -1) > 0)


def holes(data: Replicates, share: float, seed: int = 2) -> Replicates:
    """Visits missing anywhere, some people without any, some without a baseline."""
    rng = np.random.default_rng(seed)
    baseline = np.where(rng.random(data.baseline.shape) < 0.05, np.nan, data.baseline)
    return replace(without(data, rng.random(data.outcome.shape) < share), baseline=baseline)


def one_alone(data: Replicates) -> Replicates:
    """Complete but for one person who was seen once."""
    gone = np.zeros(data.outcome.shape, bool)
    gone[:, 5, 1:] = True
    return without(data, gone)


def single(data: Replicates, number: int) -> Longitudinal:
    people, visits = data.outcome.shape[1:]
    names = ("placebo", *(f"drug {i}" for i in range(1, data.arms)))
    return Longitudinal(
        tuple(f"P{i}" for i in range(people)), tuple(f"w{v}" for v in range(visits)), names,
        data.outcome[number], data.arm[number], data.baseline[number], np.zeros((people, 0)),
    )  # fmt: skip


def assert_alike(data: Replicates, visit: int, structure: str, method: str) -> None:
    found = mmrm_many.mmrm_many(data, visit, structure, method)
    assert found.fitted.all()
    for number in range(len(data.outcome)):
        fit = mmrm(single(data, number), structure)
        names = fit.data.arms
        rows = np.stack([fit.difference(fit.data.visits[visit], arm, names[0]) for arm in names[1:]])
        e = Inference(fit, method).contrast(rows, 1)
        for name in ("estimate", "se", "df"):
            np.testing.assert_allclose(
                getattr(found, name)[number], getattr(e, name), rtol=ALIKE, err_msg=name
            )
        np.testing.assert_allclose(found.minus2[number], fit.minus2, rtol=1e-12)
        np.testing.assert_allclose(found.sigma[number], fit.at.sigma, rtol=1e-7)


DESIGNS = {
    "complete": drawn(),
    "dropout": left(drawn(1), 0.1),
    "holes": holes(drawn(2, people=60), 0.15),
    "three arms": left(drawn(3, people=60, arms=3), 0.1),
    "one visit": holes(drawn(4, visits=1), 0.1),
    "a pattern of one person": one_alone(drawn(5)),
    "six visits": left(drawn(6, people=80, visits=6), 0.08),
}


@pytest.mark.parametrize("design", DESIGNS)
@pytest.mark.parametrize("method", mmrm_many.AT_ONCE)
def test_unstructured_fits_are_the_single_ones(design: str, method: str) -> None:
    data = DESIGNS[design]
    assert_alike(data, data.outcome.shape[-1] - 1, "unstructured", method)


@pytest.mark.parametrize("design", ["dropout", "holes", "three arms"])
@pytest.mark.parametrize("structure", covariance.STRUCTURES[1:])
def test_other_covariances_are_the_single_ones(design: str, structure: str) -> None:
    assert_alike(DESIGNS[design], 1, structure, "kenward-roger")


def test_location_and_scale_of_the_scores_and_the_order_of_people_and_replicates_change_nothing() -> None:
    data = left(drawn(7, replicates=5), 0.1)
    found = mmrm_many.mmrm_many(data, 3)
    rng = np.random.default_rng(3)
    moved = replace(data, outcome=1e-3 * data.outcome + 1e4, baseline=100 * data.baseline - 7)
    other = mmrm_many.mmrm_many(moved, 3)
    np.testing.assert_allclose(other.estimate, 1e-3 * found.estimate, rtol=1e-6)
    np.testing.assert_allclose(other.se, 1e-3 * found.se, rtol=1e-6)
    np.testing.assert_allclose(other.df, found.df, rtol=1e-6)
    people, trials = rng.permutation(40), rng.permutation(5)
    turned = Replicates(
        data.outcome[trials][:, people], data.arm[trials][:, people], data.baseline[trials][:, people], 2
    )
    other = mmrm_many.mmrm_many(turned, 3)
    for name in ("estimate", "se", "df", "minus2"):
        np.testing.assert_allclose(getattr(other, name), getattr(found, name)[trials], rtol=1e-9)


def test_blocks_and_workers_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    data = left(drawn(8, replicates=9), 0.1)
    whole = mmrm_many.mmrm_many(data, 3)
    monkeypatch.setattr(mmrm_many, "BLOCK", 2)
    one, two = (mmrm_many.mmrm_many(data, 3, workers=workers) for workers in (1, 2))
    for name in ("estimate", "se", "df", "minus2"):
        np.testing.assert_array_equal(getattr(one, name), getattr(two, name))
        np.testing.assert_allclose(getattr(one, name), getattr(whole, name), rtol=1e-10)


def repeated() -> Replicates:
    """Four replicates; in the second the last visit repeats the one before it but for one place."""
    data = left(drawn(9, replicates=4), 0.1)
    outcome = data.outcome.copy()
    outcome[1, :, 3] = 2 * outcome[1, :, 2] + data.baseline[1]
    return replace(data, outcome=outcome)


def test_a_replicate_without_a_maximum_is_named_and_leaves_the_others_alone() -> None:
    data = repeated()
    found = mmrm_many.mmrm_many(data, 3)
    assert found.fitted.tolist() == [True, False, True, True]
    assert not found.odd.any()
    assert np.isnan(found.estimate[1]).all()
    with pytest.raises(DataError, match="has no maximum"):
        mmrm(single(data, 1))
    alone = mmrm_many.mmrm_many(
        replace(data, **{n: getattr(data, n)[2:] for n in ("outcome", "arm", "baseline")}), 3
    )
    np.testing.assert_allclose(alone.estimate, found.estimate[2:], rtol=1e-9)


@pytest.mark.parametrize("seed", range(4))
def test_small_trials_have_a_maximum_where_the_single_fit_finds_one(seed: int) -> None:
    """Twelve people and three visits with holes: some have none."""
    data = holes(drawn(seed + 20, replicates=12, people=12, visits=3), 0.25)
    found = mmrm_many.mmrm_many(data, 2)
    for number in range(12):
        try:
            mmrm(single(data, number))
        except DataError:
            assert not found.fitted[number]
        else:
            assert found.fitted[number] or found.odd[number]


def test_what_the_common_model_cannot_take_is_odd() -> None:
    data = left(drawn(10, replicates=5), 0.05)
    outcome, baseline = data.outcome.copy(), data.baseline.copy()
    outcome[0][data.arm[0] == 1, 2] = np.nan
    baseline[1] = 20.0
    outcome[2, :, 0] = baseline[2]
    found = mmrm_many.mmrm_many(replace(data, outcome=outcome, baseline=baseline), 3)
    assert found.odd.tolist() == [True, True, True, False, False]
    assert found.fitted.tolist() == [False, False, False, True, True]


def test_more_visits_than_an_unstructured_covariance_takes_are_left_to_the_single_fit_to_refuse() -> None:
    data = drawn(11, replicates=2, people=60, visits=16)
    assert mmrm_many.mmrm_many(data, 15).odd.all()
    assert mmrm_many.mmrm_many(data, 15, "compound-symmetry").fitted.all()
    with pytest.raises(DataError, match="16 visits are too many"):
        mmrm(single(data, 0))
