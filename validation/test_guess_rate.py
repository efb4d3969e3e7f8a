"""The guess-rate curve on the strata of the self-blinding study, shipped as facts, against its published reproduction."""

import numpy as np
import pytest

from limen import facts
from limen.analysis.guess_rate import Strata

# Adjusted differences at a correct-guess rate of 0.5 (facts, clinical/outcomes, cgrcbayes and szigeti2023).
ADJUSTED = {"PANAS balance": (1.08, 1.1), "Mood VAS": (2.52, 2.7), "Energy VAS": (7.10, 6.8)}


@pytest.mark.parametrize("outcome", ADJUSTED)
def test_adjusted_differences(outcome: str) -> None:
    rows = {
        row["stratum"]: row
        for row in facts.read("clinical/cgrc_strata")
        if row["study_id"] == "szigeti2021" and row["outcome"] == outcome
    }
    n, mean, sd = (
        np.array([[float(rows[arm + guess][name]) for guess in ("AC", "PL")] for arm in ("AC", "PL")])
        for name in ("n", "mean", "sd")
    )
    strata = Strata(n, mean, sd)
    expected, published = ADJUSTED[outcome]
    assert strata.at(0.5) == pytest.approx(expected, abs=0.01)
    # The published values are means of 96 pseudo-trials: within three Monte Carlo errors of the closed form.
    assert abs(strata.at(0.5) - published) < 3 * strata.se(strata.shares(0.5)) / np.sqrt(96) + 0.05
