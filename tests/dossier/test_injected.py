"""What is injected walks to the page: a compound, an estimator, a marker and a section, each by what it takes and no more."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from importlib.resources import files
from pathlib import Path

import pytest

from limen import compounds
from limen.analysis import estimators
from limen.design.operate import operate
from limen.dossier import sections
from limen.dossier.asked import Asked
from limen.dossier.assembled import Assembled, answer_type
from limen.dossier.compose import compose
from limen.dossier.render import html
from limen.parameters import load
from limen.protocol import loads
from limen.response import register
from limen.trial.plan import lay_out
from support import plain
from support.own_marker import NUMBERS, OWN

EXAMPLE = Path(__file__).parents[2] / "examples" / "adhd_20ug.yaml"
ESTIMATOR = f"""{Path(plain.__file__).read_text()}

from limen.analysis.estimator import Estimator

ESTIMATOR = Estimator("unadjusted", "the bare difference of two means", plain, most=4)
"""
MARKER = replace(OWN, name="Prolactin")
SECTION = {
    "__init__.py": """
from limen.dossier.noun import Noun
from limen.dossier.section import Section

class Tide(Noun):
    height: float

SECTION = Section(__name__, Tide)
""",
    "build.py": """
from limen.dossier.sections.tide import Tide

def build(asked):
    return Tide(height=float(asked.run.trials))
""",
    "template.html.j2": '<section id="tide"><h2>The tide</h2><p>It stands at {{ s.height | number(0) }} trials.</p></section>',
}


@pytest.fixture(scope="module")
def answered(tmp_path_factory) -> Iterator[Assembled]:
    """The answer to a protocol on a compound of our own, analysed by our own estimator, with our own marker and section."""
    folder = tmp_path_factory.mktemp("own")
    (folder / "unadjusted.py").write_text(ESTIMATOR)
    record = files("limen.compounds") / "lsd.toml"
    text = record.read_text().replace('name = "LSD"', 'name = "moonshine"', 1)
    text = re.sub(r"(?m)^synonyms = .*", 'synonyms = ["MS-1"]', text)
    text = re.sub(r"(?m)^pattern = .*", "pattern = 'moonshine'", text)
    (folder / "moonshine.toml").write_text(text.replace('label = "LSD', 'label = "moonshine'))
    for name, source in SECTION.items():
        (folder / "sections" / "tide").mkdir(parents=True, exist_ok=True)
        (folder / "sections" / "tide" / name).write_text(source)
    with (
        pytest.MonkeyPatch.context() as patch,
        compounds.registered(folder / "moonshine.toml"),
        register(MARKER),
    ):
        patch.setattr(estimators, "__path__", [*estimators.__path__, str(folder)])
        patch.setattr(sections, "__path__", [*sections.__path__, str(folder / "sections")])
        sections.sections.cache_clear()
        answer_type.cache_clear()
        asked = (
            EXAMPLE.read_text()
            .replace("compound: LSD", "compound: moonshine")
            .replace("form: LSD base", "form: moonshine base")
            .replace("mmrm", "unadjusted")
        )
        protocol, parameters = loads(asked), load().joined("response_own", NUMBERS)
        run = operate(lay_out(protocol, parameters), parameters, 20, 60, seed=1)
        yield compose(Asked(protocol, run, 60, "limen answer", date(2026, 1, 1)))
    sections.sections.cache_clear()
    answer_type.cache_clear()
    for module in [
        m
        for m in sys.modules
        if m.startswith(("limen.dossier.sections.tide", "limen.analysis.estimators.un"))
    ]:
        del sys.modules[module]


@pytest.fixture(scope="module")
def page(answered) -> str:
    return html(answered)


def section(page: str, name: str) -> str:
    return page.split(f'<section id="{name}">')[1].split("</section>")[0]


def test_a_compound_of_ones_own_is_asked_about_and_given(answered, page):
    assert answered.question.compound == "moonshine"
    assert "moonshine for ADHD" in section(page, "question")
    assert "moonshine" in section(page, "mechanism")
    assert answered.verdict.drug_effect is not None


def test_an_estimator_of_ones_own_analyses_the_trials_and_says_so(answered, page):
    assert answered.trial.weekly.method == "the bare difference of two means"
    assert "the bare difference of two means" in section(page, "report")


def test_a_marker_of_ones_own_is_drawn_in_words_and_in_a_figure(answered, page):
    assert "Prolactin" in [marker.name for marker in answered.mechanism.markers]
    own = section(page, "mechanism")
    assert own.count("Prolactin") >= 3
    assert "Prolactin, ln ratio</text>" in own


def test_a_section_of_ones_own_is_in_the_data_and_on_the_page(answered, page):
    assert answered.tide.height == answered.reproduce.trials
    assert f"It stands at {answered.reproduce.trials} trials." in section(page, "tide")
