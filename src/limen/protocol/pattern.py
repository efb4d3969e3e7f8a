"""On which days doses fall: every nth day, weekdays, listed days, or the words trials use for one of these."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, Any, Literal, cast

from pydantic import BeforeValidator, Field, GetJsonSchemaHandler, model_serializer, model_validator
from pydantic_core import CoreSchema

from limen.protocol.fields import Duration, Mistake, Part, Whole, abridged, refuse, refuse_all, written

WEEK = 7
WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_WHOLE = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
HOW = "write {every: 3 d}, {weekdays: [Mon, Thu]}, {days: [0, 3, 7]}, 'twice weekly' or '4-on-3-off'"
HOW_SAID = "in words, such as daily, every third day, weekly, twice weekly, weekdays, 4-on-3-off, Fadiman, Stamets, single"
IN_PARTS = "what is taken in parts over one day is one dose here: write the whole day's dose with 'daily', and the parts under left_open"
# Days of a week that starts with its first dose. Trials write "twice weekly" for doses 3 and 4 days apart.
NAMED = {"twice weekly": (0, 3), "4-on-3-off": (0, 1, 2, 3)}
_COUNT = ["one", "two", "three", "four", "five", "six", "seven"]
_ORDER = ["first", "second", "third", "fourth", "fifth", "sixth", "seventh"]
_SAID: Mapping[str, Any] = MappingProxyType(
    {
        r"daily|once daily|once a day|(?:every|each) day": {"every": "1 d"},
        r"(?:every other|alternate|alternating|every alternate) days?": {"every": "2 d"},
        r"fadiman(?: protocol| schedule)?": {"every": "3 d"},
        r"stamets(?: protocol| schedule| stack)?": {"name": "4-on-3-off"},
        r"(?:once )?weekly|once (?:a|per) week|every week": {"every": "7 d"},
        r"fortnightly|(?:every other|every second) week": {"every": "14 d"},
        r"(?:twice|two times|2 times|2x) ?(?:weekly|(?:a|per|/) ?week)": {"name": "twice weekly"},
        r"(?:three times|thrice|3 times|3x) ?(?:weekly|(?:a|per|/) ?week)": {
            "weekdays": ["Mon", "Wed", "Fri"]
        },
        r"weekdays(?: only)?|workdays|working days|monday to friday|mon ?- ?fri": {
            "weekdays": list(WEEKDAYS[:5])
        },
        r"weekends?(?: only)?": {"weekdays": ["Sat", "Sun"]},
        r"once|single|single doses?|one dose|single administration": {"days": [0]},
    }
)


def pattern_in_words(text: str) -> dict[str, Any] | None:
    """The pattern that words such as 'every third day', 'Fadiman' or '5 days on, 2 days off' stand for; None for others."""
    word = " ".join(text.casefold().replace(",", " ").split())
    for said, pattern in _SAID.items():
        if re.fullmatch(said, word):
            return dict(pattern)
    if apart := re.fullmatch(r"(?:once )?(?:every|each) (\w+) (day|week)s?", word):
        number = next(
            (names.index(apart[1]) + 1 for names in (_COUNT, _ORDER) if apart[1] in names), apart[1]
        )
        number = re.sub(r"(?<=\d)(st|nd|rd|th)$", "", str(number))
        return {"every": f"{number} {apart[2]}"} if number.isdigit() and number.isascii() else None
    if shares := re.fullmatch(r"(\d+) ?-? ?(?:days? )?on(?: ?- ?| )(\d+) ?-? ?(?:days? )?off", word):
        on, off = int(shares[1]), int(shares[2])
        if on + off == WEEK and on and off:
            return {"name": "4-on-3-off"} if on == 4 else {"weekdays": list(WEEKDAYS[:on])}
    return None


def _weekday(value: Any) -> Any:
    """'Mon' for 'monday', 'Mondays' or 'MON'; whatever else as it is."""
    word = value.strip().casefold().rstrip("s.") if isinstance(value, str) else ""
    found = [
        short
        for short, whole in zip(WEEKDAYS, _WHOLE, strict=True)
        if len(word) > 2 and whole.startswith(word)
    ]
    return found[0] if found else value


Weekday = Annotated[Literal["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"], BeforeValidator(_weekday)]


class Pattern(Part):
    """Exactly one of: every nth day, weekdays, explicit days, or a named pattern (written as plain text)."""

    every: Duration | None = Field(default=None, description="a whole number of days, such as '3 d'")
    weekdays: tuple[Weekday, ...] | None = Field(default=None, min_length=1, description="such as [Mon, Thu]")
    days: tuple[Whole, ...] | None = Field(
        default=None, min_length=1, max_length=1000, description="days after the first day"
    )
    name: Literal["twice weekly", "4-on-3-off"] | None = None

    @model_validator(mode="before")
    @classmethod
    def _from_text(cls, value: Any) -> Any:
        if isinstance(value, str):
            if (found := pattern_in_words(value)) is None:
                often = re.search(
                    r"(twice|two|three|several) (times )?(daily|a day|per day)|\bb\.?i\.?d\b",
                    value.casefold(),
                )
                raise refuse(f"{abridged(value)} is not a schedule pattern", IN_PARTS if often else HOW)
            return found
        if not isinstance(value, dict | Pattern):
            raise refuse("a schedule pattern is a name or a mapping", HOW)
        return cast("Any", value)

    @model_validator(mode="after")
    def _sensible(self) -> Pattern:
        given = [name for name in ("every", "weekdays", "days", "name") if getattr(self, name) is not None]
        if len(given) != 1:
            raise refuse(
                "a schedule has exactly one pattern" + (f", not {', '.join(given)}" if given else ""), HOW
            )
        if self.every is not None:
            days = self.every.to("d")
            if days < 1 or abs(days - round(days)) > 1e-9:
                how = IN_PARTS if days < 1 else HOW
                raise refuse_all([Mistake(("every",), f"{self.every} is not a whole number of days", how)])
        if self.weekdays is not None and len(set(self.weekdays)) < len(self.weekdays):
            raise refuse_all([Mistake(("weekdays",), "a weekday is named twice")])
        if self.days is not None and list(self.days) != sorted({day for day in self.days if day >= 0}):
            raise refuse_all([Mistake(("days",), "days are not ascending, different and zero or more")])
        return self

    @model_serializer
    def _as_written(self) -> Any:
        if self.name is not None:
            return self.name
        if self.every is not None:
            return {"every": written(self.every)}
        return (
            {"weekdays": list(self.weekdays)}
            if self.weekdays is not None
            else {"days": list(self.days or ())}
        )

    @classmethod
    def __get_pydantic_json_schema__(cls, core: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        schema = handler.resolve_ref_schema(handler(core))
        schema["properties"].pop("name", None)
        words = {"type": "string", "description": HOW_SAID, "examples": list(NAMED)}
        return {"anyOf": [words, schema | {"minProperties": 1, "maxProperties": 1}]}

    def offsets(self, length: int) -> tuple[int, ...]:
        """Days from the first dose on which a dose falls, below `length` days.

        Weekdays are counted from the first of them in a week that starts on Monday: the first dose is day 0.
        """
        if self.days is not None:
            return tuple(day for day in self.days if day < length)
        if self.every is not None:
            return tuple(range(0, length, round(self.every.to("d"))))
        if self.weekdays is not None:
            ordered = sorted(WEEKDAYS.index(day) for day in self.weekdays)
            week = tuple(day - ordered[0] for day in ordered)
        else:
            assert self.name is not None
            week = NAMED[self.name]
        return tuple(
            d for start in range(0, length, WEEK) for d in (start + day for day in week) if d < length
        )

    def __str__(self) -> str:
        if self.name is not None:
            return self.name
        if self.every is not None:
            return f"every {self.every}"
        days = self.days or ()
        listed = f"day{'s' * (len(days) != 1)} {', '.join(map(str, days))}"
        return f"on {', '.join(self.weekdays) if self.weekdays else listed}"
