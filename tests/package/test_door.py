"""`import limen`: what it gives, that it is light, that every example runs, that docs and commands go through it."""

from __future__ import annotations

import ast
import doctest
import inspect
import subprocess
import sys
from pathlib import Path

import pytest

import limen
from limen.results import Result, views

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
SNAPSHOT = HERE / "door.txt"
WANTED = {
    "load", "check", "simulate", "trial", "answer", "analyse", "power", "screen", "monitor", "lint", "status",
    "meta_analysis", "respond", "parameters", "facts", "compounds",
}  # fmt: skip


def said() -> str:
    """The public names, with signatures where there are any."""
    lines = []
    for name in limen.__all__:
        value = getattr(limen, name)
        kind = "function" if inspect.isfunction(value) else "class" if inspect.isclass(value) else "room"
        lines.append(
            f"{name}: {kind}"
            + (f" {inspect.signature(value)}".replace("'", "") if kind == "function" else "")
        )
    return "\n".join(lines) + "\n"


def test_the_public_names_and_signatures_are_as_agreed_pinned():
    """A change here is a change for every user: `python tests/package/test_door.py` writes the file anew."""
    assert said() == SNAPSHOT.read_text()
    assert set(limen.__all__) >= WANTED


def test_what_is_promised_is_what_is_given_and_typed():
    tree = ast.parse(Path(limen.__file__).read_text())
    typed = {alias.asname or alias.name for node in ast.walk(tree) if isinstance(node, ast.If)
             for part in node.body if isinstance(part, ast.ImportFrom) for alias in part.names}  # fmt: skip
    assert typed == set(limen.__all__)
    assert set(limen.__all__) <= set(dir(limen))
    with pytest.raises(AttributeError, match="frobnicate"):
        _ = limen.frobnicate


def test_a_room_never_takes_the_name_of_a_function():
    import limen.trial.plan

    assert callable(limen.trial)
    assert limen.trial.__module__ == "limen.door"


def loaded_by(code: str) -> set[str]:
    code = f"import sys\n{code}\nprint(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 0, done.stderr
    return {name.split(".")[0] for name in done.stdout.splitlines()[-1].split()}


HEAVY = {"jax", "polars", "altair", "scipy", "numpyro", "xarray"}


def test_the_import_itself_loads_nothing_of_others():
    assert not loaded_by("import limen") & {*HEAVY, "numpy", "pydantic", "typer", "rich"}


@pytest.mark.parametrize(
    "words",
    [
        ["--help"],
        ["check", "examples/lsddep2.yaml"],
        ["screen", "--compound", "LSD", "lithium"],
        ["regulation", "-j", "AU"],
    ],
    ids=" ".join,
)
def test_quick_commands_load_nothing_heavy(words):
    code = (
        f"sys.argv = ['limen', *{words!r}]\nfrom limen.cli.main import app\n"
        "try:\n    app()\nexcept SystemExit:\n    pass"
    )
    assert not loaded_by(code) & HEAVY


@pytest.mark.parametrize("name", [name for name in limen.__all__ if inspect.isfunction(getattr(limen, name))])
def test_its_example_runs(name, monkeypatch):
    monkeypatch.chdir(ROOT)
    (found,) = doctest.DocTestFinder(recurse=False).find(getattr(limen, name), name, globs={})
    assert found.examples, f"{name} has no example"
    runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS)
    runner.run(found)
    assert runner.summarize(verbose=False).failed == 0


def test_results_can_all_do_the_same():
    """Every class of the door that a function returns is a Result; a figure is named only where it exists."""
    given = [getattr(limen, name) for name in limen.__all__ if inspect.isclass(getattr(limen, name))]
    plain = {"Compound", "LimenError", "LimenWarning", "Protocol"}
    assert {kind.__name__ for kind in given if not issubclass(kind, Result)} == plain
    for named in views.values():
        for place in named.values():
            module, _, function = place.partition(":")
            assert callable(getattr(__import__(module, fromlist=["_"]), function))


def test_a_result_prints_as_text_table_and_json(tmp_path):
    import json

    found = limen.power("two-sample", 3.0, power=0.9, sd=8.0)
    assert repr(found) == str(found)
    assert found.sentence() in str(found)
    assert json.loads(found.to_json())["n"] == found.n
    assert found.to_polars()["n"].to_list() == [found.n]
    assert "<pre>" in found._repr_html_()
    checked = limen.check(limen.load("lsddep2"))
    assert checked.to_polars().height == len(checked.guidance.findings)
    assert checked._repr_html_().startswith("<table>")
    with pytest.raises(limen.LimenError, match="no figure"):
        checked.plot()


def test_the_readme_goes_through_the_door():
    blocks = (ROOT / "README.md").read_text().split("```python\n")[1:]
    code = [block.split("```")[0] for block in blocks]
    assert code
    for one in code:
        for node in ast.walk(ast.parse(one)):
            assert not (isinstance(node, ast.ImportFrom) and node.module != "limen")
            if isinstance(node, ast.Attribute) and ast.unparse(node.value) == "limen":
                assert node.attr in limen.__all__


def sentences(path: Path) -> list[str]:
    """Dictionaries and sentences built in a module: dict displays, f-strings that hold a space, text that is echoed."""
    found = []
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Dict) and any(isinstance(key, ast.Constant) for key in node.keys):
            found.append(ast.unparse(node))
        if isinstance(node, ast.JoinedStr) and any(
            isinstance(part, ast.Constant) and " " in str(part.value) for part in node.values
        ):
            found.append(ast.unparse(node))
        if isinstance(node, ast.Call) and ast.unparse(node.func) in ("typer.echo", "typer.secho", "print"):
            found += [a.value for a in node.args if isinstance(a, ast.Constant) and " " in str(a.value)]
    return found


COMMANDS = sorted(p for p in (ROOT / "src/limen/cli").glob("*.py") if p.stem not in ("guard", "output"))


@pytest.mark.parametrize("path", COMMANDS, ids=[p.stem for p in COMMANDS])
def test_commands_parse_call_and_print(path):
    """Every dictionary and sentence is made in the room it belongs to, so notebook, terminal and web say the same."""
    assert sentences(path) == []


if __name__ == "__main__":
    SNAPSHOT.write_text(said())
