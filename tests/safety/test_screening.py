from __future__ import annotations

from pathlib import Path

import pytest

from limen.errors import DataError
from limen.safety.reading.drugs import dictionary
from limen.safety.reading.intake import parse_conditions, patient
from limen.safety.rules.book import RuleBook
from limen.safety.rules.hits import CLINICIAN, ELIGIBLE, NOT_ELIGIBLE
from limen.safety.rules.overlay import load_overlay
from limen.safety.rules.washout import washout
from limen.safety.screening.bearing import GENOTYPE, bearing_on
from limen.safety.screening.screen import Screening, screen


def screened(meds: str, compound: str = "psilocybin", conditions: str = "", **more) -> Screening:
    return screen(patient(meds, conditions), compound, **more)


def rules(result: Screening) -> set[str]:
    return {hit.rule_id for hit in result.hits}


def test_the_worked_example() -> None:
    result = screened("sertraline 50 mg; lithium carbonate; St John's wort; Zyrtec")
    assert result.decision == NOT_ELIGIBLE
    assert result.hits[0].drug == "lithium"
    for hit in result.hits:
        if hit.drug in ("lithium", "sertraline") and hit.decides != ELIGIBLE:
            assert "not eligible while taking; limen does not suggest stopping" in hit.eligibility
    assert any("full doses" in note for note in result.notes)


def test_fluoxetine_needs_about_46_days_and_irreversible_inhibitors_14() -> None:
    required = washout(dictionary()["fluoxetine"], 5, 35)
    assert required is not None
    assert required.days == pytest.approx(46, abs=1)
    assert "norfluoxetine" in required.arithmetic
    for name in ("phenelzine", "tranylcypromine", "isocarboxazid"):
        hits = [h for h in screened(name, "LSD").hits if h.severity == "contraindicated"]
        assert max(h.washout_days or 0 for h in hits) == 14


def test_a_stop_inside_the_required_time_counts_as_taking() -> None:
    assert screened("phenelzine stopped 10 days ago").decision == NOT_ELIGIBLE
    assert screened("phenelzine stopped 15 days ago").decision == ELIGIBLE
    assert screened("fluoxetine stopped 40 days ago").decision == CLINICIAN
    assert screened("fluoxetine stopped 50 days ago").decision == ELIGIBLE
    assert screened("haloperidol decanoate stopped 60 days ago").decision == NOT_ELIGIBLE
    assert screened("haloperidol decanoate stopped 200 days ago").decision == CLINICIAN
    assert screened("lithium stopped").decision == CLINICIAN


def test_no_mechanism_hides_another() -> None:
    assert "INT035" in rules(screened("bupropion"))
    assert "INT077" in rules(screened("escitalopram"))
    assert {"INT006", "INT036"} <= rules(screened("paroxetine", "LSD"))


def test_a_trial_rule_applies_in_its_population_only() -> None:
    assert "INT066" not in rules(screened("melatonin", "LSD"))
    assert screened("melatonin", "LSD").decision == ELIGIBLE
    assert screened("melatonin", "LSD", population="healthy").decision == NOT_ELIGIBLE
    assert screened("coffee", "LSD", population="healthy").decision == ELIGIBLE


def test_an_inhibitor_with_a_reuptake_blocker_is_dangerous_before_any_psychedelic() -> None:
    hit = next(h for h in screened("phenelzine; sertraline").hits if h.rule_id == "PAIR01")
    assert hit.severity == "contraindicated"
    assert {hit.drug, hit.other_drug} == {"phenelzine", "sertraline"}


def test_a_combination_meets_what_its_components_meet() -> None:
    assert screened("Symbyax").decision == NOT_ELIGIBLE


