"""Closed-form power against R (pinned in references/power.json) and the published two-sample rows."""

import csv
import json
import os
from pathlib import Path

import pytest

from limen.analysis.power import t_test_power

REFERENCE = json.loads((Path(__file__).parent / "references" / "power.json").read_text())


def test_no_reference_case_was_lost() -> None:
    assert (len(REFERENCE["equal"]), len(REFERENCE["unequal"])) == (32, 8)


@pytest.mark.parametrize("case", REFERENCE["equal"])
def test_power_t_test(case: dict) -> None:
    power = t_test_power(case["effect"], 1, case["n"], case["n"], case["alpha"])
    assert power == pytest.approx(case["power_t_test"], abs=1e-11)


@pytest.mark.parametrize("case", REFERENCE["equal"] + REFERENCE["unequal"])
def test_rpact(case: dict) -> None:
    # rpact differs from both R's power.t.test and this one in the sixth to fifth digit after the point.
    n1, n0 = case.get("n_active", case.get("n")), case.get("n_control", case.get("n"))
    assert t_test_power(case["effect"], 1, n1, n0, case["alpha"]) == pytest.approx(case["rpact"], abs=2e-5)


def test_published_rows() -> None:
    root = os.environ.get("LIMEN_REALDATA")
    path = Path(root or "") / "05_power_two_sample_t" / "pwr_results.csv"
    if not root or not path.is_file():
        pytest.skip("LIMEN_REALDATA does not name a folder with 05_power_two_sample_t")
    with path.open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert len(rows) == 2
    for row in rows:
        power = t_test_power(float(row["d"]), 1, int(row["n1"]), int(row["n2"]), float(row["alpha"]))
        assert power == pytest.approx(float(row["power"]), abs=1e-11)
