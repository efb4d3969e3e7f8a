"""When doses are taken and when people are seen. Day 0 is the baseline visit."""

from __future__ import annotations

import re
from typing import Any, cast

from pydantic import Field, GetJsonSchemaHandler, model_serializer, model_validator
from pydantic_core import CoreSchema, PydanticCustomError

from limen.protocol.fields import (
    Duration,
    Mistake,
    Number,
    Part,
    Whole,
    measured,
    mistakes_of,
    plausible_range,
    refuse,
    refuse_all,
    when,
    written,
)
from limen.protocol.pattern import WEEK, Pattern
from limen.units import Quantity

_BASELINE = re.compile(r"\+?0+(\.0*)?\s*(wk|d|h|days?|weeks?|hours?)")


class Schedule(Part):
    """The doses of one period: pattern, length, and the probability that a scheduled dose is taken."""

    pattern: Pattern
    first_day: Whole = Field(
        default=0, ge=0, description="study day of the first dose; day 0 is the baseline visit"
    )
    duration: Duration = Field(description="length of dosing, such as '6 wk'; of one period in a crossover")
    adherence: Number = Field(
        default=1.0, gt=0, le=1, description="probability that a scheduled dose is taken"
    )
    washout: Duration | None = Field(default=None, description="between the periods of a crossover")
    lead_in: Duration | None = Field(
        default=None, description="placebo capsules for everybody, on the same pattern, before the first dose"
    )
    fixed_order: bool = Field(
        default=False, strict=True,
        description="in a crossover: everybody takes the arms in the order they are written in, instead of each beginning with "
        "their own and going on in turn",
    )  # fmt: skip

    @model_validator(mode="after")
    def _sensible(self) -> Schedule:
        low, high, unit = plausible_range("trial_duration")
        days = self.duration.to(unit)
        found: list[Mistake] = []
        if not low <= days <= high:
            found.append(Mistake(("duration",), f"{self.duration} is outside {low:g} to {high:g} {unit}"))
        if self.first_day >= high:
            found.append(Mistake(("first_day",), f"first day {self.first_day} is beyond {high:g} {unit}"))
        if self.lead_in is not None and self.pattern.days is not None:
            found.append(Mistake(("lead_in",), "a lead-in follows a pattern, and days are listed one by one",
                                 "write a pattern such as {every: 3 d}, or steps of the dose"))  # fmt: skip
        if self.pattern.days is not None and max(self.pattern.days) >= days:
            what = f"day {max(self.pattern.days)} is beyond the duration {self.duration}"
            remedy = f"day 0 is the first dose, so days run from 0 to {max(0, int(days) - 1)}"
            found.append(Mistake(("pattern", "days"), what, remedy))
        if found:
            raise refuse_all(found)
        return self

    @property
    def length(self) -> int:
        """Days that may hold a dose: the duration, in days, rounded up."""
        return -int(-self.duration.to("d") // 1)

    @property
    def weeks(self) -> float:
        return self.duration.to("wk")

    def period_starts(self, periods: int) -> tuple[int, ...]:
        """Study days on which the periods of a crossover begin: each a period and the washout after the one before."""
        apart = (
            self.duration.to("d")
            + self.first_dose
            - self.first_day
            + (0.0 if self.washout is None else self.washout.to("d"))
        )
        return tuple(self.first_day - int(-period * apart // 1) for period in range(periods))

    @property
    def first_dose(self) -> int:
        """Study day from which arms are given what they are given; before it a lead-in gives everybody placebo."""
        return self.first_day + (0 if self.lead_in is None else -int(-self.lead_in.to("d") // 1))

    def dosing_days(self) -> tuple[int, ...]:
        """Study days with a scheduled capsule, ascending: the pattern from `first_day` over a lead-in, then over the duration."""
        before = self.pattern.offsets(self.first_dose - self.first_day) if self.lead_in is not None else ()
        leading = tuple(self.first_day + day for day in before)
        return leading + tuple(self.first_dose + day for day in self.pattern.offsets(self.length))


class Visits(Part):
    """When people are seen: a list of times, or a regular interval from baseline."""

    at: tuple[Duration, ...] | None = None
    every: Duration | None = Field(default=None, description="interval between visits, such as '1 wk'")
    until: Duration | None = Field(default=None, description="the last visit, such as '8 wk'")

    @model_validator(mode="before")
    @classmethod
    def _from_list(cls, value: Any) -> Any:
        if isinstance(value, list | tuple):
            times: list[Quantity] = []
            mistakes: list[Mistake] = []
            baselines = 0
            for index, item in enumerate(cast("list[Any]", value)):
                text = str(when(item)).strip()
                if _BASELINE.fullmatch(text):
                    baselines += 1
                elif text.startswith("-"):
                    remedy = "only the baseline visit, '0 wk', may be before it"
                    mistakes.append(Mistake((index,), f"visit {text!r} is before the first dose", remedy))
                else:
                    try:
                        times.append(measured("time", positive=True)(text if isinstance(item, str) else item))
                    except PydanticCustomError as error:
                        mistakes += [Mistake((index,), m.what, m.remedy) for m in mistakes_of(error)]
            if baselines != 1:
                what = (
                    "there is no baseline visit" if baselines == 0 else "the baseline visit is listed twice"
                )
                mistakes.append(Mistake((), what, "start the list with one '0 wk'"))
            if mistakes:
                raise refuse_all(mistakes)
            return {"at": times}
        if not isinstance(value, dict | Visits) or (isinstance(value, dict) and "at" in value):
            raise refuse(
                "visits are a list of times or an interval",
                "write ['0 wk', '4 wk'] or {every: 1 wk, until: 8 wk}",
            )
        return cast("Any", value)

    @model_validator(mode="after")
    def _sensible(self) -> Visits:
        if self.at is None and (self.every is None or self.until is None):
            raise refuse("visits need both 'every' and 'until'", "write {every: 1 wk, until: 8 wk}")
        if self.at is None and self.every is not None and self.until is not None:
            steps = self.until.to("h") / self.every.to("h")
            if not 1 <= steps <= 1000:
                raise refuse(f"every {self.every} until {self.until} is not 1 to 1000 visits")
        if list(self.weeks) != sorted(set(self.weeks)):
            raise refuse("visits are not in ascending order, each once")
        if (limit := plausible_range("trial_duration"))[1] < self.weeks[-1] * WEEK:
            raise refuse(f"the last visit is beyond {limit[1]:g} {limit[2]}")
        return self

    @model_serializer
    def _as_written(self) -> Any:
        if self.at is not None:
            return ["0 wk", *map(written, self.at)]
        assert self.every is not None
        assert self.until is not None
        return {"every": written(self.every), "until": written(self.until)}

    @classmethod
    def __get_pydantic_json_schema__(cls, core: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        schema = handler.resolve_ref_schema(handler(core))
        schema["properties"].pop("at", None)
        times = {"type": "array", "items": {"type": "string", "examples": ["4 wk"]}, "minItems": 1}
        return {"anyOf": [times, schema | {"required": ["every", "until"]}]}

    @property
    def weeks(self) -> tuple[float, ...]:
        """Weeks since baseline, ascending; the first is 0. Shape: (visits,)."""
        if self.at is not None:
            return (0.0, *(time.to("wk") for time in self.at))
        assert self.every is not None
        assert self.until is not None
        step, last = self.every.to("wk"), self.until.to("wk")
        return tuple(index * step for index in range(int(last / step + 1e-9) + 1))
