"""`limen check` against guidance and law: never a failure by itself, a code for CI when asked."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from typer.testing import CliRunner

from limen.cli.main import app

ROOT = Path(__file__).parents[2]
ADHD = ROOT / "examples" / "adhd_20ug.yaml"


def check(*arguments: str | Path) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["check", *map(str, arguments)])
    return result.exit_code, result.stdout


def failing(tmp_path: Path) -> Path:
    file = tmp_path / "trial.yaml"
    file.write_text(ADHD.read_text() + "conduct:\n  positive_effects_recorded: false\n")
    return file


def test_guidance_is_shown_and_does_not_fail_a_check(tmp_path: Path) -> None:
    code, out = check(failing(tmp_path), "--on", "2026-01-15")
    assert code == 0
    assert "FDA-15 must" in out
    assert "law         LSD in CH on 2026-01-15: case-by-case exceptional authorisation" in out


def test_strict_stops_at_a_must_that_is_not_met(tmp_path: Path) -> None:
    assert check(failing(tmp_path), "--strict")[0] == 1
    assert check(ADHD, "--strict")[0] == 0


def test_an_invalid_file_still_ends_with_2(tmp_path: Path) -> None:
    bad = tmp_path / "bad.yaml"
    bad.write_text(ADHD.read_text().replace("blinding: double", "blinding: twice"))
    assert check(bad, "--strict")[0] == 2


def test_a_misspelt_safeguard_is_refused(tmp_path: Path) -> None:
    bad = tmp_path / "bad.yaml"
    bad.write_text(ADHD.read_text() + "conduct:\n  eco_schedule: [baseline]\n")
    assert check(bad)[0] == 2


def test_json_holds_every_finding_with_its_field_and_source(tmp_path: Path) -> None:
    answer = json.loads(check(failing(tmp_path), "--json", "--on", "2026-01-15")[1])["guidance"]
    assert answer["fails"] is True
    assert sum(answer["counts"].values()) == len(answer["findings"])
    bad = next(f for f in answer["findings"] if f["rule_id"] == "FDA-15")
    assert bad["field"] == "conduct.positive_effects_recorded"
    assert bad["sources"] == ["consultant2025"]


def test_sarif_points_at_the_line(tmp_path: Path) -> None:
    file, log = failing(tmp_path), tmp_path / "log.sarif"
    assert check(file, "--sarif", log)[0] == 0
    results = json.loads(log.read_text())["runs"][0]["results"]
    line = next(r for r in results if r["ruleId"] == "FDA-15")["locations"][0]["physicalLocation"]["region"][
        "startLine"
    ]
    assert "positive_effects_recorded" in file.read_text().splitlines()[line - 1]


def test_it_loads_no_jax() -> None:
    code = (
        "import sys; from limen.cli.main import app\n"
        f"try: app(['check', {str(ADHD)!r}])\n"
        "except SystemExit: pass\n"
        "assert not {'jax', 'numpyro', 'polars'} & set(sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, check=False).returncode == 0
