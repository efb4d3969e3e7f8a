"""Doses in the forms they are stated in, and as the base each compound's record counts in."""

from __future__ import annotations

from typing import Annotated

from limen import compounds
from limen.protocol.fields import Choice
from limen.units import Quantity

CompoundName = Annotated[str, Choice(compounds.compound_names)]
FormName = Annotated[str, Choice(compounds.form_names)]
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