@pytest.mark.parametrize(
    ("said", "compound", "decision"),
    [
        ("F20.0", "LSD", NOT_ELIGIBLE), ("schizophrenia", "psilocybin", NOT_ELIGIBLE), ("bipolar disorder", "LSD", NOT_ELIGIBLE),
        ("epilepsy", "psilocybin", NOT_ELIGIBLE), ("asthma", "LSD", ELIGIBLE), ("no seizures", "LSD", ELIGIBLE),
        ("pregnant", "psilocybin", NOT_ELIGIBLE), ("BP 150/85", "LSD", CLINICIAN), ("BP 165/95", "LSD", NOT_ELIGIBLE),
        ("BP 120/80", "LSD", ELIGIBLE), ("hypertension", "LSD", CLINICIAN), ("hypertension; BP 125/80", "LSD", ELIGIBLE),
        ("QTc 480", "psilocybin", NOT_ELIGIBLE), ("QTc 430", "LSD", ELIGIBLE), ("C-SSRS 4", "LSD", NOT_ELIGIBLE),
        ("ALT 200", "psilocybin", NOT_ELIGIBLE), ("ALT 20", "psilocybin", ELIGIBLE), ("age 15", "LSD", NOT_ELIGIBLE),
        ("age 30", "LSD", ELIGIBLE), ("wandering spleen", "LSD", CLINICIAN), ("brother has schizophrenia", "psilocybin", NOT_ELIGIBLE),
    ],
)  # fmt: skip
def test_conditions_and_thresholds(said: str, compound: str, decision: str) -> None:
    assert screened("", compound, said).decision == decision


def test_where_trials_disagree_the_alternatives_are_shown_and_the_protocol_chooses() -> None:
    open_ = screened("", "LSD", "BP 150/85")
    assert any("160/90" in other for found in open_.conditions for other in found.alternatives)
    assert (
        screened("", "LSD", "BP 150/85", book=RuleBook(choose={"hypertension": "CON037"})).decision
        == ELIGIBLE
    )
    assert (
        screened("", "LSD", "BP 150/85", book=RuleBook(choose={"hypertension": "CON035"})).decision
        == NOT_ELIGIBLE
    )


def test_a_local_overlay_tightens_relaxes_with_a_reason_and_adds(tmp_path: Path) -> None:
    overlay = tmp_path / "local.toml"
    overlay.write_text(
        '[[tighten]]\nrule = "INT002"\nseverity = "major"\n[[relax]]\nrule = "INT088"\nseverity = "minor"\n'
        'reason = "board decision 12"\n[[add]]\nid = "LOC1"\ndrugs = ["melatonin"]\nseverity = "major"\neffect = "sleep study"\n'
    )
    book = load_overlay(overlay)
    assert screened("sertraline", book=book).decision == NOT_ELIGIBLE
    assert screened("propranolol", book=book).decision == ELIGIBLE
    assert screened("melatonin", book=book).decision == NOT_ELIGIBLE
    assert any("board decision 12" in change for change in book.changes)
    overlay.write_text('[[relax]]\nrule = "INT088"\nseverity = "minor"\n')
    with pytest.raises(DataError, match="without a reason"):
        load_overlay(overlay)
    overlay.write_text('[[tighten]]\nrule = "INT027"\nseverity = "minor"\n')
    with pytest.raises(DataError, match="does not tighten"):
        load_overlay(overlay)


def test_measurements_are_read_from_words() -> None:
    said, measured = parse_conditions("F31.9; BP 150/95; QTc 460 ms; age 70; female")
    assert [c.means for c in said] == [(("", "F31.9"),)]
    assert measured.values == {"sbp": 150, "dbp": 95, "qtc": 460, "age": 70}
    assert measured.sex == "f"


def test_exposure_factors_are_facts_and_alternatives() -> None:
    strong = [
        b.factor["AUC"] for b in bearing_on("LSD", ["cyp2d6_inhibitor=strong"]) if b.rule.id == "INT036"
    ]
    poor = [b.factor["AUC"] for b in bearing_on("LSD", [GENOTYPE])]
    assert (strong, poor) == ([1.5], [1.75])
    assert {
        b.rule.severity for b in bearing_on("psilocybin", ["lithium"]) if "lithium" in b.rule.comedication
    } == {"contraindicated"}
    with pytest.raises(DataError, match="stands for no drug"):
        bearing_on("LSD", ["moon dust"])
