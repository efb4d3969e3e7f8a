"""An outcome with a score model is a row of scales and a table of parameters, nothing else: added to a copy, it is answered."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import limen

PACKAGE = Path(limen.__file__).parent
EXAMPLE = PACKAGE.parents[1] / "examples" / "adhd_20ug.yaml"
ASK = "from limen.__main__ import main; main()"


def test_an_outcome_is_added_by_its_row_and_its_numbers(tmp_path):
    copy = tmp_path / "limen"
    shutil.copytree(PACKAGE, copy, ignore=shutil.ignore_patterns("__pycache__"))
    scales, numbers = copy / "facts" / "outcomes" / "scales.csv", copy / "parameters" / "outcomes.toml"
    (row,) = re.findall(r"(?m)^aisrs,.*$", scales.read_text())
    own = row.replace(
        "aisrs,Adult ADHD Investigator Symptom Rating Scale", "tide,Tide Rating of Attention", 1
    )
    scales.write_text(f"{scales.read_text().rstrip()}\n{own}\n")
    (table,) = re.findall(r"(?ms)^\[ADHD\.aisrs\]\n.*?(?=^\[)", numbers.read_text())
    numbers.write_text(f"{numbers.read_text()}\n{table.replace('ADHD.aisrs', 'ADHD.tide')}")
    asked = tmp_path / "own.yaml"
    asked.write_text(EXAMPLE.read_text().replace("aisrs", "tide"))
    options = ["--draws", "20", "--people", "60", "--on", "2026-01-01", "--out", str(tmp_path / "out")]
    subprocess.run(
        [sys.executable, "-c", ASK, "answer", str(asked), *options],
        env=os.environ | {"PYTHONPATH": str(tmp_path)}, check=True, capture_output=True, cwd=tmp_path,
    )  # fmt: skip
    answer = json.loads((tmp_path / "out" / "own.json").read_text())
    assert answer["question"]["primary_name"] == "Tide Rating of Attention"
    assert answer["verdict"]["drug_effect"] is not None
    page = (tmp_path / "out" / "own.html").read_text()
    assert page.count("Tide Rating of Attention") >= 3
