"""Microdose, low-dose comparator or full dose: classes that are never pooled unless somebody asks.

The limits are not chosen here. The registered trials (`regulation/trial_pipeline`) carry a class each; a dose
is a microdose when it is no larger than the largest dose registered as one for that substance, unit and salt
basis, and a full dose from the smallest top dose registered as one. In between it is a low-dose comparator.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache

from limen.compounds import compound as record
from limen.compounds import compound_names, mentioned
from limen.evidence.choices import choices
from limen.facts.read import Row, read
from limen.facts.schema import doses_in_words, mass_unit, substance
from limen.units import Quantity

MICRODOSE, LOW, FULL = "microdose", "low dose comparator", "full dose"
CLASSES = (MICRODOSE, LOW, FULL)
UNKNOWN = ""

_NUMBER = re.compile(r"(?<![\w.])(\d+(?:\.\d+)?)")
_BY_UNIT = {"ug": "LSD", "mg": "psilocybin", "g": "fungus"}  # where a text names no substance beside the dose


@cache
def limits() -> Mapping[tuple[str, str, str], tuple[float, float]]:
    """(substance, unit, salt) to (largest microdose, smallest full dose), from the registered trials."""
    microdoses: dict[tuple[str, str, str], float] = {}
    full: dict[str, float] = {}
    for row in read("regulation/trial_pipeline"):
        unit = mass_unit(row["dose_unit"])
        kind, top = substance(row["compound"], unit), row.number("dose_high")
        if unit is None or kind is None or top is None:
            continue
        if row["dose_class"] == MICRODOSE:
            name = kind, unit, _salt(kind, row["dose_basis"])
            microdoses[name] = max(top, microdoses.get(name, 0.0))
        if row["dose_class"] == FULL:
            full[kind] = min(top, full.get(kind, float("inf")))
    return {key: (low, full.get(key[0], float("inf"))) for key, low in microdoses.items()}


def _salt(kind: str, text: str) -> str:
    """LSD as base, as tartrate, or unstated (then judged by the limit of trials that do not state it
    either)."""
    salts = {one for one in compound_names() if any("tartrate" in form.words for form in record(one).forms)}
    if kind not in salts:
        return ""
    words = text.lower()
    if "base" in words and "not stated" not in words:
        return "base"
    return "tartrate" if "tartrate" in words else "unstated"


def dose_class(dose: float, unit: str, compound: str = "", form: str = "") -> str:
    """The class of one dose; empty where the substance or unit has no registered microdose to compare with.

    A dose per kg, or per 70 kg, is that of a person of `[dose] body_weight_kg`.
    """
    mass, _, per = (mass_unit(unit) or "").partition("/")
    if per:
        dose *= choices()["dose"]["body_weight_kg"] / (70 if per.startswith("70") else 1)
    kind = substance(compound, mass) or ""
    if not kind and not any(mentioned(compound, name) for name in compound_names()):
        kind = _BY_UNIT.get(mass, "")  # a compound that is named and has no limits is not taken for another
    if kind in compound_names():
        dose, mass = Quantity(dose, mass).to(record(kind).unit), record(kind).unit
    bounds = limits().get((kind, mass, _salt(kind, f"{unit} {form}")))
    if bounds is None or dose <= 0:
        return UNKNOWN
    return MICRODOSE if dose <= bounds[0] else FULL if dose >= bounds[1] else LOW


def of_text(text: str, compound: str = "") -> str:
    """The class of the largest dose named in words, such as `LSD 25 ug base single dose`; empty without
    one."""
    doses = doses_in_words(text)
    named = f"{text} {compound}" if len({unit for _, unit in doses}) == 1 else ""
    classes = [dose_class(dose, unit, named, text) for dose, unit in doses]
    return max((c for c in classes if c), key=CLASSES.index, default=UNKNOWN)


def of_study(study: Row) -> str:
    """The class of a study's largest dose; a study of `mixed psychedelics` without a dose has none."""
    doses, unit = study["doses"], study["dose_unit"]
    if mass_unit(unit) is None:
        return of_text(doses)
    digits = [float(number) for number in _NUMBER.findall(doses)]
    classes = [dose_class(dose, unit, study["compound"], study["form"]) for dose in digits]
    return max((c for c in classes if c), key=CLASSES.index, default=UNKNOWN)
