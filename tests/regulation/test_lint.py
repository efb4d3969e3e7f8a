"""Every rule of guidance has a protocol that meets it and one that does not."""

from __future__ import annotations

import copy
import json
from datetime import date
from typing import Any

import pytest

from limen.facts.read import read
from limen.protocol import Protocol, loads
from limen.regulation import rules
from limen.regulation.lint import lint, where
from limen.regulation.sarif import line_of, sarif

TODAY = date(2026, 1, 15)
BASE: dict[str, Any] = {
    "limen": 1,
    "name": "A trial of 10 ug",
    "status": "planned",
    "jurisdiction": ["NZ"],
    "compound": "LSD",
    "population": {"indication": "MDD", "entry": {"outcome": "madrs", "at_least": 18}},
    "arms": [
        {"name": "LSD", "kind": "active", "n": 30, "form": "LSD base", "dose": "10 ug"},
        {"name": "placebo", "kind": "inert placebo", "n": 30},
    ],
    "schedule": {"pattern": "twice weekly", "duration": "8 wk"},
    "visits": ["0 wk", "4 wk", "8 wk"],
    "outcomes": [{"id": "madrs", "primary": True, "at": "8 wk"}],
    "blinding": "double",
}
ACTIVE = {
    "arms": [BASE["arms"][0], {"name": "caffeine", "kind": "active placebo", "n": 30, "agent": "caffeine"}]
}
LOW = {"arms": [BASE["arms"][0], {**BASE["arms"][0], "name": "low", "dose": "5 ug"}, BASE["arms"][1]]}
PSILOCYBIN = {
    "compound": "psilocybin",
    "jurisdiction": ["US-OR"],
    "arms": [
        {"name": "p", "kind": "active", "n": 30, "form": "psilocybin anhydrate", "dose": "2 mg"},
        BASE["arms"][1],
    ],
}
CROSSOVER = {"design": "crossover", "schedule": {**BASE["schedule"], "washout": "2 wk"}}
HEALTHY = {"population": {"indication": "healthy"}}


def conduct(**fields: Any) -> dict[str, Any]:
    return {"conduct": fields}


