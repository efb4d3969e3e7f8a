"""A section is one folder: nothing else is touched to have it in the data and on the page; a marker is one row."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path
from typing import get_args

import pytest

from limen import compounds
from limen.dossier import cause, sections
from limen.dossier.assembled import answer_type, schema
from limen.dossier.noun import Paired
from limen.dossier.render import figures_of, html
from limen.dossier.terminal import at_terminal
from limen.dossier.words import sentence
from limen.protocol import Protocol
from limen.response import MARKERS
from support import sample

ROOM = Path(sections.__file__).parents[1]

INIT = """
from limen.dossier.noun import Noun
from limen.dossier.section import Section

class Moon(Noun):
    phase: str

SECTION = Section(__name__, Moon)
"""
BUILD = """
from limen.dossier.sections.moon import Moon

def build(asked):
    return Moon(phase="waxing gibbous")
"""
FIGURES = """
from limen.figures.figure import Figure
from limen.figures.marks import mark, q
from limen.figures.theme import dressed

COLUMNS = {"x": "night", "y": "share lit"}

def chart(table, narrow=False):
    return dressed(mark("line", table, {"x": q("x"), "y": q("y")}), narrow)

def figures(moon, answer):
    return [Figure("moon", "The moon", "It waxes.", "Observed.", [{"x": 1, "y": 0.2}, {"x": 2, "y": 0.4}], chart)]
"""
WORDS = """
def summary(moon, answer):
    return [("moon", moon.phase)]
"""
TEMPLATE = (
    '<section id="moon"><h2>The moon</h2><p>{{ s.phase | sentence }}</p>{{ figure(figures.moon) }}</section>'
)


@pytest.fixture
def moon(tmp_path, monkeypatch):
    """What an answer holds without it, and the section that a folder on the room's search path makes."""
    before = sample.without_verdict().model_dump()
    folder = tmp_path / "moon"
    folder.mkdir()
    for name, text in {"__init__.py": INIT, "build.py": BUILD, "figures.py": FIGURES, "words.py": WORDS,
                       "template.html.j2": TEMPLATE}.items():  # fmt: skip
        (folder / name).write_text(text)
    monkeypatch.setattr(sections, "__path__", [*sections.__path__, str(tmp_path)])
    forget = (sections.sections.cache_clear, answer_type.cache_clear)
    for clear in forget:
        clear()
    yield before, next(s for s in sections.sections() if s.name == "moon")
    for clear in forget:
        clear()


def test_a_section_is_added_by_its_folder_alone(moon):
    before, section = moon
    answer = answer_type()(**before, moon=section.build(None))
    assert json.loads(answer.to_json())["moon"] == {"phase": "waxing gibbous"}
    assert "moon" in schema()["properties"]
    page = html(answer)
    assert '<section id="moon">' in page
    assert sentence("waxing gibbous") in page
    assert '<figure id="fig-moon">' in page
    assert "waxing gibbous" in at_terminal(answer)
    assert page.index('id="moon"') < page.index('id="provenance"')


def test_every_section_of_the_list_has_a_folder_and_every_folder_is_a_section():
    names = [s.name for s in sections.sections()]
    assert len(names) == len(set(names)) >= 14
    assert set(sections.ORDER) == {p.parent.name for p in (ROOM / "sections").glob("*/__init__.py")}


def test_a_marker_of_a_group_of_its_own_is_on_the_page():
    whole = sample.with_mechanism()
    first = whole.mechanism.markers[0]
    own = first.model_copy(update={"id": "prolactin", "name": "Prolactin", "group": "my own"})
    mechanism = whole.mechanism.model_copy(update={"markers": [*whole.mechanism.markers, own]})
    answer = whole.model_copy(update={"mechanism": mechanism})
    page = html(answer)
    section = page.split('<section id="mechanism">')[1].split("</section>")[0]
    assert "<h3>My own</h3>" in section
    assert section.count("Prolactin") >= 3
    assert '<figure id="fig-mechanism-my-own">' in section
    figure = figures_of(answer)["mechanism-my-own"]
    assert {row["marker"] for row in figure.table} == {"Prolactin"}


