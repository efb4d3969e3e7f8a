"""Titration by what people notice: up and down a ladder, a dose hanging on nothing after it, the same people for everybody who looks."""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np
import pytest

import limen
from limen.design.operate import draw_parameters
from limen.errors import ProtocolErrors
from limen.protocol import loads
from limen.trial.curves import sample
from limen.trial.plan import Plan, lay_out
from limen.trial.roll import Seats
from limen.trial.setting import Moves, dose_levels
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


def plan_of(dose: str, parameters) -> Plan:
    return lay_out(loads(PROTOCOL.replace("DOSE", dose)), parameters)


def moves(review: list[int], felt: float = -1.0, unfelt: float = 1.0) -> Moves:
    """Two arms, of which the first moves from rung 1 of 0..3, 5 ug a rung from 5 ug."""
    of = lambda value: jnp.array([value, 0.0])  # noqa: E731
    days = jnp.array([[float(r), 0.0] for r in review])
    return Moves(
        of(1.0) > 0, of(1.0), of(3.0), of(0.25), of(0.25), of(felt), of(unfelt), days, jnp.array(sum(review))
    )


def share(felt: list[int], review: list[int], held: list[float] | None = None, **ways: float) -> list[float]:
    told = jnp.array(felt, bool)[:, None]
    kept = jnp.ones(told.shape) if held is None else jnp.array(held)[:, None]
    return (20 * ladder(moves(review, **ways), jnp.array([0]), kept, told)[:, 0]).tolist()


def test_a_dose_that_is_felt_is_followed_by_a_lower_one_and_stays_on_the_ladder() -> None:
    assert share([1, 1, 1, 1], [0, 1, 1, 1]) == [10, 5, 5, 5]
    assert share([0, 0, 0, 0], [0, 1, 1, 1]) == [10, 15, 20, 20]
    assert share([0, 1, 0, 0], [0, 1, 1, 1]) == [10, 15, 10, 15]


def test_nothing_moves_between_reviews_and_one_day_is_enough_to_have_felt_it() -> None:
    assert share([1, 0, 0, 0, 0, 0], [0, 0, 1, 0, 1, 0]) == [10, 10, 5, 5, 10, 10]


def test_what_is_felt_of_placebo_capsules_moves_nothing() -> None:
    assert share([1, 1, 0, 0], [0, 0, 0, 1], [0.0, 0.0, 1.0, 1.0]) == [0, 0, 10, 15]


def test_an_arm_that_does_not_move_holds_what_it_held() -> None:
    kept = jnp.array([[1.0], [0.5]])
    assert (ladder(moves([0, 1]), jnp.array([1]), kept, jnp.ones((2, 1), bool)) == kept).all()


def test_a_ladder_nobody_climbs_is_a_fixed_dose(parameters) -> None:
    """Writing a dose of 10 ug as a titration that stays there changes nothing that is taken (`validation` follows it to scores)."""
    who, taken = np.arange(60), []
    for dose in (LADDER.replace("REST", "felt: stay, unfelt: stay"), "10 ug"):
        plan = plan_of(dose, parameters)
        assert (dose_levels(plan).moves is None) == (dose == "10 ug")
        seats = Seats(who % 20, who, np.zeros(60, int))
        taken.append(np.asarray(sample(draw_parameters(parameters, 20, 1), plan, 3, 0, seats).doses.amount))
    assert np.array_equal(*taken)
    assert taken[0].any()


@pytest.mark.parametrize(
    ("rest", "said"),
    [
        ("felt: down, unfelt: up, review: 1 wk", "every 1 wk"),
        ("felt: down", "stay where nothing was"),
        ("review: 1 wk", ""),
    ],
)
def test_check_says_how_far_the_rule_is_simulated(rest, said) -> None:
    text = PROTOCOL.replace("DOSE", LADDER.replace("REST", rest))
    if not said:
        with pytest.raises(ProtocolErrors, match="neither felt nor unfelt"):
            loads(text)
        return
    assert any(said in text for text in limen.check(loads(text)).warnings)
