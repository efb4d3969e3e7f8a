"""One trial in any of the shapes that people keep it in is one analysis, and what cannot be told is refused."""

from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from limen.analysis.analyse import analyse
from limen.analysis.blinded import blinding
from limen.analysis.survey import DataErrors
from limen.errors import DataError

ORDERS = {"AP": ("drug", "placebo"), "PA": ("placebo", "drug")}
MEANT = tuple(f"{word}={', '.join(arms)}" for word, arms in ORDERS.items())
PEOPLE = tuple((i, ("AP", "PA")[i % 2]) for i in range(16))


@pytest.fixture(scope="module")
def scores() -> np.ndarray:
    """Of each person under drug and placebo, with an effect of the second period."""
    rng = np.random.default_rng(6)
    own, second = rng.normal(30, 8, (16, 1)), np.array([[i % 2, 1 - i % 2] for i in range(16)])
    return np.round(own + [4.0, 0.0] + 2 * second + rng.normal(0, 4, (16, 2)), 1)


def written(folder: Path, rows: list[str], encoding: str = "utf-8") -> Path:
    file = folder / "trial.csv"
    file.write_bytes("\n".join(rows).encode(encoding))
    return file


def test_a_crossover_with_a_column_for_each_arm_is_the_t_test_on_half_the_differences(scores, tmp_path: Path):
    rows = [
        "who,order,drug,placebo",
        *(f"{i},{o},{a},{b}" for (i, o), (a, b) in zip(PEOPLE, scores, strict=True)),
    ]
    roles = {"id": "who", "control": "placebo", "outcome": "score", "baseline": "none", "sequence": "order"}
    columns = ("drug=drug", "placebo=placebo")
    how = dict(wide=columns, wide_as="arm", order=MEANT, method="mixed")
    (line,) = analyse(written(tmp_path, rows), roles=roles, **how).result.estimates
    first, second = (half[:, 0] - half[:, 1] for half in (scores[::2], scores[1::2]))
    # The second sequence's differences change their sign with the period: a test of half their difference.
    assert line.estimate == pytest.approx((first.mean() + second.mean()) / 2)
    assert line.p == pytest.approx(stats.ttest_ind(first, -second).pvalue, rel=1e-6)


def test_a_column_for_each_period_and_one_for_each_arm_are_one_trial(scores, tmp_path: Path) -> None:
    by_period = [row[::1] if o == "AP" else row[::-1] for (_, o), row in zip(PEOPLE, scores, strict=True)]
    rows = [
        "who,order,s1,s2",
        *(f"{i},{o},{a},{b}" for (i, o), (a, b) in zip(PEOPLE, by_period, strict=True)),
    ]
    roles = {"id": "who", "control": "placebo", "baseline": "none", "sequence": "order"}
    told = dict(wide=("s1", "s2"), wide_as="period", order=MEANT, method="mixed")
    (one,) = analyse(written(tmp_path, rows), roles=roles, **told).result.estimates
    rows = ["who,order,arm,s"] + [
        f"{i},{o},{arm},{score}"
        for (i, o), row in zip(PEOPLE, scores, strict=True)
        for arm, score in zip(("drug", "placebo"), row, strict=True)
    ]
    roles = {
        "id": "who",
        "visit": "none",
        "arm": "arm",
        "control": "placebo",
        "outcome": "s",
        "baseline": "none",
        "sequence": "order",
    }
    (other,) = analyse(written(tmp_path, rows), roles=roles, order=MEANT, method="mixed").result.estimates
    assert (one.estimate, one.se, one.df) == pytest.approx((other.estimate, other.se, other.df))
    with pytest.raises(DataError, match="nothing says what the order 'PA' means"):
        analyse(written(tmp_path, rows), roles=roles, order=MEANT[:1], method="mixed")


def parallel(baseline_row: bool) -> list[str]:
    rng = np.random.default_rng(7)
    rows = ["id,week,arm,score" + ",base" * (not baseline_row)]
    for i in range(24):
        base, arm = int(rng.integers(20, 36)), ("placebo", "20 µg")[i % 2]
        rows += [f"{i},0,{arm},{base}"] if baseline_row else []
        for week in (2, 4):
            score = base - week * (1 + i % 2) + int(rng.integers(-4, 5))
            rows.append(f"{i},{week},{arm},{score}" + f",{base}" * (not baseline_row))
    return rows


ROLES = {"id": "id", "visit": "week", "arm": "arm", "control": "placebo", "outcome": "score"}


