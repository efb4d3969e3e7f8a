"""The safety section says what the tables say, once, and never more."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from limen.dossier.answer import Answer
from limen.dossier.references import references
from limen.dossier.render import _anchor, html
from limen.dossier.sections.safety.build import cited, safety
from limen.dossier.sections.safety.nouns import Safety
from limen.facts.read import read
from limen.parameters import load as parameters
from limen.protocol import Protocol, load
from limen.safety.monitoring.monitoring import plan
from support import sample

EXAMPLES = sorted((Path(__file__).parents[2] / "examples").glob("*.yaml"))


def example(name: str) -> Protocol:
    return load(next(path for path in EXAMPLES if path.stem == name))


def rules(section: Safety, shown: bool = True) -> dict[str, list]:
    found: dict[str, list] = {}
    for i in section.interactions:
        if i.names_class or not shown:
            found.setdefault(i.rule, []).append(i)
    return found


@pytest.fixture(scope="module", params=EXAMPLES, ids=lambda path: path.stem)
def protocol(request) -> Protocol:
    return load(request.param)


def test_the_classes_every_trial_meets_are_all_there(protocol):
    named = " ".join(i.about for i in safety(protocol).interactions if i.names_class)
    for wanted in ("lithium", "MAOI", "SSRI", "SNRI", "CYP2D6", "antipsychotic", "stimulant"):
        assert wanted in named


def test_lithium_and_maoi_are_contraindicated_whatever_the_protocol(protocol):
    for i in safety(protocol).interactions:
        if i.names_class and i.comedication in ("lithium", "MAOI"):
            assert i.severity == "contraindicated"


def test_a_rule_says_what_its_row_says(protocol):
    table = read("safety/interactions")
    for i in safety(protocol).interactions:
        row = table.row(i.rule)
        assert (i.effect, i.severity, i.dose) == (
            row["expected_effect"],
            row["severity"],
            row["evidence_dose"],
        )
        assert bool(i.read_across) == (row["psychedelic"] not in (protocol.compound, "both"))


def test_cyp2d6_raises_lsd_and_does_nothing_for_psilocybin():
    lsd = rules(safety(example("lsddep1")))
    assert lsd["INT036"][0].exposure == {"Cmax": 1.4, "AUC": 1.5}
    assert lsd["INT037"][0].exposure == {"AUC": 1.75}
    psilocybin = safety(example("gad_3mg_responder_gate"))
    assert not {"INT036", "INT037"} & set(rules(psilocybin, shown=False))
    about = [i for i in psilocybin.interactions if i.names_class and "CYP2D6" in i.comedication]
    assert about
    assert all(not i.exposure and "no relevant exposure change" in i.effect for i in about)


def test_what_a_protocol_says_of_medicines_is_read():
    standing = {i.comedication: i.standing for i in safety(example("lsddep1")).interactions if i.names_class}
    assert standing["MAOI"] == "excluded"
    assert standing["SSRI"] == standing["tricyclic antidepressant"] == "permitted"
    # fluoxetine, paroxetine and bupropion are antidepressants, quinidine is not
    assert standing["strong CYP2D6 inhibitor"] == "partly permitted"
    healthy = safety(example("healthy_10ug"))
    assert {i.standing for i in healthy.interactions if i.comedication in ("lithium", "SSRI", "MAOI")} == {
        "excluded"
    }
    assert healthy.unplaced == []


def test_words_that_name_no_drug_are_said_to_be_left_out():
    plain = example("lsddep1")
    said = plain.medication.model_copy(update={"excluded": (*plain.medication.excluded, "grandmother's tea")})
    assert safety(plain.model_copy(update={"medication": said})).unplaced == ["grandmother's tea"]


def test_the_plan_keeps_every_check_of_every_visit(protocol):
    """Visits that stand together are counted once for each of their weeks."""
    section = safety(protocol)
    together = sum(len(v.checks) * max(1, len(v.weeks)) for v in section.visits)
    assert together == sum(len(v.checks) for v in plan(protocol))
    planned = sorted(v.week for v in plan(protocol) if v.week is not None)
    assert sorted(week for v in section.visits for week in v.weeks) == planned


def test_a_proposed_limit_is_marked_as_one(protocol):
    for visit in safety(protocol).visits:
        proposed = [text for text in visit.limits if text.endswith("(proposed)")]
        signed = [c for c in visit.checks if c.sign_off and c.threshold]
        assert len(proposed) <= len(signed)
        for text in visit.limits:
            of = [c for c in visit.checks if c.threshold and f"{c.threshold}: {c.action}" in text]
            assert any(bool(c.sign_off) == (text in proposed) for c in of)


def test_anxiety_at_ten_micrograms_took_four_of_forty():
    events = safety(example("healthy_10ug")).events
    anxiety = next(e for e in events if e.seen == 4 and e.of == 40)
    assert "anxiety" in anxiety.event
    assert anxiety.per_100 == 10
    assert anxiety.low == pytest.approx(3.96, abs=0.01)
    assert anxiety.high == pytest.approx(23.05, abs=0.01)


def test_none_seen_leaves_three_over_n():
    section = safety(example("healthy_10ug"))
    zeros = [e for e in section.events if e.seen == 0]
    assert zeros
    assert all(e.per_100 == 0 and e.high == pytest.approx(300 / e.of) for e in zeros)
    smallest = min(e.of for e in zeros)
    assert f"of {smallest} people" in section.unseen
    assert f"{300 / smallest:.0f} per 100" in section.unseen


def test_without_a_run_there_is_no_margin_and_the_disagreement_is_said(protocol):
    section = safety(protocol)
    assert section.margins == []
    assert "Not known" in section.valve_note
    potencies = [row for row in section.valves if row.what.endswith("nM")]
    assert len(potencies) >= 2
    fold = {"LSD": "400-fold", "psilocybin": "above 20000 nM (EC50), about 4000-fold"}[protocol.compound]
    assert fold in section.valve_note


@pytest.fixture(scope="module")
def page() -> tuple[Safety, str]:
    section = safety(example("lsddep1"))
    answer: Answer = sample.adhd()
    known = answer.provenance.references | references(cited(section))
    provenance = answer.provenance.model_copy(update={"references": known})
    return section, html(answer.model_copy(update={"safety": section, "provenance": provenance}))


def test_the_page_shows_each_rule_about_a_class_once_and_no_table_is_wide(page):
    section, text = page
    inside = text.split('<section id="safety">')[1].split("</section>")[0]
    for rule, found in rules(section).items():
        assert len(re.findall(rf"\b{rule}\b", inside)) == len(found) == 1
    hidden = {i.rule for i in section.interactions if not i.names_class}
    assert not hidden & set(rules(section))
    assert f"{len(hidden)} more rules" in inside
    assert hidden
    assert not any(rule in inside for rule in hidden)
    assert all(head.count("<th ") <= 7 for head in re.findall(r"<thead>.*?</thead>", inside, re.S))
    assert "limen does not suggest stopping" in inside


def test_every_source_it_cites_is_in_the_references(page):
    section, text = page
    assert [key for key in cited(section) if f'id="ref-{_anchor(key)}"' not in text] == []


def test_a_page_without_the_section_has_no_trace_of_it():
    answer: Answer = sample.adhd()
    assert '<section id="safety">' not in html(answer.model_copy(update={"safety": None}))


def test_the_section_reads_the_same_from_its_json(protocol):
    section = safety(protocol)
    assert Safety.model_validate_json(section.model_dump_json()) == section


def test_exits_of_the_virtual_trial_come_from_the_people_the_page_counts():
    """Jeffreys: 1/2 is added to those who left and to those who stayed, over every trial that counts them."""
    hazard = parameters()["leaving.adverse_exit.lsd"]
    counted = [
        e
        for e in safety(example("healthy_10ug")).events
        if e.category == "discontinuation" and "because of" in e.event
    ]
    left, of = sum(e.seen for e in counted), sum(e.of for e in counted)
    assert (hazard.spread["alpha"], hazard.spread["beta"]) == (left + 0.5, of - left + 0.5)
    assert {e.study for e in counted} == {"Murphy 2023 (MDLSD)", "Mueller 2025 (ADHD)", "LSDDEP1"}
