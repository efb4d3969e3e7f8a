"""The built wheel, facts inside, answers a protocol outside the checkout."""

import shutil
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    out = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(out), str(ROOT)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return next(out.glob("*.whl"))


def test_the_wheel_holds_facts_parameters_and_templates(wheel):
    names = set(zipfile.ZipFile(wheel).namelist())
    assert "limen/facts/references.bib" in names
    assert "limen/facts/pharmacokinetics/pk_observations.csv" in names
    assert "limen/parameters/perception.toml" in names
    assert "limen/dossier/templates/page.html.j2" in names
    assert {
        "limen/calibration/targets.csv",
        "limen/calibration/frozen.toml",
        "limen/calibration/protocols/capsules.yaml",
    } <= names
    assert not any(name.startswith(("tests/", "examples/")) for name in names)


def test_the_wheel_answers_outside_the_checkout(wheel, tmp_path):
    """The wheel is unpacked into a folder of its own and put before everything else, the editable checkout included;
    its dependencies are those already installed."""
    site = tmp_path / "site"
    zipfile.ZipFile(wheel).extractall(site)
    protocol = tmp_path / "mine.yaml"
    shutil.copy(ROOT / "examples" / "lsddep1.yaml", protocol)
    code = (
        f"import sys; sys.path[:0] = [{str(site)!r}, {sysconfig.get_paths()['purelib']!r}]\n"
        "import limen; assert limen.__file__.startswith(sys.path[0]), limen.__file__\n"
        "from limen.cli.main import app; app()"
    )
    arguments = ["answer", str(protocol), "--draws", "20", "--people", "60", "--out", str(tmp_path / "out")]
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", code, *arguments], capture_output=True, text=True, cwd=tmp_path
    )
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "out" / "mine.html").stat().st_size > 100_000
