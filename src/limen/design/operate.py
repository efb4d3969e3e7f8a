"""Operate: run a plan as thousands of trials over parameter draws, every scenario on the same people."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from limen.analysis.registry import method_named
from limen.design.believe import Belief, update
from limen.engine.runs import in_blocks, padded
from limen.errors import LimenError
from limen.parameters import Draws, ParameterSet, draw
from limen.pharmacology.classic import READ, satisfies_both
from limen.protocol.outcomes import OUTCOMES
from limen.trial.data import TrialData
from limen.trial.mediate import mediated
from limen.trial.plan import KIND_NAMES, Plan
from limen.trial.reference import yardstick
from limen.trial.theta import by_arm, theta
from limen.trial.walk import Records, Scenarios, seed_keys, setting, walk

# (name, delta or None for the posterior, course, belief, drug). The first is recorded in full; the first eight are
# every subset of the three channels, which is what the decomposition and its range over orders need.
SCENARIOS = (
    ("as believed", None, 1, 1, 1),
    ("course + belief", None, 1, 1, 0),
    ("course + drug", None, 1, 0, 1),
    ("course", None, 1, 0, 0),
    ("belief + drug", None, 0, 1, 1),
    ("belief", None, 0, 1, 0),
    ("drug", None, 0, 0, 1),
    ("selection", None, 0, 0, 0),
    ("delta 0.2", 0.2, 1, 1, 1),
    ("delta 0.4", 0.4, 1, 1, 1),
)
SECOND_PERIOD = 2**31  # keeps the daily luck of a second period apart from every first one
NAMES = tuple(name for name, *_ in SCENARIOS)


@dataclass(frozen=True)
class Run:
    """Everything one run produced. People are trial-major: person = trial * plan.people + place in the trial."""

    plan: Plan
    draws: Draws
    parameters: ParameterSet
    belief: Belief
    records: Records
    draw_of_trial: np.ndarray
    seed: int
    mediated: np.ndarray | None = None  # points [weeks, arms, draws] by a named scenario

    @property
    def trials(self) -> int:
        return len(self.draw_of_trial)

    def data(self, scenario: str = NAMES[0]) -> TrialData:
        """What the trials record under one scenario, as an estimator takes it."""
        plan, r, size = self.plan, self.records, self.plan.people
        rows, weeks = np.arange(self.trials * size), np.array(plan.visit_weeks)
        trial, place = np.divmod(rows, size)
        score = np.asarray(r.at_visits)[:, NAMES.index(scenario), : len(weeks)]
        guess = np.asarray(r.guess)[:, np.maximum(weeks, 1) - 1]
        sign = -1.0 if plan.better else 1.0
        return TrialData(
            trial=trial,
            participant=place % (size // 2) if plan.crossover else place,
            arm=self.arm,
            period=place // (size // 2) if plan.crossover else np.zeros_like(place),
            weeks=weeks,
            baseline=sign * np.asarray(r.baseline),
            score=sign * score,
            present=np.isfinite(score),
            guess=np.where(weeks == 0, np.nan, guess),
            rating_before=np.asarray(r.day_before),
            rating=np.asarray(r.day)[:, 0],
            dose=np.asarray(r.dose),
            noticed=np.asarray(r.noticed)[:, : len(plan.days)].sum(1).astype(int),
            events=np.asarray(r.ill_days).sum(1).astype(int),
            left_for_effects=np.asarray(r.left_for_effects) > 0,
            stopped=np.asarray(r.stopped) > 0,
            rescued=np.asarray(r.rescued) > 0,
            arms=tuple(arm.name for arm in plan.arms),
            kinds=tuple(KIND_NAMES[arm.kind] for arm in plan.arms),
            outcome=plan.outcome,
            rated=plan.dose_day,
            higher_is_better=plan.better,
            bounds=(plan.low, plan.high),
            primary_week=plan.primary_week or plan.weeks,
            crossover=plan.crossover,
        )

    @property
    def arm(self) -> np.ndarray:
        """Arm index of every person."""
        return np.tile(self.plan.arm_of, self.trials)

    def by_trial(self, people: np.ndarray | Array) -> np.ndarray:
        """A per-person array as [trials, people, ...]."""
        return np.asarray(people).reshape(self.trials, self.plan.people, *people.shape[1:])


def draw_parameters(parameters: ParameterSet, count: int, seed: int) -> Draws:
    """Draws of every parameter, those that decide tolerance conditioned on the two classic human findings.

    About one draw in five of the marginal priors satisfies both; the block is drawn in surplus and whole draws are
    kept, so that exposure, receptor and tolerance parameters carry the dependence the findings impose.
    """
    surplus = max(12 * count, 480)
    block = draw(parameters, surplus, seed, [name for name in parameters if name.startswith(READ)])
    kept = np.flatnonzero(satisfies_both(block))
    if len(kept) < count:
        kept = np.resize(kept, count)
    draws = draw(parameters, count, seed)
    columns = dict(draws.columns) | {name: column[kept[:count]] for name, column in block.columns.items()}
    return Draws(columns, count)


MEMORY = 6e9  # bytes of records a run may hold


def _fits(rows: int, plan: Plan, people: int) -> None:
    """Refuse a run whose records would not fit, before it starts. Raises LimenError with a size that would."""
    doses, weeks = padded(len(plan.days), (16, 32, 64, 128, 256, 512, 1024)), padded(plan.weeks) + 1
    needed = 8.0 * rows * (5 * doses + 5 * weeks + 3 * len(SCENARIOS) + 24)
    if needed > MEMORY:
        fewer = max(50, int(people * MEMORY / needed))
        raise LimenError(
            f"{rows:,} people on {len(plan.days)} doses would need {needed / 1e9:.0f} GB of memory",
            remedy=f"give fewer people for each draw, such as --people {fewer}",
        )


def operate(
    plan: Plan,
    parameters: ParameterSet,
    draws: int = 200,
    people: int = 2000,
    seed: int = 1,
    workers: int = 2,
    tick: Callable[[int], None] | None = None,
    fixed: Draws | None = None,
    delta: Float[np.ndarray, " draws"] | None = None,
) -> Run:
    """Run the plan: `draws` parameter draws, about `people` virtual participants for each, as whole trials.

    `fixed` and `delta` replace the drawn parameters and the posterior of the drug effect (for calibration and tests).
    """
    method_named(plan.method)
    drawn = draw_parameters(parameters, draws, seed) if fixed is None else fixed
    belief = update(drawn, plan, parameters, seed)
    if delta is not None:
        belief = replace(belief, delta=np.asarray(delta, float))
    per_draw = theta(drawn, plan) | yardstick(drawn, plan)
    size = plan.people
    trials = drawn.count * max(1, round(people / size))
    _fits(trials * size, plan, people)
    draw_of_trial = np.arange(trials) % drawn.count
    day = OUTCOMES[plan.dose_day]
    by_markers = mediated(plan, drawn, per_draw, seed)
    s = setting(plan, by_arm(drawn, plan), (day.low, day.high), by_markers)
    columns = np.array([belief.delta if d is None else np.full(drawn.count, d) for _, d, *_ in SCENARIOS])
    flags = np.array([flags for _, _, *flags in SCENARIOS], float)
    scenarios = Scenarios(jnp.asarray(columns), *(jnp.asarray(flags[:, i]) for i in range(3)))
    keys, on_device = seed_keys(seed), {name: jnp.asarray(column) for name, column in per_draw.items()}
    arm_of = plan.arm_of

    def block(who: np.ndarray) -> Records:
        trial, place = np.divmod(who, size)
        person = trial * (size // 2) + place % (size // 2) if plan.crossover else who
        again = person + SECOND_PERIOD * (plan.crossover & (place >= size // 2))
        return walk(keys, on_device, s, scenarios, draw_of_trial[trial], trial, person, again, arm_of[place])

    records = in_blocks(block, trials * size, workers, tick)
    return Run(plan, drawn, parameters, belief, records, draw_of_trial, seed, by_markers)
