"""What each arm is given: form, dose or dose levels, route, and what stands in for it in a placebo arm."""

from __future__ import annotations

import re
from collections.abc import Iterator
from math import ceil, isclose, log
from statistics import NormalDist
from typing import Annotated, Any, Literal, cast

from pydantic import (
    BeforeValidator,
    Field,
    GetJsonSchemaHandler,
    PlainSerializer,
    PlainValidator,
    WithJsonSchema,
    model_serializer,
    model_validator,
)
from pydantic_core import CoreSchema

from limen import compounds
from limen.compounds import Form
from limen.protocol.doses import FormName, Route, to_base
from limen.protocol.fields import (
    Choice,
    Content,
    Duration,
    Filled,
    Mass,
    Mistake,
    Number,
    Part,
    Whole,
    abridged,
    agent_names,
    as_text,
    assumed_weight,
    measured,
    plausible_range,
    refuse,
    refuse_all,
    stand_ins,
    when,
    written,
)
from limen.units import Quantity, number_of

KindName = Literal["active", "inert placebo", "active placebo", "open label"]
_KINDS = {
    "placebo": "inert placebo",
    "sham": "inert placebo",
    "inactive placebo": "inert placebo",
    "dummy": "inert placebo",
    "experimental": "active",
    "drug": "active",
    "open-label": "open label",
}
Kind = Annotated[
    KindName,
    BeforeValidator(
        lambda kind: _KINDS.get(kind.strip().casefold(), kind) if isinstance(kind, str) else kind
    ),
]
Agent = Annotated[str, Choice(agent_names)]
GIVES_DRUG = ("active", "open label")
MAX_LEVELS = 200
HOW = (
    "write dose: 20 ug; or dose: 0.1 mg/kg; or dose: {levels: [8 ug, 12 ug]}; or, over time, dose: {steps: [{after: 0 d, dose: "
    "5 ug}, {after: 2 wk, dose: 10 ug}, {after: 4 wk, dose: placebo}]}; or dose: {titrate: {start, min, max, step, rule}}"
)
PLACEBO = "placebo"
PER_KG = re.compile(r"(.*\S)\s*(?:/|per)\s*(?:(\d+)\s*)?kg(?:\s+(?:of\s+)?(?:body\s?weight|bw))?\s*")
WEIGHTS = 9  # dose levels that stand for the spread of weights


Move = Literal["up", "stay", "down"]
RUNGS = {"up": 1, "stay": 0, "down": -1, None: 0}


class Titrate(Part):
    """A dose that moves by a rule: by what a person notices, where `felt` or `unfelt` says how; else by words that limen does not
    read, and one level of its grid is drawn a person."""

    start: Mass
    min: Mass
    max: Mass
    step: Mass
    rule: Filled = Field(description="the rule in words")
    felt: Move | None = Field(
        default=None, description="where the dose goes when something was noticed since the last review"
    )
    unfelt: Move | None = Field(default=None, description="where it goes when nothing was")
    review: Duration | None = Field(
        default=None,
        description="how often that is looked at, such as '1 wk'; after every dose where left out",
    )

    @model_validator(mode="after")
    def _ordered(self) -> Titrate:
        low, start, high, step = (q.to("ug") for q in (self.min, self.start, self.max, self.step))
        if not low <= start <= high:
            raise refuse(f"a start of {self.start} is not between min {self.min} and max {self.max}")
        if self.review is not None and not self.by_percept:
            what = "a review looks at what was noticed, and neither felt nor unfelt says what then"
            raise refuse_all([Mistake(("review",), what, "add felt: down and unfelt: up, or leave it out")])
        if (high - low) / step > MAX_LEVELS - 1:
            raise refuse_all(
                [Mistake(("step",), f"a step of {self.step} makes more than {MAX_LEVELS} dose levels")]
            )
        return self

    @property
    def by_percept(self) -> bool:
        """Whether the dose moves by what its people notice."""
        return self.felt is not None or self.unfelt is not None

    @property
    def rung(self) -> int:
        """The level nearest to the start."""
        return round((self.start.to("ug") - self.min.to("ug")) / self.step.to("ug"))

    @property
    def levels(self) -> tuple[Quantity, ...]:
        """min, min + step, ... up to max."""
        low, high, step = (q.to(self.min.unit) for q in (self.min, self.max, self.step))
        return tuple(
            Quantity(low + i * step, self.min.unit) for i in range(int((high - low) / step + 1e-9) + 1)
        )


