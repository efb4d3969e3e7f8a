"""Level of an analysis after blocks within strata and after minimisation, against closed forms.

With a factor that holds a share r of the outcome's variance and arms that are alike in it, an analysis that adjusts for it has its
nominal level, and one that does not is conservative: its statistic has variance 1 - r, so that it rejects with
2 Phi(-z / sqrt(1 - r)). After simple randomisation both have their level.
"""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import norm, t

from limen.analysis.ancova import within_strata
from limen.protocol.allocation import Allocation
from limen.trial.allocate import assign

TRIALS, PEOPLE, SHARE, ALPHA = 8000, 80, 0.4, 0.05
SCHEMES = {
    "blocks": Allocation(by="blocks", blocks=(4,), strata=("site",)),
    "minimisation": Allocation(by="minimisation", strata=("site",), best=1.0),
    "list": Allocation(by="blocks", blocks=(PEOPLE,)),
}


def levels_of_tests(name: str) -> tuple[float, float]:
    """How often p < 0.05 adjusted for the strata and not, where nothing works."""
    rng = np.random.default_rng(11)
    factor = rng.integers(0, 2, (1, TRIALS, PEOPLE))
    seen = factor[: len(SCHEMES[name].strata)]
    arm = assign(SCHEMES[name], np.array([40, 40]), seen, rng.uniform(size=(2, TRIALS, PEOPLE)))
    score = 2 * SHARE**0.5 * factor[0] + (1 - SHARE) ** 0.5 * rng.normal(size=factor[0].shape)
    nothing = np.zeros_like(score)
    found = list[float]()
    for strata in (factor[0], np.zeros_like(factor[0])):
        difference, se, df, _ = within_strata(score, nothing, arm, 2, strata)
        found.append(float((2 * t.sf(np.abs(difference / se), df) < ALPHA).mean()))
    return found[0], found[1]


@pytest.mark.parametrize("name", SCHEMES)
def test_level_is_nominal_when_adjusted_and_what_the_closed_form_says_when_not(name: str) -> None:
    adjusted, not_adjusted = levels_of_tests(name)
    error = (ALPHA * (1 - ALPHA) / TRIALS) ** 0.5
    assert adjusted == pytest.approx(ALPHA, abs=3 * error)
    alike = SCHEMES[name].strata != ()
    owed = 2 * norm.cdf(norm.ppf(ALPHA / 2) / (1 - SHARE) ** 0.5) if alike else ALPHA
    assert not_adjusted == pytest.approx(owed, abs=3 * error)
