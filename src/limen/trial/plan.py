"""Lay out: a protocol as the arrays and labels the walk needs."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise
from math import ceil

import numpy as np
from jaxtyping import Bool, Int

from limen.compounds import compound
from limen.parameters import ParameterSet
from limen.parameters.announced import announced, whole_week
from limen.protocol import Arm, Protocol
from limen.protocol.adaptive import Drop, Resize
from limen.protocol.allocation import Allocation
from limen.protocol.arms import RUNGS
from limen.protocol.model import InterimLooks
from limen.safety.screening.admission import Admitted, admission
from limen.trial.cautions import cautions, titrated_by_percept
from limen.trial.data import EVERY_SCORE

ACTIVE, INERT, ACTIVE_PLACEBO, OPEN = range(4)
_KINDS = {"active": ACTIVE, "inert placebo": INERT, "active placebo": ACTIVE_PLACEBO, "open label": OPEN}
KIND_NAMES = {number: name for name, number in _KINDS.items()}
DEFAULT_DOSE_DAY = "vas_mood"


@dataclass(frozen=True)
class Ladder:
    """Titration by percept: the rung of the start among the levels, rungs up (down where negative) after a review with something
    noticed and without, and whether each dosing day comes `after` a review."""

    start: int
    felt: int
    unfelt: int
    after: tuple[bool, ...]


@dataclass(frozen=True)
class ArmPlan:
    """One arm: people, dose levels in ug of base with probabilities, batch spread (log SD), the active placebo in its
    capsules by the name of the one that is noticed as often, and what it is `called`. `first`: people of a crossover who begin with it; `told`: the chance of the drug they are told, the plan's where
    None; `share`: what each capsule holds over the level, all of it where empty; `ladder`: how it
    moves up and down its levels, where it moves by what people notice."""

    name: str
    kind: int
    n: int
    levels: tuple[float, ...]
    chances: tuple[float, ...]
    batch_log_sd: float
    agent: str | None
    called: str | None = None
    first: int = 0
    told: float | None = None
    share: tuple[float, ...] = ()
    ladder: Ladder | None = None

    def holds(self, doses: int) -> Bool[np.ndarray, " doses"]:
        """Which of the capsules of a period hold the drug."""
        return np.array(self.share) > 0 if self.share else np.full(doses, bool(self.levels))

    @property
    def mean_dose(self) -> float:
        """Mean over levels, and over the capsules that hold any of it."""
        held = [share for share in self.share if share > 0] or [1.0]
        return float(np.dot(self.levels, self.chances)) * float(np.mean(held)) if self.levels else 0.0


@dataclass(frozen=True)
class Plan:
    """What happens when, to whom, and what is measured. Days count from the baseline visit; weeks are whole.

    In a crossover every participant passes through every arm, so each arm holds everybody and a trial has a row per
    participant and arm; `days` are those of one period, and the next begins `second_period` days after it began.
    `compared` are the arms of the primary comparison by number, the first of their kinds where None.
    """

    compound: str
    kinetics: str
    indication: str
    arms: tuple[ArmPlan, ...]
    days: tuple[int, ...]
    adherence: float
    weeks: int
    visit_weeks: tuple[int, ...]
    outcome: str
    low: float
    high: float
    better: bool
    mcid: float | None
    primary_week: int | None
    model: str | None
    dose_day: str
    entry: tuple[float | None, float | None]
    told: float
    alpha: float
    sided: int = 2
    method: str = "ancova"
    crossover: bool = False
    second_period: int = 0
    unscored: str | None = None  # why no score of the primary outcome is simulated
    scenario: str | None = None
    dose_clock: float | None = None
    warnings: tuple[str, ...] = field(default=())
    admission: tuple[
        Admitted, ...
    ] = ()  # what the trial makes of each comedication; nobody takes any where empty
    on_antidepressant: float | None = None
    compared: tuple[int, int | None] | None = None
    looks: InterimLooks | None = None
    resize: Resize | None = None
    drop: Drop | None = None
    allocation: Allocation = field(default_factory=Allocation)
    sites: int = 1
    adjust: str | None = None
    estimand: str = EVERY_SCORE
    sources: tuple[str, ...] = ()  # reports of a trial that was conducted: it is predicted without them

    @property
    def first_dose(self) -> int:
        """Number of the first dosing day on which some capsules hold the drug: those of a lead-in come before it."""
        held = [arm.holds(len(self.days)) for arm in self.arms if arm.levels]
        return int(np.argmax(np.any(held, axis=0))) if held else 0

    @property
    def people(self) -> int:
        return sum(arm.n for arm in self.arms)

    @property
    def arm_of(self) -> Int[np.ndarray, " people"]:
        """Arm index of each participant of one trial. Participants are exchangeable before allocation, so filling
        the arms in order has the law of randomising them."""
        return np.repeat(np.arange(len(self.arms)), [arm.n for arm in self.arms])

    @property
    def active(self) -> int:
        """The arm the question is about: the first that gives the compound, unless the plan names another."""
        if self.compared is not None:
            return self.compared[0]
        return next(i for i, arm in enumerate(self.arms) if arm.kind in (ACTIVE, OPEN))

    @property
    def control(self) -> int | None:
        """The arm it is compared with: the first placebo unless the plan names another; None in a single-arm trial."""
        if self.compared is not None:
            return self.compared[1]
        return next((i for i, arm in enumerate(self.arms) if arm.kind in (INERT, ACTIVE_PLACEBO)), None)

    @property
    def unseen_strata(self) -> tuple[str, ...]:
        """Strata that no simulated score hangs on."""
        seen = {"antidepressant"} if self.model is None else {"antidepressant", "baseline"}
        return tuple(one for one in self.allocation.strata if one not in seen)

    @property
    def periods(self) -> int:
        """Periods each participant passes through."""
        return len(self.arms) if self.crossover else 1

    @property
    def dosing_weeks(self) -> int:
        """Weeks from baseline through the one of the last dose; how long dosing is written to last changes nothing."""
        return self.days[-1] // 7 + 1

    @property
    def unit(self) -> str:
        """Unit in which doses of the compound's base are counted."""
        return compound(self.compound).unit

    @property
    def ug_per_unit(self) -> float:
        return compound(self.compound).ug_per_unit


