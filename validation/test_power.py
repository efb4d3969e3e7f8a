"""Power without simulation against R (references/power.json and designs.json), published rows and published tables."""

import csv
import json
import math
import os
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from limen.analysis.mmrm_many import mmrm_many
from limen.analysis.power.aims import Aim
from limen.analysis.power.ask import power
from limen.analysis.power.means import Ancova, OneSample, TwoSample
from limen.analysis.power.mixed import Mixed
from limen.analysis.power.shares import Shares
from limen.analysis.sums import Replicates

REFERENCES = Path(__file__).parent / "references"
REFERENCE = json.loads((REFERENCES / "power.json").read_text())
DESIGNS = json.loads((REFERENCES / "designs.json").read_text())


def test_no_reference_case_was_lost() -> None:
    assert (len(REFERENCE["equal"]), len(REFERENCE["unequal"])) == (32, 8)
    sizes = {name: len(cases) for name, cases in DESIGNS.items() if name != "software"}
    assert sizes == {
        "t_tests": 54, "inferior": 24, "equivalent": 12, "welch": 16, "ancova": 16, "shares": 12, "margins": 32, "mixed": 16,
    }  # fmt: skip


def t_test(case: dict, n1: int, n0: int) -> float:
    return TwoSample(sd=1).power(case["effect"], (n1, n0), Aim.of(alpha=case["alpha"]))


@pytest.mark.parametrize("case", REFERENCE["equal"])
def test_power_t_test(case: dict) -> None:
    assert t_test(case, case["n"], case["n"]) == pytest.approx(case["power_t_test"], abs=1e-11)


@pytest.mark.parametrize("case", REFERENCE["equal"] + REFERENCE["unequal"])
def test_rpact(case: dict) -> None:
    # rpact differs from both R's power.t.test and this one in the sixth to fifth digit after the point.
    n1, n0 = case.get("n_active", case.get("n")), case.get("n_control", case.get("n"))
    assert t_test(case, n1, n0) == pytest.approx(case["rpact"], abs=2e-5)


def test_published_rows() -> None:
    root = os.environ.get("LIMEN_REALDATA")
    path = Path(root or "") / "05_power_two_sample_t" / "pwr_results.csv"
    if not root or not path.is_file():
        pytest.skip("LIMEN_REALDATA does not name a folder with 05_power_two_sample_t")
    with path.open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert len(rows) == 2
    for row in rows:
        n1, n2, alpha = int(row["n1"]), int(row["n2"]), float(row["alpha"])
        found = power("two-sample", float(row["d"]), n=n1 + n2, sd=1.0, alpha=alpha)
        assert found.arms == (n1, n2)
        assert found.power == pytest.approx(float(row["power"]), abs=1e-11)


@pytest.mark.parametrize("case", DESIGNS["t_tests"])
def test_t_tests_of_one_and_two_sides(case: dict) -> None:
    # R's `sd` of a paired test is that of the differences.
    n, aim = case["n"], Aim.of(sides=2 if case["alternative"] == "two.sided" else 1)
    two = case["type"] == "two.sample"
    found = (TwoSample if two else OneSample)(sd=1).power(case["effect"], (n, n) if two else (n,), aim)
    assert found == pytest.approx(case["power"], abs=1e-10)


@pytest.mark.parametrize("case", DESIGNS["inferior"])
def test_non_inferiority_of_means(case: dict) -> None:
    aim = Aim.of("non-inferiority", margin=case["margin"])
    found = TwoSample(sd=1).power(case["effect"], (case["n_active"], case["n_control"]), aim)
    assert found == pytest.approx(case["noncentral"], abs=1e-10)
    assert found == pytest.approx(case["power"], abs=2e-5)  # rpact, as above


@pytest.mark.parametrize("case", DESIGNS["equivalent"])
def test_equivalence_of_means(case: dict) -> None:
    aim = Aim.of("equivalence", margin=case["margin"])
    found = TwoSample(sd=1).power(case["effect"], (case["n"], case["n"]), aim)
    assert found == pytest.approx(case["power"], abs=1e-10)


def test_equivalence_in_a_crossover_as_published() -> None:
    """PowerTOST's first example: CV 0.30, ratio 0.95, limits 0.80 to 1.25: 40 people, power 0.815845."""
    sd, effect = math.sqrt(math.log(1 + 0.3**2)), -math.log(0.95)
    found = power(
        "crossover", effect, power=0.8, sd=sd, correlation=0.0, aim="equivalence", margin=math.log(1.25)
    )
    assert found.n == 40
    assert found.power == pytest.approx(0.815845, abs=5e-7)


