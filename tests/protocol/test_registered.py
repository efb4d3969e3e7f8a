"""Trials of the kind that is registered, each written down, checked, and laid out as its answer would lay it out."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings

import limen
from limen import parameters
from limen.errors import ProtocolErrors
from limen.parameters.announced import announced
from limen.parameters.draw import draw
from limen.protocol import Protocol, example, load, loads
from limen.trial.plan import Plan, lay_out
from limen.trial.setting import setting
from limen.trial.theta import arm_rates, theta
from support.protocols import protocols

HERE = Path(__file__).parent / "registered"
EXAMPLES = sorted(example("adhd_20ug").parent.glob("*.yaml"))
EVERY = [*sorted(HERE.glob("*.yaml")), *EXAMPLES]
NUMBERS = parameters.load()
# No verdict, and a word of the reason that `check` gives for it; every other one is scored.
SILENT = {
    "1cp": "WHO-5", "alcohol": "drinking", "cancer": "Hospital Anxiety", "cluster": "one cluster", "cluster_nct05477459": "attacks",
    "fibro": "Pain", "gad_3mg_responder_gate": "in stages", "home_nct06450210": "no control arm", "hutten_doses": "Vigilance",
    "marschall2022_truffle": "Stress Scales-21", "migraine_kg": "Migraine days", "mm120_phase2b": "200 ug", "molla2024_bdi": "Inventory-II",
    "ocd": "Yale-Brown", "older_adults": "concentration", "pain_crossover": "Cold pressor", "selfblind": "week by week",
    "self_blinding": "week by week", "single_dose_bdi": "Inventory-II", "sleep_eeg_crossover": "Sleep", "stack": "tapping",
    "withdrawal_gate": "in stages", "pam_cancer": "Hospital Anxiety", "fadiman_weeks": "week by week", "cluster_pulse_kg": "13.9 mg",
    "migraine_fixed_order": "13.9 mg", "ocd_ascending": "19.5 mg", "cancer_low_control": "30.6 mg", "1cp_weekdays": "Divergent",
    "stamets": "Montreal", "older_adults_listed": "Time reproduction", "registry_words": "Inventory-II", "basel_low_control": "200 ug",
    "amygdala_13ug": "connectivity", "older_people_doses": "Adverse events", "bdnf_doses": "neurotrophic", "four_doses_13_26": "Mood States",
    "pain_20ug_mmrm": "Cold pressor", "migraine_one_dose": "13.9 mg", "cluster_three_pulses": "13.9 mg", "anorexia_weekly": "Eating Disorder",
    "truffles_open_creativity": "Divergent", "alcohol_two_doses": "drinking", "palliative_waiting_list": "Hospital Anxiety",
    "led_in_per_kg": "Questionnaire-9", "home_as_titration": "no control arm",
}  # fmt: skip


def plan_of(name: str) -> tuple[Protocol, Plan]:
    protocol = load(HERE / f"{name}.yaml")
    return protocol, lay_out(protocol, NUMBERS)


@pytest.mark.parametrize("file", EVERY, ids=lambda file: file.stem)
def test_what_check_announces_is_what_the_answer_lays_out(file: Path) -> None:
    """The parts of an answer that depend on the protocol are made for whatever `check` passes, and the verdict it announces
    is the one that is simulated."""
    protocol = load(file)
    said = limen.check(protocol)
    plan = lay_out(protocol, NUMBERS)
    assert plan.unscored == said.scored.why
    assert (plan.model is not None or said.scored.rated) == (said.scored.why is None)
    assert (file.stem in SILENT) == (said.scored.why is not None)
    assert SILENT.get(file.stem, "") in (said.scored.why or "")
    assert "  verdict" in "\n".join(said.lines())
    if protocol.record.beyond(max(dose for arm in protocol.arms for dose, _ in arm.dose_levels)) is None:
        draws = draw(NUMBERS, 20, 1)
        assert theta(draws, plan)
        assert setting(plan, arm_rates(draws, plan), (0.0, 100.0)).periods == plan.periods


@pytest.mark.parametrize("file", EVERY, ids=lambda file: file.stem)
def test_check_warns_of_all_that_a_result_will_warn_of(file: Path) -> None:
    warned(load(file))


@settings(deadline=None, max_examples=25)
@given(protocols())
def test_check_warns_of_all_that_a_result_of_any_protocol_will_warn_of(plain: dict[str, Any]) -> None:
    warned(loads(json.dumps(plain)))


def warned(protocol: Protocol) -> None:
    """Every warning of its plan, which all results show, is printed by `check`, once, and ends as its list is joined."""
    found, said = lay_out(protocol, NUMBERS).warnings, limen.check(protocol).lines()
    assert [line.removeprefix("  warning     ") for line in said if line.startswith("  warning")] == [*found]
    assert len(set(found)) == len(found)
    assert not [text for text in found if text != text.strip().removesuffix(".")]


def test_nobody_but_the_one_list_warns_of_a_protocol() -> None:
    """A room that shows warnings takes those of the plan: what it would add, `check` could not say."""
    rooms = Path(limen.__file__).parent
    made = [
        (file.relative_to(rooms).as_posix(), line.strip())
        for file in rooms.rglob("*.py")
        for line in file.read_text(encoding="utf-8").splitlines()
        if re.search(r"\bwarnings\b *[=+]|\.warnings\.(append|extend)|\(.*plan\.warnings", line)
    ]
    known = re.compile(
        r"of_doses\(|plan\.warnings|cautions\(|self\.warnings|found\.warnings|= \(\)|default=\(\)"
    )
    assert not [where for where in made if not known.search(where[1])], made


def test_how_long_dosing_is_written_to_last_changes_no_plan() -> None:
    one, month = (plan_of(name)[1] for name in ("25ug_single_duration1d", "25ug_single_duration4wk"))
    assert one == month


def test_a_dose_that_rises_is_given_as_it_is_written() -> None:
    """1.2, 2, 3 and 4.2 mg a week apart: the shares of the highest, and a mean dose that is theirs."""
    _, plan = plan_of("home_nct06450210")
    (arm,) = plan.arms
    assert arm.share == pytest.approx((1.2 / 4.2, 2 / 4.2, 3 / 4.2, 1.0))
    assert arm.mean_dose == pytest.approx(arm.levels[0] * (1.2 + 2 + 3 + 4.2) / (4 * 4.2))


def test_placebo_comes_before_a_delayed_start_and_in_a_lead_in() -> None:
    _, plan = plan_of("stage_sequential")
    assert [arm.share for arm in plan.arms] == [(), (0.0,) * 4 + (1.0,) * 4]
    _, led = plan_of("leadin_gad")
    assert {arm.share[:5] for arm in led.arms} == {(0.0,) * 5}
    assert led.days[5] == 14
    assert {arm.share[5:] for arm in led.arms} == {(1.0,) * 14}


def test_a_dose_per_kilogram_is_drawn_over_weights() -> None:
    """2 mg per 70 kg: the mean dose is that of the mean weight."""
    protocol, plan = plan_of("migraine_kg")
    assert plan.arms[0].mean_dose == pytest.approx(2000 / 70 * 75, rel=1e-9)
    assert len(set(plan.arms[0].levels)) == 9
    assert any("per kilogram" in note for note in plan.warnings)
    assert protocol.arms[1].noticed == "methylphenidate"


def test_what_people_are_told_belongs_to_their_arm() -> None:
    _, plan = plan_of("mesax_balanced")
    assert [arm.told for arm in plan.arms] == [1.0, 0.0, None, None]
    assert plan.told == 0.5
    assert (plan.active, plan.control) == (2, 3), "the pair that was told the same is compared first"


def test_a_low_dose_may_be_the_control_and_the_primary_pair_is_the_protocol_s() -> None:
    _, low = plan_of("ocd")
    assert (low.active, low.control) == (0, 1)
    _, ranged = plan_of("pain_crossover")
    assert (ranged.active, ranged.control, ranged.periods) == (3, 0, 4)


@pytest.mark.parametrize(
    ("change", "field", "remedy"),
    [
        ({"analysis": {"control": "caffein"}}, "analysis.control", "arms are"),
        ({"analysis": {"arm": "placebo"}}, "analysis.arm", "these do"),
        (
            {"outcomes": [{"id": "headache_frequency", "primary": True, "at": "6 wk"}]},
            "outcomes[0].id",
            "declare it",
        ),
        ({"population": {"indication": "scurvy"}}, "population.indication", "other"),
        ({"population": {"indication": "other"}}, "population.indication", "description"),
        ({"clusters": 4}, "clusters", "design: cluster"),
        ({"design": "escalation"}, "design", "steps"),
        ({"design": "placebo lead-in"}, "design", "lead_in"),
        ({"gate": {"outcome": "madrs", "at": "5 d", "rule": "half"}}, "gate.at", "visits are"),
    ],
    ids=lambda part: part if isinstance(part, str) else "",
)
def test_what_cannot_be_meant_is_refused_with_its_place_and_a_remedy(base, change, field, remedy) -> None:
    with pytest.raises(ProtocolErrors) as refused:
        loads(json.dumps(base | change))
    found = {error.where.field: error for error in refused.value.errors}
    assert field in found, found
    assert remedy in (found[field].remedy or "")


@pytest.mark.parametrize(
    ("dose", "what"),
    [
        ("10 ug/0 kg", "0 kg"),
        ("10 mg/kg", "implausible|plausible"),
        ({"per_kg": "0.1 ug", "weight": [75, 60]}, "weights of people"),
        ({"steps": []}, "no step"),
        ({"steps": [{"after": "2 wk", "dose": "5 ug"}, {"after": "1 wk", "dose": "6 ug"}]}, "ascending"),
        ({"steps": [{"after": "41 d", "dose": "5 ug"}]}, "no dose falls"),
        ({"steps": [{"from": "0 d", "dose": "5 ug"}]}, "after"),
    ],
    ids=str,
)
def test_a_dose_that_cannot_be_meant_is_refused_in_words(base, dose, what) -> None:
    base["arms"][0]["dose"] = dose
    with pytest.raises(ProtocolErrors, match=what):
        loads(json.dumps(base))


def test_an_outcome_goes_by_any_of_its_names(base) -> None:
    called = [
        ("PHQ-9", "phq9"),
        ("BDI-II", "bdi2"),
        ("Y-BOCS", "ybocs"),
        ("attack_frequency", "weekly_attacks"),
    ]
    for word, name in called:
        found = loads(json.dumps(base | {"outcomes": [{"id": word, "primary": True, "at": "6 wk"}]}))
        assert found.primary.id == name
        assert announced(found, NUMBERS).why is not None or name == "phq9"