@pytest.mark.parametrize("method", ["mmrm", "clda"])
def test_a_baseline_may_stand_in_a_row_of_its_own(method: str, tmp_path: Path) -> None:
    column = analyse(written(tmp_path, parallel(False)), roles={**ROLES, "baseline": "base"}, method=method)
    row = analyse(written(tmp_path, parallel(True)), roles=ROLES, baseline_visit="0", method=method)
    assert row.result.estimates == column.result.estimates
    with pytest.raises(DataError, match="no visit '9' to be the baseline"):
        analyse(written(tmp_path, parallel(True)), roles=ROLES, baseline_visit="9")


@pytest.mark.parametrize("encoding", ["windows-1252", "utf-16"])
def test_another_encoding_is_named_or_known_by_its_mark(encoding: str, tmp_path: Path) -> None:
    roles = {**ROLES, "baseline": "base"}
    usual = analyse(written(tmp_path, parallel(False)), roles=roles).result
    file = written(tmp_path, parallel(False), encoding)
    if encoding == "utf-16":
        assert analyse(file, roles=roles).result == usual
        return
    with pytest.raises(DataErrors, match="if row 4 reads '1,2,20 µg"):
        analyse(file, roles=roles)
    assert analyse(file, roles=roles, encoding=encoding).result == usual


def dated(form: str) -> list[str]:
    head, *rows = parallel(False)
    days = {"2": ("03/02/2024", "17/02/2024"), "4": ("05/03/2024", "05/03/2024")}
    return [
        f"{head},seen",
        *(f"{row},{days[row.split(',')[1]][int(row.split(',')[0]) % 2 if form else 0]}" for row in rows),
    ]


def test_one_date_after_the_twelfth_says_that_the_day_stands_first(tmp_path: Path) -> None:
    roles = {**ROLES, "baseline": "base"}
    found = analyse(written(tmp_path, dated("day first")), roles=roles, visit_time="seen")
    assert found.data.order.known_by == "the column seen"
    with pytest.raises(DataErrors, match="cannot be told apart"):
        analyse(written(tmp_path, dated("")), roles=roles, visit_time="seen")


def test_a_code_in_many_rows_is_one_finding_and_a_header_in_between_is_called_one(tmp_path: Path) -> None:
    rows = parallel(False)
    for at in range(3, 43, 4):
        cells = rows[at].split(",")
        rows[at] = ",".join([*cells[:3], "-99", cells[4]])
    rows.insert(20, rows[0])
    rows[30] = ",".join([*rows[30].split(",")[:3], ">30", rows[30].split(",")[4]])
    with pytest.raises(DataErrors) as caught:
        analyse(written(tmp_path, rows), roles={**ROLES, "baseline": "base"})
    code, again, limit = (
        next(e for e in caught.value.errors if words in e.what)
        for words in ("code for a missing", "header stands", ">30")
    )
    assert len(caught.value.errors) == 3
    assert "in 9 more rows" in code.what
    assert again.where.row == 21
    assert limit.remedy.startswith("a limit is no score")


def test_points_and_commas_for_the_decimal_in_one_column_are_named(tmp_path: Path) -> None:
    rows = [row.replace(",", ";") + ",5" for row in parallel(False)]
    rows[0], rows[5] = rows[0].removesuffix(",5"), rows[5].removesuffix(",5") + ".5"
    with pytest.raises(
        DataErrors, match=r"row 6, column base: numbers have decimal commas \(first in row 2\) and decimal"
    ):
        analyse(written(tmp_path, rows), roles={**ROLES, "baseline": "base"})


def test_a_blind_is_not_read_from_scores_that_are_codes_and_right_or_wrong_is_a_guess(tmp_path: Path) -> None:
    rng = np.random.default_rng(2)
    arms = [("drug", "placebo")[i % 2] for i in range(60)]
    said = [arms[i] if rng.random() < 0.7 else arms[i - 1] for i in range(60)]
    roles = {"arm": "arm", "control": "placebo", "guess": "guess", "outcome": "score"}
    rows = [f"{arm},{guess},{rng.normal(20, 4):.1f}" for arm, guess in zip(arms, said, strict=True)]
    found = blinding(written(tmp_path, ["arm,guess,score", *rows]), roles=roles, resamples=100)
    marked = [
        row.replace(f",{g},", ",yes," if g == a else ",no,")
        for row, a, g in zip(rows, arms, said, strict=True)
    ]
    told = {"right": ["yes"], "wrong": ["no"]}
    again = blinding(written(tmp_path, ["arm,guess,score", *marked]), roles=roles, said=told, resamples=100)
    assert again.table == found.table
    rows[7] = f"{arms[7]},{said[7]},-99"
    with pytest.raises(DataErrors, match="-99 looks like a code"):
        blinding(written(tmp_path, ["arm,guess,score", *rows]), roles=roles)
