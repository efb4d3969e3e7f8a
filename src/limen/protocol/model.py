"""The protocol: what is asked, in the words of a trial registration."""

from __future__ import annotations

import re
from collections.abc import Iterator
from math import gcd
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from limen.compounds import Compound, compound
from limen.protocol.adaptive import Drop, Resize
from limen.protocol.allocation import Allocation
from limen.protocol.arms import Arm
from limen.protocol.clock import Clock
from limen.protocol.conduct import Conduct
from limen.protocol.designs import DESIGNS, STAGES, Design, DesignKind
from limen.protocol.doses import CompoundName
from limen.protocol.fields import (
    Filled,
    Mistake,
    Number,
    Part,
    Since,
    Whole,
    abridged,
    measured,
    mistakes_of,
    refuse,
    refuse_all,
)
from limen.protocol.indications import OTHER, Indication, IndicationName, indication
from limen.protocol.outcomes import OUTCOMES, Composite, Measure, Outcome, OutcomeId, Registered
from limen.protocol.paths import known_path
from limen.protocol.schedule import Schedule, Visits
from limen.protocol.sense import mistakes, reads

Status = Literal["conducted", "planned", "claimed, not found"]
BlindingName = Literal["none", "single", "double", "triple", "quadruple"]
Blinding = Annotated[BlindingName, BeforeValidator(lambda value: _blinding(value))]
Scenario = Literal["plasticity-mediated", "network-mediated", "inflammation-mediated", "stress-mediated"]
Place = Annotated[str, Field(pattern=r"^[A-Z]{2}(-[A-Z0-9]{1,3})?$")]


def _blinding(value: Any) -> Any:
    """'double' for 'Double-blind' or 'double blinded', 'none' for 'open label'; whatever else as it is."""
    word = (
        re.sub(r"[ -](blind(ed)?|mask(ed)?)$", "", value.strip().casefold())
        if isinstance(value, str)
        else value
    )
    return "none" if word in ("open label", "open-label", "open", "unblinded") else word


class Entry(Part):
    """The observed score a person must have at baseline to be let in."""

    outcome: OutcomeId
    at_least: Number | None = None
    at_most: Number | None = None

    @model_validator(mode="after")
    def _ordered(self) -> Entry:
        if self.at_least is None and self.at_most is None:
            raise refuse("an entry threshold needs at_least or at_most")
        if self.at_least is not None and self.at_most is not None and self.at_least > self.at_most:
            raise refuse(f"entry at least {self.at_least:g} and at most {self.at_most:g} lets nobody in")
        return self


class Population(Part):
    """Who takes part."""

    indication: IndicationName
    age: tuple[Number, Number] | None = Field(default=None, description="youngest and oldest, in years")
    entry: Entry | None = None
    on_antidepressant: Number | None = Field(
        default=None,
        ge=0,
        le=1,
        description="fraction taking an antidepressant; what is usual in the indication where left out",
    )
    description: Filled | None = None

    @property
    def ill(self) -> Indication:
        """What is known of the indication."""
        return indication(self.indication)

    def __str__(self) -> str:
        age = "" if self.age is None else f", aged {self.age[0]:g} to {self.age[1]:g}"
        return f"{self.indication}{age}{f' ({self.description})' if self.description else ''}"

    @model_validator(mode="after")
    def _said(self) -> Population:
        if self.indication == OTHER and self.description is None:
            what = "an indication that limen has no name for is described"
            raise refuse_all([Mistake(("indication",), what, "add description: what the people have")])
        return self

    @model_validator(mode="after")
    def _ages(self) -> Population:
        if self.age is not None and not 0 <= self.age[0] <= self.age[1] <= 120:
            text = f"ages {self.age[0]:g} to {self.age[1]:g} are not a range of human ages"
            raise refuse_all([Mistake(("age",), text, "write [youngest, oldest] in years")])
        return self


_NO_NAME = frozenset("=<>[]{}")  # signs of a measurement or a list, never of a medicine


def _no_medicine(name: str) -> tuple[str, str]:
    remedy = "name a medicine or a class; a measurement or condition belongs to conduct.exclusion_criteria"
    return f"{abridged(name)} is not a medicine", remedy


