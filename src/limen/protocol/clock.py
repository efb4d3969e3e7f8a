"""At which hour of the day doses are taken and samples drawn: what a marker with a daily rhythm hangs on."""

from __future__ import annotations

import re
from typing import Annotated, Any

from pydantic import Field, PlainValidator, WithJsonSchema

from limen.protocol.fields import Part, refuse

_TIME = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)")


def _hour(value: Any) -> str:
    found = _TIME.fullmatch(value.strip()) if isinstance(value, str) else None
    if found is None:
        raise refuse(f"{ascii(value)[:40]} is not a time of day", "write it in quotes, such as '09:00'")
    return f"{int(found[1]):02d}:{found[2]}"


Hour = Annotated[
    str,
    PlainValidator(_hour),
    WithJsonSchema({"type": "string", "description": "a time of day", "examples": ["09:00"]}),
]


def hours(time: str) -> float:
    """'09:30' as 9.5."""
    hour, minute = time.split(":")
    return int(hour) + int(minute) / 60


class Clock(Part):
    """Times of day, assumed where left out."""

    dose: Hour | None = Field(default=None, description="when doses are taken, such as '09:00'")
    samples: tuple[Hour, ...] = Field(
        default=(), max_length=24, description="when blood or saliva is drawn on a dosing day"
    )

    @property
    def dose_hour(self) -> float | None:
        return None if self.dose is None else hours(self.dose)

    @property
    def sample_hours(self) -> tuple[float, ...]:
        """Ascending clock hours."""
        return tuple(sorted({hours(time) for time in self.samples}))
