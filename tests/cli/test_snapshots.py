"""What every command prints at 80 and at 120 columns, as it was looked at. `python tests/cli/test_snapshots.py` writes it anew."""

from __future__ import annotations

import contextlib
import re
import shlex
from functools import cache
from importlib import import_module
from pathlib import Path
from unittest.mock import Mock

import pytest
from typer.testing import CliRunner

from limen.cli.main import COMMANDS, GROUPS, app, application
from limen.dossier.terminal import at_terminal
from limen.protocol import examples, load
from limen.results import fitted
from support import sample
from support.turning import made_up

HERE = Path(__file__).parent / "snapshots"
WIDTHS = (80, 120)
DAY = "--on 2026-01-01"
VISITS = "person,visit,sbp,dbp,hr\nP1,0,120,80,70\nP1,1,190,95,131\nP2,0,118,79,64\nP2,1,121,80,66\n"
GUESSES = (
    "arm,guess\n"
    + "drug,drug\n" * 12
    + "drug,placebo\n" * 5
    + "placebo,drug\n" * 7
    + "placebo,placebo\n" * 9
    + "placebo,dont know\n" * 3
)
SCORES = "id,arm,visit,score\n" + "".join(
    f"{p},{'drug' if p % 2 else 'placebo'},{v},{30 - 2 * v - (p % 2) * v + (p * 7 + v * 3) % 5}\n"
    for p in range(24)
    for v in range(4)
)
PLASMA = "id,time,conc\n" + "".join(
    f"{person},{time},{conc * size:g}\n"
    for person, size in (("P1", 1.0), ("P2", 1.3))
    for time, conc in ((0, 0), (0.5, 1.2), (1, 2.1), (2, 2.8), (4, 1.9), (8, 0.7), (12, 0.25), (24, 0.03))
)
STUDIES = "study,effect,se\nA 2020,-0.4,0.2\nB 2021,-0.1,0.15\nC 2022,-0.3,0.25\n"
RECORD = Path(__file__).parents[1] / "exchange" / "records" / "every_third_day.json"
COLUMNS = "--id id --visit visit --arm arm --control placebo --baseline none"
ASKED = (
    f"check lsddep2 {DAY}", "check missing.yaml", "check broken.yaml", "example", "model belief.guess --no-equations",
    "screen lithium --compound LSD", "screen 'sertraline 50 mg, linagliptin' --conditions 'depression with heart failure' --compound psilocybin",
    "screen lithium --compound LDS", "monitor visits.csv --compound LSD", "monitor lsddep2.yaml",
    f"regulation --jurisdiction AU --compound psilocybin {DAY}", f"regulation --compound LSD {DAY}", f"regulation --jurisdiction XX {DAY}",
    "evidence studies --limit 3", "evidence claims --limit 2", "evidence comparators --limit 3", "evidence pipeline --limit 3", "evidence refs --limit 3",
    "evidence check 'Microdosing LSD cures depression'", "evidence meta --outcome depression",
    "power ancova --effect 3 --sd 8 --correlation 0.5 --power 0.9", "power mmrm --effect 3 --sd 8 --visits 4 --correlation 0.6 --dropout 0.2 --power 0.9", "power sequential --information 0.5,1",
    "power two-sample --effect 3 --sd 8 --power 0.9", "power one-sample --effect 3 --sd 8 --n 60", "power paired --effect 3 --sd 8 --correlation 0.5 --power 0.8",
    "power crossover --effect 3 --sd 8 --correlation 0.5 --power 0.8", "power responders --control 0.2 --effect 0.2 --power 0.8",
    "evidence facts --limit 3", "evidence outcomes --limit 2", "evidence article", "evidence pool studies.csv --study study --effect effect --se se", "evidence add studies.csv",
    "nca plasma.csv --id id --time time --conc conc --dose 100", "calibrate --check",
    "protocol from-registry record.json", "protocol to-usdm adhd_20ug", "protocol from-usdm adhd_20ug.usdm.json",
    "blinding guesses.csv", "blinding guesses.csv --arm arm --control placebo --guess guess", "analyse scores.csv --outcome score",
    f"analyse scores.csv {COLUMNS} --outcome score", f"analyse scores.csv {COLUMNS} --outcome scroe",
)  # fmt: skip


