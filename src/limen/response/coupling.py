"""Scenarios in which a marker moves symptoms: never a default, since limen's tables hold no study that shows it at a microdose."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from limen.errors import ParameterError
from limen.response.marker import Marker
from limen.response.markers import MARKERS

SCENARIOS: Mapping[str, str] = MappingProxyType(
    {
        "plasticity-mediated": "plasticity",
        "network-mediated": "network",
        "inflammation-mediated": "inflammation",
        "stress-mediated": "HPA",
    }
)


def carriers(scenario: str) -> tuple[Marker, ...]:
    """The markers through which a scenario moves symptoms: those of its group that have a coupling. Blood BDNF has none,
    being a read-out that drives nothing; of EEG power and TNF-alpha no correlation with symptoms is among the facts."""
    if scenario not in SCENARIOS:
        raise ParameterError(f"no scenario {scenario!r}", remedy=f"choices are: {', '.join(SCENARIOS)}")
    return tuple(m for m in MARKERS if m.group == SCENARIOS[scenario] and m.coupling is not None)
