"""No sentence says "1 studies": a count before a plural goes through `number_of`, or cannot be one."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

import limen
from limen.units import number_of

ROOT = Path(limen.__file__).parent
ROOMS = ("protocol", "regulation", "safety", "trial", "evidence")
PLURAL = re.compile(r" (?:[a-z-]+ )?(people|entries|studies|[a-z]{3,}(?<!s)s)\b(?! =)")
COUNT = re.compile(r"(count|number|total|people|participants|\bk\b|n_\w+|\bn\b)$")
NO_PLURAL = ("is", "was", "has", "less", "as", "does", "says", "this", "its", "plus", "minus")
# Counts that a guard keeps above one, by the noun they stand before.
MORE = {
    "evidence/article.py": "sentences", "evidence/base.py": "people", "evidence/report.py": "people", "protocol/sense.py": "outcomes",
    "regulation/rules.py": "doses", "trial/cautions.py": "doses", "protocol/doses.py": "forms", "evidence/wording.py": "words",
}  # fmt: skip


def bare(file: Path) -> Iterator[tuple[str, str]]:
    """Counts that stand in a text right before a plural, and the noun."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        parts = node.values if isinstance(node, ast.JoinedStr) else []
        for value, text in pairwise(parts):
            if not (isinstance(value, ast.FormattedValue) and isinstance(text, ast.Constant)):
                continue
            said, noun = ast.unparse(value.value), PLURAL.match(str(text.value))
            counts = said.startswith("len(") or COUNT.search(said)
            if noun and counts and noun[1] not in NO_PLURAL:
                yield said, noun[1]


@pytest.mark.parametrize("room", ROOMS)
def test_a_count_agrees_with_its_noun(room: str) -> None:
    found = [
        (file.relative_to(ROOT).as_posix(), said, noun)
        for file in (ROOT / room).rglob("*.py")
        for said, noun in bare(file)
        if MORE.get(file.relative_to(ROOT).as_posix()) != noun
    ]
    assert found == []


@pytest.mark.parametrize(
    ("count", "said"),
    [(0, "0 studies"), (1, "1 study"), (2, "2 studies"), (1.5, "1.5 studies"), (1000, "1000 studies")],
)
def test_one_is_singular_and_nothing_else_is(count: float, said: str) -> None:
    assert number_of(count, "study", "studies") == said
