"""Many mixed models at once: every verdict is the single fit's, and what they estimate holds its level and coverage."""

from __future__ import annotations

import numpy as np
import pytest

from limen.analysis.longitudinal import Longitudinal
from limen.analysis.mmrm import mmrm
from limen.analysis.mmrm_many import ManyFits, mmrm_many
from limen.analysis.sums import Replicates
from limen.analysis.t_law import t_interval
from limen.errors import DataError

REPLICATES, LEVEL, VISITS = 20_000, 0.95, 5
EFFECT = np.array([0.0, -0.5, -1.0, -1.5, -2.0])


def at_random(people: int, hazard: float, effect: np.ndarray, seed: int) -> Replicates:
    """Two arms of `people`, five visits, unequal variances. A person leaves after a visit with odds that rise with the
    last score that was seen (missing at random): `hazard` a visit at the average score, twice the odds for each SD."""
    rng = np.random.default_rng(seed)
    arm = np.tile(np.arange(2 * people) % 2, (REPLICATES, 1))
    baseline = rng.normal(25, 5, arm.shape)
    root = np.linalg.cholesky(
        np.outer(sd := np.array([5.0, 6, 6.5, 7, 7.5]), sd)
        * 0.75 ** np.abs(np.subtract.outer(range(5), range(5)))
    )
    noise = rng.normal(0, 1, (*arm.shape, VISITS)) @ root.T
    outcome = 0.6 * baseline[..., None] + noise + np.array([10.0, 8, 7, 6, 5]) + effect * arm[..., None]
    standing = (outcome - outcome.mean(1, keepdims=True)) / outcome.std(1, keepdims=True)
    odds = hazard / (1 - hazard) * 2.0**standing
    goes = rng.random(outcome.shape) < odds / (1 + odds)
    gone = np.zeros(outcome.shape, bool)
    gone[..., 1:] = np.cumsum(goes[..., :-1], -1) > 0
    return Replicates(np.where(gone, np.nan, outcome), arm, baseline, 2)


def rates(found: ManyFits, truth: float) -> dict[str, float]:
    """Share of trials fitted; of those the bias, the mean SE over the SD of the estimates, level of the test of the
    truth, and coverage of the interval."""
    ok = found.fitted
    estimate, se, df = (x[ok, 0] for x in (found.estimate, found.se, found.df))
    low, high, p = t_interval(estimate, se, df, LEVEL, null=truth)
    return {
        "fitted": float(ok.mean()), "bias": float(estimate.mean() - truth),
        "bias error": float(estimate.std() / np.sqrt(ok.sum())), "se ratio": float(se.mean() / estimate.std()),
        "level": float((p < 1 - LEVEL).mean()), "coverage": float(((low <= truth) & (truth <= high)).mean()),
    }  # fmt: skip


ERROR = np.sqrt(LEVEL * (1 - LEVEL) / REPLICATES)  # 0.0015


@pytest.mark.parametrize("people", [100, 20])
@pytest.mark.parametrize("effect", [0.0, 1.0], ids=["no effect", "effect"])
def test_level_and_coverage_with_people_leaving_at_random(people: int, effect: float) -> None:
    data = at_random(people, 0.07, effect * EFFECT, seed=people)
    truth = float(effect * EFFECT[-1])
    seen = np.isfinite(data.outcome[..., -1]).mean()
    assert 0.6 < seen < 0.8
    for method in ("kenward-roger", "satterthwaite"):
        found = rates(mmrm_many(data, VISITS - 1, se_method=method), truth)
        print(f"{people} an arm, {method}: { ({k: round(v, 4) for k, v in found.items()}) }, seen {seen:.3f}")
        assert found["fitted"] > 0.999
        assert abs(found["bias"]) < 3.5 * found["bias error"]
        assert abs(found["coverage"] - LEVEL) < BOUND[people, method]
        assert found["level"] == pytest.approx(1 - found["coverage"], abs=1e-9)


BOUND = {
    (100, "kenward-roger"): 3.5 * ERROR,
    (100, "satterthwaite"): 3.5 * ERROR,
    (20, "kenward-roger"): 3.5 * ERROR,
    (20, "satterthwaite"): 3.5 * ERROR,
}


def test_those_observed_alone_are_biased_where_leaving_hangs_on_the_score() -> None:
    """The check can fail: means of those still there miss the truth that the mixed model finds."""
    data = at_random(100, 0.07, 3 * EFFECT, seed=9)
    last = data.outcome[..., -1]
    raw = np.nanmean(np.where(data.arm == 1, last, np.nan), 1) - np.nanmean(
        np.where(data.arm == 0, last, np.nan), 1
    )
    bias, error = raw.mean() - 3 * EFFECT[-1], raw.std() / np.sqrt(len(raw))
    found = rates(mmrm_many(data, VISITS - 1), float(3 * EFFECT[-1]))
    print(
        f"observed alone: bias {bias:.3f} ({error:.3f}); mixed model {found['bias']:.3f} ({found['bias error']:.3f})"
    )
    assert abs(bias) > 5 * error
    assert abs(found["bias"]) < 3.5 * found["bias error"]


def single(data: Replicates, number: int) -> Longitudinal:
    people, visits = data.outcome.shape[1:]
    names = tuple(map(str, range(people))), tuple(map(str, range(visits))), ("0", "1")
    return Longitudinal(
        *names, data.outcome[number], data.arm[number], data.baseline[number], np.zeros((people, 0))
    )


@pytest.mark.parametrize("structure", ["unstructured", "toeplitz", "ar1"])
@pytest.mark.parametrize(("people", "missing", "differ"), [(16, 0.2, 0), (10, 0.33, 2)])
def test_verdicts_are_the_single_fits_in_trials_too_small_for_them(
    structure: str, people: int, missing: float, differ: int
) -> None:
    """Three visits, scores missing anywhere: some trials have no maximum. With ten people most have none, and one in four
    hundred a ridge without curvature, along which rounding decides; that is where the two may differ."""
    rng = np.random.default_rng(3)
    n = 400
    outcome = rng.normal(0, 3, (n, people, 1)) + rng.normal(0, 2, (n, people, 3))
    arm, baseline = np.tile(np.arange(people) % 2, (n, 1)), rng.normal(25, 5, (n, people))
    data = Replicates(np.where(rng.random(outcome.shape) < missing, np.nan, outcome), arm, baseline, 2)
    found, apart = mmrm_many(data, 2, structure), 0
    for number in np.flatnonzero(~found.odd).tolist():
        try:
            fit = mmrm(single(data, number), structure)
        except DataError:
            apart += int(found.fitted[number])
        else:
            same = found.fitted[number] and abs(found.minus2[number] - fit.minus2) < 1e-7 * abs(fit.minus2)
            apart += int(not same)
    print(
        f"{people} people, {structure}: {n - found.odd.sum()} tried, {found.fitted.sum()} fitted, {apart} apart"
    )
    assert apart <= differ