@pytest.mark.parametrize("case", DESIGNS["welch"])
def test_welch(case: dict) -> None:
    design = TwoSample(sd=1, sd_control=case["sd_control"])
    found = design.power(case["effect"], (case["n_active"], case["n_control"]), Aim())
    assert found == pytest.approx(case["power"], abs=1e-8)


@pytest.mark.parametrize("case", DESIGNS["ancova"])
def test_analysis_of_covariance(case: dict) -> None:
    design = Ancova(sd=1, correlation=case["correlation"])
    found = design.power(case["effect"], (case["n_active"], case["n_control"]), Aim())
    assert found == pytest.approx(case["power"], abs=1e-8)


@pytest.mark.parametrize("case", DESIGNS["shares"])
def test_two_shares(case: dict) -> None:
    for method in ("score", "fisher", "score-exact"):
        design = Shares(control=case["control"], method=method)
        found = design.power(case["effect"], (case["n"], case["n"]), Aim())
        assert found == pytest.approx(case[method.replace("-", "_")], abs=1e-10)


@pytest.mark.parametrize("case", DESIGNS["margins"])
def test_two_shares_with_a_margin(case: dict) -> None:
    aim = Aim.of("non-inferiority", margin=case["margin"])
    design = Shares(control=case["control"])
    found = design.power(case["effect"], (case["n_active"], case["n_control"]), aim)
    assert found == pytest.approx(case["score"], abs=1e-8)


@pytest.mark.parametrize("case", DESIGNS["mixed"])
def test_standard_error_of_the_mixed_model(case: dict) -> None:
    design = Mixed(
        sd=1, visits=case["visits"], correlation=(case["correlation"],), structure=case["structure"], dropout=case["dropout"],
    )  # fmt: skip
    assert design.se((100, 100)) == pytest.approx(case["se"], abs=1e-11)


# Lu, Luo and Chen 2008, table 2: variance inflation under AR(1), by visits, dropout, and correlation of first and last.
LU = {
    (2, 0.1): (1.111, 1.110, 1.101, 1.083, 1.057, 1.021),
    (2, 0.2): (1.250, 1.248, 1.228, 1.188, 1.128, 1.048),
    (2, 0.3): (1.429, 1.424, 1.390, 1.321, 1.219, 1.081),
    (2, 0.4): (1.667, 1.660, 1.607, 1.500, 1.340, 1.127),
    (4, 0.1): (1.111, 1.101, 1.083, 1.063, 1.040, 1.014),
    (4, 0.2): (1.250, 1.225, 1.184, 1.139, 1.088, 1.031),
    (4, 0.3): (1.429, 1.383, 1.311, 1.233, 1.147, 1.051),
    (4, 0.4): (1.667, 1.590, 1.475, 1.354, 1.222, 1.077),
}  # fmt: skip


@pytest.mark.parametrize(("visits", "dropout"), LU)
def test_variance_inflation_of_dropout_as_published(visits: int, dropout: float) -> None:
    for outer, printed in zip((0, 0.1, 0.3, 0.5, 0.7, 0.9), LU[visits, dropout], strict=True):
        design = Mixed(
            sd=1, visits=visits, correlation=(outer ** (1 / (visits - 1)),), structure="ar1", dropout=dropout
        )
        assert design.inflation(np.asarray(design.kept()[0])) == pytest.approx(printed, abs=6e-4)


@pytest.mark.parametrize(("n", "visits", "effect"), [(20, 3, 0.8), (50, 4, 0.5)])
def test_power_of_the_mixed_model_is_that_of_simulated_trials(n: int, visits: int, effect: float) -> None:
    """4000 trials with dropout of 30%, analysed with Kenward and Roger's df: the shares that reject agree within three
    Monte Carlo errors, though the closed form knows the covariance and the trials estimate it."""
    rng, trials = np.random.default_rng(1), 4000
    correlations = np.full((visits + 1, visits + 1), 0.5) + 0.5 * np.eye(visits + 1)
    scores = rng.normal(size=(trials, 2 * n, visits + 1)) @ np.linalg.cholesky(correlations).T
    outcome, arm = scores[..., 1:].copy(), np.tile(np.repeat([0, 1], n), (trials, 1))
    outcome[:, n:, -1] += effect
    design = Mixed(sd=1, visits=visits, correlation=(0.5,), dropout=0.3, baseline=True)
    outcome[rng.random((trials, 2 * n))[..., None] > design.kept()[0]] = np.nan
    fits = mmrm_many(Replicates(outcome, arm, scores[..., 0], 2), visits - 1)
    assert fits.fitted.all()
    p = 2 * stats.t.sf(np.abs(fits.estimate / fits.se), fits.df)
    simulated, closed = float((p < 0.05).mean()), design.power(effect, (n, n), Aim())
    assert abs(simulated - closed) < 3 * math.sqrt(closed * (1 - closed) / trials)
