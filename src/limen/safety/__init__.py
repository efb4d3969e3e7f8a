"""Who must not take it, what must be washed out, what to watch and when to stop.

Facts about eligibility as trials define it, never advice to change a treatment. Four folders, each importing only those
before it: `reading` (what was said), `rules` (what trials ask), `screening` (one decision), `monitoring` (visits).
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from limen.safety.monitoring.adverse import expected_per_100 as expected_per_100
    from limen.safety.monitoring.alerts import watch as watch
    from limen.safety.monitoring.monitoring import plan as plan
    from limen.safety.monitoring.visits import watch_file as watch_file
    from limen.safety.reading.fhir import bundle as bundle
    from limen.safety.reading.intake import patient as patient
    from limen.safety.reading.intake import patients as patients
    from limen.safety.reading.names import read_list as read_list
    from limen.safety.reading.patient import Patient as Patient
    from limen.safety.rules.book import RuleBook as RuleBook
    from limen.safety.rules.book import for_protocol as for_protocol
    from limen.safety.rules.overlay import load_overlay as load_overlay
    from limen.safety.screening.bearing import bearing_on as bearing_on
    from limen.safety.screening.funnel import funnel as funnel
    from limen.safety.screening.screen import Screening as Screening
    from limen.safety.screening.screen import screen as screen

_PUBLIC = {
    "Patient": "reading.patient",
    "RuleBook": "rules.book",
    "Screening": "screening.screen",
    "bearing_on": "screening.bearing",
    "bundle": "reading.fhir",
    "expected_per_100": "monitoring.adverse",
    "for_protocol": "rules.book",
    "funnel": "screening.funnel",
    "load_overlay": "rules.overlay",
    "patient": "reading.intake",
    "patients": "reading.intake",
    "plan": "monitoring.monitoring",
    "read_list": "reading.names",
    "screen": "screening.screen",
    "watch": "monitoring.alerts",
    "watch_file": "monitoring.visits",
}


def __getattr__(name: str) -> Any:
    """Public names, each loaded when it is first asked for: a screen needs no monitoring."""
    if name not in _PUBLIC:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_PUBLIC[name]}"), name)


def __dir__() -> list[str]:
    return sorted(_PUBLIC)
