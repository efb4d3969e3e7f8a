"""One person as read from a list, a table or a record."""

from __future__ import annotations

from dataclasses import dataclass, field

from limen.heard import Heard
from limen.safety.reading.conditions import Condition, Measurements
from limen.safety.reading.names import Medicine


@dataclass(frozen=True)
class Patient:
    """What is known of one person. `id` is for the caller's bookkeeping; nothing here is written unless asked."""

    id: str = ""
    medications: tuple[Medicine, ...] = ()
    conditions: tuple[Condition, ...] = ()
    measured: Measurements = field(default_factory=Measurements)
    ignored: tuple[str, ...] = ()
    unread: tuple[Heard, ...] = ()  # parts of a record that nobody read, or that are not there
