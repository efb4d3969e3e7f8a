"""Laws that hold for any protocol and any text."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from limen.compounds import form_names, of_form
from limen.errors import ProtocolError
from limen.protocol import Protocol, digest, load, loads
from limen.protocol.doses import to_base
from limen.protocol.pattern import WEEKDAYS
from limen.protocol.schedule import Schedule
from limen.units import Quantity
from support.protocols import BASE, protocols, schedules

HERE = Path(__file__).parent
EXAMPLES = HERE.parents[1] / "examples"

quick = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@quick
@given(schedules)
def test_dosing_days_are_ascending_different_and_within_the_duration(plain: dict[str, Any]) -> None:
    schedule = Schedule.model_validate(plain)
    found = schedule.dosing_days()
    assert list(found) == sorted(set(found))
    assert found[0] >= schedule.first_day
    assert found[-1] < schedule.first_day + schedule.duration.to("d")
    if not isinstance(plain["pattern"], dict) or "days" not in plain["pattern"]:
        assert found[0] == schedule.first_day


@quick
@given(schedules, st.integers(1, 40))
def test_a_later_start_moves_every_dose_and_nothing_else(plain: dict[str, Any], shift: int) -> None:
    start = Schedule.model_validate(plain)
    later = Schedule.model_validate(plain | {"first_day": start.first_day + shift})
    assert later.dosing_days() == tuple(day + shift for day in start.dosing_days())


@quick
@given(st.lists(st.sampled_from(WEEKDAYS), min_size=1, max_size=7, unique=True), st.integers(1, 20))
def test_weekdays_give_as_many_doses_a_week_as_days_named(weekdays: list[str], weeks: int) -> None:
    schedule = Schedule.model_validate({"pattern": {"weekdays": weekdays}, "duration": f"{weeks} wk"})
    assert len(schedule.dosing_days()) == len(weekdays) * weeks


@quick
@given(st.sampled_from(sorted(form_names())), st.floats(1e-3, 1e3), st.floats(1.01, 100), st.floats(0.1, 2))
def test_base_is_proportional_to_dose_and_to_content(
    form: str, dose: float, factor: float, content: float
) -> None:
    unit = of_form(form).form(form).unit or "mg"
    one = to_base(Quantity(dose, unit), form)
    assert abs(to_base(Quantity(dose * factor, unit), form) - one * factor) <= 1e-9 * one * factor
    assert abs(to_base(Quantity(dose, unit), form, content=content) - one * content) <= 1e-9 * one * content
    assert abs(to_base(Quantity(dose * 1e3, "mg" if unit == "g" else "ug"), form) - one) <= 1e-9 * one


@quick
@given(protocols())
def test_any_sensible_protocol_is_read_and_survives_a_round_trip(plain: dict[str, Any]) -> None:
    protocol = loads(json.dumps(plain))
    again = loads(json.dumps(protocol.model_dump(mode="json")))
    assert again == protocol
    assert digest(again) == digest(protocol)
    assert all(dose > 0 for dose, _ in protocol.arms[0].dose_levels)


def only_protocol_errors(text: str) -> None:
    """Any text is a protocol or is refused in limen's own words, with at least one message that can be printed."""
    try:
        outcome: Protocol | ProtocolError = loads(text, "x.yaml")
    except ProtocolError as error:
        outcome = error
    if isinstance(outcome, ProtocolError):
        assert outcome.what
        assert "x.yaml" in str(outcome)
        str(outcome).encode("utf-8")


@quick
@given(st.text(max_size=300) | st.text("limen: 1\n-[]{}&*!|>'\"%@`,#?\t\\ab0.", max_size=120))
def test_any_text_is_read_or_refused_in_words(text: str) -> None:
    only_protocol_errors(text)
    only_protocol_errors("limen: 1\n" + text)


scalars = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=12),
    st.sampled_from(["", "10", "10 mg", "-3 d", "0 wk", "1e400 ug", "nan ug", "dose day", "madrs", "open label", "LSD base",
                     "\x1b[31m", "{", "ü" * 300, [], {}, [[]], {"": 0}, {"every": "0 d"}, {"days": []}, {"levels": []}]),
)  # fmt: skip
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
)


def places(plain: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    items = plain.items() if isinstance(plain, dict) else enumerate(plain) if isinstance(plain, list) else ()
    return [path, *(place for key, inner in items for place in places(inner, (*path, key)))]


@settings(quick, max_examples=400)
@given(st.data())
def test_a_protocol_with_anything_anywhere_is_read_or_refused_in_words(data: st.DataObject) -> None:
    plain = copy.deepcopy(BASE)
    for _ in range(data.draw(st.integers(1, 3))):
        place = data.draw(st.sampled_from(places(plain)[1:]))
        inside = plain
        for step in place[:-1]:
            inside = inside[step]
        change = data.draw(st.sampled_from(["put", "drop", "misspell"]))
        if change == "put":
            inside[place[-1]] = copy.deepcopy(data.draw(values))  # samples are shared between examples
        elif change == "drop" or not isinstance(place[-1], str):
            del inside[place[-1]]
        else:
            inside[place[-1][::-1]] = inside.pop(place[-1])
        if not plain:
            break
    only_protocol_errors(json.dumps(plain))


@quick
@given(st.sampled_from(sorted(EXAMPLES.glob("*.yaml"))), st.data())
def test_an_example_with_a_slip_of_the_pen_is_read_or_refused_in_words(
    path: Any, data: st.DataObject
) -> None:
    text = path.read_text(encoding="utf-8")
    at = data.draw(st.integers(0, len(text) - 1))
    length = data.draw(st.integers(0, 30))
    only_protocol_errors(text[:at] + data.draw(st.text(max_size=5)) + text[at + length :])


@quick
@given(st.binary(max_size=200))
def test_any_few_bytes_are_refused_in_words(tmp_path_factory: Any, content: bytes) -> None:
    file = tmp_path_factory.getbasetemp() / "bytes.yaml"
    file.write_bytes(content)
    with pytest.raises(ProtocolError, match=r"bytes\.yaml"):  # 200 bytes are too few for a whole protocol
        load(file)
