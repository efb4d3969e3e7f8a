"""No sentence that limen shows says of the world that a thing is not there: only who searched, and until when."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from limen.evidence.tables import claims, searched_until
from limen.facts.read import names, read
from limen.facts.schema import undated
from support.source import Function, modules

ROOT = Path(__file__).parents[2]
WORDS_READ = ("safety/reading/", "facts/schema.toml")  # words limen listens for, and the rule itself


@pytest.mark.parametrize(
    "text",
    [
        "No such trial found.",
        "The dose is known. Nobody has measured CRP at a microdose.",
        "No psilocybin microdose imaging study was identified",
        "There is no human evidence.",
        "no controlled trial shows a benefit; centred on zero",
    ],
)
def test_a_claim_of_absence_is_seen(text):
    assert undated(text)


@pytest.mark.parametrize(
    "text",
    [
        "limen's search to 2026-06-22 found no record of such a trial.",
        "limen's tables hold no measurement of CRP at a microdose",
        "leave the cell empty where nobody has said",
        "no standard error or interval was reported",
    ],
)
def test_what_may_be_said_is_let_through(text):
    assert not undated(text)


def test_no_row_says_it():
    said = [
        (row.table, row.line, undated(text))
        for table in names()
        for row in read(table)
        for text in row.values()
    ]
    assert [found for found in said if found[2]] == []


def test_a_row_that_says_when_says_its_own_day():
    for table in names():
        for row in read(table):
            for day in re.findall(r"limen's search to (\S+) found", " ".join(row.values())):
                assert day == (row.get("searched") or searched_until())
    assert all(claim.searched <= searched_until() for claim in claims() if claim.searched)
    assert all(claim.searched for claim in claims())


def strings(tree: ast.Module) -> Iterator[str]:
    """Text of a module that a user may meet: every string but the docstrings, an f-string as one."""
    silent = {id(node.body[0].value) for node in ast.walk(tree) if isinstance(node, ast.Module | ast.ClassDef | Function)
              and node.body and isinstance(node.body[0], ast.Expr)}  # fmt: skip
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            silent |= {id(part) for part in node.values}
            yield "".join(str(p.value) if isinstance(p, ast.Constant) else "it" for p in node.values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in silent:
            yield node.value


def test_no_string_of_the_code_says_it():
    assert [
        (m.name, s) for m in modules() for text in strings(m.tree) if (s := undated(" ".join(text.split())))
    ] == []


def plain(path: Path) -> str:
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".j2":
        return re.sub(r"\{[%{#].*?[%}#]\}|<[^>]+>", " it ", text, flags=re.S)
    return str(tomllib.loads(text)) if path.suffix == ".toml" else text


def test_no_template_no_table_of_choices_and_no_page_says_it():
    shown = [
        p
        for p in (ROOT / "src").rglob("*")
        if p.suffix in (".j2", ".toml") and not any(w in p.as_posix() for w in WORDS_READ)
    ]
    pages = [*(ROOT / "docs").glob("*.md"), ROOT / "README.md"]
    assert len(shown) > 20
    said = [(p.name, undated(" ".join(plain(p).split()))) for p in (*shown, *pages)]
    assert [found for found in said if found[1]] == []
