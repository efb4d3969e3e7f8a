"""Protocols at random, as plain data: any form, dose, schedule and visits that make sense together."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from limen.compounds import form_names, of_form
from limen.protocol.pattern import WEEKDAYS

BASE: dict[str, Any] = json.loads(
    Path(__file__).parents[1].joinpath("protocol", "base.json").read_text(encoding="utf-8")
)

days = st.lists(st.integers(0, 41), min_size=1, max_size=20, unique=True).map(sorted)
patterns = st.one_of(
    st.sampled_from(["twice weekly", "4-on-3-off"]),
    st.integers(1, 20).map(lambda n: {"every": f"{n} d"}),
    st.lists(st.sampled_from(WEEKDAYS), min_size=1, max_size=7, unique=True).map(lambda w: {"weekdays": w}),
    days.map(lambda d: {"days": d}),
)
schedules = st.fixed_dictionaries(
    {"pattern": patterns, "duration": st.integers(6, 60).map(lambda n: f"{n} wk")},
    optional={"first_day": st.integers(0, 30), "adherence": st.floats(0.01, 1)},
)


@st.composite
def protocols(draw: st.DrawFn) -> dict[str, Any]:
    plain = copy.deepcopy(BASE)
    form = draw(st.sampled_from(form_names()))
    record, kind = of_form(form), of_form(form).form(form)
    low, high, unit = record.plausible_of(kind)
    ratio = kind.mass_ratio / (kind.conversion_yield.median if kind.conversion_yield is not None else 1.0)
    amounts = st.floats(low * ratio * 1.001, high * ratio * 0.999).map(lambda x: f"{x!r} {unit}")
    dose = draw(amounts | st.lists(amounts, min_size=1, max_size=5).map(lambda levels: {"levels": levels}))
    plain |= {
        "compound": record.name,
        "schedule": draw(schedules),
        "name": draw(st.text("abc ü", min_size=1).filter(str.strip)),
    }
    plain["schedule"].pop("first_day", None)
    plain["arms"][0] |= {"form": form, "dose": dose, "n": draw(st.integers(3, 500))}
    weeks = draw(st.lists(st.integers(1, 80), min_size=1, max_size=6, unique=True).map(sorted))
    plain["visits"] = ["0 wk", *(f"{week} wk" for week in weeks)]
    plain["outcomes"][0]["at"] = f"{draw(st.sampled_from(weeks))} wk"
    return plain
