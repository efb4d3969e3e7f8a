"""MMRM against SAS PROC MIXED (published) and nlme::gls with emmeans (pinned in references/mixed_models.json)."""

import csv
import json
import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from limen.analysis.kenward_roger import Inference
from limen.analysis.longitudinal import Longitudinal
from limen.analysis.mmrm import mmrm
from limen.analysis.reml import minus2_loglik

HERE = Path(__file__).parent
REFERENCE = json.loads((HERE / "references" / "mixed_models.json").read_text())
VISITS, ARMS = ("4", "5", "6", "7"), ("PLACEBO", "DRUG")


@pytest.fixture(scope="module")
def case() -> Path:
    root = os.environ.get("LIMEN_REALDATA")
    if not root or not (Path(root) / "01_mmrm_antidepressant").is_dir():
        pytest.skip("LIMEN_REALDATA does not name a folder with 01_mmrm_antidepressant")
    return Path(root) / "01_mmrm_antidepressant"


@pytest.fixture(scope="module")
def expected(case: Path) -> dict:
    return json.loads((case / "expected.json").read_text())


def read(case: Path, keep: Callable[[int], bool] = lambda row: True) -> Longitudinal:
    with (case / "antidepressant_hamd17.csv").open(newline="") as stream:
        rows = [cells for number, cells in enumerate(csv.DictReader(stream), 1) if keep(number)]
    people = sorted({row["PATIENT"] for row in rows})
    outcome = np.full((len(people), 4), np.nan)
    baseline, arm = np.zeros(len(people)), np.zeros(len(people), int)
    for row in rows:
        i = people.index(row["PATIENT"])
        outcome[i, VISITS.index(row["VISIT"])] = float(row["CHANGE"])
        baseline[i], arm[i] = float(row["BASVAL"]), ARMS.index(row["THERAPY"])
    return Longitudinal(tuple(people), VISITS, ARMS, outcome, arm, baseline, np.zeros((len(people), 0)))


def test_sas_unstructured_fit(case: Path, expected: dict) -> None:
    fit = mmrm(read(case))
    assert fit.minus2 == pytest.approx(expected["minus2_res_loglik"], abs=1e-6)
    assert round(fit.minus2, 4) == 3494.2029
    # SAS counts only covariance parameters in AIC, and people in BIC.
    parameters, people = len(fit.at.theta), len(fit.data.people)
    assert fit.minus2 + 2 * parameters == pytest.approx(expected["aic"], abs=0.05)
    assert fit.minus2 + np.log(people) * parameters == pytest.approx(expected["bic"], abs=0.05)
    # Three digits after the point agree; at the fourth the published matrix is not the maximum: this fit's
    # likelihood is higher.
    published = np.array(expected["cov_UN_visits_4_5_6_7"])
    np.testing.assert_allclose(fit.at.sigma, published, atol=1e-4)
    assert 0 <= minus2_loglik(fit.groups, published) - fit.at.minus2 < 1e-6


def test_sas_kenward_roger_contrasts(case: Path, expected: dict) -> None:
    fit = mmrm(read(case))
    e = Inference(fit).contrast(np.stack([fit.difference(v, "DRUG", "PLACEBO") for v in VISITS]), 172)
    published = [expected["difference_DRUG_minus_PLACEBO"][v] for v in VISITS]
    np.testing.assert_allclose(e.estimate, [row["est"] for row in published], atol=6e-5)
    np.testing.assert_allclose(e.se, [row["se_kr"] for row in published], atol=6e-5)
    np.testing.assert_allclose(np.round(e.df), [row["df"] for row in published])
    np.testing.assert_allclose(e.p, [row["p"] for row in published], atol=6e-5)
    assert (round(float(e.estimate[3]), 4), round(float(e.se[3]), 4), round(float(e.df[3]))) == (
        -2.8018,
        1.1163,
        150,
    )


def test_model_based_standard_errors(case: Path, expected: dict) -> None:
    fit = mmrm(read(case))
    rows = np.stack([fit.difference(v, "DRUG", "PLACEBO") for v in VISITS])
    e = Inference(fit, "asymptotic").contrast(rows, 172)
    np.testing.assert_allclose(e.se, [expected["model_based_se_recomputed"][v] for v in VISITS], atol=6e-6)


