"""The rules a screen uses: the shipped tables, a local overlay, and what a protocol says about medicines."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from limen.safety.reading.drugs import Drug
from limen.safety.reading.spelling import index, key
from limen.safety.rules.interactions import Match, Rule, findings, shipped

if TYPE_CHECKING:
    from limen.protocol import Protocol


@dataclass(frozen=True)
class RuleBook:
    """Interaction rules with local changes, chosen condition rules, and the protocol's medication lists.

    `changes` says in words what differs from the shipped rules. `permitted` and `excluded` hold drug names, class names
    or ATC prefixes; `washout_days` holds days by drug name or class name.
    """

    rules: tuple[Rule, ...] = field(default_factory=shipped)
    choose: Mapping[str, str] = field(default_factory=dict)
    changes: tuple[str, ...] = ()
    permitted: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
    washout_days: Mapping[str, float] = field(default_factory=dict)
    _found: dict[tuple[str, str, str], tuple[Match, ...]] = field(
        default_factory=dict, compare=False, repr=False
    )

    def findings(self, drug: Drug, compound: str, population: str = "") -> tuple[Match, ...]:
        """`rules.findings` with this book's rules, remembered per drug."""
        asked = (drug.name, compound, population)
        if asked not in self._found:
            self._found[asked] = findings(drug, compound, self.rules, population)
        return self._found[asked]

    def permits(self, drug: Drug) -> bool:
        return any(speaks_of(entry, drug) for entry in self.permitted)

    def excludes(self, drug: Drug) -> str:
        """The entry of the protocol's exclusions that speaks of the drug, or nothing."""
        return next((entry for entry in self.excluded if speaks_of(entry, drug)), "")

    def protocol_washout(self, drug: Drug) -> float | None:
        """Days the protocol requires since last intake, the longest of those that speak of the drug."""
        return max(
            (days for entry, days in self.washout_days.items() if speaks_of(entry, drug)), default=None
        )


def speaks_of(entry: str, drug: Drug) -> bool:
    """Whether a word of a protocol (`fluoxetine`, `SSRI`, `MAOI`, `antidepressants`, `N06AB`) means this drug."""
    words = key(entry)
    if (known := index().get(words)) is not None:
        return drug.name in known.drugs
    singular = words.removesuffix("s")
    if drug.atc and drug.atc.lower().startswith(singular.replace(" ", "")) and len(singular) >= 3:
        return True
    groups = {
        "antidepressant": ("N06A", "N06C"),
        "antipsychotic": ("N05A",),
        "stimulant": ("N06BA",),
        "triptan": ("N02CC",),
    }
    if singular in groups:
        return drug.atc.startswith(groups[singular]) and not drug.atc.startswith("N05AN")
    if singular in ("psychotropic", "psychotropic medication"):
        return drug.atc.startswith(("N05", "N06"))
    return singular in key(drug.drug_class).split() or singular == key(drug.drug_class)


def for_protocol(protocol: Protocol, book: RuleBook | None = None) -> RuleBook:
    """A rule book with the protocol's own medication rules: permitted, excluded, washout times."""
    from limen.units import quantity

    book, medication = book or RuleBook(), protocol.medication
    return replace(
        book,
        permitted=(*book.permitted, *medication.permitted),
        excluded=(*book.excluded, *medication.excluded),
        washout_days={
            **book.washout_days,
            **{n: quantity(t, "time").to("d") for n, t in medication.washout.items()},
        },
        _found={},
    )