class Medication(Part):
    """Which medicines people may take, which not, and how long before the first dose they must have
    stopped."""

    permitted: tuple[Filled, ...] = ()
    excluded: tuple[Filled, ...] = ()
    washout: dict[Filled, str] = Field(
        default_factory=dict, description="medicine to time, such as fluoxetine: 6 wk"
    )

    @model_validator(mode="after")
    def _times(self) -> Medication:
        found = [
            Mistake((part, *((name,) if part == "washout" else (index,))), *_no_medicine(name))
            for part in ("permitted", "excluded", "washout")
            for index, name in enumerate(getattr(self, part))
            if set(name) & _NO_NAME
        ]
        for name, text in self.washout.items():
            try:
                measured("time", positive=False)(text)
            except PydanticCustomError as error:
                found += [Mistake(("washout", name), m.what, m.remedy) for m in mistakes_of(error)]
        both = sorted(
            {name.casefold() for name in self.permitted} & {name.casefold() for name in self.excluded}
        )
        found += [Mistake(("excluded",), f"{name!r} is both permitted and excluded") for name in both]
        if found:
            raise refuse_all(found)
        return self


SPENT_BY = (
    r"(lan-demets-)?(obrien-fleming|pocock)|(wang-tsiatis|hwang-shih-decani|kim-demets)\(-?\d+(\.\d+)?\)"
)


class InterimLooks(Part):
    """When the trial is looked at before its end, and what stops it."""

    at: tuple[Number, ...] = Field(
        min_length=2, max_length=10,
        description="shares of the people whose primary outcome is in, rising to 1, such as [0.5, 1]",
    )  # fmt: skip
    spending: Filled = Field(
        default="lan-demets-obrien-fleming",
        pattern=SPENT_BY,
        description="how the level is spent over the looks, by the names of `limen power sequential`",
    )
    futility: tuple[Number, ...] = Field(
        default=(), description="z below which each look but the last stops for futility, such as [0]"
    )
    per_week: Number | None = Field(
        default=None,
        gt=0,
        description="people recruited a week: those under way when a look stops the trial are in it too",
    )


class Analysis(Part):
    """The analysis of the primary outcome."""

    method: Filled = Field(
        default="ancova", description="an estimator: ancova, mmrm, responders, or one registered"
    )
    alpha: Number = Field(default=0.05, gt=0, lt=1)
    sided: Literal[1, 2] = 2
    arm: Filled | None = Field(
        default=None,
        description="arm of the primary comparison; the first that gives the drug where left out",
    )
    control: Filled | None = Field(
        default=None, description="what it is compared with, a low dose too; the first placebo where left out"
    )
    adjust: Literal["strata"] | None = Field(
        default=None, description="strata: the analysis adjusts for what randomisation was stratified by"
    )
    estimand: Literal["treatment policy", "hypothetical", "composite"] = Field(
        default="treatment policy",
        description="scores after stopping the drug or a rescue: used as they are, set missing, or (leaving too) the worst and no response",
    )
    looks: InterimLooks | None = Field(
        default=None,
        description="interim looks that may stop the trial, for a benefit, for harm or for futility",
    )
    resize: Resize | None = Field(default=None, description="a size that is decided anew on the way")
    drop: Drop | None = Field(default=None, description="arms that are dropped on the way")

    @property
    def sides(self) -> str:
        return "two-sided" if self.sided == 2 else "one-sided"


class Gate(Part):
    """Who goes on to the next stage: a rule on an outcome, so that what is given hangs on how people did."""

    outcome: OutcomeId
    at: Since = Field(description="when it is looked at, such as '4 wk'")
    rule: Filled = Field(description="who goes on, in words such as 'at least half better'")


