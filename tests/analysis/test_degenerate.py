"""Tables from which little or nothing can be learned: every method says so, or gives numbers that are numbers."""

import math
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from limen.analysis.analyse import analyse
from limen.analysis.registry import methods
from limen.analysis.rows import models_known
from limen.errors import LimenError

ROLES = dict(id="id", visit="week", arm="arm", control="a", outcome="score", baseline="base")
Score = Callable[[int, int], object]
NOISE = np.random.default_rng(3).normal(0, 3, (40, 10)).round(3)


def usual(person: int, week: int) -> object:
    return 20 + NOISE[person, week] - week * (0.3 + 0.3 * (person % 2))


CASES: dict[str, tuple[int, Score]] = {
    "two people": (2, usual),
    "three people": (3, usual),
    "four people": (4, usual),
    "everybody alike": (12, lambda i, v: 10.0),
    "every arm alike": (12, lambda i, v: 10.0 + i % 2),
    "predicted without error": (12, lambda i, v: 2.0 * v + i % 2),
    "one arm without scores": (12, lambda i, v: "" if i % 2 else usual(i, v)),
    "one arm without scores at the end": (12, lambda i, v: "" if i % 2 and v == 8 else usual(i, v)),
    "a visit without scores": (12, lambda i, v: "" if v == 4 else usual(i, v)),
    "told apart without error": (12, lambda i, v: float(i % 2)),
    "nobody seen": (12, lambda i, v: ""),
    "one seen once": (12, lambda i, v: 5.0 if (i, v) == (0, 2) else ""),
}


def written(folder: Path, people: int, score: Score) -> Path:
    rows = [
        f"P{i},{v},{'ab'[i % 2]},{score(i, v)},{20 + NOISE[i, 0]}" for i in range(people) for v in (2, 4, 8)
    ]
    file = folder / "trial.csv"
    file.write_text("\n".join(["id,week,arm,score,base", *rows]) + "\n")
    return file


@pytest.mark.parametrize("method", sorted({*methods(), *models_known()} - {"cox"}))
@pytest.mark.parametrize("name", CASES)
def test_nothing_is_made_of_nothing(name: str, method: str, tmp_path: Path) -> None:
    file = written(tmp_path, *CASES[name])
    try:
        found = analyse(file, roles=ROLES, method=method)
    except LimenError:
        return
    text, result = str(found), found.result
    assert "nan" not in text.replace("--", "")
    for line in result.estimates:
        assert math.isfinite(line.estimate)
        if line.p is None or math.isfinite(line.p):
            assert line.ci_low <= line.estimate <= line.ci_high
        else:
            assert "too few people for an interval" in text


@pytest.mark.parametrize("method", ["gee", "mmrm", "ttest", "mixed"])
def test_an_ordinary_table_is_analysed(method: str, tmp_path: Path) -> None:
    found = analyse(written(tmp_path, 20, usual), roles=ROLES, method=method).result
    assert len(found.estimates) == 3


def test_four_people_have_one_degree_of_freedom(tmp_path: Path) -> None:
    """It was refused where rounding left a little less than one."""
    file = written(tmp_path, 4, usual)
    for method in ("ancova", "mmrm", "mixed"):
        line = analyse(file, roles=ROLES, method=method, only=("week=8",)).result.estimates[0]
        assert line.df == pytest.approx(1)
        assert line.p is not None
        assert math.isfinite(line.p)
