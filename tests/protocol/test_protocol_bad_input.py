"""Each mistake gets one clear message that names file, line and field, and what would be right."""

from __future__ import annotations

import json
import re
from time import process_time
from typing import Any

import pytest

from limen.errors import ProtocolErrors
from limen.protocol import load, loads

TEXT = """\
limen: 1
name: Base
status: planned
compound: LSD
population: {indication: MDD}
arms:
  - name: LSD
    kind: active
    n: 20
    form: LSD base
    dose: 10 ug
  - name: placebo
    kind: inert placebo
    n: 20
schedule:
  pattern: {every: 3 d}
  duration: 6 wk
visits: [0 wk, 2 wk, 6 wk]
outcomes:
  - id: madrs
    primary: true
    at: 6 wk
blinding: double
"""


def refusal(text: str) -> ProtocolErrors:
    with pytest.raises(ProtocolErrors) as caught:
        loads(text, "trial.yaml")
    assert all(str(error.where.file) == "trial.yaml" for error in caught.value.errors)
    return caught.value


# what is changed in the text -> line and field named, and words that the message holds
ONE_MISTAKE: dict[str, tuple[str, str, int, str, str]] = {
    "misspelt field": ("compound: LSD", "compund: LSD", 4, "compund", "did you mean 'compound'"),
    "misspelt inner field": ("    dose: 10 ug", "    doze: 10 ug", 11, "arms[0].doze", "did you mean 'dose'"),
    "dose without unit": ("10 ug", "10", 11, "arms[0].dose", "no unit"),
    "dose with a unit of time": ("10 ug", "10 h", 11, "arms[0].dose", "not a unit of mass"),
    "negative dose": ("10 ug", "-10 ug", 11, "arms[0].dose", "not above zero"),
    "dose without form": ("    form: LSD base\n", "", 7, "arms[0]", "LSD tartrate 2:1"),
    "form nobody knows": ("LSD base", "LSD bas", 10, "arms[0].form", "did you mean 'LSD base'"),
    "form of the other compound": ("LSD base", "psilocybin anhydrate", 10, "arms[0].form", "forms of LSD are"),
    "10 mg LSD for 10 ug": ("10 ug", "10 mg", 11, "arms[0].dose", "plausible is 0.5 to 400 ug"),
    "negative interval": ("every: 3 d", "every: -3 d", 16, "schedule.pattern.every", "not above zero"),
    "interval of half days": ("every: 3 d", "every: 3.5 d", 16, "schedule.pattern.every", "whole number of days"),
    "unknown pattern": ("{every: 3 d}", "now and then", 16, "schedule.pattern", "twice weekly"),
    "unregistered outcome": ("id: madrs", "id: madras", 20, "outcomes[0].id", "'madrs'"),
    "visit before the first dose": ("[0 wk, 2", "[0 wk, -1 wk, 2", 18, "visits[1]", "before the first dose"),
    "visits out of order": ("[0 wk, 2 wk, 6", "[0 wk, 7 wk, 6", 18, "visits", "ascending"),
    "no baseline": ("[0 wk, 2", "[2", 18, "visits", "baseline"),
    "arm nobody is in": ("n: 20\nschedule", "n: 0\nschedule", 14, "arms[1].n", "nobody is allocated"),
    "negative arm": ("n: 20\nschedule", "n: -2\nschedule", 14, "arms[1].n", "from 1 to"),
    "arms of one name but for a space": ("name: placebo", "name: ' LSD  '", 12, "arms[1].name", "two arms are named"),
    "an arm of two": ("n: 20\nschedule", "n: 2\nschedule", 14, "arms[1].n", "the smallest sensible number is 3"),
    "a measurement for a medicine": ("compound: LSD", "compound: LSD\nmedication: {excluded: ['QTc=480']}",
                                     5, "medication.excluded[0]", "is not a medicine"),
    "a route nobody measured": ("    dose: 10 ug", "    dose: 10 ug\n    route: rectal", 12, "arms[0].route", "oral; sublingual"),
    "a compound nobody knows": ("compound: LSD", "compound: LDS", 4, "compound", "did you mean 'LSD'"),
    "arms of one name": ("name: placebo", "name: lsd", 12, "arms[1].name", "two arms are named"),
    "no primary outcome": ("    primary: true\n", "", 19, "outcomes", "primary"),
    "outcome on no visit": ("    at: 6 wk", "    at: 5 wk", 22, "outcomes[0].at", "falls on no visit"),
    "weekly scale on dose days": ("    at: 6 wk", "    at: dose day", 22, "outcomes[0].at", "weekly scale"),
    "entry beyond the scale": ("{indication: MDD}", "{indication: MDD, entry: {outcome: madrs, at_least: 61}}",
                               5, "population.entry.at_least", "0 to 60"),
    "open label, double-blind": ("blinding: double", "blinding: double\ndesign: open label", 23, "blinding", "open-label"),
    "unknown blinding": ("blinding: double", "blinding: fivefold", 23, "blinding", "choices are"),
    "day beyond the duration": ("{every: 3 d}", "{days: [0, 42]}", 16, "schedule.pattern.days", "beyond the duration"),
    "three years": ("duration: 6 wk", "duration: 157 wk", 17, "schedule.duration", "731"),
    "missing field": ("blinding: double\n", "", 1, "blinding", "missing"),
    "unknown source": ("status: planned", "status: planned\nsource: [muller2025]", 4, "source[0]", "mueller2025"),
    "conducted without source": ("status: planned", "status: conducted", 3, "status", "cites its source"),
    "unknown path left open": ("compound: LSD", "compound: LSD\nleft_open: {arms.frm: x}", 5, "left_open.'arms.frm'", "form"),
    "no country code": ("compound: LSD", "compound: LSD\njurisdiction: [Swiss]", 5, "jurisdiction[0]", "ISO 3166"),
    "number for a name": ("name: Base", "name: 5", 2, "name", "quotes"),
    "true for a number": ("n: 20\nschedule", "n: true\nschedule", 14, "arms[1].n", "whole number"),
    "text for a list": ("visits: [0 wk, 2 wk, 6 wk]", "visits: weekly", 18, "visits", "list of times"),
    "MCID without source": ("    at: 6 wk", "    at: 6 wk\n    mcid: 3", 23, "outcomes[0].mcid", "no source"),
    "two patterns": ("{every: 3 d}", "{every: 3 d, days: [0]}", 16, "schedule.pattern", "exactly one"),
    "agent in an active arm": ("    dose: 10 ug", "    dose: 10 ug\n    agent: niacin", 12, "arms[0].agent", "placebo"),
    "dose in a placebo": ("kind: inert placebo", "kind: inert placebo\n    dose: 5 ug", 14, "arms[1].dose", "inert placebo"),
    "active placebo of nothing": ("kind: inert placebo", "kind: active placebo", 12, "arms[1]", "names no agent"),
    "washout without crossover": ("duration: 6 wk", "duration: 6 wk\n  washout: 1 wk", 18, "schedule.washout", "parallel"),
    "infinite dose": ("10 ug", "1e999 ug", 11, "arms[0].dose", "finite"),
    "probabilities that do not sum": ("10 ug", "{levels: [5 ug, 10 ug], probabilities: [0.5, 0.6]}",
                                      11, "arms[0].dose.probabilities", "sum to 1.1"),
    "titration outside its limits": ("10 ug", "{titrate: {start: 2 ug, min: 4 ug, max: 9 ug, step: 1 ug, rule: x}}",
                                     11, "arms[0].dose.titrate", "between min"),
}  # fmt: skip


