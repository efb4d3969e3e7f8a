"""What enters the evidence base of the drug effect, and why the rest does not."""

from __future__ import annotations

import pytest

from limen.evidence import tables
from limen.evidence.base import StudyResult, evidence_base
from limen.evidence.dose_classes import MICRODOSE


@pytest.fixture(scope="module")
def used() -> dict[str, StudyResult]:
    return {result.study.study_id: result for result in evidence_base()[0]}


@pytest.fixture(scope="module")
def unused() -> dict[str, str]:
    return {left.study_id: left.reason for left in evidence_base()[1]}


def test_every_controlled_study_is_used_or_said_why_not_and_none_twice(used, unused):
    controlled = {
        s.study_id for s in tables.studies() if "rct" in s.design.lower() or "random" in s.design.lower()
    }
    assert used.keys() | unused.keys() == controlled | {
        r.study_id for r in tables.outcomes() if not tables.study(r.study_id)
    }
    assert used.keys() & unused.keys() == set()
    assert all(unused.values())


def test_one_contribution_a_set_of_participants(used):
    people = [tables.participants_of(name) for name in used]
    assert len(people) == len(set(people))


def test_the_adhd_trial_is_what_was_published(used):
    # 1.8 points worse with standard error 2.22, over the 7.7 points that delta is counted in.
    adhd = used["mueller2025"]
    sd = 7.7
    assert adhd.indication == "ADHD"
    assert adhd.y == pytest.approx(-1.8 / sd)
    assert adhd.se == pytest.approx(2.22 / sd)
    assert adhd.week == 6


def test_the_self_blinding_trial_is_compared_by_randomised_arm(used):
    # Ryff total at week 4: +4.561 (SD 19.782, 69 people) against +1.922 (15.647, 65).
    found = used["szigeti2021"]
    assert found.outcome == "Ryff psychological well-being total"
    assert found.y == pytest.approx((4.561 - 1.922) / 15.647)
    assert found.se == pytest.approx((19.782**2 / 69 + 15.647**2 / 65) ** 0.5 / 15.647)


def test_a_direction_from_the_press_has_half_the_weight_and_no_number(used):
    found = used["lsddep2"]
    assert found.y is None
    assert found.between[1] == 0.0
    assert found.weight == 0.5
    assert {result.weight for name, result in used.items() if name != "lsddep2"} == {1.0}


def test_nothing_recalled_no_other_dose_and_no_open_trial_speaks_of_the_drug(used):
    for result in used.values():
        assert result.study.verification != "recalled"
        assert result.study.dose_class in (MICRODOSE, "")
        assert "open" not in result.study.design
    assert "lsddep1" not in used


@pytest.mark.parametrize(
    ("study", "words"),
    [
        ("haijenneuro", "the same people as mueller2025"),
        ("bershad2020", "recalled"),
        ("toronto_md", "no result"),
        ("gasser2014", "control of a full dose"),
        ("murphy2023", "no figure"),
        ("molla2024", "low dose comparator"),
        ("robison2025", "never mixed"),
        ("goodwin2022", "recalled"),
    ],
)
def test_the_reason_is_the_right_one(unused, study, words):
    assert words in unused[study]


@pytest.mark.parametrize(
    ("population", "condition"),
    [
        ("adults with MDD", "MDD"),
        ("treatment resistant depression (TRD)", "TRD"),
        ("generalized anxiety disorder", "GAD"),
        ("attention-deficit/hyperactivity disorder", "ADHD"),
        ("veterans with post-traumatic stress disorder", "PTSD"),
        ("healthy volunteers", "healthy"),
        ("adults with obsessive-compulsive disorder", None),
        ("stage IV solid tumour with distress", None),
    ],
)
def test_patients_are_never_taken_for_healthy_people(population: str, condition: str | None) -> None:
    assert tables.condition_of(population) == condition
