"""USDM holds a whole protocol: the public model accepts what is written, and reading it gives the protocol back."""

from __future__ import annotations

import json
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from usdm_model.wrapper import Wrapper

from limen.errors import DataError
from limen.exchange import Draft, from_usdm, to_usdm
from limen.exchange.beside import ADDRESS
from limen.protocol import Protocol, digest, example, load, loads
from limen.protocol.fields import Part
from support.protocols import protocols

REGISTERED = Path(__file__).parents[1] / "protocol" / "registered"
EVERY = [*sorted(REGISTERED.glob("*.yaml")), *sorted(example("adhd_20ug").parent.glob("*.yaml"))]


def back(content: Any, folder: Path) -> Draft:
    file = folder / "study.usdm.json"
    file.write_text(json.dumps(content), encoding="utf-8")
    return from_usdm(file)


def design_of(content: dict[str, Any]) -> dict[str, Any]:
    return content["study"]["versions"][0]["studyDesigns"][0]


@pytest.mark.parametrize("file", EVERY, ids=lambda file: file.stem)
def test_a_protocol_comes_back_whole_from_usdm_that_the_public_model_accepts(
    file: Path, tmp_path: Path
) -> None:
    protocol = load(file)
    made = to_usdm(protocol)
    Wrapper.model_validate(made.content)
    found = back(made.content, tmp_path)
    assert digest(found.protocol) == digest(protocol)
    assert found.protocol == protocol
    assert found.opened == (), "a document of limen's leaves nothing open"


@given(plain=protocols())
@settings(
    max_examples=20,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_any_protocol_comes_back_whole(tmp_path: Path, plain: dict[str, Any]) -> None:
    protocol = loads(json.dumps(plain))
    found = back(to_usdm(protocol).content, tmp_path)
    assert digest(found.protocol) == digest(protocol)
    assert found.opened == ()


def test_every_id_is_one_object_s_and_every_reference_has_an_object() -> None:
    content = to_usdm(load(REGISTERED / "stamets.yaml")).content
    ids: list[str] = []
    named: list[str] = []

    def walk(value: Any) -> None:
        if isinstance(value, dict):
            ids.append(value["id"]) if "id" in value else None
            for name, one in value.items():
                if name.endswith("Id") and one is not None:
                    named.append(one)
                elif name.endswith("Ids"):
                    named.extend(one)
                walk(one)
        elif isinstance(value, list):
            for one in value:
                walk(one)

    walk(content)
    assert len(ids) == len(set(ids))
    assert set(named) <= set(ids)


# What is read of the places of USDM alone, without an extension attribute.
PLACES = {
    "name", "registry", "compound", "population", "arms", "schedule", "visits", "outcomes", "blinding", "design", "alongside",
}  # fmt: skip


def test_what_usdm_has_a_place_for_stands_there(tmp_path: Path) -> None:
    """Without any extension attribute the trial is still the trial: who, what, how much, when, and what is measured."""
    protocol = load(REGISTERED / "alcohol.yaml")
    made = to_usdm(protocol)
    bare = json.loads(json.dumps(made.content))
    for home in (design_of(bare), *design_of(bare)["arms"]):
        home["extensionAttributes"] = []
    found = back(bare, tmp_path).protocol
    for name in PLACES:
        assert getattr(found, name) == getattr(protocol, name), name


def test_a_crossover_s_cells_are_its_orders() -> None:
    """Each arm begins with its own and goes on in turn; in a fixed order everybody takes the same in each period."""
    for name, takes in (
        ("hutten_doses", [["placebo", "LSD 5 ug", "LSD 10 ug", "LSD 20 ug"], ["LSD 5 ug", "LSD 10 ug", "LSD 20 ug", "placebo"]]),
        ("ocd_ascending", [["25 ug/kg", "100 ug/kg", "200 ug/kg"], ["25 ug/kg", "100 ug/kg", "200 ug/kg"]]),
    ):  # fmt: skip
        design = design_of(to_usdm(load(REGISTERED / f"{name}.yaml")).content)
        elements = {one["id"]: one for one in design["elements"]}
        order = [one["id"] for one in design["epochs"]]
        for arm, wanted in zip(design["arms"], takes, strict=False):
            cells = sorted(
                (one for one in design["studyCells"] if one["armId"] == arm["id"]),
                key=lambda one: order.index(one["epochId"]),
            )
            done = [
                elements[number]["name"]
                for one in cells
                for number in one["elementIds"]
                if elements[number]["studyInterventionIds"]
            ]
            assert done == wanted


def test_what_another_tool_changes_is_taken_and_said(tmp_path: Path) -> None:
    content = to_usdm(load(REGISTERED / "percept.yaml")).content
    design = design_of(content)
    design["population"]["cohorts"][0]["plannedEnrollmentNumber"]["value"] = 77
    timing = design["scheduleTimelines"][0]["timings"][-1]
    timing["value"] = "P8W"
    found = back(content, tmp_path)
    assert found.protocol.arms[0].n == 77
    assert found.protocol.visits.weeks[-2:] == (6, 8), "the outcome is still looked at in week 6"
    assert any("changed in USDM" in one.what and one.path == ("visits",) for one in found.opened)


def test_what_another_tool_adds_is_named(tmp_path: Path) -> None:
    content = to_usdm(load(REGISTERED / "ocd.yaml")).content
    content["study"]["versions"][0]["amendments"] = [{"id": "a1", "summary": "more sites"}]
    design_of(content)["extensionAttributes"].append({"id": "e1", "url": "urn:other:1", "valueString": "x"})
    design_of(content)["extensionAttributes"].append(
        {"id": "e2", "url": f"{ADDRESS}analysis", "valueString": "not JSON"}
    )
    said = [one.what for one in back(content, tmp_path).opened if one.kind == "unread"]
    assert any("amendments" in one for one in said)
    assert any("urn:other:1" in one for one in said)
    assert any(f"{ADDRESS}analysis" in one for one in said)


def as_version_3(content: dict[str, Any]) -> dict[str, Any]:
    """The same study with the names and places of version 3, and no extension attribute."""
    made = deepcopy(content)
    version, design = made["study"]["versions"][0], design_of(made)
    made["usdmVersion"] = "3.0.0"
    design["studyInterventions"] = version.pop("studyInterventions")
    version.pop("administrableProducts")
    design["interventionModel"] = design.pop("model")
    items = {one["id"]: one["text"] for one in version.pop("eligibilityCriterionItems")}
    design["population"]["criteria"] = [
        {"category": one["category"], "text": items[one["criterionItemId"]]}
        for one in design.pop("eligibilityCriteria")
    ]
    age = design["population"]["plannedAge"]
    if age is not None:
        design["population"]["plannedAge"] = {end: age[end]["value"] for end in ("minValue", "maxValue")}
    for one in design["studyInterventions"]:
        for taken in one["administrations"]:
            taken.pop("administrableProductId")
            if taken["dose"] is not None:
                taken["dose"]["unit"] = taken["dose"]["unit"]["standardCode"]
        one["agentAdministrations"] = one.pop("administrations")
    for one in version["studyIdentifiers"]:
        one["studyIdentifier"] = one.pop("text")
    for home in (design, *design["arms"]):
        home["extensionAttributes"] = []
    return made


def test_version_3_is_read_too(tmp_path: Path) -> None:
    protocol = load(REGISTERED / "pam_cancer.yaml")
    found = back(as_version_3(to_usdm(protocol).content), tmp_path)
    assert not found.complete, "a titration has no place in USDM"
    assert any(one.path == ("arms", 0, "dose") for one in found.opened if one.kind == "fill")
    simple = load(REGISTERED / "alcohol.yaml")
    read = back(as_version_3(to_usdm(simple).content), tmp_path).protocol
    for name in PLACES:
        assert getattr(read, name) == getattr(simple, name), name


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("{", "is not JSON"),
        ([], "no study design"),
        ({"study": {"versions": [{"studyDesigns": []}]}}, "no study design"),
        ({"study": {"versions": [{"studyDesigns": [{"arms": "two"}]}]}}, "gives nothing"),
    ],
    ids=["text", "list", "empty", "arms"],
)
def test_a_file_that_is_no_usdm_is_refused_in_words(tmp_path: Path, change: Any, message: str) -> None:
    file = tmp_path / "study.json"
    file.write_text(change if isinstance(change, str) else json.dumps(change))
    with pytest.raises(DataError, match=message) as refused:
        from_usdm(file)
    assert refused.value.remedy


