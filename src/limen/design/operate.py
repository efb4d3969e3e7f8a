"""Operate: run a plan as thousands of trials over parameter draws, every scenario on the same people."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any

import jax
import numpy as np
from jaxtyping import Array, Float, Int, Shaped

from limen.analysis.registry import method_named
from limen.compounds import compound
from limen.design.believe import Belief, certain, update
from limen.design.whatifs import AS_BELIEVED, WHAT_IFS, Variant, position, scenarios
from limen.engine.kept import Leaves, kept
from limen.engine.runs import BLOCK, in_blocks
from limen.errors import CompoundError, LimenError
from limen.parameters import Draws, ParameterSet, draw
from limen.pharmacology.classic import READ, satisfies_both
from limen.protocol.outcomes import OUTCOMES
from limen.trial.allocate import Placed, allocated, stratum_of
from limen.trial.curves import Cohort, sample
from limen.trial.data import TrialData
from limen.trial.mediate import mediated
from limen.trial.plan import KIND_NAMES, Plan
from limen.trial.roll import Seats, enrolled, first_arm, roll
from limen.trial.setting import setting
from limen.trial.shapes import to_draws
from limen.trial.theta import WalkParameters, arm_rates, theta
from limen.trial.walk import Records, walk


@dataclass(frozen=True)
class Given:
    """What stands in place of the drawn parameters, of the posterior of the drug effect, and of the usual what-ifs; and
    whether records are kept `whole`, or of scores alone."""

    draws: Draws | None = None
    delta: Float[np.ndarray, " draws"] | None = None
    what_ifs: tuple[Variant, ...] = WHAT_IFS
    whole: bool = True


@dataclass(frozen=True)
class Enrolled:
    """Whom the trials of a plan enrol, before anything is followed. Rows are trial-major, arms in order:
    row = trial * plan.people + place in the trial."""

    plan: Plan
    draws: Draws
    parameters: ParameterSet
    draw_of_trial: Int[np.ndarray, " trials"]
    seed: int
    placed: Placed | None  # by which scheme who stands where; None where people are drawn for the arms

    @property
    def trials(self) -> int:
        return len(self.draw_of_trial)

    @property
    def draw(self) -> Int[np.ndarray, " people"]:
        """Parameter draw of every row."""
        return np.repeat(self.draw_of_trial, self.plan.people)

    def sample(self, arm: int, at_most: int) -> Cohort:
        """Participants of an arm, evenly over the trials: the very people of the records, for their curves."""
        rows = np.flatnonzero(self.arm == arm)
        rows = rows[np.linspace(0, len(rows) - 1, min(at_most, len(rows))).astype(int)]
        return self.met(arm, *np.divmod(rows, self.plan.people))

    def met(self, arm: int, trial: Int[np.ndarray, " people"], place: Int[np.ndarray, " people"]) -> Cohort:
        """Participants of an arm by trial and place in the trial."""
        place = place % enrolled(self.plan)
        return sample(self.draws, self.plan, self.seed, arm, self.seats(trial, place))

    def seats(self, trial: Int[np.ndarray, " people"], place: Int[np.ndarray, " people"]) -> Seats:
        """Who sits in these places of these trials."""
        number = None if self.placed is None else self.placed.number[trial, place]
        return Seats(self.draw_of_trial[trial], trial, place, number)

    @property
    def arm(self) -> Int[np.ndarray, " people"]:
        """Arm index of every person."""
        return np.tile(self.plan.arm_of, self.trials)

    def by_trial(self, people: np.ndarray | Array) -> np.ndarray:
        """A per-person array as [trials, people, ...]."""
        return np.asarray(people).reshape(self.trials, self.plan.people, *people.shape[1:])


@dataclass(frozen=True)
class Run(Enrolled):
    """Everything one run produced, a record a row."""

    belief: Belief
    records: Records
    theta: WalkParameters
    what_ifs: tuple[Variant, ...] = WHAT_IFS
    mediated: Float[np.ndarray, "weeks arms draws"] | None = (
        None  # points [weeks, arms, draws] by a named scenario
    )

    def under(
        self, what_if: str, recorded: Shaped[Array | np.ndarray, "people scenarios ..."]
    ) -> Shaped[np.ndarray, "people ..."]:
        """One what-if's column of a record. Raises LimenError for one that was not run."""
        return np.asarray(recorded)[:, position(self.what_ifs, what_if)]

    def data(self, scenario: str = AS_BELIEVED) -> TrialData:
        """What the trials record under one scenario, as an estimator takes it."""
        visits = len(self.plan.visit_weeks)
        score = self.under(scenario, self.records.at_visits)[:, :visits].astype(float)
        sign = -1.0 if self.plan.better else 1.0
        return TrialData(
            score=sign * score,
            present=np.isfinite(score),
            changed=self.under(scenario, self.records.changed).astype(int),
            **self._in_every_scenario,
        )

    @cached_property
    def _in_every_scenario(self) -> dict[str, Any]:
        """What the trials record beside scores."""
        plan, r, size = self.plan, self.records, self.plan.people
        rows, weeks = np.arange(self.trials * size), np.array(plan.visit_weeks)
        trial, place = np.divmod(rows, size)
        guess = np.asarray(r.guess)[:, np.maximum(weeks, 1) - 1]
        sign = -1.0 if plan.better else 1.0
        return dict(
            trial=trial,
            participant=place % enrolled(plan),
            arm=self.arm,
            period=self._period(place),
            weeks=weeks,
            baseline=sign * np.asarray(r.baseline),
            guess=np.where(weeks == 0, np.nan, guess),
            rating_before=np.asarray(r.day.before),
            rating=np.asarray(r.day.as_believed),
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
            compared=plan.compared,
            stratum=self._strata(),
            estimand=plan.estimand,
        )

    def _strata(self) -> Int[np.ndarray, " people"] | None:
        """The stratum of every row, where the analysis adjusts for it."""
        if self.placed is None or self.plan.adjust is None:
            return None
        return stratum_of(self.placed.levels).ravel()

    def _period(self, place: Int[np.ndarray, " people"]) -> Int[np.ndarray, " people"]:
        """Which period of a participant a row is: 0 in the arm they began with, 1 in the next ..."""
        began = first_arm(self.plan)[place % enrolled(self.plan)]
        return (self.arm - began) % self.plan.periods


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


