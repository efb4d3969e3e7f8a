"""What can be told of the site without building it; `make docs` builds it and runs its code."""

from __future__ import annotations

import ast
import re
import shlex
import shutil
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[2] / "docs"
ROOT = DOCS.parent
WRITTEN_AT_BUILD = "reference/_generated/"
PAGES = sorted(
    page.relative_to(DOCS).as_posix()
    for page in DOCS.rglob("*.md")
    if not any(part.startswith("_") or part == "jupyter_execute" for part in page.relative_to(DOCS).parts)
)
FENCE = re.compile(r"^(`{3,})(\{code-cell\} +)?(?:python|ipython3)[^\n]*\n(.*?)^\1 *$", re.M | re.S)
TOCTREE = re.compile(r"^`{3,}\{toctree\}\n(.*?)^`{3,} *$", re.M | re.S)
LINK = re.compile(r"(?<!!)\[[^\]\n]*\]\(([^)\s]+)\)")


def text_of(page: str) -> str:
    return (DOCS / page).read_text(encoding="utf-8")


def code_of(page: str) -> list[tuple[int, str]]:
    """Line number and text of every block of Python, cell options left out."""
    found = []
    for block in FENCE.finditer(text_of(page)):
        line = text_of(page)[: block.start()].count("\n") + 2
        lines = block[3].splitlines()
        options = next((i for i, row in enumerate(lines) if not row.startswith(":")), len(lines))
        found.append((line + options, "\n".join(lines[options:])))
    return found


def test_there_are_pages_with_code():
    assert {"index.md", "first.md", "model.md", "dossier.md"} <= set(PAGES)
    assert len(code_of("first.md")) > 5


def test_every_page_is_in_a_table_of_contents():
    listed = {"index"}
    for page in PAGES:
        for tree in TOCTREE.findall(text_of(page)):
            for entry in tree.splitlines():
                if entry.strip() and not entry.startswith(":"):
                    target = re.sub(r".*<(.+)>", r"\1", entry.strip()).removesuffix(".md")
                    folder = (DOCS / page).parent
                    listed.add((folder / target).resolve().relative_to(DOCS.resolve()).as_posix())
    assert {page.removesuffix(".md") for page in PAGES} <= listed


@pytest.mark.parametrize("page", PAGES)
def test_its_python_compiles(page):
    for line, code in code_of(page):
        compile("\n" * line + code, page, "exec")


# Rooms that a page still opens by itself, by page: what the door does not give yet. Each list may only get shorter.
BEHIND = {
    "model.md": {"limen.pharmacology.classic"},
    "own_marker.md": {
        "limen.design.operate", "limen.dossier.sections.mechanism.build", "limen.dossier.sections.mechanism.figures",
        "limen.engine.declare", "limen.engine.runs", "limen.figures", "limen.figures.theme", "limen.parameters",
        "limen.response",
    },
}  # fmt: skip


@pytest.mark.parametrize("page", PAGES)
def test_it_goes_through_the_door(page):
    """`import limen` and what it gives is all that a page needs."""
    import limen

    opened = set()
    for _, code in code_of(page):
        for node in ast.walk(ast.parse(code)):
            if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "limen":
                opened.add(node.module)
            if isinstance(node, ast.Import):
                opened |= {a.name for a in node.names if a.name.startswith("limen.")}
            if isinstance(node, ast.Attribute) and ast.unparse(node.value) == "limen":
                assert node.attr in limen.__all__
    assert opened == BEHIND.get(page, set())


SLOW = (
    "answer",
    "trial",
    "--install-completion",
    "analyse simulated",
    "design",
    "turn",
)  # run by the build of the site, or by tests of their own
COMMANDS = sorted({
    line.split(" #")[0][2:]
    for page in PAGES
    for line in text_of(page).splitlines()
    if line.startswith("$ limen ") and not line[8:].startswith(SLOW)
})  # fmt: skip


@pytest.mark.parametrize("line", COMMANDS)
def test_a_command_of_a_page_runs(line, tmp_path, monkeypatch):
    from typer.testing import CliRunner

    import limen
    from limen.cli.main import app

    monkeypatch.setenv("LIMEN_OVERLAY", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    if "example" not in line:  # the reader's own copy
        (tmp_path / "lsddep2.yaml").write_text((ROOT / "examples" / "lsddep2.yaml").read_text())
    if "from-registry" in line:
        shutil.copy(
            ROOT / "tests" / "exchange" / "records" / "every_third_day.json", tmp_path / "record.json"
        )
    if "patients.csv" in line:
        (table,) = re.findall(r"```text\n(id,medications.*?)```", text_of("howto/screening.md"), re.S)
        (tmp_path / "patients.csv").write_text(table)
    if "my_trial" in line:
        (written,) = re.findall(r"```yaml\n(limen: 1.*?)```", text_of("howto/protocol.md"), re.S)
        (tmp_path / "my_trial.yaml").write_text(written)
    if "from-usdm" in line:
        limen.to_usdm(limen.load("lsddep2")).save(tmp_path, "lsddep2")
    done = CliRunner().invoke(app, shlex.split(line)[1:])
    assert done.exit_code == 0, done.output
    assert done.stdout.strip()


def test_the_cells_of_the_page_on_evidence_run(capsys):
    names = {}
    for _, code in code_of("evidence.md"):
        exec(compile(code, "evidence.md", "exec"), names)
    assert "too few to pool" in capsys.readouterr().out
    assert len(COMMANDS) > 10


@pytest.mark.parametrize("page", ["howto/power.md", "howto/blinding.md", "howto/missing.md", "howto/data.md"])
def test_the_cells_of_a_how_to_run(page, capsys):
    names = {}
    for _, code in code_of(page):
        exec(compile(code, page, "exec"), names)
    said = capsys.readouterr().out
    expected = {
        "howto/power.md": "has 90.1% power",
        "howto/blinding.md": "0.137 to 0.275",
        "howto/missing.md": "jump-to-reference  ",
        "howto/data.md": "46.61 (95% interval 22.89 to 70.33",
    }
    assert expected[page] in said


@pytest.mark.parametrize("page", PAGES)
def test_its_links_lead_somewhere(page):
    for target in LINK.findall(text_of(page)):
        if re.match(r"[a-z]+:", target) or target.startswith("#"):
            continue
        path = (DOCS / page).parent / target.split("#")[0]
        written = WRITTEN_AT_BUILD in path.resolve().as_posix()
        assert written or path.exists(), f"{page} links to {target}, which is not there"


@pytest.mark.parametrize("page", PAGES)
def test_its_sources_are_in_the_bibliography(page):
    from limen import facts

    cited = [key for keys in re.findall(r"\{source\}`([^`]+)`", text_of(page)) for key in keys.split()]
    assert [key for key in cited if key not in facts.bibliography()] == []


def test_the_front_door_is_made_of_what_is_kept():
    """Its numbers stand in `turn.json` with the command that wrote them; the page is the package's own."""
    import json

    from limen.turn import page

    kept = json.loads((DOCS / "turn.json").read_text(encoding="utf-8"))
    assert kept["command"].startswith("limen turn adhd_20ug")
    assert kept["sentence"] in page.html(kept)
    assert (DOCS / "turn.png").stat().st_size > 10_000


def test_citation_and_package_name_one_version():
    import limen

    citation = (ROOT / "CITATION.cff").read_text()
    assert f"\nversion: {limen.__version__}\n" in citation
    assert citation.startswith("cff-version: 1.2.0\n")