def spots(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    found = [path] if path else []
    if isinstance(value, dict):
        found += [spot for name, one in value.items() for spot in spots(one, (*path, name))]
    elif isinstance(value, list):
        found += [spot for number, one in enumerate(value) for spot in spots(one, (*path, number))]
    return found


WHOLE = to_usdm(load(REGISTERED / "stamets.yaml")).content


@given(st.data())
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_broken_document_is_refused_or_asked_about_never_a_traceback(
    tmp_path: Path, data: st.DataObject
) -> None:
    content = deepcopy(WHOLE)
    for _ in range(data.draw(st.integers(1, 3))):
        *before, last = data.draw(st.sampled_from(spots(content)))
        part: Any = content
        for step in before:
            part = part[step]
        part[last] = data.draw(st.sampled_from([None, "", 7, "P", [], {}, [[]], True]))
        if not content.get("study"):
            break
    try:
        found = back(content, tmp_path)
    except DataError:
        return
    assert found.complete or found.asked
    assert str(found)


def test_every_field_of_a_protocol_survives(tmp_path: Path) -> None:
    """A protocol that says everything a protocol can say, so that a new field is tried as soon as an example uses it."""
    used: set[tuple[str, str]] = set()

    def note(part: Part) -> None:
        for name in part.model_fields_set:
            used.add((type(part).__name__, name))
            value = getattr(part, name)
            for one in (
                value if isinstance(value, tuple) else value.values() if isinstance(value, dict) else (value,)
            ):
                if isinstance(one, Part):
                    note(one)

    for file in EVERY:
        note(load(file))
    assert {name for kind, name in used if kind == "Protocol"} >= set(Protocol.model_fields) - {
        "clock", "composites", "scenario", "allocation", "conduct",
    }  # fmt: skip
    full = load(REGISTERED / "stamets.yaml").model_dump(mode="json", exclude_unset=True)
    full |= {
        "clock": {"dose": "09:00", "samples": ["08:30", "12:00"]},
        "composites": {"mood_two": {"components": ["vas_mood", "vas_energy"], "bounds": [0.0, 100.0], "higher_is": "better"}},
        "scenario": "stress-mediated",
        "allocation": {"told": 0.5},
        "conduct": {"exclusion_criteria": ["a 100% / [odd] one"], "n_monitors": 2, "bang_index": ["active"]},
        "left_open": {"arms[0].n": "assumed", "conduct": "not seen"},
    }  # fmt: skip
    protocol = Protocol.model_validate(full)
    assert digest(back(to_usdm(protocol).content, tmp_path).protocol) == digest(protocol)