@pytest.mark.parametrize("name", ONE_MISTAKE)
def test_one_mistake_is_one_message_with_line_field_and_remedy(name: str) -> None:
    old, new, line, field, words = ONE_MISTAKE[name]
    assert TEXT.count(old) >= 1, "the test changes nothing"
    error = refusal(TEXT.replace(old, new, 1))
    assert len(error.errors) == 1, str(error)
    assert (error.where.line, error.where.field) == (line, field), str(error)
    assert words in str(error)


def test_the_unchanged_text_is_a_protocol() -> None:
    assert loads(TEXT).participants == 40


def test_all_mistakes_are_reported_at_once_in_the_order_of_lines() -> None:
    text = (
        TEXT.replace("status: planned", "status: plannd")
        .replace("10 ug", "10 mg")
        .replace("at: 6 wk", "at: 5 wk")
    )
    text = text.replace("blinding: double", "blinding: double\nblindness: 1")
    error = refusal(text)
    assert [e.where.line for e in error.errors] == [3, 11, 22, 24]


def test_a_mistake_between_parts_is_found_although_another_part_is_broken() -> None:
    error = refusal(TEXT.replace("n: 20\nschedule", "n: 0\nschedule").replace("id: madrs", "id: madras"))
    assert {e.where.field for e in error.errors} == {"arms[1].n", "outcomes[0].id"}


def test_a_form_without_dose_says_how_a_dose_is_written() -> None:
    assert "dose: 20 ug" in str(refusal(TEXT.replace("    dose: 10 ug\n", "")))


