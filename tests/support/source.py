"""The package read as syntax: its modules, what each imports (deferred imports too) and what it defines."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "limen"

Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Module:
    """One file of the package: `name` is dotted (limen.trial.plan), `room` the folder or file under limen."""

    name: str
    path: Path
    tree: ast.Module

    @property
    def room(self) -> str:
        return self.name.split(".")[1] if "." in self.name else ""

    def functions(self) -> Iterator[Function]:
        """Every function and method, nested ones too."""
        for node in ast.walk(self.tree):
            if isinstance(node, Function):
                yield node

    def defined(self) -> Iterator[str]:
        """Public names given a meaning at the top of the file; an alias of an import gives none."""
        for node in self.tree.body:
            match node:
                case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                    names = [name]
                case ast.Assign(targets=targets):
                    names = [target.id for target in targets if isinstance(target, ast.Name)]
                case ast.AnnAssign(target=ast.Name(id=name)):
                    names = [name]
                case _:
                    names = []
            yield from (name for name in names if not name.startswith("_"))

    def imported(self) -> Iterator[tuple[str, str | None]]:
        """(module, name taken from it or None) for every import of limen, at whatever depth it stands."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                yield from ((alias.name, None) for alias in node.names if alias.name.startswith("limen"))
            elif isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] == "limen":
                for alias in node.names:
                    whole = f"{node.module}.{alias.name}"
                    yield (whole, None) if whole in by_name() else (node.module, alias.name)


@cache
def by_name() -> dict[str, Module]:
    """Every module of the package by its dotted name."""
    found = {}
    for path in sorted(SOURCE.rglob("*.py")):
        parts = ("limen", *path.relative_to(SOURCE).with_suffix("").parts)
        name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        found[name] = Module(name, path, ast.parse(path.read_text(encoding="utf-8")))
    return found


def modules() -> list[Module]:
    return list(by_name().values())


def circles(imports: dict[str, set[str]]) -> list[tuple[str, ...]]:
    """Sets of nodes that reach each other (strongly connected, larger than one node or importing itself)."""
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    found: list[tuple[str, ...]] = []

    def visit(node: str) -> None:
        index[node] = low[node] = len(index)
        stack.append(node)
        for after in sorted(imports.get(node, ())):
            if after not in index:
                visit(after)
                low[node] = min(low[node], low[after])
            elif after in stack:
                low[node] = min(low[node], index[after])
        if low[node] == index[node]:
            at = stack.index(node)
            group = tuple(sorted(stack[at:]))
            del stack[at:]
            if len(group) > 1 or node in imports.get(node, ()):
                found.append(group)

    for node in sorted(imports):
        if node not in index:
            visit(node)
    return found
