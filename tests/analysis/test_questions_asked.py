"""What a person may ask of a table in their own words: contrasts, trends, derived scores, summaries of visits, rows, t tests."""

from pathlib import Path

import numpy as np
import pytest
import statsmodels.formula.api as smf
from scipy import stats

from limen.analysis.analyse import analyse
from limen.analysis.contrasts import contrast
from limen.analysis.survey import DataErrors
from limen.errors import DataError, LimenError
from limen.results import p_cell, p_words

ARMS = ("0 ug", "5 ug", "20 ug", "20 ug - told")
DOSES = (0.0, 5.0, 20.0)
ROLES = {
    "id": "who",
    "visit": "hour",
    "arm": "dose",
    "control": "0 ug",
    "outcome": "vas",
    "baseline": "none",
}


@pytest.fixture(scope="module")
def scores() -> np.ndarray:
    """[people, doses, hours] of a crossover in which everybody had every dose."""
    rng = np.random.default_rng(8)
    own = rng.normal(40, 8, (12, 1, 1))
    return np.round(own + np.array(DOSES)[:, None] * [[0.2, 0.5, 0.3]] + rng.normal(0, 4, (12, 3, 3)), 1)


@pytest.fixture(scope="module")
def table(scores: np.ndarray, tmp_path_factory: pytest.TempPathFactory) -> Path:
    rows = ["who,dose,hour,vas,sex"]
    for person, doses in enumerate(scores):
        for dose, course in zip(ARMS, doses, strict=False):
            rows += [f"{person},{dose},{h} h,{y},{'FM'[person % 2]}" for h, y in zip((1, 2, 4), course, strict=True)]  # fmt: skip
    file = tmp_path_factory.mktemp("crossover") / "crossover.csv"
    file.write_text("\n".join(rows) + "\n")
    return file


@pytest.mark.parametrize(
    ("said", "weights"),
    [
        ("5 ug - 0 ug", {"5 ug": 1, "0 ug": -1}),
        ("1/2 5 ug + 0.5*20 ug - 0 ug", {"5 ug": 0.5, "20 ug": 0.5, "0 ug": -1}),
        ("20 ug - told - 20 ug", {"20 ug - told": 1, "20 ug": -1}),
        ("-0 ug + 20 ug", {"20 ug": 1, "0 ug": -1}),
        ("linear(0 ug=0, 20 ug=20)", {"20 ug": 0.05, "0 ug": -0.05}),
    ],
)
def test_a_contrast_is_read_as_written(said: str, weights: dict[str, float]) -> None:
    assert contrast(said, ARMS).weights == pytest.approx(weights)


@pytest.mark.parametrize(
    "said", ["5 ug", "5 ug + 0 ug", "drug - 0 ug", "", "5 ug - 5 ug", "5 ug * 0 ug", "linear(5 ug=1, 0 ug=1)",
             "linear(5 ug, 0 ug)", "linear()", "2 5 ug - 0 ug", "5 ug - 0 ug rest", "- - 5 ug", "5 ug -"]
)  # fmt: skip
def test_what_is_no_difference_is_refused(said: str) -> None:
    with pytest.raises(DataError):
        contrast(said, ARMS)


def test_a_trend_over_doses_is_that_of_a_regression_within_people(table: Path, scores: np.ndarray) -> None:
    trend = "linear(0 ug=0, 5 ug=5, 20 ug=20)"
    told = dict(roles=ROLES, method="mixed", summary="mean", contrasts=(trend, "20 ug - 5 ug"))
    first, second = analyse(table, **told).result.estimates
    means = scores.mean(2)
    centred = np.array(DOSES) - np.mean(DOSES)
    assert first.estimate == pytest.approx((means @ centred).mean() / (centred @ centred))
    assert second.estimate == pytest.approx((means[:, 2] - means[:, 1]).mean())