def test_a_trial_without_control_must_be_open() -> None:
    text = re.sub(r"  - name: placebo\n.*\n.*\n", "", TEXT)
    assert "no control arm" in str(refusal(text))
    assert loads(text.replace("blinding: double", "blinding: none\ndesign: open label")).control_arms == ()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "is empty"),
        ("# only a comment\n", "is empty"),
        ("---\n", "is empty"),
        ("just words", "is plain text"),
        ("- a\n- b\n", "is a list"),
        ("limen: 1\n  name: x: y\n", "is not YAML"),
        ("limen: [1\n", "is not YAML"),
        ("limen: 1\n---\nlimen: 1\n", "is not YAML"),
        ("name: no version\n", "no version key"),
        ("limen: 2\n", "reads version 1"),
        ("limen: true\n", "reads version 1"),
        ("\0\1\2", "binary"),
        ("limen: 1\n" + "#" * 100_001, "larger than 100 kB"),
        ("[" * 3000, "nested too deeply"),
        ("limen: 1\na: &x 1\nb: *x\n", "aliases"),
        ("limen: 1\na: &x [*x]\n", "aliases"),
        ("limen: 1\nname: !!python/object:os.system x\n", "tag"),
        ("limen: 1\n? [a]\n: b\n", "not plain text"),
        ("limen: 1\nname: \"\\ud800\"\n", "surrogate"),
        ("limen: 1\nname: \"\\e[31m\"\n", "control character"),
        ("limen: 1\n\"na\\eme\": x\n", "unprintable"),
        ("limen: 1\narms: 1" + "0" * 5000 + "\n", "not a number"),
    ],
)  # fmt: skip
def test_a_text_that_is_no_protocol_gets_one_message(text: str, words: str) -> None:
    error = refusal(text)
    assert len(error.errors) == 1
    assert words in str(error)


def test_a_flood_of_mistakes_is_cut_short_and_a_flood_of_values_refused() -> None:
    error = refusal(TEXT + "".join(f"extra{i}: 1\n" for i in range(150)))
    assert len(error.errors) == 101
    assert "and 50 more" in str(error)
    assert "20000 values" in str(refusal("limen: 1\narms: [" + "1," * 20_001 + "1]\n"))


def test_duplicate_keys_are_refused_with_both_lines() -> None:
    error = refusal(TEXT + "name: again\n")
    assert (error.where.line, error.where.field) == (24, "name")
    assert "first on line 2" in str(error)


@pytest.mark.parametrize("content", [b"\xff\xfe\x00l", b"\x89PNG\r\n\x1a\n", bytes(range(256))])
def test_a_binary_file_is_named(tmp_path: Any, content: bytes) -> None:
    file = tmp_path / "p.yaml"
    file.write_bytes(content)
    with pytest.raises(ProtocolErrors, match=r"p\.yaml: .*text"):
        load(file)


def test_a_file_that_cannot_be_read_is_named(tmp_path: Any) -> None:
    for path in (tmp_path, tmp_path / "missing.yaml", "a\0b"):
        with pytest.raises(ProtocolErrors, match="cannot be read"):
            load(path)
    big = tmp_path / "big.yaml"
    big.write_text("x" * 100_001)
    with pytest.raises(ProtocolErrors, match="larger than 100 kB"):
        load(big)


def test_fifty_arms_of_one_are_each_too_few_to_judge() -> None:
    arms = "".join(f"  - {{name: arm {i}, kind: inert placebo, n: 1}}\n" for i in range(49))
    error = refusal(re.sub(r"  - name: placebo\n.*\n.*\n", arms, TEXT).replace("n: 20", "n: 1"))
    assert len(error.errors) == 50
    assert all("smallest sensible number" in str(one) for one in error.errors)


def test_a_crossover_counts_everybody_who_takes_part() -> None:
    text = TEXT.replace("n: 20", "n: 2") + "design: crossover\n"
    assert loads(text).participants == 4
    assert "the smallest sensible number is 3" in str(refusal(text.replace("n: 2", "n: 1")))


def test_a_route_is_that_of_the_compound() -> None:
    text = TEXT.replace("LSD base", "psilocybin anhydrate").replace("compound: LSD", "compound: psilocybin")
    text = text.replace("dose: 10 ug", "dose: 2 mg\n    route: sublingual")
    assert "routes of psilocybin are: oral" in str(refusal(text))


def test_text_that_is_not_utf8_is_named(tmp_path: Any) -> None:
    file = tmp_path / "latin.yaml"
    file.write_bytes(TEXT.replace("Base", "Bäse").encode("latin-1"))
    with pytest.raises(ProtocolErrors, match="not text in UTF-8"):
        load(file)


def test_the_largest_file_that_is_read_is_refused_in_seconds() -> None:
    """Half a minute for a megabyte was too long; what is still read costs at most 10 s of processor."""
    lines = "".join(f"  arms.form{i}: words that fill the line and more of them\n" for i in range(1700))
    start = process_time()
    refusal("limen: 1\nname: x\nleft_open:\n" + lines)
    assert process_time() - start < 10


def test_a_byte_order_mark_does_no_harm(tmp_path: Any) -> None:
    file = tmp_path / "p.yaml"
    file.write_bytes(b"\xef\xbb\xbf" + TEXT.encode())
    assert load(file).name == "Base"


def test_json_is_read_too_with_the_same_messages(base: dict[str, Any]) -> None:
    base["visits"].append("1 wk")
    assert refusal(json.dumps(base)).where.field == "visits"
