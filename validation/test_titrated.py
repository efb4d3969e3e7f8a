"""Titration by what people notice, followed through whole trials."""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np

from limen.design.operate import operate
from limen.parameters import load as numbers
from limen.protocol import loads
from limen.trial.plan import Plan, lay_out
from limen.trial.setting import dose_levels
from limen.trial.titrate import ladder

PROTOCOL = """
limen: 1
name: moved
status: planned
compound: LSD
population: {indication: MDD}
arms:
  - {name: LSD, kind: active, n: 20, form: LSD base, dose: DOSE}
  - {name: placebo, kind: inert placebo, n: 20}
schedule: {pattern: twice weekly, duration: 3 wk}
visits: [0 wk, 3 wk]
outcomes: [{id: madrs, primary: true, at: 3 wk}]
blinding: double
"""
LADDER = "{titrate: {start: 10 ug, min: 5 ug, max: 20 ug, step: 5 ug, rule: as said, REST}}"


def plan_of(dose: str) -> Plan:
    return lay_out(loads(PROTOCOL.replace("DOSE", dose)), numbers())


def test_a_ladder_nobody_climbs_is_a_fixed_dose() -> None:
    """Writing a dose of 10 ug as a titration that stays there changes no number."""
    still = plan_of(LADDER.replace("REST", "felt: stay, unfelt: stay"))
    fixed = plan_of("10 ug")
    assert dose_levels(fixed).moves is None
    one, other = (operate(plan, numbers(), draws=20, people=40, seed=3).records for plan in (still, fixed))
    for name in ("dose", "noticed", "p_notice", "belief", "scores"):
        assert np.array_equal(
            np.asarray(getattr(one, name)), np.asarray(getattr(other, name)), equal_nan=True
        ), name


def test_people_are_given_what_follows_from_what_they_noticed() -> None:
    """The doses of the trial are the ladder over its own percepts, and those that `simulate` and the page look at."""
    plan = plan_of(LADDER.replace("REST", "felt: down, unfelt: up"))
    run = operate(plan, numbers(), draws=20, people=40, seed=3)
    met = run.sample(0, 400).doses
    felt = run.by_trial(run.records.noticed)[:, :20].reshape(-1, run.records.noticed.shape[1]).T > 0
    levels = dose_levels(plan)
    assert levels.moves is not None
    truth = ladder(levels.moves, jnp.zeros(felt.shape[1], int), jnp.ones(felt.shape), jnp.asarray(felt))
    found = np.asarray(met.given * met.share)[:6]
    assert np.allclose(found, 20.0 * np.asarray(truth)[:6], rtol=1e-12)
    assert len(np.unique(found[-1])) > 2
    assert np.allclose(
        np.asarray(run.by_trial(run.records.dose))[:, :20].ravel(), np.asarray(met.given), rtol=1e-12
    )
