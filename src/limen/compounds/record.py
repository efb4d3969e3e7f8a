"""The record of one compound, and the refusals that speak for what it lacks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import log
from types import MappingProxyType

from limen.errors import CompoundError
from limen.facts.read import read
from limen.units import Quantity, quantity

CONVERSIONS = "pharmacokinetics/dose_conversion"
_EMPTY: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True)
class Unassayed:
    """Content of a material nobody assayed, base per mass: LogNormal(median, geometric SD) between batches."""

    median: str
    gsd: float
    low: float
    high: float
    source: tuple[str, ...]
    note: str = ""

    @property
    def content(self) -> Quantity:
        return quantity(self.median, "content")


@dataclass(frozen=True)
class Yield:
    """Share of a prodrug that reaches the blood as the base: LogNormal(median, geometric SD) between batches."""

    median: float
    gsd: float
    source: tuple[str, ...]
    note: str


@dataclass(frozen=True)
class Plausible:
    """Doses a protocol may ask for before one is taken for a slip of the pen: not what is safe, useful or permitted."""

    low: float
    high: float
    note: str


@dataclass(frozen=True)
class Form:
    """One form a dose is stated in, and the `words` that name it. `conversion` names the fact row of its mass ratio, form
    over base; none is the base itself. `called`: what else its label may be written as. A material is weighed in its own `unit` and holds `potency` of the base. `law` is
    the name the law knows it by, where it has its own."""

    label: str
    words: tuple[str, ...] = ()
    conversion: str | None = None
    unit: str | None = None
    plausible: Plausible | None = None
    potency: Unassayed | None = None
    conversion_yield: Yield | None = None
    law: str | None = None
    called: tuple[str, ...] = ()

    @property
    def mass_ratio(self) -> float:
        """Mass of this form that holds one unit mass of the base; 1 for the base itself.

        Raises FactsError for a row that does not exist, CompoundError for one without a value.
        """
        if self.conversion is None:
            return 1.0
        value = read(CONVERSIONS).row(self.conversion).number("value")
        if value is None:
            raise CompoundError(f"{self.label}: row {self.conversion} of {CONVERSIONS} has no value")
        return value

    @property
    def batch_log_sd(self) -> float:
        """SD of ln(base given) between batches, where nobody assayed them."""
        spread = self.potency or self.conversion_yield
        return 0.0 if spread is None else log(spread.gsd)


@dataclass(frozen=True)
class KineticSet:
    """Kinetic parameters measured by some routes in some doses: `parameters` is the stem of their names, `low` to `high`
    the doses of measurement and `start` the least highest dose it serves, in the unit of the compound."""

    name: str
    label: str
    parameters: str
    routes: tuple[str, ...]
    low: float
    high: float
    source: tuple[str, ...]
    start: float = 0.0
    note: str = ""

    def measured(self, dose: float) -> bool:
        """Whether a dose, in the compound's unit, is in the measured range."""
        return self.low <= dose <= self.high * 1.0001


@dataclass(frozen=True)
class Domain:
    """Doses of the base in which perception, effect and harms of the trial model were measured."""

    low: float
    high: float
    source: tuple[str, ...]
    note: str


