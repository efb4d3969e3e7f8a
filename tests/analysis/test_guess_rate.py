"""The guess-rate curve on worked examples, and its laws."""

import numpy as np
import pytest

from limen.analysis.guess_rate import RULES, Strata, _sizes, pseudo_trials, resampled
from limen.errors import LimenError

MEANS = np.array([[17.0, 11.0], [16.0, 10.0]])  # by arm and guess, active first: the drug adds 1, the guess 6
EVEN = Strata(np.array([[40.0, 20.0], [20.0, 40.0]]), MEANS, np.ones((2, 2)))
UNEVEN = Strata(np.array([[30.0, 30.0], [20.0, 60.0]]), MEANS, np.ones((2, 2)))


def scores(seed: int = 1, size: int = 20) -> list[list[np.ndarray]]:
    rng = np.random.default_rng(seed)
    return [[rng.normal(m, 8, int(size * n)) for m, n in zip(row, many, strict=True)] for row, many in zip(MEANS, [[1, 2], [1, 3]], strict=True)]  # fmt: skip


@pytest.mark.parametrize(("rate", "effect"), [(0, -5), (0.25, -2), (0.5, 1), (2 / 3, 3), (0.75, 4), (1, 7)])
def test_a_worked_example(rate: float, effect: float) -> None:
    assert EVEN.at(rate) == pytest.approx(effect, abs=1e-12)
    assert EVEN.rate == pytest.approx(2 / 3)


def test_unbalanced_guesses_leave_something_at_one_half_and_alike_guesses_do_not() -> None:
    sizes = _sizes(UNEVEN, 0.5, "all_prop")
    np.testing.assert_array_equal(sizes, [[23, 42], [28, 47]])
    assert UNEVEN.effect(sizes.astype(float)) == pytest.approx(0.883, abs=5e-4)
    assert UNEVEN.effect(UNEVEN.alike()) == pytest.approx(1, abs=1e-12)
    assert UNEVEN.effect(UNEVEN.n) == pytest.approx(2.5, abs=1e-12)


@pytest.mark.parametrize("rule", RULES)
def test_every_rule_has_the_rate_it_was_asked_for(rule: str) -> None:
    share = UNEVEN.shares(0.7, rule)
    assert share.sum() == pytest.approx(1)
    own = share[0, 0] / share[0].sum() if rule.startswith("active") else share[0, 0] + share[1, 1]
    assert own == pytest.approx(0.7)
    assert _sizes(UNEVEN, 0.7, rule).sum() == pytest.approx(UNEVEN.n.sum(), abs=1)
    assert UNEVEN.at(float(UNEVEN.rate), "all_prop") == pytest.approx(2.5, abs=1e-12)


def test_the_two_parts_add_up_and_trading_the_arms_turns_the_sign() -> None:
    parts = UNEVEN.parts([0.5], "all_prop")
    assert parts["not through the guess"] + parts["through the guess"] == pytest.approx(parts["as seen"])
    traded = Strata(UNEVEN.n[::-1, ::-1], UNEVEN.mean[::-1, ::-1], UNEVEN.sd)
    assert traded.at(0.3) == pytest.approx(-UNEVEN.at(0.3))
    assert traded.effect(traded.alike()) == pytest.approx(-1)


@pytest.mark.parametrize("rule", RULES)
def test_pseudo_trials_scatter_around_the_closed_form(rule: str) -> None:
    cells = scores()
    found = pseudo_trials(cells, 0.4, 4000, seed=3, rule=rule)
    sizes = _sizes(Strata.of(cells), 0.4, rule).astype(float)
    assert abs(found.effect - Strata.of(cells).effect(sizes)) < 4 * found.error
    assert found.mean_se > 0
    assert found.hedges_g * found.effect > 0


def test_resamples_scatter_as_the_standard_error_says() -> None:
    cells = scores(size=30)
    again = resampled(cells, 4000, seed=2)
    arms = [np.concatenate(row) for row in cells]
    se = np.sqrt(sum(arm.var() / len(arm) for arm in arms))
    assert again.effect(again.n).std() == pytest.approx(se, rel=0.05)
    assert (again.n.sum(-1) == [len(arm) for arm in arms]).all()
    np.testing.assert_array_equal(resampled(cells, 50, seed=2).n, resampled(cells, 50, seed=2).n)


def test_what_cannot_be_carried_over_is_refused() -> None:
    cells = scores()
    cells[1][0] = cells[1][0][:4]
    with pytest.raises(LimenError, match="4 people with a score were on placebo and guessed active"):
        Strata.of(cells)
    with pytest.raises(LimenError, match="no rule"):
        EVEN.at(0.5, "most")
