"""The drug dictionary: one `Drug` per row of `facts/safety/drugs`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

from limen.facts.read import read

# ATC groups whose hits are worded so that nobody reads them as a reason to stop a treatment.
NEVER_SUGGEST_STOPPING = ("N05A", "N06A", "N06C")

# Properties that a rule may ask for by value, as in `qt_risk=known`.
PROPERTIES = ("cyp2d6_inhibitor", "qt_risk")


@dataclass(frozen=True)
class Drug:
    """A medicine or substance as the dictionary knows it. Half-lives in hours, None where unknown or irrelevant."""

    name: str
    synonyms: tuple[str, ...]
    atc: str
    drug_class: str
    cyp2d6_inhibitor: str
    serotonergic: bool
    half_life_h: float | None
    parent_half_life_h: float | None
    active_metabolite: str
    metabolite_half_life_h: float | None
    qt_risk: str
    flags: frozenset[str]
    sources: tuple[str, ...]
    verification: str
    half_life_verification: str
    note: str

    def has(self, flag: str) -> bool:
        """Whether it carries a flag (`sert_inhibitor`) or a property (`qt_risk=known`)."""
        if "=" in flag:
            field, value = flag.split("=")
            return getattr(self, field) == value
        return flag in self.flags

    @property
    def protected(self) -> bool:
        """Lithium, antidepressants and antipsychotics: stopping them is dangerous in itself."""
        return self.atc.startswith(NEVER_SUGGEST_STOPPING)


@cache
def parts(name: str) -> tuple[Drug, ...]:
    """The drug itself, and of a combination (`olanzapine and fluoxetine`) those components that have a row."""
    whole = dictionary()[name]
    return (
        whole,
        *(dictionary()[part] for part in name.split(" and ") if part != name and part in dictionary()),
    )


@cache
def dictionary() -> Mapping[str, Drug]:
    """Every drug by its dictionary name."""
    return MappingProxyType(
        {
            row["name"]: row.into(
                Drug, synonyms=row.parts("synonyms"), atc=row["atc_code"], drug_class=row["class"],
                serotonergic=row["serotonergic"] == "yes", flags=frozenset(row.parts("flags")),
            )
            for row in read("safety/drugs")
        }
    )  # fmt: skip


@cache
def by_atc() -> Mapping[str, Drug]:
    """Drugs by their seven-character ATC code."""
    return MappingProxyType({drug.atc: drug for drug in dictionary().values() if drug.atc})
