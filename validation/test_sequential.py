"""Group-sequential bounds against Jennison and Turnbull's tables and rpact (references/sequential.json)."""

import json
from pathlib import Path

import pytest

from limen.analysis.power.sequential import Bounds, Futility, bounds

CASES = json.loads((Path(__file__).parent / "references" / "sequential.json").read_text())["cases"]
# Jennison and Turnbull 2000, tables 2.1 to 2.4: two-sided tests with equal groups, alpha 0.05: constants, and information
# over that of one look with power 0.8 and 0.9.
PUBLISHED = {
    "pocock": {2: (2.178, 1.110, 1.100), 3: (2.289, 1.166, 1.151), 4: (2.361, 1.202, 1.183), 5: (2.413, 1.229, 1.207)},
    "obrien-fleming": {2: (1.977, 1.008, 1.007), 3: (2.004, 1.017, 1.016), 4: (2.024, 1.024, 1.022), 5: (2.040, 1.028, 1.026)},
}  # fmt: skip
NAMED = {
    "bsOF": "lan-demets-obrien-fleming",
    "bsP": "lan-demets-pocock",
    "bsHSD": "hwang-shih-decani",
    "bsKD": "kim-demets",
}


def test_no_reference_case_was_lost() -> None:
    assert len(CASES) == 104


@pytest.mark.parametrize("spending", PUBLISHED)
@pytest.mark.parametrize("looks", [2, 3, 4, 5])
def test_published_constants_and_inflation(spending: str, looks: int) -> None:
    found = bounds(range(1, looks + 1), 0.05, spending)
    constant, at80, at90 = PUBLISHED[spending][looks]
    assert found.efficacy[-1] == pytest.approx(constant, abs=5.1e-4)
    assert found.inflation(0.8) == pytest.approx(at80, abs=5.1e-4)
    assert found.inflation(0.9) == pytest.approx(at90, abs=5.1e-4)


def of(case: dict) -> Bounds:
    futility = None
    if case["beta_spending"]:
        number = f"({case['gamma_beta']:g})" if case["gamma_beta"] else ""
        futility = Futility(
            beta=1 - case["power"], spending=NAMED[case["beta_spending"]] + number, binding=case["binding"]
        )
    elif case["futility"]:
        futility = Futility(z=tuple(case["futility"]), binding=case["binding"])
    return bounds(case["information"], case["alpha"], case["spending"], case["sided"], futility)


@pytest.mark.parametrize("case", CASES, ids=lambda c: f"{c['spending']}-{len(c['information'])}-{c['sided']}")
def test_rpact(case: dict) -> None:
    found = of(case)
    assert found.efficacy == pytest.approx(case["efficacy"], abs=2e-6)
    if case["futility"]:
        assert found.futility[:-1] == pytest.approx(case["futility"], abs=2e-6)
    assert found.inflation(case["power"]) == pytest.approx(case["inflation"], rel=2e-6)
    drift = found.drift_for(case["power"])
    stops = found.exits(drift)
    assert stops.upper == pytest.approx(case["stops"], abs=2e-6)
    inflation = case["inflation"]
    under = [found.expected(share * drift) * inflation for share in (0, 0.5, 1)]
    assert under == pytest.approx(case["expected"], abs=5e-6)