def lay_out(protocol: Protocol, parameters: ParameterSet, comedication: bool = True) -> Plan:
    """A protocol as a plan; without `comedication` nobody takes anything besides. A design whose trial limen cannot simulate is laid out as parallel groups without a score
    model, and says what is missing."""
    crossover = protocol.design_kind.periods
    days = protocol.schedule.dosing_days()
    arms = tuple(_arm(protocol, index, days) for index in range(len(protocol.arms)))
    given = compound(protocol.compound)
    highest = max(level for arm in arms for level in arm.levels) / given.ug_per_unit
    route = next(arm.route for arm in protocol.arms if arm.gives_drug)
    kinetics = given.kinetic_set(route, highest)
    primary, entry = protocol.primary, protocol.registered(protocol.primary.id)
    assert entry is not None
    found = announced(protocol, parameters)
    visit_weeks = tuple(sorted({round(week) for week in protocol.visits.weeks}))
    admitted = admission(protocol) if comedication else ()
    last = max((*visit_weeks, primary.week or 0.0, days[-1] // 7 + 1))
    return Plan(
        compound=protocol.compound,
        kinetics=kinetics.name,
        indication=protocol.population.indication,
        arms=arms,
        days=days,
        adherence=protocol.schedule.adherence,
        weeks=ceil(last),
        visit_weeks=visit_weeks,
        outcome=primary.id,
        low=entry.low,
        high=entry.high,
        better=entry.higher_is == "better",
        mcid=primary.mcid,
        primary_week=None if primary.week is None else whole_week(primary.week),
        model=found.model,
        dose_day=primary.id if f"dose_day.{primary.id}.mean" in parameters else DEFAULT_DOSE_DAY,
        entry=_entry(protocol, primary.id),
        told=float(protocol.allocation.told if protocol.allocation.told is not None else 0.5),
        alpha=protocol.analysis.alpha,
        sided=protocol.analysis.sided,
        looks=protocol.analysis.looks,
        resize=protocol.analysis.resize,
        drop=protocol.analysis.drop,
        allocation=protocol.allocation,
        sites=protocol.sites,
        adjust=protocol.analysis.adjust,
        estimand=protocol.analysis.estimand,
        method=protocol.analysis.method,
        crossover=crossover,
        second_period=_second_period(protocol) if crossover else 0,
        unscored=found.why,
        scenario=protocol.scenario,
        dose_clock=protocol.clock.dose_hour,
        warnings=cautions(protocol, parameters, admitted),
        admission=admitted,
        on_antidepressant=protocol.population.on_antidepressant,
        compared=protocol.compared,
        sources=protocol.source if protocol.status == "conducted" else (),
    )


def _arm(protocol: Protocol, index: int, days: tuple[int, ...]) -> ArmPlan:
    given, arm, everybody = compound(protocol.compound), protocol.arms[index], protocol.participants
    people, first = arm.n, arm.n
    if protocol.design_kind.periods:
        people = everybody
        first = arm.n if not protocol.schedule.fixed_order else everybody * (index == 0)
    return ArmPlan(
        name=arm.name,
        kind=_KINDS[arm.kind],
        n=people,
        levels=tuple(dose * given.ug_per_unit for dose, _ in arm.dose_levels),
        chances=tuple(chance for _, chance in arm.dose_levels),
        batch_log_sd=arm.batch_log_sd,
        agent=arm.noticed,
        called=arm.agent,
        first=first,
        told=arm.told,
        share=_shares(protocol, arm, days),
        ladder=_ladder(protocol, arm, days),
    )


def _shares(protocol: Protocol, arm: Arm, days: tuple[int, ...]) -> tuple[float, ...]:
    """What each capsule of an arm holds over its level: nothing during a lead-in, then the steps of its dose; () where all."""
    begins = protocol.schedule.first_dose
    held = tuple(0.0 if day < begins else arm.dose.share(day - begins) if arm.dose else 1.0 for day in days)
    return () if all(share == 1.0 for share in held) else held


def _ladder(protocol: Protocol, arm: Arm, days: tuple[int, ...]) -> Ladder | None:
    """How the doses of an arm move by what its people notice; None where they do not."""
    moved = titrated_by_percept(protocol, arm)
    if moved is None:
        return None
    begins = protocol.schedule.first_dose
    given = [max(day - begins, 0) for day in days]
    reviewed = [day // moved.review.to("d") for day in given] if moved.review is not None else given
    after = (False, *(now != before for before, now in pairwise(reviewed)))
    return Ladder(moved.rung, RUNGS[moved.felt], RUNGS[moved.unfelt], after)


def _second_period(protocol: Protocol) -> int:
    """Study day on which the second period of a crossover begins: one period and the washout later."""
    washout = protocol.schedule.washout
    days = protocol.schedule.duration.to("d") + (0.0 if washout is None else washout.to("d"))
    lead = protocol.schedule.first_dose - protocol.schedule.first_day
    return max(ceil(lead + days - 1e-9), protocol.schedule.dosing_days()[-1] + 1)


def _entry(protocol: Protocol, outcome: str) -> tuple[float | None, float | None]:
    entry = protocol.population.entry
    if entry is None or entry.outcome != outcome:
        return None, None
    return entry.at_least, entry.at_most
