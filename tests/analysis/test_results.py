"""A result is one object, whichever estimator it is of: a table, a figure, a sentence ready to paste, JSON."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

import limen
from limen.analysis.analyse import analyse
from limen.analysis.registry import methods
from limen.analysis.rows import models_known
from limen.results import Result

ROLES = dict(id="id", visit="week", arm="arm", control="placebo", outcome="score", baseline="base")
# What a method asks for that the others do not.
ASKED: dict[str, dict[str, Any]] = {
    "cox": {"roles": ROLES | {"event": "left", "visit": "none", "outcome": "days"}, "only": ("week=6",)},
    "logistic": {"roles": ROLES | {"outcome": "came", "visit": "none"}, "only": ("week=6",)},
    "change": {"roles": ROLES | {"control": "none"}, "only": ("arm=drug",)},
    "ttest": {"roles": ROLES | {"visit": "none"}, "only": ("week=6",)},
    "welch": {"roles": ROLES | {"visit": "none"}, "only": ("week=6",)},
    "wilcoxon": {"roles": ROLES | {"visit": "none"}, "only": ("week=6",)},
}


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    random, rows = np.random.default_rng(4), ["id,week,arm,score,base,left,came,days"]
    for person in range(40):
        arm, base, own = ("placebo", "drug")[person % 2], random.normal(25, 4), random.normal(0, 2)
        for week in (2, 4, 6):
            score = base - week * (1.4 if arm == "drug" else 0.8) + own + random.normal(0, 2)
            came = int(score < base - 6)
            rows.append(
                f"P{person},{week},{arm},{score:.2f},{base:.2f},{person % 3 > 0:d},{came},{5 + person % 17}"
            )
    path = tmp_path_factory.mktemp("results") / "trial.csv"
    path.write_text("\n".join(rows))
    return path


def whole(found: Result) -> None:
    """Everything that a result must be able to do."""
    assert found._repr_html_().startswith(("<table>", "<pre>"))
    table = found.to_polars()
    assert table.height > 0
    assert json.loads(found.to_json())["schema_version"] >= 1
    assert "vega" in found.plot().to_dict()["$schema"]
    said = found.sentence()
    assert said.rstrip().endswith(".")
    assert any(letter.isdigit() for letter in said)
    assert "nan" not in said.lower().split()
    assert said in " ".join(str(found).split("\n")) or all(
        part in str(found) for part in said.split(". ")[:1]
    )


@pytest.mark.parametrize("method", [*methods(), *models_known()])
def test_every_estimator_gives_a_whole_result(method: str, file: Path) -> None:
    asked = {"roles": ROLES, **ASKED.get(method, {})}
    found = analyse(file, method=method, **asked)
    whole(found)
    assert isinstance(found.to_polars(), pl.DataFrame)
    assert {"contrast", "estimate", "ci_low", "ci_high", "p"} <= set(found.to_polars().columns)


def test_an_analysis_for_each_value_is_one_too(file: Path) -> None:
    whole(analyse(file, roles=ROLES, method="ancova", by="left"))


def test_so_are_guesses_power_bounds_and_pooled_effects(tmp_path: Path) -> None:
    guesses = tmp_path / "guesses.csv"
    guesses.write_text("arm,guess\n" + "drug,drug\n" * 9 + "drug,placebo\n" * 5 + "placebo,placebo\n" * 8 + "placebo,drug\n" * 4)  # fmt: skip
    whole(limen.blinding(guesses, roles={"arm": "arm", "guess": "guess", "control": "placebo"}))
    whole(limen.power("ancova", 3.0, power=0.9, sd=8.0, correlation=0.5))
    bounds = limen.bounds([1, 2, 3], alpha=0.025, sided=1)
    whole(bounds)
    whole(limen.staged(bounds, power=0.9))
    effects = tmp_path / "effects.csv"
    effects.write_text("study,g,se\nA,0.3,0.1\nB,0.1,0.2\nC,0.5,0.15\n")
    whole(limen.pool_table(effects, {"study": "study", "effect": "g", "se": "se"}))
    plasma = tmp_path / "plasma.csv"
    plasma.write_text("who,h,c\n" + "".join(f"{who},{h},{10 * 2 ** (-h / 3):.4f}\n" for who in "ab" for h in (0, 1, 2, 4, 8)))  # fmt: skip
    whole(limen.kinetics(plasma, {"id": "who", "time": "h", "conc": "c"}, dose=100.0))
