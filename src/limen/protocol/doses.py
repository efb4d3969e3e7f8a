"""Doses in the forms they are stated in, and as the base each compound's record counts in."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Annotated, Any

from pydantic import BeforeValidator

from limen import compounds
from limen.protocol.fields import Choice, abridged, refuse
from limen.units import Quantity


@cache
def _unrecorded() -> Mapping[str, tuple[str, str]]:
    text = files("limen.protocol").joinpath("unrecorded.toml").read_text(encoding="utf-8")
    rows = tomllib.loads(text).items()
    called = {word.casefold(): (name, row["known"]) for name, row in rows for word in row["words"]}
    return MappingProxyType(called | {name.casefold(): (name, row["known"]) for name, row in rows})


def unrecorded(value: Any) -> bool:
    """Whether a word names a drug that limen has no record of and knows by name."""
    return isinstance(value, str) and value.strip().casefold() in _unrecorded()


def _known_compound(value: Any) -> Any:
    if unrecorded(value) and value not in compounds.compound_names():
        name, known = _unrecorded()[value.strip().casefold()]
        recorded = ", ".join(compounds.compound_names())
        raise refuse(
            f"limen has no record of {name}: {known}",
            f"it has one of {recorded}; a record may be added: docs/howto/extend.md",
        )
    return value


def _known_form(value: Any) -> Any:
    """A form by any of its names; what names several, or a compound, is refused with what tells them apart."""
    if not isinstance(value, str):
        return value
    word = " ".join(value.casefold().split()).removeprefix("synthetic ")
    found = [
        form.label
        for name in compounds.compound_names()
        for form in compounds.compound(name).forms
        if word in (called.casefold() for called in (form.label, *form.called))
    ]
    if found:
        return found[0]
    several = [label for label in compounds.form_names() if label.casefold().startswith(f"{word} ")]
    if len(several) > 1:
        told = (
            f"write {' or '.join(map(repr, several))}; where the source does not say which, write the one you assume and say so under "
            "left_open: {arms.form: ...}"
        )
        raise refuse(f"{abridged(value)} may be any of {len(several)} forms, and their doses differ", told)
    return value


CompoundName = Annotated[str, Choice(compounds.compound_names), BeforeValidator(_known_compound)]
FormName = Annotated[str, Choice(compounds.form_names), BeforeValidator(_known_form)]
Route = Annotated[str, Choice(compounds.routes)]


def to_base(
    quantity: Quantity, form: str, potency: Quantity | None = None, content: float | None = None
) -> float:
    """A stated dose in the unit of the compound's base (ug LSD base, mg psilocybin anhydrate ...).

        base = content * mass * yield / mass ratio    (salts, hydrates and prodrugs; ratios from facts, median yield)
        base = content * mass * potency               (a material that is weighed; median potency)

    `potency` is the median content of a material, that of its record where it is None; `content` is measured over
    labelled content, 1 where it is None. Raises CompoundError for an unknown form.
    """
    record = compounds.of_form(form)
    kind = record.form(form)
    share = 1.0 if content is None else content
    if kind.potency is not None:
        grams = share * quantity.to("g") * (potency or kind.potency.content).to("mg/g")
        return Quantity(grams, "mg").to(record.unit)
    reaches = 1.0 if kind.conversion_yield is None else kind.conversion_yield.median
    return share * quantity.to(record.unit) * reaches / kind.mass_ratio


def implausible(quantity: Quantity, form: str) -> str | None:
    """Why a dose cannot be meant, or None."""
    record = compounds.of_form(form)
    kind = record.form(form)
    low, high, unit = record.plausible_of(kind)
    weighed = kind.potency is not None
    dose, name = (quantity.to(unit), form) if weighed else (to_base(quantity, form), record.base)
    if low <= dose <= high:
        return None
    return f"{quantity} of {form} is {dose:g} {unit} {name}; plausible is {low:g} to {high:g} {unit}"
