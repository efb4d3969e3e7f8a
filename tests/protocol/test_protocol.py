"""What a protocol says, once it is read."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from pydantic import ValidationError

from limen.compounds import form_names
from limen.facts.read import read
from limen.protocol import OUTCOMES, Protocol, digest, json_schema, load, loads
from limen.protocol.doses import to_base
from limen.protocol.schedule import Schedule
from limen.units import Quantity

ROOT = Path(__file__).parents[2]
EXAMPLES = sorted((ROOT / "examples").glob("*.yaml"))


@pytest.fixture(params=EXAMPLES, ids=lambda path: path.stem)
def example(request: pytest.FixtureRequest) -> Protocol:
    return load(request.param)


def test_every_example_states_what_its_source_left_open(example: Protocol) -> None:
    assert example.source
    for arm in example.active_arms:
        if arm.form == "LSD base":
            assert any(path.startswith("arms") and path.endswith("form") for path in example.left_open)
    if example.schedule.adherence == 1:
        assert "schedule.adherence" in example.left_open


def test_an_example_survives_being_written_and_read_again(example: Protocol) -> None:
    plain = example.model_dump(mode="json")
    again = loads(json.dumps(plain))
    assert again == example
    assert digest(again) == digest(example)


def test_an_example_is_valid_in_an_editor(example: Protocol) -> None:
    jsonschema.Draft202012Validator(json_schema()).validate(
        example.model_dump(mode="json", exclude_none=True)
    )


def test_the_published_schema_is_current() -> None:
    published = json.loads((ROOT / "docs" / "protocol.schema.json").read_text(encoding="utf-8"))
    assert published == json.loads(json.dumps(json_schema())), (
        "limen check --schema > docs/protocol.schema.json"
    )


def test_the_schema_refuses_a_misspelt_field(base: dict[str, Any]) -> None:
    validator = jsonschema.Draft202012Validator(json_schema())
    assert validator.is_valid(base)
    base["arms"][0]["doze"] = "1 ug"
    assert not validator.is_valid(base)


@pytest.mark.parametrize(
    ("name", "doses", "weeks"),
    [
        ("adhd_20ug", 12, 6), ("lsddep1", 16, 8), ("lsddep2", 16, 8), ("healthy_10ug", 14, 6),
        ("mushroom_crossover", 2, 1), ("lsd_13_26ug", 4, 2), ("self_blinding", 8, 4),
    ],
)  # fmt: skip
def test_replayed_trials_give_the_number_of_doses_their_reports_give(
    name: str, doses: int, weeks: int
) -> None:
    protocol = load(ROOT / "examples" / f"{name}.yaml")
    assert len(protocol.schedule.dosing_days()) == doses
    study = {"adhd_20ug": "mueller2025", "healthy_10ug": "murphy2023", "mushroom_crossover": "cavanna2022",
             "lsd_13_26ug": "dewit2022", "self_blinding": "szigeti2021"}.get(name, name)  # fmt: skip
    assert read("clinical/studies").row(study).number("n_doses") == doses
    assert protocol.schedule.weeks == weeks


def test_arm_sizes_of_the_adhd_trial_make_the_number_randomised() -> None:
    randomised = read("clinical/studies").row("mueller2025").number("n_randomised")
    assert load(ROOT / "examples" / "adhd_20ug.yaml").participants == randomised


def test_salts_hold_less_base_than_they_weigh() -> None:
    table = read("pharmacokinetics/dose_conversion")
    assert to_base(Quantity(146, "ug"), "LSD tartrate 1:1") == pytest.approx(100)
    # 13 ug of tartrate as base: the published range over salt stoichiometries, and its middle
    low, middle, high = (table.row("CV005").number(column) for column in ("low", "value", "high"))
    assert low is not None
    assert high is not None
    salts = [name for name in form_names() if name.startswith("LSD tartrate")]
    assert len(salts) == 3
    for form in salts:
        assert low - 0.05 <= to_base(Quantity(13, "ug"), form) <= high + 0.05
    assert to_base(Quantity(13, "ug"), "LSD tartrate 2:1 dimethanolate") == pytest.approx(middle, abs=0.05)


@pytest.mark.parametrize("row", ["CV014", "CV015", "CV016", "CV017"])
def test_trihydrate_doses_are_the_anhydrate_doses_of_the_registry(row: str) -> None:
    fact = read("pharmacokinetics/dose_conversion").row(row)
    stated = float(fact["item"].split("microdose ")[1].split(" mg")[0])
    assert to_base(Quantity(stated, "mg"), "psilocybin trihydrate") == pytest.approx(
        fact.number("value"), abs=0.006
    )


def test_half_a_gram_of_the_assayed_batch_holds_between_the_two_published_contents() -> None:
    table = read("pharmacokinetics/dose_conversion")
    arm = load(ROOT / "examples" / "mushroom_crossover.yaml").active_arms[0]
    low, high = table.row("CV031").number("value"), table.row("CV032").number("value")
    assert low is not None
    assert high is not None
    assert low < arm.base_dose() < high


def test_measured_content_scales_the_dose(base: dict[str, Any]) -> None:
    base["arms"][0]["content"] = 0.8
    assert loads(json.dumps(base)).arms[0].base_dose() == pytest.approx(8)


def test_drawn_levels_are_probabilities_and_a_placebo_has_none(example: Protocol) -> None:
    for arm in example.arms:
        chances = [chance for _, chance in arm.dose_levels]
        assert (math.isclose(sum(chances), 1) and min(chances) > 0) if arm.gives_drug else chances == []
        assert arm.base_dose() == pytest.approx(sum(dose * chance for dose, chance in arm.dose_levels))


def test_a_titration_stands_for_its_grid() -> None:
    levels = [dose for dose, _ in load(ROOT / "examples" / "lsddep1.yaml").arms[0].dose_levels]
    assert levels == pytest.approx(range(6, 21))


def test_people_are_told_the_share_of_the_arms_unless_told_otherwise(base: dict[str, Any]) -> None:
    base["arms"][0]["n"] = 40
    assert loads(json.dumps(base)).allocation.told == pytest.approx(2 / 3)
    assert loads(json.dumps(base)).ratio == (2, 1)
    base["allocation"] = {"told": 0.5}
    assert loads(json.dumps(base)).allocation.told == 0.5


def test_the_register_holds_every_scale_with_a_better_end_and_the_dose_day_ratings() -> None:
    for row in read("outcomes/scales"):
        if row["higher_is"] in ("better", "worse"):
            assert OUTCOMES[row["scale_id"]].bounds == (row.number("min"), row.number("max"))
    assert OUTCOMES["panas_balance"].bounds == (-40, 40)
    assert {id for id, entry in OUTCOMES.items() if entry.kind == "vas"} >= {"vas_mood", "vas_energy"}
    for entry in OUTCOMES.values():
        assert entry.low < entry.high
        assert (entry.mcid_default is None) == (entry.mcid_source is None)


def test_an_mcid_left_out_is_the_registered_one_and_one_given_is_kept(base: dict[str, Any]) -> None:
    fact = read("outcomes/scale_facts").where(scale_id="madrs", field="mid_range_low")[0]
    primary = loads(json.dumps(base)).primary
    assert (primary.mcid, primary.mcid_source) == (fact.number("value"), fact["source"])
    base["outcomes"][0] |= {"mcid": 1.9, "mcid_source": "duru2008"}
    assert loads(json.dumps(base)).primary.mcid == 1.9


def test_a_composite_is_an_outcome_of_this_protocol_only(base: dict[str, Any]) -> None:
    base["composites"] = {"calm": {"components": ["gad7", "pss10"], "bounds": [0, 61], "higher_is": "worse"}}
    base["outcomes"] = [{"id": "calm", "primary": True, "at": "6 wk"}]
    protocol = loads(json.dumps(base))
    assert protocol.primary.bounds == (0, 61)
    assert protocol.primary.kind == "composite"
    assert "calm" not in OUTCOMES
    assert loads(json.dumps(protocol.model_dump(mode="json"))) == protocol


def test_the_same_protocol_has_one_digest_however_it_is_written(base: dict[str, Any]) -> None:
    said = base | {"design": "parallel", "analysis": {"method": "ancova", "alpha": 0.05}}
    turned = dict(reversed(list(said.items())))
    assert digest(loads(json.dumps(base))) == digest(loads(json.dumps(turned)))
    before = digest(loads(json.dumps(base)))
    base["arms"][0]["dose"] = "11 ug"
    assert digest(loads(json.dumps(base))) != before


def test_a_protocol_cannot_be_changed_after_it_is_read(base: dict[str, Any]) -> None:
    protocol = loads(json.dumps(base))
    with pytest.raises(ValidationError):
        protocol.name = "another"


def test_the_periods_of_a_crossover_stand_a_washout_apart() -> None:
    schedule = Schedule.model_validate(
        {"pattern": "twice weekly", "duration": "6 wk", "washout": "4 wk", "first_day": 1}
    )
    assert schedule.period_starts(2) == (1, 71)
    assert schedule.period_starts(3) == (1, 71, 141)
    assert Schedule.model_validate({"pattern": "twice weekly", "duration": "36 h"}).period_starts(2) == (0, 2)