class Protocol(Part):
    """One microdosing protocol. A field that the source leaves open is in `left_open` with what was
    assumed."""

    limen: Literal[1] = Field(description="version of this format")
    name: Filled
    question: Filled | None = Field(default=None, description="the question in words")
    status: Status
    source: tuple[Filled, ...] = Field(default=(), description="citation keys of limen's bibliography")
    claim: Filled | None = Field(default=None, description="the claim, as it was put")
    registry: Filled | None = Field(default=None, description="registry number")
    jurisdiction: tuple[Place, ...] = Field(
        default=(), description="ISO 3166 codes of country or subdivision"
    )
    left_open: dict[str, Filled] = Field(
        default_factory=dict, description="field path to what was assumed and why"
    )
    compound: CompoundName
    population: Population
    medication: Medication = Medication()
    arms: tuple[Arm, ...] = Field(min_length=1, max_length=50)
    schedule: Schedule
    visits: Visits
    composites: dict[Filled, Composite] = Field(default_factory=dict)
    measures: dict[Filled, Measure] = Field(
        default_factory=dict, description="outcomes of its own: id to full_name, bounds, higher_is and unit"
    )
    outcomes: tuple[Outcome, ...] = Field(min_length=1, max_length=100)
    allocation: Allocation = Allocation()
    blinding: Blinding
    design: Design = "parallel"
    analysis: Analysis = Analysis()
    gate: Gate | None = Field(
        default=None, description="who goes on to the next stage, where not everybody does"
    )
    sites: Whole = Field(default=1, description="centres that recruit", ge=1)
    clusters: Whole | None = Field(
        default=None, ge=2, description="randomised groups of people, in a cluster design"
    )
    alongside: tuple[Filled, ...] = Field(
        default=(), description="what everybody gets besides, such as '8 sessions of psychotherapy'"
    )
    conduct: Conduct | None = Field(default=None, description="how it is run, in the words of guidance")
    clock: Clock = Clock()
    scenario: Scenario | None = Field(
        default=None,
        description="markers move symptoms, which limen's tables hold no study of at a microdose: never on unless asked for",
    )

    @model_validator(mode="after")
    def _sensible(self) -> Protocol:
        found = mistakes(self)
        if found:
            raise refuse_all(found)
        for outcome in self.outcomes:
            outcome.register(self.registered(outcome.id))
        if self.allocation.told is None:
            told = sum(arm.n for arm in self.arms if arm.gives_drug) / self.participants
            object.__setattr__(self, "allocation", self.allocation.model_copy(update={"told": told}))
        return self

    def registered(self, outcome: str) -> Registered | None:
        """The register's entry of an outcome, this protocol's composites and measures included."""
        own = self.composites.get(outcome) or self.measures.get(outcome)
        return OUTCOMES.get(outcome) if own is None else own.registered(outcome)

    @property
    def record(self) -> Compound:
        """What limen knows of the compound."""
        return compound(self.compound)

    @property
    def design_kind(self) -> DesignKind:
        """What its design means."""
        return DESIGNS[self.design]

    @property
    def unsimulated(self) -> str | None:
        """Why no score of this protocol is simulated, whatever its outcome; None where nothing stands in the way."""
        if self.design_kind.unsimulated is not None and not self.taken_off:
            return self.design_kind.unsimulated
        if self.gate is not None:
            return STAGES
        return self.record.beyond(max(dose for arm in self.arms for dose, _ in arm.dose_levels))

    @property
    def taken_off(self) -> bool:
        """Whether a withdrawal is written out: steps say who goes on and who is taken off, and nobody has to respond first."""
        written = any(arm.off_drug for arm in self.arms) and all(arm.gives_drug for arm in self.arms)
        return self.design_kind.by_steps and written and self.gate is None

    @property
    def participants(self) -> int:
        """People in all arms together."""
        return sum(arm.n for arm in self.arms)

    @property
    def primary(self) -> Outcome:
        """The primary outcome."""
        return next(outcome for outcome in self.outcomes if outcome.primary)

    @property
    def active_arms(self) -> tuple[Arm, ...]:
        return tuple(arm for arm in self.arms if arm.gives_drug)

    @property
    def control_arms(self) -> tuple[Arm, ...]:
        return tuple(arm for arm in self.arms if not arm.gives_drug)

    @property
    def compared(self) -> tuple[int, int | None]:
        """The arms of the primary comparison by number: the one in question, and its control (None in a single-arm trial).

        The control is the first placebo, else the first arm whose people wait for the drug or are taken off it."""
        names = [arm.name for arm in self.arms]
        arm, control = self.analysis.arm, self.analysis.control
        drugs = [i for i, one in enumerate(self.arms) if one.gives_drug and one.name not in (arm, control)]
        placebos = [i for i, one in enumerate(self.arms) if not one.gives_drug and one.name != control]
        if not placebos:  # those who wait for the drug, or are taken off it, stand for who never has it
            placebos = [i for i in drugs if self.arms[i].off_drug]
            drugs = [i for i in drugs if i not in placebos] or drugs
            placebos = [i for i in placebos if i not in drugs]
        drugs = drugs if arm is None else [names.index(arm)]
        placebos = placebos if control is None else [names.index(control)]
        pairs = [(i, j) for i in drugs for j in placebos]
        # What people were told is no part of what the drug does: the first pair that was told the same, where there is one.
        alike = (pair for pair in pairs if self.arms[pair[0]].told == self.arms[pair[1]].told)
        return next(alike, pairs[0]) if pairs else (drugs[0], None)

    @property
    def ratio(self) -> tuple[int, ...]:
        """Allocation ratio over the arms, from their sizes, in lowest terms."""
        divisor = gcd(*(arm.n for arm in self.arms))
        return tuple(arm.n // divisor for arm in self.arms)


@reads("left_open")
def left_open(p: Any) -> Iterator[Mistake]:
    for path in p.left_open:
        problem = known_path(Protocol, path)
        if problem is not None:
            yield Mistake(("left_open", path), *problem)