@pytest.mark.parametrize("how", ["mean", "max", "min", "last", "auc"])
def test_a_paired_t_test_of_a_summary_is_that_of_its_numbers(
    table: Path, scores: np.ndarray, how: str
) -> None:
    made = {"mean": scores.mean(2), "max": scores.max(2), "min": scores.min(2), "last": scores[..., -1],
            "auc": np.trapezoid(scores, [1, 2, 4], axis=2)}[how]  # fmt: skip
    found = analyse(table, roles=ROLES, method="ttest", summary=how)
    for line, place in zip(found.result.estimates, (2, 1), strict=True):
        want = stats.ttest_rel(made[:, place], made[:, 0])
        assert (line.p, line.estimate) == pytest.approx((want.pvalue, (made[:, place] - made[:, 0]).mean()))
        assert (line.ci_low, line.ci_high) == pytest.approx(tuple(want.confidence_interval()))
        d = made[:, place] - made[:, 0]
        assert f"d_z {d.mean() / d.std(ddof=1):.3f}" in str(found)


@pytest.mark.parametrize(("method", "equal"), [("ttest", True), ("welch", False)])
def test_a_t_test_between_people_is_scipys(table: Path, scores: np.ndarray, method: str, equal: bool) -> None:
    roles = ROLES | {"arm": "sex", "control": "F"}
    told = dict(roles=roles, method=method, only=("dose=5 ug", "hour=2 h"))
    (line,) = analyse(table, **told).result.estimates
    want = stats.ttest_ind(scores[1::2, 1, 1], scores[::2, 1, 1], equal_var=equal)
    assert (line.p, line.df) == pytest.approx((want.pvalue, want.df))
    assert (line.ci_low, line.ci_high) == pytest.approx(tuple(want.confidence_interval()))


def test_coefficients_are_those_of_treatment_coding(table: Path) -> None:
    """statsmodels' mixed model, which codes so; its errors are asymptotic."""
    import pandas as pd

    frame = pd.read_csv(table)
    told = dict(roles=ROLES | {"visit": "none"}, method="mixed", se_method="asymptotic", fixed="arm * sex")
    found = analyse(table, **told).result.coefficients
    model = smf.mixedlm("vas ~ C(dose, Treatment('0 ug')) * sex", frame, groups=frame["who"]).fit()
    assert [line.contrast for line in found] == ["Intercept", "arm 20 ug", "arm 5 ug", "sex M", "arm 20 ug:sex M", "arm 5 ug:sex M"]  # fmt: skip
    assert [line.estimate for line in found] == pytest.approx(list(model.fe_params), rel=1e-6)
    assert [line.se for line in found] == pytest.approx(list(model.bse_fe), rel=1e-4)


@pytest.mark.parametrize(
    ("only", "keeps"),
    [("age>=30", "bc"), ("age<30", "a"), ("arm!=x", "b"), ("arm=x|y", "abc"), ("age > 30", "c"), ("age<=30", "ab")],
)  # fmt: skip
def test_rows_are_kept_by_what_is_asked(tmp_path: Path, only: str, keeps: str) -> None:
    from limen.analysis.sheet import read_sheet, rows_where

    file = tmp_path / "t.csv"
    file.write_text("who,arm,age\na,x,20\nb,y,30\nc,x,40\nd,,\n")
    kept = rows_where(read_sheet(file), ("who!=d", only)).cells("who")
    assert "".join(kept) == keeps


@pytest.mark.parametrize("only", ["age>old", "arm>1", "arm!=z", "arm=z", "age>99", "who", "sex=F", "=", ">="])
def test_a_filter_that_cannot_be_meant_is_refused(tmp_path: Path, only: str) -> None:
    from limen.analysis.sheet import read_sheet, rows_where

    file = tmp_path / "t.csv"
    file.write_text("who,arm,age\na,x,20\nb,y,30\n")
    with pytest.raises(DataError):
        rows_where(read_sheet(file), (only,))


def test_a_derived_score_is_worked_out_row_by_row(table: Path, scores: np.ndarray) -> None:
    told = dict(roles=ROLES | {"outcome": "logged"}, method="ttest", derive=("logged = log(twice / 2)", "twice = 2 * `vas`"), only=("hour=1 h",))  # fmt: skip
    line = analyse(table, **told).result.estimates[0]
    logs = np.log(scores[:, :, 0])
    assert line.p == pytest.approx(stats.ttest_rel(logs[:, 2], logs[:, 0]).pvalue)


