"""What a shell is told when it asks how a line may go on, and how the help of a command with many options is parted."""

from __future__ import annotations

import pytest
import typer.main
from typer.testing import CliRunner

from limen.cli.main import COMMANDS, GROUPS, app, application
from limen.compounds.registry import compound_names
from limen.protocol.shipped import example_names


def offered(line: str, monkeypatch) -> list[str]:
    """What Bash shows after the last word of a line."""
    words = line.split(" ")
    monkeypatch.setenv("_LIMEN_COMPLETE", "complete_bash")
    monkeypatch.setenv("COMP_WORDS", "\n".join(words).replace("\n", " "))
    monkeypatch.setenv("COMP_CWORD", str(len(words) - 1))
    return CliRunner().invoke(app, [], prog_name="limen").stdout.split()


@pytest.mark.parametrize(
    ("line", "among"),
    [
        ("limen ", {*COMMANDS, *GROUPS}),
        ("limen evidence c", {"comparators", "claims", "check"}),
        ("limen analyse scores.csv --lik", {"--likelihood"}),
        ("limen analyse scores.csv --likelihood ", {"reml", "ml"}),
        ("limen answer lsddep", {"lsddep1", "lsddep2"}),
        ("limen check m", {"mine.yaml", "mushroom_crossover"}),
        ("limen example ", set(example_names())),
        ("limen screen lithium --compound ", set(compound_names())),
        ("limen screen lithium --compound L", {"LSD"}),
        ("limen regulation --jurisdiction US-O", {"US-OR"}),
    ],
)
def test_a_line_is_completed(line, among, monkeypatch, tmp_path):
    (tmp_path / "mine.yaml").touch()
    monkeypatch.chdir(tmp_path)
    assert set(offered(line, monkeypatch)) == among


def every_command():
    root = typer.main.get_command(application())
    for name, command in root.commands.items():
        yield from getattr(command, "commands", {name: command}).items()


def test_the_help_of_a_command_with_many_options_is_parted():
    """Past what fits on a screen an option is found by the part it stands in."""
    many = [command for _, command in every_command() if len(command.params) > 20]
    assert {"analyse", "blinding", "pool"} <= {command.name for command in many}
    for command in many:
        loose = [p.name for p in command.params if getattr(p, "rich_help_panel", None) is None]
        assert len(loose) <= 8, (command.name, loose)
