"""A run with made-up records, of any protocol, without any simulation."""

from __future__ import annotations

from pathlib import Path

import jax.numpy as jnp
import numpy as np
import polars as pl
import pytest

from limen.analysis.analyse import analyse
from limen.analysis.analysed import AnalysedEach
from limen.design.believe import certain
from limen.design.operate import Run, draw_parameters
from limen.design.tables import trial_table
from limen.design.whatifs import WHAT_IFS
from limen.errors import DataError
from limen.protocol import load
from limen.safety.screening.admission import COMEDICATIONS
from limen.trial.day import DayRatings
from limen.trial.plan import lay_out
from limen.trial.theta import theta
from limen.trial.walk import Records


def recorded(protocol: Path, parameters, trials: int, seed: int = 1) -> Run:
    plan = lay_out(load(protocol), parameters)
    rng, people, weeks, doses = np.random.default_rng(seed), trials * plan.people, plan.weeks, len(plan.days)
    ifs = len(WHAT_IFS)
    sign = -1.0 if plan.better else 1.0
    middle = sign * (plan.low + plan.high) / 2
    wide = (plan.high - plan.low) / 12
    trait = rng.normal(middle, wide, (people, 1))
    scores = np.round(trait + rng.normal(0, wide / 2, (people, weeks + 1)), 1)
    person, weekly, daily = np.zeros(people), np.zeros((people, weeks + 1)), np.zeros((people, doses))
    before = rng.normal(50, 5, people)
    rating = before + rng.normal(2, 3, people)
    made = {
        **dict.fromkeys(
            ("primary", "before_leaving", "whole", "stayed", "changed", "latent"), np.zeros((people, ifs))
        ),
        **dict.fromkeys(("belief", "present"), weekly),
        **dict.fromkeys(("peak", "signal", "fold", "p_notice", "capsule"), daily),
        **dict.fromkeys(("signal_ratio", "left_for_effects", "stopped", "rescued"), person),
        "baseline": scores[:, 0],
        "scores": scores,
        "at_visits": np.repeat(scores[:, None, list(plan.visit_weeks)], ifs, 1),
        "guess": rng.choice([0.0, 1.0, np.nan], (people, weeks)),
        "noticed": (rng.random((people, doses)) < 0.3).astype(float),
        "dose": np.full(people, 10.0),
        "takes": np.zeros((people, len(COMEDICATIONS))),
        "ill_days": rng.integers(0, 2, (people, weeks)).astype(float),
    }
    day = DayRatings(*(jnp.asarray(x) for x in (before, rating, rating, rating, rating)))
    records = Records(**{name: jnp.asarray(value) for name, value in made.items()}, day=day)
    draws = draw_parameters(parameters, trials, seed)
    belief = certain(np.zeros(trials), (plan.compound, plan.indication))
    return Run(plan, draws, parameters, np.arange(trials), seed, None, belief, records, theta(draws, plan))


SAID = {
    "trial", "participant", "arm", "arm_kind", "period", "sequence", "visit", "planned_day", "actual_day", "rating",
    "guess", "dose", "dose_taken", "doses_noticed", "days_with_adverse_event",
}  # fmt: skip


def passes_through(protocol: Path, parameters, file: Path) -> None:
    """The table of two trials is analysed as it is: each by itself, one alone, never both in one."""
    table = trial_table(recorded(protocol, parameters, trials=2), 2)
    assert set(table.columns) >= SAID
    table.write_parquet(file)
    found = analyse(file, by="trial")
    assert isinstance(found, AnalysedEach)
    assert list(found.each) == ["1", "2"]
    assert not found.failed
    rows = found.to_polars().filter(pl.col("of") == "difference")
    assert np.isfinite(rows["estimate"].to_numpy()).all()
    with pytest.raises(DataError, match="--by trial"):
        analyse(file)
    one = analyse(file, only=("trial=1",))
    assert one.document()["estimates"] == found.document()["each"]["1"]["estimates"]
