"""A dose as stated to the screen: it may lack a form, and then the one assumed is said."""

from __future__ import annotations

from dataclasses import dataclass

from limen.compounds import compound as record
from limen.errors import DataError, Place
from limen.safety.rules.interactions import compound_name
from limen.units import Quantity, quantity

_BESIDE = frozenset(
    {"of", "as", "in", "oral", "orally", "po", "sublingual", "powder", "mushrooms", "truffles"}
)


@dataclass(frozen=True)
class StatedDose:
    """The dose as understood; `form` is empty where no dose was given."""

    compound: str
    text: str
    quantity: Quantity | None
    form: str
    assumed: bool

    @property
    def words(self) -> str:
        if self.quantity is None:
            return f"{self.compound}, no dose given"
        return f"{self.compound} {self.quantity}, {'assumed to be' if self.assumed else 'as'} {self.form}"


def stated_dose(compound: str, text: str) -> StatedDose:
    """Read `3 mg`, `10 ug tartrate`, `0.3 g dried mushroom`. Raises UnitError for anything that is not a mass, and
    DataError for a dose nobody can mean of this compound, or words after it that are no form of it.
    """
    compound = compound_name(compound)
    if not text.strip():
        return StatedDose(compound, "", None, "", False)
    parts = text.replace("\u00a0", " ").split()
    amount = parts[:2] if len(parts) > 1 and parts[0].replace(".", "", 1).isdigit() else parts[:1]
    found = quantity(" ".join(amount), "mass")
    rest = " ".join(parts[len(amount) :]).casefold()
    forms = record(compound).forms
    known = {
        compound.casefold(),
        *_BESIDE,
        *(word for f in forms for word in (*f.label.casefold().split(), *f.words)),
    }
    if unread := [word for word in rest.split() if word.strip("(),") not in known]:
        labels = ", ".join(form.label for form in forms)
        what = f"{' '.join(unread)!r} after the dose is not read"
        raise DataError(
            what, Place(field="dose"), f"write one dose, and where you know it its form: {labels}"
        )
    named = next((form.label for form in forms if form.label.casefold() in rest), "") or next(
        (form.label for form in reversed(forms) if any(word in rest for word in form.words)), ""
    )
    weighed = next((form.label for form in forms if form.unit == found.unit), forms[0].label)
    from limen.protocol.doses import implausible

    if why := implausible(found, named or weighed):
        raise DataError(why, Place(field="dose"), "check the unit, the form and the compound")
    return StatedDose(compound, text, found, named or weighed, not named)
