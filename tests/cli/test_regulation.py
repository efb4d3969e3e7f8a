"""`limen regulation` as programs and people call it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from limen.cli.main import app

run = CliRunner().invoke


@pytest.mark.parametrize(("on", "says"), [("2023-06-30", "Schedule 9"), ("2023-07-01", "Schedule 8")])
def test_json_has_a_status(on: str, says: str) -> None:
    result = run(
        app, ["regulation", "--on", on, "--jurisdiction", "AU", "--compound", "psilocybin", "--json"]
    )
    found = json.loads(result.stdout)
    assert found["status"].startswith(says)
    assert found["schema_version"] == 1
    assert found["data_reach_to"]


def test_people_see_what_is_pending_and_how_far_the_data_reach() -> None:
    result = run(app, ["regulation", "--on", "2023-06-30", "-j", "AU"])
    assert "pending" in result.stdout
    assert "comes next" in result.stdout
    assert "data reach to" in result.stdout


def test_every_place_at_once() -> None:
    found = json.loads(run(app, ["regulation", "--on", "2024-06-01", "--json"]).stdout)
    assert {"AU", "US", "CH", "GB"} <= {place["jurisdiction"] for place in found["places"]}


def test_a_mistake_is_one_message_and_exit_code_2() -> None:
    result = run(app, ["regulation", "--on", "2024", "-j", "AU"])
    assert result.exit_code == 2
    assert "Traceback" not in result.output


def test_the_timeline_is_drawn(tmp_path: Path) -> None:
    assert run(app, ["regulation", "--compound", "LSD", "--figure", str(tmp_path / "law.svg")]).exit_code == 0
    assert "Schedule I" in (tmp_path / "law.svg").read_text()


def test_it_loads_no_jax() -> None:
    code = (
        "import sys; from limen.cli.main import app\n"
        "try: app(['regulation', '--on', '2024-06-01', '-j', 'AU', '--json'])\n"
        "except SystemExit: pass\n"
        "assert not {'jax', 'numpyro', 'equinox', 'polars'} & set(sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, check=False).returncode == 0
