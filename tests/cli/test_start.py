"""A quick command loads what it needs: its own module, and no Pydantic where no protocol is read."""

from __future__ import annotations

import subprocess
import sys

import pytest

from limen.cli.main import COMMANDS, GROUPS, application

CODE = """
import sys
from limen.cli.main import application
sys.argv = ["limen", *{words!r}]
try:
    application(*sys.argv[1:2])()
except SystemExit as end:
    assert not end.code, end.code
print(*sorted(sys.modules), file=sys.stderr)
"""


def loaded(*words: str) -> set[str]:
    done = subprocess.run(
        [sys.executable, "-c", CODE.format(words=words)], capture_output=True, text=True, check=True
    )
    return set(done.stderr.split())


@pytest.mark.parametrize("words", [("screen", "--compound", "LSD", "sertraline"), ("regulation",)])
def test_a_command_without_a_protocol_loads_no_pydantic(words):
    found = loaded(*words)
    assert "typer" in found
    assert "pydantic" not in found


def test_a_command_loads_no_other_command():
    given = {
        name.rpartition(".")[2] for name in loaded("regulation", "-j", "AU") if name.startswith("limen.cli.")
    }
    assert given & {*COMMANDS, *GROUPS} == {"regulation"}


def test_all_commands_are_there_where_none_is_named():
    """Help, completion and the suggestion after a slip of the finger know every command."""
    for only in ("", "--help", "scren"):
        made = application(only)
        names = {c.name for c in made.registered_commands} | {g.name for g in made.registered_groups}
        assert names == {*COMMANDS, *GROUPS}
