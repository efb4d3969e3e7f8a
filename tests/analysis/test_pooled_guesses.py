"""One guess-rate curve over all times: a person's guesses are not so many people."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import statsmodels.api as sm

from limen.analysis.blinded import Blinded, blinding
from limen.analysis.guesses import TOGETHER, Guesses, Read
from limen.analysis.index_lines import Line, indices
from limen.errors import DataError

ROLES = {"id": "id", "visit": "week", "arm": "arm", "control": "pl", "guess": "guess", "outcome": "score"}


def asked(folder: Path, rows: list[tuple]) -> Blinded:
    file = folder / "guesses.csv"
    file.write_text("id,week,arm,guess,score\n" + "".join(",".join(map(str, row)) + "\n" for row in rows))
    said = {"active": ("md",), "placebo": ("pl",)}
    return blinding(file, roles=ROLES, said=said, pooled=True, resamples=4000)


def people(count: int = 120) -> list[tuple]:
    rng = np.random.default_rng(4)
    return [
        (i, ("md", "pl")[i % 2], ("md", "pl")[int(rng.random() < 0.4 + 0.2 * (i % 2))], round(rng.normal(50, 8), 2))
        for i in range(count)
    ]  # fmt: skip


def test_a_time_that_repeats_the_first_tells_nothing_more(tmp_path: Path) -> None:
    """Intervals that took every guess for a person would be narrower by the root of two."""
    found = asked(tmp_path, [(i, week, arm, guess, y) for i, arm, guess, y in people() for week in (1, 2)])
    for quantity in ("difference, as seen", "difference, rate of right guesses 0.5"):
        (once,), (both,) = (found.of(quantity, time) for time in ("week 1", "all times"))
        assert both.estimate == pytest.approx(once.estimate)
        width = ((x.ci_high or 0) - (x.ci_low or 0) for x in (once, both))
        assert next(width) / next(width) == pytest.approx(1, abs=0.06)
        assert both.se is None


def test_over_all_times_is_the_difference_of_all_rows_within_people_too(tmp_path: Path) -> None:
    rng = np.random.default_rng(7)
    rows = [(i, w, ("md", "pl")[(i + w) % 2], ("md", "pl")[int(rng.random() < 0.5)], round(rng.normal(50 + i % 9, 3), 2))
            for i in range(40) for w in (1, 2, 3, 4)]  # fmt: skip
    found = asked(tmp_path, rows)
    scores = {arm: [row[4] for row in rows if row[2] == arm] for arm in ("md", "pl")}
    (line,) = found.of("difference, as seen", "all times")
    assert line.estimate == pytest.approx(np.mean(scores["md"]) - np.mean(scores["pl"]))
    assert "over all times" in found.sentence()
    found.figure()


def test_nothing_can_be_pooled_of_one_time(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="nothing to pool"):
        asked(tmp_path, [(i, 1, arm, guess, y) for i, arm, guess, y in people()])


def guesses(owner: np.ndarray, arm: np.ndarray, guess: np.ndarray) -> Guesses:
    nothing = np.full(len(owner), np.nan)
    return Guesses(TOGETHER, arm, guess, np.ones(len(owner), bool), nothing, owner)


def pooled(one: Guesses) -> dict[tuple[str, str], Line]:
    read = Read(("pl", "md"), (one,), ())
    return {(line.quantity, line.arm): line for line in indices(read, one, 0.95)}


def test_indices_over_all_times_leave_out_whole_people() -> None:
    """Bang's index of an arm is a mean over its guesses, so its error is that of a clustered mean: statsmodels' GEE, whose
    small-sample sandwich is the same jackknife but for its (m - 1)/m."""
    rng = np.random.default_rng(12)
    people, times = 30, 5
    owner = np.repeat(np.arange(people), times)
    arm = owner % 2
    leaning = rng.normal(0, 1.5, people)[owner]
    guess = np.where(rng.random(len(owner)) < 0.1, np.nan, (rng.normal(leaning, 1) > 0).astype(float))
    found = pooled(guesses(owner, arm, guess))
    for name, place in (("pl", 0), ("md", 1)):
        here = arm == place
        right = np.where(np.isnan(guess), 0, np.where(guess == place, 1, -1))[here]
        fit = sm.GEE(right, np.ones((here.sum(), 1)), groups=owner[here]).fit(cov_type="bias_reduced")
        line, m = found["Bang", name], people / 2
        assert line.estimate == pytest.approx(right.mean())
        assert line.se == pytest.approx(float(fit.bse[0]) * np.sqrt((m - 1) / m), rel=1e-8)
    assert {q for q, _ in found} >= {"James", "d'", "criterion", "correct-guess rate"}


def test_one_guess_a_person_has_the_error_that_it_has_at_one_time() -> None:
    rng = np.random.default_rng(3)
    owner = np.arange(4000)
    one = guesses(owner, owner % 2, rng.choice([0.0, 1.0, np.nan], 4000, p=[0.3, 0.45, 0.25]))
    apart = pooled(one)
    together = indices(Read(("pl", "md"), (one,), ()), replace(one, time="week 1"), 0.95)
    for line in together:
        if line.se is not None and line.quantity != "correct-guess rate":
            assert apart[line.quantity, line.arm].se == pytest.approx(line.se, rel=1e-3)
    # Its formula takes all right guesses for draws of one share, where the two arms have one each: by arm the error is smaller.
    rate = next(line for line in together if line.quantity == "correct-guess rate")
    assert (apart["correct-guess rate", "md"].se or 1) < (rate.se or 0)


@pytest.mark.parametrize("within", [False, True])
def test_intervals_over_all_times_hold_the_truth(within: bool) -> None:
    """People who lean to one answer, twelve weeks each; in a self-blinding study everybody is in both arms. Intervals that take
    each guess for a person hold the truth in fewer than nine of ten."""
    rng, held, naive, runs = np.random.default_rng(8), 0, 0, 300
    owner, week = np.repeat(np.arange(40), 12), np.tile(np.arange(12), 40)
    arm = (owner + week) % 2 if within else owner % 2
    for _ in range(runs):
        guess = (rng.normal(rng.normal(0, 1.5, 40)[owner], 1) > 0).astype(float)
        one = guesses(owner, arm, guess)
        line = pooled(one)["Bang", "md"]
        held += (line.ci_low or 0) <= 0 <= (line.ci_high or 0)
        counts = indices(Read(("pl", "md"), (one,), ()), replace(one, time="as people"), 0.95)
        lone = next(x for x in counts if x.quantity == "Bang" and x.arm == "md")
        naive += (lone.ci_low or 0) <= 0 <= (lone.ci_high or 0)
    assert held / runs == pytest.approx(0.95, abs=3.5 * np.sqrt(0.95 * 0.05 / runs))
    assert naive / runs < 0.9


def test_without_scores_the_indices_are_pooled_too(tmp_path: Path) -> None:
    file = tmp_path / "guesses.csv"
    file.write_text("id,week,arm,guess\n" + "".join(f"{i},{w},{('md', 'pl')[i % 2]},{('md', 'pl')[(i + w) % 3 % 2]}\n" for i in range(20) for w in (1, 2, 3)))  # fmt: skip
    roles = {name: column for name, column in ROLES.items() if name != "outcome"}
    found = blinding(file, roles=roles, said={"active": ("md",), "placebo": ("pl",)}, pooled=True)
    (line,) = found.of("Bang", TOGETHER, "md")
    assert line.n == 30
    assert "all times" in str(found)
    assert "guesses of people on md" in found.sentence()