def registered() -> set[str]:
    """Names of compounds, markers, their groups, designs and estimators, as they might stand in a condition."""
    known = {called for name in compounds.compound_names() for called in compounds.compound(name).called}
    known |= {name for m in MARKERS for name in (m.id, m.name, m.group)}
    designs = get_args(Protocol.model_fields["design"].annotation)
    return known | {"mmrm", "ancova"} | {str(design) for design in designs}


def test_no_condition_and_no_template_names_what_is_registered():
    named = registered()
    assert {"LSD", "cortisol", "HPA", "crossover"} <= named
    for path in ROOM.rglob("*.j2"):
        for block in re.findall(r"{%.*?%}|{{.*?}}", path.read_text(), re.S):
            assert not set(re.findall(r"[\"']([^\"']+)[\"']", block)) & named, (path.name, block)
    for path in ROOM.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Compare):
                said = {c.value for c in ast.walk(node) if isinstance(c, ast.Constant)}
                assert not said & named, (path.name, node.lineno)


def test_what_puts_the_page_together_names_no_section():
    for name in ("render.py", "terminal.py", "compose.py", "assembled.py", "templates/page.html.j2"):
        said = re.findall(r"[\"']([a-z]+)[\"']", (ROOM / name).read_text())
        assert not set(said) & set(sections.ORDER), name


CAUSAL = re.compile(
    r"\b(because|due to|caus\w+|leads? to|owing to|thanks to|as a result|results? (in|from)|therefore|hence|makes?)\b"
    r"|: people who notice",
    re.I,
)
# What names a reason for saying nothing, or the name under which trials count an exit, is no cause of a result.
REASONS = ("No verdict, because", "leaves because of acute effects")


def test_no_sentence_of_the_dossier_names_a_cause_but_the_one_helper():
    """Docstrings are for the reader of the code; every other text may reach a page."""
    for path in (p for p in ROOM.rglob("*") if p.suffix in (".py", ".j2") and p.name != "cause.py"):
        text = path.read_text()
        if path.suffix == ".py":
            tree = ast.parse(text)
            docs = {id(n.body[0].value) for n in ast.walk(tree)
                    if isinstance(n, ast.Module | ast.ClassDef | ast.FunctionDef) and n.body
                    and isinstance(n.body[0], ast.Expr)}  # fmt: skip
            said = [n.value for n in ast.walk(tree)
                    if isinstance(n, ast.Constant) and isinstance(n.value, str) and id(n) not in docs]  # fmt: skip
        else:
            said = [re.sub(r"{[{%#].*?[}%#]}|<[^>]*>|`[^`]*`", " ", text, flags=re.S)]
        for one in said:
            for reason in REASONS:
                one = one.replace(reason, "")
            assert CAUSAL.search(one) is None, (path.name, CAUSAL.search(one))


@pytest.mark.parametrize(
    ("value", "error", "causal"),
    [
        (0.02, 0.005, True),
        (0.02, 0.011, False),
        (0.0, 0.005, False),
        (-0.02, 0.005, False),
        (0.01, 0.005, False),
    ],
)
def test_a_cause_is_named_only_beyond_twice_the_monte_carlo_error(value, error, causal):
    found = Paired(value=value, monte_carlo_se=error, of=400)
    assert (CAUSAL.search(cause.alive(found)) is not None) is causal
    for weekly in (None, found):
        assert (CAUSAL.search(cause.on_the_day(found, weekly)) is not None) is causal
    assert "standard error" in cause.told_apart(found)
    assert ("cannot be told" in cause.told_apart(found)) is (abs(value) <= 2 * error)
    assert CAUSAL.search(cause.alive(None)) is None