@cache
def helped() -> tuple[str, ...]:
    """Every command and subcommand, asked for help."""
    groups = {
        name: [
            c.name or c.callback.__name__ for c in import_module(f"limen.cli.{name}").app.registered_commands
        ]
        for name in GROUPS
    }
    return (
        "--help",
        *(f"{c} --help" for c in COMMANDS),
        *(f"{g} {s} --help" for g, all_ in groups.items() for s in all_),
    )


def printed(line: str) -> str:
    """What a terminal without colours shows."""
    done = CliRunner().invoke(app, shlex.split(line))
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    plain = re.sub(r"\x1b\[[0-9;]*m", "", done.output)
    plain = re.sub(
        r"\b[0-9a-f]{64}\b", lambda found: "0" * len(found[0]), plain
    )  # what was set says nothing of how it is printed
    said = re.sub(r"[ \t]+$", "", plain, flags=re.M).strip("\n")
    return f"$ limen {line}\n{said}\n\n"


def shown(width: int, folder: Path) -> str:
    """All of it at one width, in a folder with the files that are asked about."""
    (folder / "visits.csv").write_text(VISITS)
    (folder / "guesses.csv").write_text(GUESSES)
    (folder / "scores.csv").write_text(SCORES)
    (folder / "plasma.csv").write_text(PLASMA)
    (folder / "studies.csv").write_text(STUDIES)
    (folder / "record.json").write_bytes(RECORD.read_bytes())
    (folder / "broken.yaml").write_text(
        "limen: 1\nname: x\ncompound: LSD\narms: [{name: a, kind: activ, n: -3}]\n"
    )
    (folder / "lsddep2.yaml").write_text(examples().joinpath("lsddep2.yaml").read_text())
    with pytest.MonkeyPatch.context() as patch, contextlib.chdir(folder):
        patch.setenv("COLUMNS", str(width))
        patch.setattr("typer.testing._NamedTextIOWrapper.isatty", lambda _: True)
        patch.setenv("LIMEN_OVERLAY", str(folder / "overlay"))
        answered = f"$ limen answer (a sample)\n{at_terminal(sample.with_mechanism())}\n\n"
        turned = fitted(made_up(load(examples() / "adhd_20ug.yaml")).lines(), Mock(isatty=lambda: True))
        return "".join(map(printed, (*helped(), *ASKED))) + answered + f"$ limen turn (made up)\n{turned}\n\n"


@pytest.fixture(scope="module", params=WIDTHS)
def screens(request, tmp_path_factory) -> tuple[int, str]:
    return request.param, shown(request.param, tmp_path_factory.mktemp("terminal"))


def test_every_command_prints_what_was_looked_at(screens):
    width, found = screens
    kept = (HERE / f"{width}.txt").read_text()
    now, then = (
        dict(re.findall(r"(?ms)^\$ (limen .*?)\n(.*?)(?=^\$ limen|\Z)", text)) for text in (found, kept)
    )
    assert list(now) == list(then)
    assert {line: said for line, said in now.items() if said != then[line]} == {}


def test_no_line_is_wider_than_its_terminal_and_no_name_is_cut(screens):
    width, found = screens
    assert [line for line in found.splitlines() if len(line) > width and not line.startswith("$ limen")] == []
    assert "…" not in found


# Those that simulate, for minutes or into files: what they print is held by the tests of what they give.
SIMULATE = {
    "answer",
    "turn",
    "simulate",
    "trial",
    "design",
    "validate pk",
    "validate trials",
}


def test_every_command_that_does_not_simulate_is_looked_at():
    asked = [re.sub(r" --.*| '.*", "", line) for line in ASKED]
    every = {name.removesuffix(" --help") for name in helped()[1:]} - SIMULATE
    assert {name for name in every if not any(f"{line} ".startswith(f"{name} ") for line in asked)} == set()


def test_paragraphs_of_help_flow():
    """A line of help ends where the next word would not fit, not where the source broke it."""
    for name in COMMANDS:
        (command,) = application(name).registered_commands
        assert not re.search(r"(?<!\n)\n(?![\n ])", command.callback.__doc__ or ""), name


if __name__ == "__main__":
    import tempfile

    for width in WIDTHS:
        with tempfile.TemporaryDirectory() as folder:
            (HERE / f"{width}.txt").write_text(shown(width, Path(folder)))
