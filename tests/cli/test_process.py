"""limen as a process: streams that close, fill or lack characters, signals at any moment, mistakes in names."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import limen as package
from limen import files

LIMEN = [sys.executable, "-m", "limen"]
QUICK = (
    ["--help"],
    ["check", "examples/lsddep2.yaml", "--json"],
    ["model"],
    ["regulation"],
)
ROOT = Path(__file__).parents[2]


def limen(*words, shell: str = "", **given):
    """Run limen; `shell` is what a shell does with its output."""
    command = [*LIMEN, *map(str, words)]
    if shell:
        command = ["bash", "-c", f'set -o pipefail; "$@" {shell}', "bash", *command]
    given = {"capture_output": True, "timeout": 60, "cwd": ROOT, "env": os.environ} | given
    return subprocess.run(command, **given)


def quiet(done, *codes: int) -> str:
    text = done.stderr.decode(errors="replace")
    assert done.returncode in codes, text
    assert "Traceback" not in text
    assert "Exception ignored" not in text
    return text


@pytest.mark.parametrize("words", QUICK, ids=" ".join)
def test_output_that_nobody_reads_on_is_no_failure(words):
    assert quiet(limen(*words, shell="| head -c 1"), 0) == ""
    quiet(limen(*words, shell=">&-"), 0)
    quiet(limen(*words, shell="2>&-"), 0)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="the system has no /dev/full")
@pytest.mark.parametrize("words", QUICK[1:], ids=" ".join)
def test_a_full_disk_under_the_output_is_said(words):
    assert "the disk is full" in quiet(limen(*words, shell="> /dev/full"), 2)


@pytest.mark.parametrize("encoding", ["cp1252", "ascii:strict"])
@pytest.mark.parametrize("words", QUICK, ids=" ".join)
def test_a_terminal_that_lacks_characters_shows_the_rest(words, encoding):
    done = limen(*words, env=os.environ | {"PYTHONIOENCODING": encoding, "PYTHONUTF8": "0"})
    quiet(done, 0)
    assert done.stdout


@pytest.mark.parametrize("name", [b"Gr\xf6\xdfe.yaml", b"a b\nc.yaml", b"x" * 300])
def test_any_file_name_is_read_or_refused_in_words(name, tmp_path):
    path = tmp_path / os.fsdecode(name)
    if len(name) < 255:
        path.write_bytes((ROOT / "examples/lsddep2.yaml").read_bytes())
    for words in (["check", path, "--json"], ["answer", tmp_path / "none" / path.name]):  # fmt: skip
        quiet(limen(*words), 0, 2)


@pytest.mark.parametrize("words", [["answer"], ["analyse"], ["monitor"], ["screen", "--compound", "LSD", "--csv"],
                                   ["screen", "--compound", "LSD", "--fhir"], ["evidence", "add"]], ids=" ".join)  # fmt: skip
@pytest.mark.parametrize("what", ["nothing", "folder"])
def test_a_file_that_cannot_be_read_is_named(words, what, tmp_path):
    path = tmp_path / "given"
    if what == "folder":
        path.mkdir()
    assert "given" in quiet(limen(*words, path), 2)


def test_the_version_is_printed():
    assert limen("--version").stdout.decode().strip() == package.__version__


def test_an_unknown_command_or_option_is_a_mistake_of_the_user():
    for words in (["frobnicate"], ["check", "--frob"], ["answer"], ["screen", "--json", "--compound"]):
        quiet(limen(*words), 2)


def governed(body: str, tmp_path: Path, number: int, wait: str = "ready"):
    """A process under limen's guard that is signalled once it says `wait`; how it ended, and after how long."""
    code = (
        "import sys, time, hashlib\nfrom limen import files\nfrom limen.cli.guard import governed\n"
        f"folder = {str(tmp_path)!r}\ndef main():\n"
        + "".join(f"    {line}\n" for line in body.splitlines())
        + "sys.exit(governed(main))"
    )
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stdout.readline().decode().strip() == wait
    process.send_signal(number)
    begun = time.monotonic()
    _, stderr = process.communicate(timeout=30)
    return process.returncode, time.monotonic() - begun, stderr.decode()


HELD = {
    "waiting": "print('ready', flush=True); time.sleep(60)",
    "in machine code": "print('ready', flush=True); hashlib.pbkdf2_hmac('sha256', b'', b'', 10**9)",
    "swallowing exceptions": (
        "print('ready', flush=True)\nwhile True:\n  try:\n    time.sleep(0.01)\n  except BaseException: pass"
    ),
    "with files half-written": (
        "with files.together(folder) as out:\n  out.text('a', 'b'); print('ready', flush=True)\n"
        "  hashlib.pbkdf2_hmac('sha256', b'', b'', 10**9)"
    ),
    "in a thread pool": (
        "from concurrent.futures import ThreadPoolExecutor\nwith ThreadPoolExecutor(2) as pool:\n"
        "  print('ready', flush=True)\n  list(pool.map(time.sleep, [60] * 4))"
    ),
}