ECHO = ["baseline", "week 4", "end"]
# rule -> (changes to BASE that meet it, changes that do not)
EXAMPLES: dict[str, tuple[dict[str, Any], dict[str, Any] | None]] = {
    "FDA-01": ({}, None),  # the format takes no other compound: a protocol that fails it cannot be read
    "FDA-02": (conduct(exclusion_criteria=["valvulopathy", "pulmonary hypertension"]),
               conduct(exclusion_criteria=["epilepsy"])),
    "FDA-03": (conduct(echo_schedule=ECHO, ecg_schedule=["baseline"], bp_schedule=["every dose"]),
               conduct(echo_schedule=["baseline"], ecg_schedule=["baseline"], bp_schedule=["every dose"])),
    "FDA-04": (conduct(tox_species=["rodent", "non-rodent"]), conduct(tox_species=[])),
    "FDA-05": ({"medication": {"permitted": ["SSRI"], "excluded": ["lithium"]}}, {"medication": {"permitted": ["SSRI"]}}),
    "FDA-06": ({"medication": {"excluded": ["MAO inhibitors"]}}, {"medication": {"permitted": ["moclobemide"]}}),
    "FDA-07": ({**LOW, **conduct(followup_weeks=26)}, conduct(programme_dose_levels=1, followup_weeks=26)),
    "FDA-08": (ACTIVE, conduct(guess_item_participant=False)),
    "FDA-09": (conduct(rater_blinding=True), conduct(rater_blinding=False)),
    "FDA-10": (conduct(support_protocol="manual", support_separated="factorial design"),
               conduct(support_protocol="manual", support_separated="none")),
    "FDA-11": (conduct(n_monitors=2, lead_qualification="clinical psychologist"), conduct(n_monitors=1)),
    "FDA-12": (conduct(abuse_ae_plan="events of special interest"), conduct(abuse_ae_plan="none")),
    "FDA-13": ({"jurisdiction": ["US"], **conduct(dea_registration=True, accountability_plan="vials are weighed")},
               {"jurisdiction": ["US"], **conduct(dea_registration=False, accountability_plan="vials are weighed")}),
    "FDA-14": (conduct(consent_items=["altered perception", "impaired judgement", "suggestibility", "vulnerability"]),
               conduct(consent_items=["altered perception"])),
    "FDA-15": (conduct(positive_effects_recorded=True), conduct(positive_effects_recorded=False)),
    "FDA-16": (conduct(followup_weeks=19), conduct(followup_weeks=18)),
    "FDA-17": (conduct(prior_use_recorded=True, prior_use_handling="stratified"), conduct(prior_use_recorded=False)),
    "EMA-01": (conduct(blinding_questionnaire="guess with certainty", expectancy_scale="sets"),
               conduct(blinding_questionnaire="none", expectancy_scale="sets")),
    "EMA-02": ({}, {"population": {"indication": "MDD", "entry": {"outcome": "gad7", "at_least": 10}}}),
    "EMA-03": ({**LOW, **conduct(subjective_scale="5D-ASC")}, {**LOW, **conduct(subjective_scale="none")}),
    "EMA-04": (conduct(support_protocol="none", setting_description="at home"),
               conduct(support_protocol="manual", setting_description="none")),
    "EMA-05": (conduct(safety_monitoring="board", safety_database="300 people"),
               conduct(safety_monitoring="none", safety_database="300 people")),
    "EMA-06": (conduct(ae_definition="anxiety above 7 of 10"), conduct(ae_definition="none")),
    "EMA-07": (conduct(followup_weeks=26, covariates=["CYP2D6"]), conduct(followup_weeks=0, covariates=["CYP2D6"])),
    "EXP-01": (conduct(expectancy_scale="sets", guess_item_participant=True),
               conduct(expectancy_scale="sets", guess_item_participant=False)),
    "EXP-02": (conduct(masking_plan=["development", "recruitment", "disclosure", "active placebo", "measurement"]),
               conduct(masking_plan=["recruitment"])),
    "EXP-03": (conduct(expectancy_model="covariate and interaction"), conduct(expectancy_model="none")),
    "EXP-04": (conduct(guess_by_arm=True, cgr_adjusted=True), conduct(guess_by_arm=True, cgr_adjusted=False)),
    "EXP-05": (conduct(bang_index=["active", "control"]), conduct(bang_index=["active"])),
    "EXP-06": ({**ACTIVE, **conduct(prior_use_handling="naive only")}, conduct(prior_use_handling="naive only")),
    "EXP-07": (conduct(protocol_public=True, sap_public=True), conduct(protocol_public=True, sap_public=False)),
    "EXP-08": (conduct(rater_blinding=True, guess_item_participant=True, expectancy_scale="sets", support_protocol="none"),
               conduct(rater_blinding=True, guess_item_participant=True, expectancy_scale="sets", fidelity="none")),
    "EXP-09": (conduct(guess_item_participant=True, guess_item_staff=True),
               conduct(guess_item_participant=True, guess_item_staff=False)),
    "EXP-10": (LOW, {}),
    "EXP-11": ({**ACTIVE, **conduct(briefing="balanced")}, conduct(briefing="balanced")),
    "EXP-12": ({**HEALTHY, **conduct(told_received=True)}, {**HEALTHY, **conduct(told_received=False)}),
    "EXP-13": ({**CROSSOVER, **conduct(period_analysis="first period is primary")},
               {**CROSSOVER, **conduct(period_analysis="all periods")}),
    "SAF-01": (conduct(echo_schedule=["baseline"]), conduct(echo_schedule=[])),
    "SAF-02": (conduct(first_dose_supervised=True, echo_schedule=ECHO, dose_verification="video"),
               conduct(first_dose_supervised=False, echo_schedule=ECHO, dose_verification="video")),
    "SAF-03": (conduct(con_med_grading="by mechanism"), conduct(con_med_grading="none")),
    "LAW-01": ({**PSILOCYBIN, **conduct(session_minutes=60)}, {**PSILOCYBIN, **conduct(session_minutes=59)}),
    "LAW-02": ({"jurisdiction": ["CA-AB"], **conduct(licence="lighter tier")},
               {"jurisdiction": ["CA-AB"], **conduct(licence="none")}),
    "LAW-03": ({**PSILOCYBIN, "jurisdiction": ["AU"], "population": {"indication": "TRD"},
                **conduct(prescriber="authorised prescriber, psychiatrist")},
               {**PSILOCYBIN, "jurisdiction": ["AU"], **conduct(prescriber="authorised prescriber, psychiatrist")}),
}  # fmt: skip


