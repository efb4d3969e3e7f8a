"""What is known stands beside the simulation: trials, claims with their verdicts, and no pool where there is none."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from limen.dossier.references import references
from limen.dossier.render import figures_of, html, spoken_keys
from limen.dossier.sections.known.build import cited, known
from limen.dossier.sections.known.nouns import Known
from limen.protocol import load
from support import sample

EXAMPLES = Path(__file__).parents[2] / "examples"


def of(name: str) -> Known:
    return known(load(EXAMPLES / f"{name}.yaml"))


@pytest.fixture(scope="module")
def adhd() -> Known:
    return of("adhd_20ug")


def page(section: Known) -> str:
    answer = sample.adhd()
    named = answer.provenance.references | references(cited(section))
    provenance = answer.provenance.model_copy(update={"references": named})
    return html(answer.model_copy(update={"known": section, "provenance": provenance}))


def test_one_trial_of_microdoses_in_adhd_is_shown_and_not_pooled(adhd):
    study = next(s for s in adhd.studies if s.study == "mueller2025")
    assert study.n == 53
    assert adhd.pooling == "too few to pool"
    assert adhd.pooled is None
    assert "One trial is not a meta-analysis" in adhd.absence
    assert [line.label for line in adhd.forest.lines if line.kind == "trial"] == ["mueller2025 (2025)"]
    assert not [line for line in adhd.forest.lines if line.kind == "pooled"]


def test_the_one_adhd_trial_leaves_the_sign_open_and_leans_to_placebo(adhd):
    # LSD changed the AISRS by -7.1 points, placebo by -8.9: the estimate is below zero, its interval holds zero.
    trial = next(line for line in adhd.forest.lines if line.kind == "trial")
    assert trial.low < trial.y < 0 < trial.high


def test_the_trial_itself_is_not_among_those_who_also_ask(adhd):
    assert adhd.others
    assert all(other.registry_id != "NCT05200936" for other in adhd.others)


def test_those_still_under_way_come_before_those_ended_when_equally_close(adhd):
    order = [(-len(other.alike), not other.under_way) for other in adhd.others]
    assert order == sorted(order)
    assert {other.trial: other.under_way for other in adhd.others}["PAM"]
    assert not {other.trial: other.under_way for other in adhd.others}["LSDDEP2"]


def test_a_claimed_trial_stands_beside_its_claim_and_the_verdict_on_it():
    trd = of("claimed_lsd_trd")
    claims = {claim.id: claim for claim in trd.claims}
    assert claims["C17"].verdict == "contradicted"
    assert claims["C17"].asked
    assert claims["C19"].verdict == "not found"
    assert "lsddep2" in [study.study for study in trd.studies]
    text = page(trd)
    assert "Contradicted." in text
    assert 'id="claim-C17"' in text


def test_two_trials_of_anxiety_are_pooled_with_an_interval_that_holds_zero():
    gad = of("claimed_psilocybin_gad")
    assert gad.pooling == "pooled"
    assert gad.absence == ""
    assert gad.pooled is not None
    assert gad.pooled.low < 0 < gad.pooled.high
    assert any("2 trials" in caution for caution in gad.cautions)
    assert any("no trial here was in patients" in caution for caution in gad.cautions)


def test_the_page_names_the_trial_and_says_why_there_is_no_pool(adhd):
    text = page(adhd)
    assert '<section id="known">' in text
    assert spoken_keys(adhd.absence) in text
    assert 'href="#ref-p-mueller2025"' in text
    assert text.count('id="fig-forest"') == 1
    assert "limen-forest.csv" in text


def test_where_nothing_was_found_no_figure_is_drawn(adhd):
    bare = adhd.model_copy(update={"forest": None, "pooling": "nothing", "studies": [],
                                   "claims": [], "others": [], "absence": "No result on sleep is recorded."})  # fmt: skip
    answer = sample.adhd().model_copy(update={"known": bare})
    assert "forest" not in figures_of(answer)
    text = html(answer)
    assert "No result on sleep is recorded." in text
    assert "No registered trial" in text


def test_without_the_sections_the_page_has_none():
    text = html(sample.adhd())
    assert 'id="known"' not in text
    assert 'id="law"' not in text


def test_everything_shown_of_the_law_and_the_evidence_is_made_without_jax():
    code = "import sys, limen.dossier.sections.known.build, limen.dossier.sections.law.build; sys.exit('jax' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
