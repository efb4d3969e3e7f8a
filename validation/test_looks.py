"""Simulated trials that may stop early against the closed forms of `limen power sequential`, with belief off and nobody leaving."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest

import limen
from limen.design.looked import looks_bounds
from limen.design.report import weekly_scenario
from limen.parameters import load as numbers
from limen.protocol import load, loads
from limen.protocol.model import InterimLooks
from limen.trial.plan import lay_out
from support.looked import THREE, written
from support.quiet import quiet_trials

EXAMPLES = Path(__file__).parents[1] / "examples"
TRIALS = 6000
RULES = [
    InterimLooks(at=(0.5, 1.0), spending="pocock"),
    InterimLooks(at=(0.4, 0.7, 1.0), spending="lan-demets-obrien-fleming", futility=(0.0, 0.5)),
    InterimLooks(at=(0.25, 0.5, 0.75, 1.0), spending="hwang-shih-decani(-4)"),
]


@pytest.fixture(scope="module")
def quiet():
    parameters = numbers()
    plan = lay_out(load(EXAMPLES / "claimed_lsd_trd.yaml"), parameters)
    # Large arms, so that a t statistic is close to the normal that the closed forms speak of.
    arms = tuple(dataclasses.replace(arm, n=80, first=80) for arm in plan.arms)
    return quiet_trials(dataclasses.replace(plan, arms=arms), parameters, TRIALS)


@pytest.mark.parametrize("looks", RULES, ids=lambda one: one.spending)
@pytest.mark.parametrize("scenario", ["course", "course + drug"])
def test_trials_end_where_the_closed_form_says(quiet, looks, scenario):
    """Shares of trials that cross a bound or end for futility at each look, each within four Monte Carlo errors."""
    whole = weekly_scenario(quiet, scenario)
    drift = 0.0 if scenario == "course" else float((whole.estimate / whole.se).mean())
    staged = weekly_scenario(
        dataclasses.replace(quiet, plan=dataclasses.replace(quiet.plan, looks=looks)), scenario
    )
    stops, expected = staged.stops, looks_bounds(looks, quiet.plan.alpha, quiet.plan.sided).exits(drift)
    assert stops is not None
    last = len(looks.at) - 1
    for k in range(last + 1):
        here = stops.look == k
        ends = [((here & stops.benefit).mean(), expected.upper[k])]
        if looks.futility and k < last:  # a look that ends for harm lies below the bound of futility too
            ends.append(((here & ~stops.benefit).mean(), expected.lower[k]))
        for shown, p in ends:
            assert shown == pytest.approx(p, abs=4 * np.sqrt(p * (1 - p) / TRIALS) + 0.003)


PROTOCOL = written(THREE, "design: crossover")


def test_every_period_of_a_crossover_is_searched():
    two = limen.design(loads(PROTOCOL), ["n=30,60"], trials=50)
    assert [d.people for d in two.designs] == [30, 60]
    assert all(
        d.found["power_0.4"][2] > 45 for d in two.designs
    )  # where a period leaves nobody nothing is known
    assert two.designs[1].found["power_0.4"][0] > 0.5
