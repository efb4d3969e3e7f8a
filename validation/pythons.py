"""Does limen install and answer on every Python it promises? Run by `make validate`; what is not on this machine is said.

python -m validation.pythons [3.12 ...]
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
PROMISED = ("3.11", "3.12", "3.13")
COMMANDS = (
    ("check", "lsddep2"),
    ("simulate", "lsddep2", "--people", "20"),
    ("answer", "lsddep2", "--draws", "20", "--people", "50", "--on", "2026-01-01"),
)


def found(version: str) -> Path | None:
    """An interpreter of this version on the path, or among those of pyenv; None where there is none that runs."""
    kept = sorted(Path.home().glob(f".pyenv/versions/{version}.*/bin/python"))
    for place in (shutil.which(f"python{version}"), *reversed(kept)):
        if place is None:
            continue
        said = subprocess.run([place, "--version"], capture_output=True, text=True, check=False)
        if said.returncode == 0 and said.stdout.startswith(f"Python {version}."):
            return Path(place)
    return None


def tried(python: Path, folder: Path) -> str | None:
    """What fails first when limen is installed from its lock file and asked; None where all of it works."""
    here, pip = folder / "bin", [str(folder / "bin" / "pip"), "install", "--quiet"]
    steps = [
        [str(python), "-m", "venv", str(folder)],
        [*pip, "--require-hashes", "-r", str(ROOT / "requirements.lock")],
        [*pip, "--no-deps", "--no-build-isolation", str(ROOT)],
        *([str(here / "limen"), *command] for command in COMMANDS),
    ]
    for step in steps:
        done = subprocess.run(step, cwd=folder.parent, capture_output=True, text=True, check=False)
        if done.returncode:
            return f"{' '.join(step[:4])}: {(done.stderr or done.stdout).strip()[-2000:]}"
    return None


def main(versions: tuple[str, ...] = PROMISED) -> int:
    failed = 0
    for version in versions:
        python = found(version)
        if python is None:
            print(f"Python {version}: not on this machine, so not tried")
            continue
        with tempfile.TemporaryDirectory() as folder:
            wrong = tried(python, Path(folder) / "environment")
        print(f"Python {version}: {'installs and answers' if wrong is None else f'FAILS at {wrong}'}")
        failed += wrong is not None
    return failed


if __name__ == "__main__":
    sys.exit(main(tuple(sys.argv[1:]) or PROMISED))
