"""Forms of the two compounds; every dose as ug of LSD base or mg of psilocybin anhydrate."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any, Literal, get_args

from limen.errors import ProtocolError
from limen.facts.read import read
from limen.units import Quantity

Compound = Literal["LSD", "psilocybin"]
FormName = Literal[
    "LSD base",
    "LSD tartrate 1:1",
    "LSD tartrate 2:1",
    "LSD tartrate 2:1 dimethanolate",
    "psilocybin anhydrate",
    "psilocybin trihydrate",
    "dried mushroom",
]
COMMON_UNIT: Mapping[str, str] = MappingProxyType({"LSD": "ug", "psilocybin": "mg"})
COMMON_FORM: Mapping[str, str] = MappingProxyType({"LSD": "LSD base", "psilocybin": "psilocybin anhydrate"})


@dataclass(frozen=True)
class Form:
    """One form: its compound, the fact row of its mass ratio (form per common form), its plausible range."""

    name: str
    compound: str
    conversion: str | None
    plausible: str

    @property
    def mass_ratio(self) -> float:
        """Mass of this form that holds one unit mass of the common form; 1 for the common form itself."""
        if self.conversion is None:
            return 1.0
        value = read("pharmacokinetics/dose_conversion").row(self.conversion).number("value")
        assert value is not None
        return value


FORMS: Mapping[str, Form] = MappingProxyType(
    {
        form.name: form
        for form in (
            Form("LSD base", "LSD", None, "lsd_base"),
            Form("LSD tartrate 1:1", "LSD", "CV001", "lsd_base"),
            Form("LSD tartrate 2:1", "LSD", "CV003", "lsd_base"),
            Form("LSD tartrate 2:1 dimethanolate", "LSD", "CV004", "lsd_base"),
            Form("psilocybin anhydrate", "psilocybin", None, "psilocybin_anhydrate"),
            Form("psilocybin trihydrate", "psilocybin", "CV013", "psilocybin_anhydrate"),
            Form("dried mushroom", "psilocybin", None, "dried_mushroom"),
        )
    }
)
assert set(FORMS) == set(get_args(FormName))


def forms_of(compound: str) -> tuple[str, ...]:
    """The forms in which a dose of this compound may be stated."""
    return tuple(form.name for form in FORMS.values() if form.compound == compound)


@cache
def _numbers(file: str) -> Mapping[str, Any]:
    """One file of `parameters/`, read as data: that room stands above this one and is not imported."""
    text = files("limen").joinpath("parameters", f"{file}.toml").read_text(encoding="utf-8")
    return MappingProxyType(tomllib.loads(text))


def plausible_range(name: str) -> tuple[float, float, str]:
    """Low, high and unit of one plausible range of `parameters/plausible.toml`."""
    entry = _numbers("plausible")[name]
    return float(entry["low"]), float(entry["high"]), str(entry["unit"])


def default_potency() -> tuple[Quantity, float]:
    """Median (mg psilocybin per g dried) and geometric SD of a batch nobody assayed."""
    entry = _numbers("pharmacology")["potency"]["mushroom"]
    return Quantity(float(entry["value"]), str(entry["unit"])), float(entry["gsd"])


def to_base(
    quantity: Quantity, form: str, potency: Quantity | None = None, content: float | None = None
) -> float:
    """A stated dose as ug LSD base or mg psilocybin anhydrate.

        base = content * mass / mass_ratio            (salts and hydrates; ratios CV001, CV003, CV004, CV013)
        anhydrate = content * grams * potency         (dried mushroom; median potency in mg/g)

    `potency` is the median content of a dried mushroom, the assumed default where it is None; `content` is
    measured over labelled content, 1 where it is None. Raises ProtocolError for an unknown form.
    """
    if form not in FORMS:
        raise ProtocolError(f"{form!r} is not a form", remedy=f"forms are: {', '.join(FORMS)}")
    share = 1.0 if content is None else content
    if form == "dried mushroom":
        per_gram = default_potency()[0] if potency is None else potency
        return share * quantity.to("g") * per_gram.to("mg/g")
    kind = FORMS[form]
    return share * quantity.to(COMMON_UNIT[kind.compound]) / kind.mass_ratio


def implausible(quantity: Quantity, form: str) -> str | None:
    """Why a dose cannot be meant, or None. Ranges are assumptions of `parameters/plausible.toml`."""
    low, high, unit = plausible_range(FORMS[form].plausible)
    if form == "dried mushroom":
        dose, name = quantity.to("g"), "dried mushroom"
    else:
        dose, name = to_base(quantity, form), COMMON_FORM[FORMS[form].compound]
    if low <= dose <= high:
        return None
    return f"{quantity} of {form} is {dose:g} {unit} {name}; plausible is {low:g} to {high:g} {unit}"