@dataclass(frozen=True)
class Compound:
    """One compound. Doses of the base are counted in `unit`.

    `parameters` says which parameter, or stem of parameters, the model's constants read; `inapplicable` says which of
    them have no meaning for this compound, and why. A constant in neither is not known, and `need` refuses it.
    `evidence` gives for each curve of the page whether its numbers were measured in this compound. `like` names the compound
    it is answered as, by its own word and not in silence; `caution` is said with every answer. `safety` is the name its
    rules stand under. Either `domain` holds, or `refused` says why no trial is simulated.
    """

    name: str
    analyte: str
    base: str
    unit: str
    law: str
    pattern: str
    plausible: Plausible
    forms: tuple[Form, ...]
    kinetics: tuple[KineticSet, ...]
    evidence: Mapping[str, str]
    parameters: Mapping[str, str]
    inapplicable: Mapping[str, str] = field(default_factory=lambda: _EMPTY)
    synonyms: tuple[str, ...] = ()
    safety: str | None = None
    marker_suffix: str | None = None
    domain: Domain | None = None
    refused: str | None = None
    like: str | None = None
    caution: str | None = None
    origin: str = field(default="", compare=False)

    @property
    def ug_per_unit(self) -> float:
        return Quantity(1.0, self.unit).to("ug")

    @property
    def routes(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(route for one in self.kinetics for route in one.routes))

    @property
    def rules(self) -> tuple[str, ...]:
        """Names under which rules of safety and rows of harm hold for it: its own, and what holds for all psychedelics."""
        return ("both",) if self.safety is None else (self.safety, "both")

    @property
    def form_names(self) -> tuple[str, ...]:
        return tuple(form.label for form in self.forms)

    @property
    def called(self) -> tuple[str, ...]:
        """Every name it goes by, its own first."""
        return (self.name, *self.synonyms)

    def form(self, label: str) -> Form:
        """The form of that label. Raises CompoundError listing the forms."""
        for form in self.forms:
            if form.label == label:
                return form
        raise CompoundError(
            f"{label} is not a form of {self.name}",
            remedy=f"forms of {self.name} are: {', '.join(self.form_names)}",
        )

    def plausible_of(self, form: Form) -> tuple[float, float, str]:
        """Low, high and unit of a plausible dose: of the material where it is weighed, else of the base."""
        found = form.plausible or self.plausible
        return found.low, found.high, form.unit or self.unit

    def kinetic_set(self, route: str, highest_dose: float) -> KineticSet:
        """The set that serves a route up to a highest dose, in the compound's unit; of several, the one that starts
        highest. Raises CompoundError for a route nobody measured."""
        serving = [one for one in self.kinetics if route in one.routes and one.start <= highest_dose]
        if not serving:
            routes = ", ".join(self.routes) or "none"
            raise CompoundError(
                f"{self.name}: no {route} kinetics are recorded",
                remedy=f"routes of {self.name} are: {routes}",
            )
        return max(serving, key=lambda one: one.start)

    def set_named(self, name: str) -> KineticSet:
        """A kinetic set by name. Raises CompoundError listing them."""
        for one in self.kinetics:
            if one.name == name:
                return one
        known = ", ".join(one.name for one in self.kinetics)
        raise CompoundError(f"{self.name} has no kinetics {name!r}", remedy=f"its sets are: {known}")

    def applies(self, what: str) -> bool:
        """Whether a constant has a meaning for this compound. Raises CompoundError where the record is silent."""
        if what in self.inapplicable:
            return False
        self.need(what)
        return True

    def need(self, what: str) -> str:
        """The parameter, or stem, that a constant of the model reads. Raises CompoundError where there is none."""
        if what in self.parameters:
            return self.parameters[what]
        why = self.inapplicable.get(what, "the record has no such number, and no other compound's is taken")
        raise CompoundError(
            f"{self.name} lacks {what}: {why}",
            remedy=f"name a parameter for {what!r} in its record" if what not in self.inapplicable else None,
        )

    @property
    def simulated(self) -> bool:
        """Whether a trial is simulated; where not, `refused` says why."""
        return self.domain is not None

    def beyond(self, dose: float) -> str | None:
        """Why the trial model says nothing of a dose of the base, in `unit`; None where it holds."""
        if self.domain is None:
            return self.refused
        low, high = self.domain.low, self.domain.high
        if dose <= high * 1.0001:
            return None
        return (
            f"exposure only, because {dose:.3g} {self.unit} of {self.base} lies beyond the doses in which perception, effect and "
            f"harms of the trial model were measured ({low:g} to {high:g} {self.unit})"
        )
