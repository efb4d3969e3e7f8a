"""The table of estimates is that of the estimators it is made from."""

import numpy as np
import pytest

from limen.analysis.ancova import ancova
from limen.analysis.by_visit import by_visit
from limen.analysis.longitudinal import Longitudinal
from limen.errors import DataError


@pytest.fixture(scope="module")
def data() -> Longitudinal:
    rng = np.random.default_rng(5)
    arm, baseline = np.arange(60) % 3, rng.normal(25, 5, 60)
    outcome = (
        (0.4 * baseline + rng.normal(0, 3, 60))[:, None]
        + rng.normal(0, 2, (60, 3))
        - 2.0 * (arm == 2)[:, None]
    )
    outcome[rng.random((60, 3)) < 0.1] = np.nan
    baseline[7] = np.nan
    names = tuple(str(i) for i in range(60))
    return Longitudinal(
        names, ("1", "2", "4"), ("placebo", "low", "high"), outcome, arm, baseline, np.zeros((60, 0))
    )


def test_every_arm_is_compared_with_control_at_every_visit(data: Longitudinal) -> None:
    result = by_visit(data)
    assert [(e.contrast, e.visit) for e in result.estimates] == [
        (f"{arm} - placebo", visit) for arm in ("low", "high") for visit in data.visits
    ]
    mean = {(m.contrast, m.visit): m.estimate for m in result.means}
    for e in result.estimates:
        arm = e.contrast.removesuffix(" - placebo")
        assert e.estimate == pytest.approx(mean[arm, e.visit] - mean["placebo", e.visit], rel=1e-9)
        assert e.ci_low < e.estimate < e.ci_high
    assert (result.people, result.left_out) == (59, 1)
    assert {e.visit for e in result.of_interest()} == {"4"}


def test_two_arms_by_ancova_are_the_closed_form_of_simulated_trials(data: Longitudinal) -> None:
    two = data.select(data.arm < 2)
    two = Longitudinal(
        two.people, two.visits, ("placebo", "low"), two.outcome, two.arm, two.baseline, two.covariates
    )
    result = by_visit(two, method="ancova")
    assert len(result.estimates) == 3
    for v, line in enumerate(result.estimates):
        e = ancova(two.outcome[:, v], two.baseline, two.arm)
        found = [line.estimate, line.se, line.df, line.p, line.ci_low, line.n]
        np.testing.assert_allclose(found, [e.estimate, e.se, e.df, e.p, e.ci_low, e.n], rtol=1e-8)


def test_the_document_for_programs(data: Longitudinal) -> None:
    document = by_visit(data, level=0.9).document()
    assert document["schema_version"] == 1
    keys = {
        "contrast",
        "visit",
        "estimate",
        "se",
        "se_method",
        "df",
        "ci_low",
        "ci_high",
        "p",
        "n",
        "p_adjusted",
    }
    assert all(set(line) == keys for line in document["estimates"])


def test_unknown_words_are_refused(data: Longitudinal) -> None:
    for wrong in ({"method": "anova"}, {"visit_of_interest": "9"}, {"level": 95.0}):
        with pytest.raises(DataError):
            by_visit(data, **wrong)