def test_sas_least_squares_means(case: Path, expected: dict) -> None:
    inference = Inference(mmrm(read(case)))
    for arm in ARMS:
        e = inference.contrast(np.stack([inference.fit.cell(v, arm) for v in VISITS]), 172)
        published = np.array([expected["lsmeans"][arm][v] for v in VISITS])
        np.testing.assert_allclose(np.stack([e.estimate, e.se], 1), published, atol=6e-5)


def test_sas_type_three_tests(case: Path, expected: dict) -> None:
    inference = Inference(mmrm(read(case)))
    fit = inference.fit
    size = len(fit.columns)
    slopes = np.eye(size)[8:12]
    # SAS compares the eight visit-by-arm cells at a baseline of zero; the fit is centred elsewhere.
    cells = np.eye(size)[:8]
    for number in range(8):
        cells[number, 8 + number // 2] = -fit.centre[0]
    for rows, name in ((slopes, "BASVAL*VISIT"), (cells[1:] - cells[0], "VISIT*THERAPY")):
        test, published = inference.joint(rows), expected["type3"][name]
        assert test.numerator_df == published["ndf"]
        assert round(test.denominator_df) == published["ddf"]
        assert test.f == pytest.approx(published["F"], abs=0.006)


CASES = [(rule, structure) for rule in ("as_given", "intermittent") for structure in REFERENCE["as_given"]]
# nlme stops when its own criterion is met. Measured: unstructured, this likelihood is the higher one (2e-8 in
# -2 log L), estimates within 7e-6; AR(1) within 7e-7; compound symmetry within 1e-9.
CLOSE = {"unstructured": 1e-5, "compound-symmetry": 1e-7, "ar1": 2e-6}


def test_no_reference_case_was_lost() -> None:
    assert len(CASES) == 6


@pytest.mark.parametrize(("rule", "structure"), CASES)
def test_nlme(case: Path, rule: str, structure: str) -> None:
    data = read(case, (lambda row: row % 7 != 3) if rule == "intermittent" else (lambda row: True))
    reference = REFERENCE[rule][structure]
    fit = mmrm(data, structure)
    assert len(fit.data.people) == reference["people"]
    assert np.isfinite(fit.data.outcome).sum() == reference["observations"]
    assert fit.minus2 == pytest.approx(reference["minus2_loglik"], abs=1e-5)
    assert fit.minus2 <= reference["minus2_loglik"] + 1e-8
    inference = Inference(fit, "asymptotic")
    e = inference.contrast(np.stack([fit.difference(v, "DRUG", "PLACEBO") for v in reference["visit"]]), 1)
    np.testing.assert_allclose(e.estimate, reference["difference"], atol=CLOSE[structure])
    np.testing.assert_allclose(e.se, reference["se"], atol=CLOSE[structure])
    cells = zip(reference["mean_visit"], reference["mean_arm"], strict=True)
    means = inference.contrast(np.stack([fit.cell(v, a) for v, a in cells]), 1)
    np.testing.assert_allclose(means.estimate, reference["mean"], atol=CLOSE[structure])
    np.testing.assert_allclose(means.se, reference["mean_se"], atol=CLOSE[structure])


def small_trial(seed: int) -> Longitudinal:
    """24 people, 3 visits, no effect, a fifth of the visits missing anywhere."""
    rng = np.random.default_rng(seed)
    arm, baseline = rng.permutation(np.arange(24) % 2), rng.normal(25, 5, 24)
    person = 0.3 * baseline + rng.normal(0, 3, 24)
    outcome = person[:, None] + rng.normal(0, 1, (24, 3)) * [2, 3, 4]
    outcome[rng.random((24, 3)) < 0.2] = np.nan
    names = tuple(str(i) for i in range(24))
    return Longitudinal(names, VISITS[1:], ARMS, outcome, arm, baseline, np.zeros((24, 0)))


def test_kenward_roger_holds_its_level_in_a_small_trial_with_holes() -> None:
    trials = 2000
    p = np.empty((trials, 2))
    for seed in range(trials):
        fit = mmrm(small_trial(seed))
        row = fit.difference("7", "DRUG", "PLACEBO")
        p[seed] = [float(Inference(fit, m).contrast(row, 1).p[0]) for m in ("kenward-roger", "asymptotic")]
    rate, naive = (p < 0.05).mean(0)
    assert abs(rate - 0.05) < 3 * np.sqrt(0.05 * 0.95 / trials)
    # The test must be able to fail: the normal law on the model's own standard error rejects too often.
    assert naive > 0.07