MEMORY = 6e9  # bytes a run may hold
# Peak over the bytes of the records, since what reads them makes copies. Measured on answers of a parallel trial (20,000 to
# 480,000 rows) and a crossover: 1.1 GB, and 1.24 to 1.34 times those bytes, which near MEMORY comes to 1.6.
HELD = 1.6


def _fits(block: Leaves, who: Enrolled) -> None:
    """Refuse a run whose records, and what their readers copy, would not fit, after its first block. Raises LimenError with
    a size that would."""
    each = sum(leaf.nbytes for leaf in block) / BLOCK
    needed = HELD * who.trials * enrolled(who.plan) * each * who.plan.periods
    if needed <= MEMORY:
        return
    trials, draws = int(MEMORY * who.trials / needed), who.draws.count
    remedy = f"give at most {trials} draws (--draws, or --trials of `limen trial`)"
    if trials >= draws:
        size = who.plan.people * (trials // draws)
        remedy = f"give fewer people for each draw, such as --people {size}"
    rows = who.trials * enrolled(who.plan)
    raise LimenError(f"{rows:,} people would need {needed / 1e9:.0f} GB of memory", remedy=remedy)


def _simulable(plan: Plan) -> None:
    record = compound(plan.compound)
    if record.refused is not None:
        raise CompoundError(
            f"no trial of {record.name} is simulated: {record.refused}",
            remedy="`limen simulate` gives its exposure, `limen check` guidance and law, `limen evidence` what is known",
        )


def enrol(
    plan: Plan, parameters: ParameterSet, draws: int, people: int, seed: int, drawn: Draws | None = None
) -> Enrolled:
    """The people of whole trials, about `people` for each of `draws` parameter draws, or of those given."""
    drawn = draw_parameters(parameters, draws, seed) if drawn is None else drawn
    trials = drawn.count * max(1, round(people / plan.people))
    draw_of_trial = np.arange(trials) % drawn.count
    return Enrolled(plan, drawn, parameters, draw_of_trial, seed, allocated(plan, drawn, draw_of_trial, seed))


def operate(
    plan: Plan,
    parameters: ParameterSet,
    draws: int = 200,
    people: int = 2000,
    seed: int = 1,
    workers: int = 2,
    tick: Callable[[int], None] | None = None,
    given: Given | None = None,
) -> Run:
    """Run the plan: `draws` parameter draws, about `people` virtual participants for each, as whole trials.

    `given` replaces what is drawn (for calibration and tests). Raises LimenError where memory would not hold it, and
    CompoundError for a compound whose trial is refused.
    """
    method_named(plan.method)
    _simulable(plan)
    given = given or Given()
    who = enrol(plan, parameters, draws, people, seed, given.draws)
    drawn, draw_of_trial, trials, size = who.draws, who.draw_of_trial, who.trials, enrolled(plan)
    t = theta(drawn, plan)
    if given.delta is None:
        belief = update(drawn, t, plan, parameters, seed)
    else:
        belief = certain(np.asarray(given.delta, float), (plan.compound, plan.indication))
    day = OUTCOMES[plan.dose_day]
    by_markers = mediated(plan, drawn, t.scale)
    s = setting(plan, arm_rates(drawn, plan), (day.low, day.high), by_markers)
    ifs, on_device = scenarios(given.what_ifs, belief.delta), jax.tree.map(to_draws, t)

    # A block of people who all take nothing costs next to nothing.
    alike = np.argsort(np.tile(first_arm(plan), trials), kind="stable")
    before = kept(s, on_device, ifs, repr(plan), str((seed, people, given.whole)))

    def walked(rows: Int[np.ndarray, " block"]) -> tuple[Records, ...]:
        trial, place = np.divmod(rows, size)
        return walk(s, on_device, ifs, roll(plan, seed, who.seats(trial, place)), given.whole)

    periods: tuple[Records, ...] = in_blocks(
        walked, trials * size, workers, tick, order=alike, kept=before, allow=partial(_fits, who=who)
    )
    records = _by_arm(plan, periods, trials) if plan.crossover else periods[0]
    return Run(
        plan,
        drawn,
        parameters,
        draw_of_trial,
        seed,
        who.placed,
        belief,
        records,
        t,
        given.what_ifs,
        by_markers,
    )


def _by_arm(plan: Plan, periods: tuple[Records, ...], trials: int) -> Records:
    """A crossover's periods as rows of its arms: trial by trial, everybody in the first arm, then in the next ones."""
    size, begins = enrolled(plan), np.tile(first_arm(plan), trials)
    people, count = np.arange(trials * size), plan.periods

    def rows(*each: np.ndarray) -> np.ndarray:
        periods = np.stack(each)
        arms = [periods[(arm - begins) % count, people] for arm in range(count)]
        shape = each[0].shape[1:]
        return np.stack([a.reshape(trials, size, *shape) for a in arms], 1).reshape(
            trials * count * size, *shape
        )

    return jax.tree.map(rows, *periods)
