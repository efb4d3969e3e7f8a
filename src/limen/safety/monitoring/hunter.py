"""Hunter serotonin toxicity criteria (Dunkley 2003), as published: hypertonia alone is not enough.

Rows MON001 to MON005 of `facts/safety/monitoring` state the five rules; MON007 is a looser wording found elsewhere
(hypertonia by itself, temperature as an alternative to agitation), which is not used.
"""

from __future__ import annotations

from dataclasses import dataclass

from limen.facts.read import read


@dataclass(frozen=True)
class Signs:
    """What was found at the bedside. `serotonergic_exposure`: a serotonergic agent was taken. Temperature in degC."""

    serotonergic_exposure: bool
    spontaneous_clonus: bool = False
    inducible_clonus: bool = False
    ocular_clonus: bool = False
    agitation: bool = False
    diaphoresis: bool = False
    tremor: bool = False
    hyperreflexia: bool = False
    hypertonia: bool = False
    temperature_c: float | None = None


@dataclass(frozen=True)
class Hunter:
    """Whether the criteria are met, and which rules (MON001 to MON005) met them."""

    positive: bool
    rules: tuple[str, ...]


def fever_above() -> float:
    """The temperature of rule 5, in degC, from its row."""
    threshold = read("safety/monitoring").row("MON005").number("threshold")
    assert threshold is not None
    return threshold


def hunter(signs: Signs) -> Hunter:
    """Serotonin toxicity by the Hunter criteria.

        exposure AND ( spontaneous clonus
                     OR inducible clonus AND (agitation OR diaphoresis)
                     OR ocular clonus AND (agitation OR diaphoresis)
                     OR tremor AND hyperreflexia
                     OR hypertonia AND temperature > 38 degC AND (ocular OR inducible clonus) )

    Source: dunkley2003 (sensitivity 84%, specificity 97% against a toxicologist, in overdose patients).
    """
    if not signs.serotonergic_exposure:
        return Hunter(False, ())
    stirred = signs.agitation or signs.diaphoresis
    hot = signs.temperature_c is not None and signs.temperature_c > fever_above()
    met = {
        "MON001": signs.spontaneous_clonus,
        "MON002": signs.inducible_clonus and stirred,
        "MON003": signs.ocular_clonus and stirred,
        "MON004": signs.tremor and signs.hyperreflexia,
        "MON005": signs.hypertonia and hot and (signs.ocular_clonus or signs.inducible_clonus),
    }
    rules = tuple(rule for rule, is_met in met.items() if is_met)
    return Hunter(bool(rules), rules)
