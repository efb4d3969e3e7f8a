"""Rows as they stand: the condition changes within a person, and whatever else a formula says."""

from pathlib import Path

import numpy as np
import pytest

from limen.analysis import reml
from limen.analysis.analyse import analyse
from limen.analysis.correlated import ALL, structure_named
from limen.errors import DataError

# Senn, Cross-over Trials in Clinical Research, example 3.1: peak flow of 13 children after two drugs.
SENN = {"FS": {1: (310, 270), 4: (310, 260), 6: (370, 300), 7: (410, 390), 10: (250, 210), 11: (380, 350), 14: (330, 365)},
        "SF": {2: (370, 385), 3: (310, 400), 5: (380, 410), 9: (290, 320), 12: (260, 340), 13: (90, 220)}}  # fmt: skip
ROLES = {
    "id": "patient",
    "visit": "none",
    "arm": "drug",
    "control": "salbutamol",
    "outcome": "pef",
    "baseline": "none",
}
NAMES = {"F": "formoterol", "S": "salbutamol"}


@pytest.fixture(scope="module")
def senn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    lines = ["patient,sequence,period,drug,pef"]
    for order, people in SENN.items():
        for person, scores in people.items():
            lines += [f"{person},{order},{p + 1},{NAMES[order[p]]},{scores[p]}" for p in (0, 1)]
    file = tmp_path_factory.mktemp("senn") / "peak_flow.csv"
    file.write_text("\n".join(lines) + "\n")
    return file


def test_a_published_crossover_comes_out_to_the_printed_digits(senn: Path) -> None:
    roles = ROLES | {"period": "period", "sequence": "sequence"}
    found = analyse(senn, roles=roles, method="mixed").result
    (line,) = found.estimates
    # Two-sample t on half the differences within sequences: 46.6, 95% 22.9 to 70.3, p = 0.0012, 11 degrees of freedom.
    assert [round(x, 1) for x in (line.estimate, line.ci_low, line.ci_high, line.df)] == [
        46.6,
        22.9,
        70.3,
        11.0,
    ]
    assert round(line.p or 1, 4) == 0.0012


def test_a_signed_rank_test_is_that_of_the_differences(senn: Path) -> None:
    from scipy import stats

    found = analyse(senn, roles=ROLES, method="wilcoxon").result
    differences = [
        s[0] - s[1] if order == "FS" else s[1] - s[0]
        for order, people in SENN.items()
        for s in people.values()
    ]
    assert found.estimates[0].p == pytest.approx(stats.wilcoxon(differences).pvalue, rel=1e-12)


def test_carry_over_is_the_arm_before(senn: Path) -> None:
    roles = ROLES | {"period": "period"}
    found = analyse(senn, roles=roles, method="mixed", fixed="arm + carryover").result
    assert {test.term for test in found.tests} == {"arm", "carryover"}


def test_what_a_formula_gets_wrong_is_said(senn: Path) -> None:
    roles = ROLES | {"period": "period"}
    for formula, words in (
        ("arm + dose", "'dose'"),
        ("arm +* period", "is no formula"),
        ("period", "does not name arm"),
    ):
        with pytest.raises(DataError, match=words):
            analyse(senn, roles=roles, method="mixed", fixed=formula)
    with pytest.raises(DataError, match="ancova takes no fixed"):
        analyse(senn, roles=roles, method="ancova", fixed="arm")
    with pytest.raises(DataError, match="--method mixed"):
        analyse(senn, roles=roles, method="mmrm")


@pytest.mark.parametrize("name", ALL)
def test_derivatives_of_every_covariance(name: str) -> None:
    shape = structure_named(name, 4, (0.0, 1.0, 3.0, 4.5))
    lag = np.abs(np.subtract.outer(np.arange(4), np.arange(4)))
    theta = shape.start(np.diag([2.0, 3, 4, 5]) ** 0.5 @ (0.6**lag) @ np.diag([2.0, 3, 4, 5]) ** 0.5)
    step = 1e-6
    for k in range(len(theta)):
        ahead, behind = (theta + sign * step * np.eye(len(theta))[k] for sign in (1, -1))
        slope = (shape.matrix(ahead) - shape.matrix(behind)) / (2 * step)
        np.testing.assert_allclose(shape.first(theta)[k], slope, atol=1e-7)
        second = shape.second(theta)
        if second is not None:
            bend = (shape.first(ahead) - shape.first(behind)) / (2 * step)
            np.testing.assert_allclose(second[k], bend, atol=1e-6)


def test_a_sandwich_with_independent_rows_is_that_of_estimating_equations() -> None:
    import statsmodels.api as sm

    rng = np.random.default_rng(2)
    x = np.concatenate([np.ones((30, 3, 1)), rng.normal(size=(30, 3, 2))], -1)
    y = x @ [1.0, 2.0, 0.5] + rng.normal(size=(30, 1)) + rng.normal(size=(30, 3))
    found = reml.sandwich(reml.scored(x, y), np.eye(3))
    model = sm.GEE(
        y.ravel(),
        x.reshape(-1, 3),
        groups=np.repeat(np.arange(30), 3),
        cov_struct=sm.cov_struct.Independence(),
    )
    expected = model.fit(cov_type="bias_reduced").cov_params()
    np.testing.assert_allclose(found, expected, rtol=1e-8)
