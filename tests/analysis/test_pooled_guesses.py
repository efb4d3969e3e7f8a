"""One guess-rate curve over all times: a person's guesses are not so many people."""

from pathlib import Path

import numpy as np
import pytest

from limen.analysis.blinded import Blinded, blinding
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
