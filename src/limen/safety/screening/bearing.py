"""Which interaction rules bear on a compound for a set of comedications or classes, with their factors as facts."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from limen.errors import DataError
from limen.facts.read import read
from limen.safety.reading.drugs import Drug, dictionary
from limen.safety.rules.book import speaks_of
from limen.safety.rules.interactions import SEVERITIES, Rule, compound_name, findings, shipped

_RATIO = re.compile(r"GMR\s+(?P<what>AUC|Cmax)\s+(?P<value>\d+(?:\.\d+)?)")
_PERCENT = re.compile(r"(?P<what>AUC) about (?P<value>\d+(?:\.\d+)?)% higher")
GENOTYPE = "CYP2D6 poor metaboliser"


@dataclass(frozen=True)
class Bearing:
    """One rule that bears on a comedication. `factors` are ratios of exposure a row states: {'AUC': 1.5, 'Cmax': 1.4}."""

    comedication: str
    drugs: tuple[str, ...]
    rule: Rule
    factors: tuple[tuple[str, float], ...]

    @property
    def factor(self) -> dict[str, float]:
        return dict(self.factors)


def exposure_factors(text: str) -> tuple[tuple[str, float], ...]:
    """Ratios of exposure stated in an effect estimate: `GMR Cmax 1.4; GMR AUC 1.5`, `AUC about 75% higher`."""
    found = [(m["what"], float(m["value"])) for m in _RATIO.finditer(text)]
    found += [(m["what"], 1 + float(m["value"]) / 100) for m in _PERCENT.finditer(text)]
    return tuple(found)


def drugs_of(comedication: str) -> tuple[Drug, ...]:
    """Dictionary drugs a name, class (`SSRI`), ATC prefix, flag or property (`cyp2d6_inhibitor=strong`) stands for."""
    if "=" in comedication or any(comedication in drug.flags for drug in dictionary().values()):
        return tuple(drug for drug in dictionary().values() if drug.has(comedication))
    return tuple(drug for drug in dictionary().values() if speaks_of(comedication, drug))


def bearing_on(compound: str, comedications: Iterable[str], population: str = "") -> tuple[Bearing, ...]:
    """Rules that bear on a compound for each comedication or class, gravest first; factors as the rows state them.

    `CYP2D6 poor metaboliser` names the genotype. Factors of several rules are alternatives and never multiply: an
    inhibitor makes a poor metaboliser of a normal one and changes little in somebody who is one already (INT037's note).
    Raises DataError where a comedication stands for no drug.
    """
    compound = compound_name(compound)
    found: dict[tuple[str, str], tuple[Rule, set[str]]] = {}
    for wanted in comedications:
        if wanted == GENOTYPE:
            rule = next(rule for rule in shipped() if rule.comedication.startswith(GENOTYPE))
            if rule.applies_to(compound):
                found[wanted, rule.id] = (rule, set())
            continue
        drugs = drugs_of(wanted)
        if not drugs:
            raise DataError(
                f"{wanted!r} stands for no drug of the dictionary",
                remedy="use a name, class, ATC prefix or flag",
            )
        for drug in drugs:
            for match in findings(drug, compound, shipped(), population):
                if not (match.rule.after_stopping or match.shown_only):
                    found.setdefault((wanted, match.rule.id), (match.rule, set()))[1].add(drug.name)
    bearings = [
        Bearing(wanted, tuple(sorted(names)), rule, exposure_factors(rule.estimate))
        for (wanted, _), (rule, names) in found.items()
    ]
    return tuple(
        sorted(bearings, key=lambda b: (SEVERITIES.index(b.rule.severity), b.rule.id, b.comedication))
    )


def strong_cyp2d6_inhibitors() -> tuple[str, ...]:
    """Names of the dictionary's strong CYP2D6 inhibitors (INT036)."""
    return tuple(row["name"] for row in read("safety/drugs") if row["cyp2d6_inhibitor"] == "strong")
