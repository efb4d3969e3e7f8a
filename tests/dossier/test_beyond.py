"""What the trial model does not cover is answered with exposure, law, safety and evidence, by name and with the reason."""

from __future__ import annotations

import json
import re
from datetime import date
from html import unescape
from pathlib import Path

import pytest
from typer.testing import CliRunner

from limen import door
from limen.cli.main import app
from limen.compounds import compound
from limen.dossier.dossier import Dossier
from limen.errors import LimenError
from limen.protocol import load, loads

MESCALINE = Path(__file__).parents[1] / "compounds" / "protocols" / "mescaline.yaml"
FULL = (
    MESCALINE.read_text()
    .replace("compound: mescaline", "compound: LSD")
    .replace("form: mescaline base, dose: 10 mg", "form: LSD base, dose: 200 ug")
)
WHY = {
    "mescaline": compound("mescaline").refused,
    "LSD": "200 ug of LSD base lies beyond the doses in which perception, effect and harms of the trial model were measured "
    "(5 to 26 ug)",
}
TRIAL = ("blinding", "trial", "report", "mechanism", "claimed", "moves")


@pytest.fixture(scope="module", params=list(WHY))
def answered(request) -> Dossier:
    asked = load(MESCALINE) if request.param == "mescaline" else loads(FULL)
    return door.answer(asked, 20, 50, on=date(2026, 1, 1))


def test_the_first_words_say_that_the_trial_model_does_not_cover_it_and_why(answered):
    name = answered.answer.question.compound
    head = unescape(answered.html().split("<section id=")[0])
    said = answered.answer.verdict.paragraph
    assert said.startswith(f"No verdict: the trial model does not cover {name} as given here")
    assert WHY[name] in said
    assert said.removeprefix("No verdict") in head
    assert head.count(WHY[name]) == 1
    assert WHY[name] in " ".join(str(answered).split())


def test_exposure_law_safety_and_evidence_are_there_and_the_trial_is_not(answered):
    page = answered.html()
    there = set(re.findall(r'<section id="([a-z]+)"', page))
    assert {"question", "exposure", "safety", "known", "law", "provenance"} <= there
    assert not there & set(TRIAL)
    assert '<figure id="fig-dose">' in page
    arm = answered.answer.exposure.arms[0]
    assert 0 < arm.cmax.low < arm.cmax.value < arm.cmax.high


def test_nothing_is_said_of_noticing_guessing_or_a_drug_effect(answered):
    a = answered.answer
    assert a.exposure.threshold is None
    assert a.exposure.false_alarm is None
    assert a.exposure.arms[0].dosing_days == []
    assert (a.verdict.prior, a.verdict.posterior, a.verdict.data) == (None, None, [])
    numbers = [
        value for name, value in a.verdict if name in ("drug_effect", "difference", "power", "type_one")
    ]
    assert numbers == [None] * 4
    assert not any("simulated" in harm.evidence for harm in a.harms)
    assert "nan" not in re.sub(r'href="data:[^"]*"', "", answered.html()).lower().split()


def test_occupancy_is_shown_only_where_the_compound_has_receptor_constants(answered):
    known = answered.answer.question.compound == "LSD"
    arm = answered.answer.exposure.arms[0]
    assert [curve is not None for curve in (arm.occupancy, arm.month, arm.tolerance)] == [known] * 3
    assert ('<figure id="fig-month">' in answered.html()) is known


def test_only_parameters_that_the_exposure_reads_are_listed(answered):
    names = {p.name for p in answered.answer.provenance.parameters}
    assert any(name.startswith("pharmacology.") for name in names)
    assert not any(name.startswith(("drug_effect.", "perception.", "belief.", "outcomes.")) for name in names)


def test_the_files_are_a_page_and_its_data_and_no_trial(answered, tmp_path):
    written = answered.save(tmp_path, "full")
    assert [path.name for path in written] == ["full.html", "full.json"]
    assert json.loads(written[1].read_text())["beyond"] == answered.answer.beyond
    assert answered.told(written, False)[-1] == f"Dossier: {written[0]}"
    with pytest.raises(LimenError, match="no trial is simulated: exposure only, because"):
        answered.trials()


def test_the_command_ends_well(tmp_path):
    small = ["--draws", "20", "--people", "50", "--on", "2026-01-01"]
    done = CliRunner().invoke(app, ["answer", str(MESCALINE), *small, "--out", str(tmp_path)])
    assert done.exit_code == 0, done.stderr
    assert f"Dossier: {tmp_path / 'mescaline.html'}" in done.stdout