def _given(value: Any) -> Quantity | str:
    return PLACEBO if isinstance(value, str) and value.strip() == PLACEBO else measured("mass", True)(value)


class Step(Part):
    """What everybody of an arm takes from a time on, until the next step: a dose, or a placebo."""

    after: Annotated[
        Quantity,
        PlainValidator(lambda value: measured("time", False)(when(value))),
        PlainSerializer(written, str),
        as_text("time"),
    ] = Field(description="since the first day of dosing, such as '2 wk'; '0 d' at once")
    dose: Annotated[
        Quantity | Literal["placebo"],
        PlainValidator(_given),
        PlainSerializer(lambda dose: dose if isinstance(dose, str) else written(dose), str),
        WithJsonSchema({"type": "string", "examples": ["10 ug", PLACEBO]}),
    ]


class Dose(Part):
    """Exactly one of a fixed dose (written as plain text), a dose per kilogram, drawn levels, steps or a titration."""

    fixed: Mass | None = None
    levels: tuple[Mass, ...] | None = Field(
        default=None, min_length=1, max_length=MAX_LEVELS, description="one drawn per person"
    )
    probabilities: tuple[Number, ...] | None = Field(
        default=None, description="of the levels; equal where left out"
    )
    titrate: Titrate | None = None
    steps: tuple[Step, ...] | None = Field(
        default=None,  max_length=MAX_LEVELS,
        description="the dose over time, placebo before the first: titration by protocol, delayed start, withdrawal",
    )  # fmt: skip
    per_kg: Mass | None = Field(default=None, description="for each kilogram of body weight")
    weight: tuple[Number, Number] | None = Field(
        default=None, description="mean and SD of body weights in kg, with per_kg; assumed where left out"
    )

    @model_validator(mode="before")
    @classmethod
    def _from_text(cls, value: Any) -> Any:
        if isinstance(value, str) and (by_weight := PER_KG.fullmatch(value)):
            return {"per_kg": _for_one_kg(by_weight[1], float(by_weight[2] or 1))}
        if not isinstance(value, dict | Dose):
            return {"fixed": value}
        if isinstance(value, dict) and "fixed" in value:
            raise refuse("a fixed dose is written without a field name", HOW)
        return cast("Any", value)

    @model_validator(mode="after")
    def _one(self) -> Dose:
        forms = ("fixed", "levels", "titrate", "steps", "per_kg")
        if sum(getattr(self, name) is not None for name in forms) != 1:
            raise refuse("a dose is exactly one of a fixed dose, per_kg, levels, steps or titrate", HOW)
        found = [*self._weights(), *self._ordered()]
        if found:
            raise refuse_all(found)
        if self.probabilities is not None:
            chances = self.probabilities
            if self.levels is None or len(chances) != len(self.levels):
                raise refuse_all([Mistake(("probabilities",), "there is not one probability for each level")])
            if min(chances) < 0 or not isclose(sum(chances), 1, abs_tol=1e-6):
                text = f"probabilities are negative or sum to {sum(chances):g}, not 1"
                raise refuse_all([Mistake(("probabilities",), text)])
        return self

    def _weights(self) -> Iterator[Mistake]:
        low, high, unit = plausible_range("body_weight")
        if self.weight is not None and self.per_kg is None:
            yield Mistake(
                ("weight",), "weights belong to a dose per kilogram", "leave them out, or write per_kg"
            )
        elif self.weight is not None and not (
            low <= self.weight[0] <= high and 0 <= self.weight[1] < self.weight[0] / 2
        ):
            what = f"a mean of {self.weight[0]:g} {unit} and an SD of {self.weight[1]:g} are no weights of people"
            yield Mistake(("weight",), what, "write [mean, SD] in kg, such as [75, 14]")

    def _ordered(self) -> Iterator[Mistake]:
        starts = [step.after.to("d") for step in self.steps or ()]
        if starts != sorted(set(starts)):
            yield Mistake(("steps",), "steps are not in ascending order of time, each once")
        if self.steps is not None and all(isinstance(step.dose, str) for step in self.steps):
            yield Mistake(
                ("steps",), "no step gives a dose", "make the arm an 'inert placebo', or give it a dose"
            )

    @model_serializer
    def _as_written(self) -> Any:
        if self.fixed is not None:
            return written(self.fixed)
        if self.steps is not None:
            return {"steps": [step.model_dump(mode="json") for step in self.steps]}
        if self.per_kg is not None:
            weight = {} if self.weight is None else {"weight": list(self.weight)}
            return {"per_kg": written(self.per_kg)} | weight
        if self.titrate is not None:
            return {"titrate": self.titrate.model_dump(mode="json")}
        levels = {"levels": [written(level) for level in self.levels or ()]}
        return levels if self.probabilities is None else levels | {"probabilities": list(self.probabilities)}

    @classmethod
    def __get_pydantic_json_schema__(cls, core: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        schema = handler.resolve_ref_schema(handler(core))
        schema["properties"].pop("fixed", None)
        return {"anyOf": [{"type": "string", "examples": ["20 ug", "0.3 g"]}, schema | {"minProperties": 1}]}

    @property
    def drawn(self) -> tuple[tuple[Quantity, float], ...]:
        """The dose levels, with the probability that a person is given each: of steps the highest, of a dose per kilogram
        what people of several weights are given."""
        if self.fixed is not None:
            return ((self.fixed, 1.0),)
        if self.steps is not None:
            return ((self._highest, 1.0),)
        if self.per_kg is not None:
            mean, sd = self.weight or assumed_weight()
            people = NormalDist(mean, sd) if sd else None
            middle = [(i + 0.5) / WEIGHTS for i in range(WEIGHTS)]
            kg = [mean if people is None else people.inv_cdf(p) for p in middle]
            return tuple((Quantity(self.per_kg.value * w, self.per_kg.unit), 1 / WEIGHTS) for w in kg)
        levels = self.titrate.levels if self.titrate is not None else self.levels or ()
        chances = self.probabilities or (1 / len(levels),) * len(levels)
        return tuple(zip(levels, chances, strict=True))

    @property
    def stated(self) -> tuple[tuple[tuple[str | int, ...], Quantity], ...]:
        """Every quantity the author wrote, with its path: what is checked for plausibility."""
        if self.fixed is not None:
            return (((), self.fixed),)
        if self.steps is not None:
            return tuple(
                (("steps", i, "dose"), step.dose)
                for i, step in enumerate(self.steps)
                if not isinstance(step.dose, str)
            )
        if self.per_kg is not None:
            return tuple((("per_kg",), level) for level, _ in (self.drawn[0], self.drawn[-1]))
        if self.titrate is not None:
            return tuple((("titrate", name), getattr(self.titrate, name)) for name in ("start", "min", "max"))
        return tuple((("levels", index), level) for index, level in enumerate(self.levels or ()))

    @property
    def _highest(self) -> Quantity:
        doses = (step.dose for step in self.steps or () if not isinstance(step.dose, str))
        return max(doses, key=lambda dose: dose.to("ug"))

    def share(self, day: int) -> float:
        """What is given `day` days after dosing began, over the highest dose of the arm; 1 without steps."""
        if self.steps is None:
            return 1.0
        now = [step.dose for step in self.steps if step.after.to("d") <= day]
        return 0.0 if not now or isinstance(now[-1], str) else now[-1].to("ug") / self._highest.to("ug")


def _for_one_kg(text: str, kilograms: float) -> str:
    """'20 ug' for 70 kg as the mass for one."""
    mass = measured("mass", True)(text)
    if kilograms == 0:
        raise refuse("a dose for 0 kg is no dose", "write 0.1 mg/kg, or 10 mg/70 kg")
    return written(Quantity(mass.value / kilograms, mass.unit))


class Ingredient(Part):
    """What an arm takes besides, in every capsule: nothing by assumption, or something that is noticed like an active placebo."""

    name: Filled
    amount: Filled | None = Field(default=None, description="in words such as '100 mg'")
    role: Literal["inert", "active placebo"] = Field(
        default="inert",
        description="taken to do nothing, which is an assumption; or noticed as that active placebo is",
    )

    @model_validator(mode="after")
    def _known(self) -> Ingredient:
        if self.role == "active placebo" and self.name.casefold() not in agent_names():
            what = f"how often {abridged(self.name)} is noticed is not among limen's numbers"
            raise refuse_all(
                [Mistake(("name",), what, f"write role: inert, or one of: {', '.join(agent_names())}")]
            )
        return self

    def __str__(self) -> str:
        return f"{self.name}{f' {self.amount}' if self.amount else ''} ({self.role})"


class Potency(Part):
    """Base per mass of a material that is weighed: LogNormal(median, geometric SD) between batches."""

    median: Content
    gsd: Number = Field(ge=1, le=10, description="geometric standard deviation, 1 for an assayed batch")


class Arm(Part):
    """One arm and the `n` people allocated to it; in a crossover, those who start with it, and all take every arm."""

    name: Filled
    kind: Kind
    n: Whole = Field(description="people allocated", json_schema_extra={"minimum": 1})
    form: FormName | None = Field(default=None, description="the form the dose is stated in")
    dose: Dose | None = None
    route: Route = "oral"
    potency: Potency | None = Field(
        default=None, description="of a material that is weighed; an assumed default where left out"
    )
    content: Number | None = Field(default=None, ge=0.1, le=2, description="measured over labelled content")
    agent: Agent | None = Field(default=None, description="of an active placebo")
    agent_dose: Filled | None = Field(default=None, description="of the agent, in words such as '50-300 mg'")
    added: tuple[Ingredient, ...] = Field(
        default=(),
        max_length=20,
        description="what every capsule of the arm holds besides, such as lion's mane",
    )
    told: Number | None = Field(
        default=None, ge=0, le=1,
        description="chance of the drug that people of this arm are told: 1 known drug, 0 known placebo; allocation.told else",
    )  # fmt: skip

    @model_validator(mode="after")
    def _sensible(self) -> Arm:
        found = [*self._people(), *(self._drug() if self.gives_drug else self._placebo())]
        if found:
            raise refuse_all(found)
        return self

    def _people(self) -> list[Mistake]:
        high = int(plausible_range("people_per_arm")[1])
        if self.n == 0:
            return [
                Mistake(
                    ("n",),
                    f"nobody is allocated to arm {self.name!r}",
                    "give it people, or leave the arm out",
                )
            ]
        if not 1 <= self.n <= high:
            return [
                Mistake(
                    ("n",),
                    f"{number_of(self.n, 'person', 'people')} in arm {self.name!r}",
                    f"give a number from 1 to {high}",
                )
            ]
        return []

    def _drug(self) -> list[Mistake]:
        found: list[Mistake] = []
        if self.dose is None:
            found.append(Mistake((), f"arm {self.name!r} has no dose", HOW))
        if self.form is None:
            said = (
                f"{name} as {', '.join(compounds.compound(name).form_names)}"
                for name in compounds.compound_names()
            )
            what = f"arm {self.name!r} has no form: a dose means nothing without one"
            found.append(Mistake((), what, f"say which: {'; '.join(said)}"))
        if self.potency is not None and self.form is not None:
            found += self._potency(self.potency)
        for name in ("agent", "agent_dose"):
            if getattr(self, name) is not None:
                found.append(
                    Mistake((name,), f"{name} belongs to an active placebo, not to a {self.kind} arm")
                )
        return found

    def _potency(self, stated: Potency) -> list[Mistake]:
        kind = self.given
        if kind is None or kind.potency is None:
            what = f"potency is of a material that is weighed, not of {self.form}"
            return [Mistake(("potency",), what, "leave it out")]
        low, high, unit = kind.potency.low, kind.potency.high, kind.potency.content.unit
        if low <= stated.median.to(unit) <= high:
            return []
        remedy = f"plausible is {low:g} to {high:g} {unit}"
        return [Mistake(("potency", "median"), f"a potency of {stated.median} is implausible", remedy)]

    def _placebo(self) -> list[Mistake]:
        remedy = f"leave it out, or make the arm 'active': a low dose of {' or '.join(compounds.compound_names())} is a dose"
        found = [
            Mistake((name,), f"{name} does not belong to an arm of {self.kind}", remedy)
            for name in ("form", "dose", "potency", "content")
            if getattr(self, name) is not None
        ]
        if self.kind == "active placebo" and self.agent is None:
            found.append(
                Mistake((), f"arm {self.name!r} names no agent", f"add agent: {', '.join(agent_names())}")
            )
        if self.kind == "inert placebo" and self.agent is not None:
            found.append(
                Mistake(("agent",), "an inert placebo holds no agent", "make the arm an 'active placebo'")
            )
        return found

    @property
    def noticed(self) -> str | None:
        """What is noticed in its capsules beside the drug: the active placebo that stands for the one they hold."""
        beside = (one.name.casefold() for one in self.added if one.role == "active placebo")
        held = self.agent or next(beside, None)
        return None if held is None else stand_ins()[held]

    @property
    def gives_drug(self) -> bool:
        """Whether the arm takes the compound (active or open label)."""
        return self.kind in GIVES_DRUG

    @property
    def compound(self) -> str | None:
        return compounds.of_form(self.form).name if self.form is not None else None

    @property
    def given(self) -> Form | None:
        """The record of the form; None for a placebo."""
        return compounds.of_form(self.form).form(self.form) if self.form is not None else None

    @property
    def potency_or_default(self) -> tuple[Quantity, float] | None:
        """Median and geometric SD of the material given, stated or assumed; None for any other form."""
        kind = self.given
        if kind is None or kind.potency is None:
            return None
        stated = self.potency
        return (stated.median, stated.gsd) if stated is not None else (kind.potency.content, kind.potency.gsd)

    @property
    def batch_log_sd(self) -> float:
        """SD of ln(base given over base stated) between batches: of a material, or of what a prodrug yields."""
        batch = self.potency_or_default
        if batch is not None:
            return log(batch[1])
        return self.given.batch_log_sd if self.given is not None else 0.0

    @property
    def dose_levels(self) -> tuple[tuple[float, float], ...]:
        """(dose, probability) per level, in the unit of the compound's base; () for a placebo."""
        if self.dose is None or self.form is None:
            return ()
        median = self.potency.median if self.potency is not None else None
        return tuple((to_base(q, self.form, median, self.content), chance) for q, chance in self.dose.drawn)

    @property
    def every_dose(self) -> tuple[float, ...]:
        """Every dose somebody of the arm is given at some time, in the unit of the compound's base, ascending; steps included."""
        levels = [dose for dose, _ in self.dose_levels]
        steps = () if self.dose is None or self.dose.steps is None else self.dose.steps
        shares = (
            [self.dose.share(ceil(step.after.to("d"))) for step in steps] if self.dose is not None else []
        )
        return tuple(sorted({level * share for level in levels for share in shares or (1.0,) if share > 0}))

    @property
    def moves(self) -> bool:
        """Whether the dose of a person changes over time, so that they may be their own control."""
        return self.dose is not None and (self.dose.steps is not None or self.dose.titrate is not None)

    @property
    def off_drug(self) -> bool:
        """Whether its people are given placebo for a part of the dosing: they wait for the drug, or are taken off it."""
        steps = () if self.dose is None or self.dose.steps is None else self.dose.steps
        waits = bool(steps) and steps[0].after.to("d") > 0
        return waits or any(isinstance(step.dose, str) for step in steps)

    def base_dose(self) -> float:
        """Nominal dose in the unit of the compound's base: the mean over drawn levels; 0 for a placebo."""
        return sum((dose * chance for dose, chance in self.dose_levels), 0.0)