@pytest.mark.parametrize(
    "said", ["a = log(0 * vas)", "a = vas +", "vas = vas + 1", "a = nothing + 1", "a = __import__('os')", "= 2", "a",
             "a = vas / 0", "a = who.real", "a = [vas]", "a = log()", "a = log(vas, vas, vas)", "a = dose + 1",
             "a = (0 - vas) ** 0.5", "a = 'x'", "a = b + 1"]
)  # fmt: skip
def test_what_cannot_be_derived_is_refused_without_a_traceback(table: Path, said: str) -> None:
    with pytest.raises(LimenError):
        analyse(table, roles=ROLES | {"outcome": "a"}, method="ttest", derive=(said,))


@pytest.mark.parametrize("how", [dict(summary="mean"), dict(derive=("a = vas + 1",)), dict(derive=("a = vas + 1",), summary="max")])  # fmt: skip
def test_a_code_for_a_missing_value_is_found_before_it_is_averaged(
    table: Path, tmp_path: Path, how: dict
) -> None:
    lines = table.read_text().splitlines()
    lines[5] = ",".join([*lines[5].split(",")[:3], "-99", "F"])
    file = tmp_path / "coded.csv"
    file.write_text("\n".join(lines) + "\n")
    roles = ROLES | ({"outcome": "a"} if "derive" in how else {})
    with pytest.raises(DataErrors, match="-99"):
        analyse(file, roles=roles, method="ttest", **how)
    analyse(file, roles=roles, method="ttest", exclude=("score -99",), **how)


def test_everybody_alike_is_no_difference_that_can_be_tested(tmp_path: Path) -> None:
    file = tmp_path / "t.csv"
    rows = [f"{i},{arm},{10 + i + (arm == 'b')}" for i in range(6) for arm in "ab"]
    file.write_text("\n".join(["who,arm,score", *rows]) + "\n")
    roles = {
        "id": "who",
        "visit": "none",
        "arm": "arm",
        "control": "a",
        "outcome": "score",
        "baseline": "none",
    }
    for method in ("ttest", "welch"):
        with pytest.raises(DataError, match="every difference is the same"):
            analyse(file, roles=roles, method=method)


def test_several_rows_of_one_person_and_arm_are_averaged_and_said(table: Path, scores: np.ndarray) -> None:
    found = analyse(table, roles=ROLES | {"visit": "none"}, method="wilcoxon")
    means = scores.mean(2)
    assert found.result.estimates[0].p == pytest.approx(stats.wilcoxon(means[:, 2] - means[:, 0]).pvalue)
    assert "averaged" in str(found)


@pytest.mark.parametrize("method", ["wilcoxon", "ttest", "welch", "responders"])
def test_a_contrast_that_a_test_of_two_arms_cannot_answer_is_refused(table: Path, method: str) -> None:
    if method == "responders":
        pytest.skip("takes people with one arm; refused in test_a_pair_that_was_asked_is_the_pair")
    with pytest.raises(DataError, match="two arms at a time"):
        analyse(table, roles=ROLES, method=method, contrasts=("1/2 5 ug + 1/2 20 ug - 0 ug",))


def test_a_pair_that_was_asked_is_the_pair(tmp_path: Path) -> None:
    """Responders took the control whatever was asked."""
    rows = [f"{i},{'abc'[i % 3]},{10 + i % 7},{20 + i % 5}" for i in range(45)]
    file = tmp_path / "t.csv"
    file.write_text("\n".join(["who,arm,score,base", *rows]) + "\n")
    roles = {
        "id": "who",
        "visit": "none",
        "arm": "arm",
        "control": "a",
        "outcome": "score",
        "baseline": "base",
    }
    for method in ("responders", "ancova", "mmrm"):
        found = analyse(file, roles=roles, method=method, pairs="all").result.estimates
        assert [line.contrast for line in found] == ["b - a", "c - a", "c - b"]
    with pytest.raises(DataError, match="two arms at a time"):
        analyse(file, roles=roles, method="responders", contrasts=("1/2 b + 1/2 c - a",))


@pytest.mark.parametrize(
    ("p", "cell", "words"),
    [(1.0, "> 0.9999", "p > 0.99"), (0.0, "< 0.0001", "p < 0.001"), (0.0131, "0.0131", "p = 0.013"),
     (0.9932, "0.9932", "p > 0.99"), (0.0004, "0.0004", "p < 0.001"), (float("nan"), "", "no p"), (None, "", "no p")],
)  # fmt: skip
def test_a_p_value_is_never_nothing_and_never_certain(p: float | None, cell: str, words: str) -> None:
    assert (p_cell(p), p_words(p)) == (cell, words)