@pytest.mark.skipif(os.name == "nt", reason="signals are sent differently there")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("held", HELD)
def test_a_signal_ends_the_process_soon_and_leaves_nothing(held, number, tmp_path):
    code, took, stderr = governed(HELD[held], tmp_path, number)
    assert code == 128 + number, stderr
    assert took < 4  # one second of grace; the rest is for a busy machine
    assert list(tmp_path.iterdir()) == []
    assert "Traceback" not in stderr
    assert stderr.count("interrupted") == 1


@pytest.mark.skipif(os.name == "nt", reason="signals are sent differently there")
def test_no_decision_of_a_patient_stays_behind(tmp_path):
    """`screen --out` ended at any moment: by SIGTERM nothing is left, by SIGKILL the next start names it."""
    patients, out = tmp_path / "patients.csv", tmp_path / "out"
    rows = "".join(f"P{i},sertraline 50 mg; lithium; Zyrtec; hydroxyzin\n" for i in range(200_000))
    patients.write_text("id,medications\n" + rows)
    out.mkdir()
    words = ["screen", "--compound", "LSD", "--csv", str(patients), "--out", str(out / "decisions.csv")]
    for number, left in ((signal.SIGTERM, 0), (signal.SIGKILL, 1)):
        process = subprocess.Popen([*LIMEN, *words], stderr=subprocess.PIPE)
        while not list(out.iterdir()):
            time.sleep(0.02)
        process.send_signal(number)
        process.communicate(timeout=30)
        assert process.returncode == (143 if left == 0 else -signal.SIGKILL)
        assert len(list(out.iterdir())) == left
    (found,) = files.leftovers(out)
    few = tmp_path / "few.csv"
    few.write_text("id,medications\nP1,none\n")
    for words, where in (
        (["screen", "--compound", "LSD", "--csv", few, "--out", out / "decisions.csv"], ROOT),
        (["screen", "--compound", "LSD", "none"], out),  # in the folder itself any start says so
    ):
        said = quiet(limen(*words, cwd=where), 0)
        assert f"{found}: it may hold patients' data. Delete it: rm -rf -- {found}\n" in said


def test_what_a_clinician_types_is_written_nowhere(tmp_path):
    """No cache, log, history or temporary file holds it, and a folder nobody may write to is no hindrance."""
    homes = {"HOME": "home", "TMPDIR": "tmp", "XDG_CACHE_HOME": "cache", "XDG_STATE_HOME": "state",
             "XDG_DATA_HOME": "data", "XDG_CONFIG_HOME": "config", "LIMEN_CACHE": "limen"}  # fmt: skip
    for folder in ("cwd", *homes.values()):
        (tmp_path / folder).mkdir()
    env = os.environ | {name: str(tmp_path / folder) for name, folder in homes.items()}
    (tmp_path / "cwd" / "people.csv").write_text(
        "id,medications,conditions\nqwxtz1,sertralinqx,qwxtz fever\n"
    )
    (tmp_path / "cwd" / "visits.csv").write_text("person,visit,sbp\nqwxtz1,baseline,120\n")
    before = sorted(tmp_path.rglob("*"))
    for words in (["screen", "--compound", "LSD", "--conditions", "qwxtz", "sertralinqx"],
                  ["screen", "--compound", "LSD", "--csv", "people.csv"], ["monitor", "visits.csv"]):  # fmt: skip
        quiet(limen(*words, env=env, cwd=tmp_path / "cwd"), 0)
        assert sorted(tmp_path.rglob("*")) == before
        nowhere = dict.fromkeys(homes, "/proc/none")
        quiet(limen(*words, env=os.environ | nowhere, cwd=tmp_path / "cwd"), 0)


def test_a_fault_of_limen_quotes_no_patient(tmp_path):
    code = (
        "import sys; from limen.cli.guard import governed\n"
        "sys.argv = ['limen', 'screen', '--conditions=qwxtz', '--compound', 'LSD', 'sertralinqx']\n"
        "sys.exit(governed(lambda: {}['x']))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert "limen screen --conditions --compound\n" in done.stderr
    assert "qwxtz" not in done.stderr.replace(code, "")
    assert "sertralinqx" not in done.stderr


def test_a_fault_of_limen_says_what_to_report(tmp_path):
    code = "import sys; from limen.cli.guard import governed\nsys.exit(governed(lambda: {}['x']))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 70
    for part in ("fault of its own", "KeyError", "report", package.__version__, "Python 3"):
        assert part in done.stderr
