"""Conditions within a person against lme4, lmerTest and nlme (`r/within_person.R`), on made-up data kept beside them."""

import json
from pathlib import Path

import pytest

from limen.analysis.analyse import analyse
from limen.analysis.by_visit import ByVisit

HERE = Path(__file__).parent / "references"
REFERENCE = json.loads((HERE / "within_person.json").read_text())
ROLES = {
    "id": "person",
    "visit": "period",
    "arm": "condition",
    "control": "placebo",
    "outcome": "score",
    "baseline": "none",
}
CASES = {
    "crossover": ("arm + period + sequence", "1"),
    "selfblind": ("arm + time", "1 + time"),
    "selfblind_intercept": ("arm * time", "1"),
}


def fitted(case: str, **how) -> ByVisit:
    if case == "crossover":
        roles = ROLES | {"visit": "none", "period": "period", "sequence": "sequence"}
        return analyse(HERE / "within_crossover.csv", roles=roles, method="mixed", **how).result
    return analyse(
        HERE / "within_selfblind.csv", roles=ROLES, method="mixed", visit_time="time", **how
    ).result


@pytest.mark.parametrize("case", CASES)
def test_random_effects_and_satterthwaite_are_those_of_lme4_and_lmertest(case: str) -> None:
    fixed, random = CASES[case]
    found, reference = fitted(case, fixed=fixed, random=random, se_method="satterthwaite"), REFERENCE[case]
    expected, (line,) = reference["satterthwaite"], found.estimates
    assert found.minus2 == pytest.approx(reference["minus2"], abs=1e-8)
    assert line.estimate == pytest.approx(expected["estimate"], rel=1e-6)
    assert line.se == pytest.approx(expected["se"], rel=1e-6)
    assert line.df == pytest.approx(expected["df"], rel=1e-6)
    for test, f, df in zip(found.tests, expected["type3"]["f"], expected["type3"]["den"], strict=True):
        assert test.f == pytest.approx(f, rel=1e-6)
        assert test.denominator_df == pytest.approx(df, rel=1e-5)


@pytest.mark.parametrize("case", CASES)
def test_kenward_roger_is_near_that_of_pbkrtest_which_takes_the_expected_information(case: str) -> None:
    fixed, random = CASES[case]
    expected, (line,) = REFERENCE[case]["kenward_roger"], fitted(case, fixed=fixed, random=random).estimates
    assert line.se == pytest.approx(expected["se"], rel=2e-4)
    assert line.df == pytest.approx(expected["df"], rel=4e-3)


def test_maximum_likelihood_is_that_of_lme4() -> None:
    found = fitted("selfblind", fixed="arm + time", random="1 + time", likelihood="ml")
    assert found.minus2 == pytest.approx(REFERENCE["selfblind_ml"]["minus2"], abs=1e-8)
    assert found.aic == pytest.approx(REFERENCE["selfblind_ml"]["aic"], abs=1e-8)


@pytest.mark.parametrize("structure", REFERENCE["structures"])
def test_structured_residuals_are_those_of_nlme(structure: str) -> None:
    found = fitted("selfblind", fixed="arm + time", structure=structure, se_method="asymptotic")
    expected, (line,) = REFERENCE["structures"][structure], found.estimates
    # Factors coded to sum to zero halve the columns of the treatment coding, which the restricted likelihood sees.
    assert found.minus2 is not None
    assert found.minus2 - 2 * 0.6931471805599453 == pytest.approx(expected["minus2"], abs=1e-6)
    assert line.estimate == pytest.approx(expected["estimate"], rel=1e-6)
    assert line.se == pytest.approx(expected["se"], rel=1e-6)