def protocol(changes: dict[str, Any]) -> Protocol:
    return loads(json.dumps(copy.deepcopy(BASE) | changes))


def outcome(rule_id: str, changes: dict[str, Any]) -> str:
    (finding,) = [f for f in lint(protocol(changes), TODAY).findings if f.rule_id == rule_id]
    return finding.outcome


def test_every_rule_of_the_table_is_written_and_has_examples() -> None:
    table = {row["rule_id"] for row in read("regulation/guidance")}
    assert set(rules.RULES) == table == set(EXAMPLES)


@pytest.mark.parametrize("rule_id", EXAMPLES)
def test_a_protocol_that_does_what_is_asked_meets_the_rule(rule_id: str) -> None:
    assert outcome(rule_id, EXAMPLES[rule_id][0]) == "met"


@pytest.mark.parametrize(
    "rule_id", [rule_id for rule_id, (_, failing) in EXAMPLES.items() if failing is not None]
)
def test_a_protocol_that_does_not_fails_the_rule(rule_id: str) -> None:
    failing = EXAMPLES[rule_id][1]
    assert failing is not None
    assert outcome(rule_id, failing) == "not met"


def test_a_compound_no_guidance_covers_is_no_protocol() -> None:
    with pytest.raises(Exception, match="compound"):
        protocol({"compound": "caffeine"})


def test_silence_cannot_be_told_and_names_the_field() -> None:
    (finding,) = [f for f in lint(protocol({}), TODAY).findings if f.rule_id == "FDA-02"]
    assert (finding.outcome, finding.field) == ("cannot tell", "conduct.exclusion_criteria")


def test_an_unfelt_dose_needs_no_monitors() -> None:
    small = {"arms": [{**BASE["arms"][0], "dose": "5 ug"}, BASE["arms"][1]]}
    assert outcome("FDA-11", small) == "not applicable"
    assert outcome("FDA-11", {}) == "cannot tell"


def test_recalled_rules_are_advisory_and_never_fail() -> None:
    for finding in lint(protocol({"medication": {"permitted": ["moclobemide"]}}), TODAY).findings:
        assert not (finding.advisory and finding.fails)
        assert finding.advisory == (finding.verification == "recalled")


def test_a_must_that_was_read_and_is_not_met_fails() -> None:
    assert not lint(protocol({}), TODAY).fails
    assert lint(protocol(conduct(positive_effects_recorded=False)), TODAY).fails


def test_the_law_of_each_place_is_looked_up_on_the_day() -> None:
    trial = protocol({**PSILOCYBIN, "jurisdiction": ["AU", "GB"]})
    assert where(trial, date(2023, 6, 30))[0].status == "Schedule 9"
    assert where(trial, date(2023, 7, 1))[0].status.startswith("Schedule 8")
    british = next(f for f in lint(trial, TODAY).findings if f.rule_id == "JUR-GB")
    assert british.strength == "must"
    assert "Home Office" in british.requirement
    assert british.field == "conduct.licence"


def test_mushrooms_are_asked_for_as_mushrooms() -> None:
    arm = {"name": "m", "kind": "active", "n": 30, "form": "dried mushroom", "dose": "0.2 g"}
    trial = protocol({"compound": "psilocybin", "jurisdiction": ["JM"], "arms": [arm, BASE["arms"][1]]})
    assert where(trial, TODAY)[0].status == "never scheduled"


def test_sarif_has_a_rule_and_a_result_for_each_finding_at_a_line_of_the_file() -> None:
    found = lint(protocol(conduct(positive_effects_recorded=False)), TODAY)
    text = "limen: 1\narms:\n  - name: LSD\nconduct:\n  positive_effects_recorded: false\n"
    log = sarif(found, "trial.yaml", text, "0.1.0")
    (run,) = log["runs"]
    assert len(run["results"]) == len(run["tool"]["driver"]["rules"]) == len(found.findings)
    (bad,) = [r for r in run["results"] if r["ruleId"] == "FDA-15"]
    assert (bad["kind"], bad["level"]) == ("fail", "error")
    assert bad["locations"][0]["physicalLocation"]["region"]["startLine"] == 5
    assert line_of("nowhere.at_all", text.splitlines()) == 1
