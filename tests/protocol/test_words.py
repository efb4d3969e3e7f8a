"""A trial may be written in the words its registration uses; they mean what the fields mean, or are refused with what to write."""

from __future__ import annotations

import json
from copy import deepcopy
from typing import Any

import pytest

from limen.errors import ProtocolErrors
from limen.protocol import digest, loads
from limen.protocol.register import OUTCOMES, everyday, outcome_named


def written(base: dict[str, Any], path: str, value: Any) -> dict[str, Any]:
    whole = deepcopy(base)
    part = whole
    *before, last = path.split(".")
    for step in before:
        part = part[int(step)] if step.isdigit() else part[step]
    part[int(last) if last.isdigit() else last] = value
    return whole


def read(base: dict[str, Any], path: str, value: Any):
    return loads(json.dumps(written(base, path, value)))


@pytest.mark.parametrize(
    ("words", "pattern"),
    [
        ("daily", {"every": "1 d"}),
        ("Every other day", {"every": "2 d"}),
        ("every third day", {"every": "3 d"}),
        ("once every 3 days", {"every": "3 d"}),
        ("every three days", {"every": "3 d"}),
        ("every 4th day", {"every": "4 d"}),
        ("Fadiman", {"every": "3 d"}),
        ("Stamets protocol", "4-on-3-off"),
        ("4 days on, 3 days off", "4-on-3-off"),
        ("5-on-2-off", {"weekdays": ["Mon", "Tue", "Wed", "Thu", "Fri"]}),
        ("weekdays", {"weekdays": ["Mon", "Tue", "Wed", "Thu", "Fri"]}),
        ("once weekly", {"every": "7 d"}),
        ("every 2 weeks", {"every": "2 wk"}),
        ("twice a week", "twice weekly"),
        ("three times weekly", {"weekdays": ["Mon", "Wed", "Fri"]}),
        ("single dose", {"days": [0]}),
        ({"weekdays": ["monday", "Thurs", "SUN"]}, {"weekdays": ["Mon", "Thu", "Sun"]}),
        ({"every": "72 h"}, {"every": "3 d"}),
    ],
    ids=str,
)
def test_a_schedule_in_words_is_the_same_schedule(base, words, pattern) -> None:
    said, plain = (read(base, "schedule.pattern", one) for one in (words, pattern))
    assert said.schedule.dosing_days() == plain.schedule.dosing_days()


@pytest.mark.parametrize(
    ("path", "words", "plain"),
    [
        ("outcomes.0.at", "change from baseline at week 6", "6 wk"),
        ("outcomes.0.at", "Day 42", "6 wk"),
        ("visits", ["Baseline", "week 2", "Day 42"], ["0 wk", "2 wk", "42 d"]),
        ("blinding", "Double-blind", "double"),
        ("blinding", "quadruple masked", "quadruple"),
        ("outcomes.0.id", "Beck Depression Inventory-II", "bdi2"),
        ("outcomes.0.id", "GRID-HAMD-17", "hamd17"),
        ("outcomes.0.at", "W6", "6 wk"),
        ("compound", "lsd", "LSD"),
        ("arms.0.form", "lsd BASE", "LSD base"),
        ("arms.1.kind", "placebo", "inert placebo"),
        ("design", "Three-way crossover", "crossover"),
        ("arms.0.dose", "0.14 ug per kg body weight", "0.14 ug/kg"),
    ],
    ids=str,
)
def test_words_of_a_registration_mean_what_the_fields_mean(base, path, words, plain) -> None:
    base["visits"] = ["0 wk", "2 wk", "6 wk"]
    said, written = read(base, path, words), read(base, path, plain)
    assert said.visits.weeks == written.visits.weeks
    assert said.primary.week == written.primary.week
    assert (said.primary.id, said.blinding, said.design) == (
        written.primary.id,
        written.blinding,
        written.design,
    )
    assert said.arms == written.arms
    if "42" not in str(words):  # a quantity keeps the unit it was written in
        assert digest(said) == digest(written)


@pytest.mark.parametrize(
    ("path", "value", "field", "remedy"),
    [
        ("schedule.pattern", "twice daily", "schedule.pattern", "left_open"),
        ("schedule.pattern", {"every": "12 h"}, "schedule.pattern.every", "left_open"),
        ("schedule.pattern", "monthly", "schedule.pattern", "every: 3 d"),
        ("schedule.pattern", {"weekdays": ["Mon", "Tirsdag"]}, "schedule.pattern.weekdays[1]", "choices"),
        ("schedule.duration", "2 months", "schedule.duration", "30 d"),
        ("schedule.washout", "2 wk", "schedule.washout", "fixed_order"),
        ("outcomes.0.at", "3 h", "outcomes[0].at", "list '3 h'"),
        ("outcomes.0.at", "end of treatment", "outcomes[0].at", "6 wk"),
        ("arms.0.dose", "5-15 ug", "arms[0].dose", "levels"),
        ("arms.0.form", "LSD", "arms[0].form", "write 'LSD base'"),
        ("population.indication", "long COVID", "population.indication", "description"),
        ("population.indication", "alcohol use dissorder", "population.indication", "'substance use'"),
        ("outcomes.0.id", "demoralisation questionnaire", "outcomes[0].id", "ds-ii"),
        ("outcomes.0.id", "POMS vigour", "outcomes[0].id", "poms"),
    ],
    ids=str,
)
def test_what_is_not_understood_is_refused_once_with_what_to_write(base, path, value, field, remedy) -> None:
    with pytest.raises(ProtocolErrors) as refused:
        read(base, path, value)
    (error,) = refused.value.errors
    assert error.where.field == field
    assert remedy in (error.remedy or "")


def test_a_conducted_trial_may_cite_its_registration(base) -> None:
    base |= {"status": "conducted", "source": []}
    with pytest.raises(ProtocolErrors, match="cites its source"):
        loads(json.dumps(base))
    assert loads(json.dumps(base | {"registry": "NCT02981173"})).status == "conducted"


def test_no_name_means_two_outcomes() -> None:
    """What is called by its full name or by one of its words is itself, never another measure."""
    for one in OUTCOMES.values():
        for name in (one.id, one.full_name, *one.words):
            assert outcome_named(name) == one.id
    assert everyday("the scale of a questionnaire") == []


def test_a_comma_that_ends_a_text_is_explained(base) -> None:
    rule = "{titrate: {start: 8 ug, min: 4 ug, max: 20 ug, step: 1 ug, rule: up until felt, then down}}"
    text = json.dumps(written(base, "arms.0.dose", "RULE")).replace('"RULE"', rule)
    with pytest.raises(ProtocolErrors, match="put the whole text in quotes"):
        loads(text)
