"""`limen check`, as a person and as a program meet it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest
from typer.testing import CliRunner

from limen.cli.main import app
from limen.protocol import digest, load

ROOT = Path(__file__).parents[2]
ADHD = ROOT / "examples" / "adhd_20ug.yaml"


def check(*arguments: str | Path) -> tuple[int, str, str]:
    result = CliRunner().invoke(app, ["check", *map(str, arguments)])
    return result.exit_code, result.stdout, result.stderr


@pytest.mark.parametrize("example", sorted((ROOT / "examples").glob("*.yaml")), ids=lambda path: path.stem)
def test_every_example_is_well_formed_and_its_assumptions_are_printed(example: Path) -> None:
    code, out, err = check(example)
    assert (code, err) == (0, "")
    protocol = load(example)
    for text in (protocol.name, protocol.primary.id, *protocol.left_open):
        assert text in out


def test_doses_are_shown_in_the_common_form() -> None:
    _, out, _ = check(ROOT / "examples" / "lsd_13_26ug.yaml")
    assert "9.76709 ug LSD base (as 13 ug LSD tartrate 2:1 dimethanolate" in out
    assert "19.5342 ug" in out


def test_a_program_gets_the_protocol_with_its_defaults_and_digest() -> None:
    code, out, _ = check(ADHD, "--json")
    answer = json.loads(out)
    assert code == 0
    assert answer["schema_version"] == 1
    assert answer["ok"] is True
    assert answer["digest"] == digest(load(ADHD))
    assert len(answer["understood"]["dosing_days"]) == 12
    assert answer["protocol"]["arms"][0]["route"] == "oral"


def test_mistakes_end_with_code_2_one_message_each_and_no_traceback(tmp_path: Path) -> None:
    bad = tmp_path / "bad.yaml"
    bad.write_text(
        ADHD.read_text().replace("dose: 20 ug", "dose: 20 mg").replace("indication: ADHD", "indicaton: ADHD")
    )
    code, out, err = check(bad)
    assert (code, out) == (2, "")
    assert "Traceback" not in err
    assert err.count(str(bad)) == 2
    assert "did you mean 'indication'" in err
    code, out, _ = check(bad, "--json")
    answer = json.loads(out)
    assert (code, answer["ok"]) == (2, False)
    assert [m["field"] for m in answer["mistakes"]] == ["population.indicaton", "arms[0].dose"]
    assert all(m["line"] and m["remedy"] for m in answer["mistakes"])


def test_a_missing_file_and_no_file_are_mistakes_too(tmp_path: Path) -> None:
    for arguments in ([tmp_path / "none.yaml"], [tmp_path], []):
        code, _, err = check(*arguments)
        assert code == 2
        assert "Traceback" not in err


def test_the_schema_is_a_json_schema() -> None:
    code, out, _ = check("--schema")
    assert code == 0
    jsonschema.Draft202012Validator.check_schema(json.loads(out))


def test_checking_loads_no_numerical_library() -> None:
    script = (
        "import sys; from limen.cli.main import app; app(['check', sys.argv[1]], standalone_mode=False); "
    )
    script += "print(sorted({'jax', 'numpy', 'polars', 'scipy', 'rich'} & set(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", script, str(ADHD)], capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[-1] == "[]"
