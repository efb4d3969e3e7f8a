"""One room draws: nothing outside the engine's streams and the parameters' draws makes a generator."""

from __future__ import annotations

import ast

import pytest

from support.source import modules

MAKERS = {
    "default_rng", "Generator", "Philox", "PCG64", "MT19937", "SeedSequence", "RandomState", "PRNGKey", "Random",
}  # fmt: skip
# May only get shorter.
LEFT: set[str] = set()
HOMES = ("limen.engine.", "limen.parameters.draw")


def made(tree: ast.AST) -> set[str]:
    """Generators that a syntax tree makes: a name of MAKERS read off a module or imported, and `jax.random.key`."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr in MAKERS:
            found.add(ast.unparse(node))
        if isinstance(node, ast.Attribute) and ast.unparse(node) in ("jax.random.key", "random.seed"):
            found.add(ast.unparse(node))
        if isinstance(node, ast.ImportFrom) and "random" in (node.module or "").split("."):
            found |= {alias.name for alias in node.names if alias.name in MAKERS | {"key"}}
    return found


@pytest.mark.parametrize(
    "line", ["np.random.default_rng(1)", "from numpy.random import Philox", "jax.random.key(0)"]
)
def test_a_generator_is_found_when_there_is_one(line):
    assert made(ast.parse(line))


def test_nothing_else_makes_a_generator():
    drawing = {m.name: made(m.tree) for m in modules() if not f"{m.name}".startswith(HOMES)}
    assert {name for name, found in drawing.items() if found} <= LEFT
