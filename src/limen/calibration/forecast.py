"""Every target forecast by the walk that users run: one run for the targets of a protocol, single doses beside it.

A trial is never predicted by what has seen it: the posterior of the drug effect leaves out a protocol's own trial, the rows of
fitted parameters leave out what the target's own study published, and shares that are counted over trials leave out the source
that a target names.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Float

from limen.calibration.estimators import OF_SCORES, estimator_named
from limen.calibration.pk import TRIAL_PEOPLE, doses_of, exposure_forecast
from limen.calibration.targets import Target
from limen.design.operate import Given, draw_parameters, operate
from limen.design.whatifs import AS_BELIEVED, WHAT_IFS
from limen.engine.kept import Kept
from limen.engine.kept import kept as kept_for
from limen.parameters import ParameterSet
from limen.trial.plan import Plan, lay_out
from limen.trial.roll import enrolled

# What is believed of the drug effect without the trial itself; and, to be shown beside it, effects that are given.
EFFECTS = {AS_BELIEVED: "posterior", "course + belief": "0", "delta 0.2": "0.2", "delta 0.4": "0.4"}
Members = Float[np.ndarray, " trials"]


@dataclass(frozen=True)
class Effort:
    """Draws of the parameters, about how many people for each, and the seed."""

    draws: int = 200
    people: int = 600
    seed: int = 1


@dataclass(frozen=True)
class Forecast:
    """What simulated trials report of one target: under what is believed of the drug effect, and, of a score, under
    the others of EFFECTS. `per`: what a difference on this scale is counted in (dose, or points) for its scores."""

    target: Target
    members: dict[str, Members]
    per: float

    @property
    def believed(self) -> Members:
        return self.members[AS_BELIEVED]


@dataclass(frozen=True)
class Job:
    """Targets that one run answers: of a protocol, or of one single dose."""

    targets: tuple[Target, ...]

    @property
    def of_trial(self) -> bool:
        return bool(self.targets[0].protocol)

    def plan(self, parameters: ParameterSet) -> Plan:
        first = self.targets[0]
        plan = lay_out(first.asked(), parameters)
        return replace(plan, dose_day=first.outcome) if first.outcome else plan

    def known(self, parameters: ParameterSet) -> ParameterSet:
        return parameters.without(*unseen(self.targets[0], parameters))

    def effects(self, target: Target) -> tuple[str, ...]:
        """What-ifs of the drug effect that a target is shown under: several where it is a score that the drug can move."""
        dosed = [arm.name for arm in target.asked().arms if arm.gives_drug] if target.protocol else []
        moved = target.estimator in OF_SCORES and target.arm in ("", *dosed)
        return tuple(EFFECTS) if moved else (AS_BELIEVED,)

    def people(self, parameters: ParameterSet, size: Effort) -> int:
        """How many people it simulates, for a progress bar."""
        if not self.of_trial:
            return (self.targets[0].people or TRIAL_PEOPLE) * len(doses_of(self.targets[0]))
        plan = self.plan(parameters)
        return size.draws * max(1, round(size.people / plan.people)) * enrolled(plan)


def unseen(target: Target, parameters: ParameterSet) -> tuple[str, ...]:
    """The sources that a target is predicted without: the one it names, and its own study where parameters were fitted to it."""
    fitted = () if parameters.joint is None else parameters.joint.of
    return tuple(
        dict.fromkeys([*filter(None, [target.leave_out]), *(s for s in target.sources if s in fitted)])
    )


def jobs(asked: Sequence[Target], parameters: ParameterSet) -> list[Job]:
    """Targets by the run that answers them, single doses first."""
    by_run: dict[tuple[str, ...], list[Target]] = {}
    for target in sorted(asked, key=lambda t: bool(t.protocol)):
        key = ("", target.name)
        if target.protocol:
            key = (target.protocol, target.outcome, *unseen(target, parameters))
        by_run.setdefault(key, []).append(target)
    return [Job(tuple(found)) for found in by_run.values()]


def forecasts(
    asked: Sequence[Target], parameters: ParameterSet, size: Effort, tick: Callable[[int], None] | None = None
) -> Iterator[Forecast]:
    """A forecast of each target, run by run. What an ended run of the same command had finished is taken from it."""
    todo = jobs(asked, parameters)
    kept = kept_for("validate", parameters.digest, [repr(job) for job in todo], repr(size))
    trusted = False
    for at, job in enumerate(todo):
        found = kept.read(at) if trusted and kept is not None else None
        if found is None:
            found = _run(job, parameters, size, tick)
        elif tick is not None:
            tick(job.people(parameters, size))
        trusted = _keep(kept, at, found, trusted)
        yield from _named(job, found, parameters)


def _keep(kept: Kept | None, at: int, found: list[Members], trusted: bool) -> bool:
    if kept is None:
        return False
    if at == 0:
        trusted = kept.trusted(found)
    kept.add(at, found)
    return trusted


def _run(
    job: Job, parameters: ParameterSet, size: Effort, tick: Callable[[int], None] | None
) -> list[Members]:
    """The members of each target in order, one array for each of its effects."""
    known = job.known(parameters)
    drawn = draw_parameters(known, size.draws, size.seed)
    if not job.of_trial:
        found = [exposure_forecast(job.targets[0], drawn, size.seed)]
        if tick is not None:
            tick(job.people(parameters, size))
        return found
    ifs = tuple(what for what in WHAT_IFS if what.name in EFFECTS)
    given = Given(drawn, what_ifs=ifs)
    run = operate(job.plan(known), known, people=size.people, seed=size.seed, tick=tick, given=given)
    found = [estimator_named(t)(run, t, name) for t in job.targets for name in job.effects(t)]
    return [values[np.isfinite(values)] for values in found]


def _named(job: Job, found: list[Members], parameters: ParameterSet) -> Iterator[Forecast]:
    following = iter(found)
    for target in job.targets:
        yield Forecast(target, {name: next(following) for name in job.effects(target)}, _per(job, parameters))


def _per(job: Job, parameters: ParameterSet) -> float:
    """Dose of an exposure; SD of control-arm change of a scale that limen models; else 1."""
    if not job.of_trial:
        return float(np.mean(doses_of(job.targets[0])))
    name = f"{job.plan(parameters).model}.change_sd"
    return float(parameters[name].value or 1.0) if name in parameters else 1.0
