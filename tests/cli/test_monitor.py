from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path

import pytest
from typer.testing import CliRunner

from limen.cli.main import app

RUN = CliRunner()


def test_a_met_rule_names_itself_its_values_and_the_action(tmp_path: Path) -> None:
    data = tmp_path / "visits.csv"
    data.write_text("person,visit,cssrs,sbp,dbp\nP1,0,0,120,80\nP1,1,4,170,95\nP2,0,0,118,76\n")
    said = RUN.invoke(app, ["monitor", str(data)]).stdout
    assert "P1, visit 1: HIGH [MON026] cssrs 4 (limit >= 4 item)" in said
    assert "MON037" in said
    assert "needs clinical sign-off" in said
    alerts = json.loads(RUN.invoke(app, ["monitor", str(data), "--json"]).stdout)["alerts"]
    assert {a["person"] for a in alerts} == {"P1"}


def test_visits_with_the_same_checks_are_named_together(examples: Path) -> None:
    lines = RUN.invoke(app, ["monitor", str(examples / "lsddep2.yaml")]).stdout.splitlines()
    assert "weeks 2, 4, 6" in lines
    heads = [i for i, line in enumerate(lines) if line and not line.startswith(" ")]
    blocks = ["\n".join(lines[a + 1 : b]) for a, b in pairwise([*heads, len(lines)])]
    assert len(set(blocks)) == len(blocks)


def test_a_cell_that_is_no_number_is_named(tmp_path: Path) -> None:
    data = tmp_path / "visits.csv"
    data.write_text("person,visit,sbp\nP1,0,high\n")
    done = RUN.invoke(app, ["monitor", str(data)])
    assert done.exit_code == 2
    assert "row 2" in done.output


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ("person,visit,sbp\nP1,0,120,900\n", "cells"),
        ("person,visit,sbp\nP1,0\n", "cells"),
        ("person,visit,sbp\n,0,190\n", "no person"),
        ("person,visit,sbp\nP1,0,nan\n", "not a number"),
        ("person,visit,sbp\nP1,0,inf\n", "not a number"),
    ],
)
def test_a_row_that_cannot_be_judged_is_refused_not_passed(tmp_path: Path, rows: str, said: str) -> None:
    data = tmp_path / "visits.csv"
    data.write_text(rows)
    done = RUN.invoke(app, ["monitor", str(data)])
    assert done.exit_code == 2
    assert said in done.output


def test_a_limit_that_is_no_number_cannot_switch_a_rule_off(tmp_path: Path) -> None:
    data, limits = tmp_path / "visits.csv", tmp_path / "limits.toml"
    data.write_text("person,visit,sbp\nP1,0,190\n")
    limits.write_text("MON037 = [nan, inf]\n")
    done = RUN.invoke(app, ["monitor", str(data), "--thresholds", str(limits)])
    assert done.exit_code == 2
    assert "MON037" in done.output


@pytest.mark.parametrize("limits", ["[-150, 95]", "[150, 95, 3]", "150", "[nan, 95]"])
def test_a_threshold_of_another_shape_is_refused(tmp_path: Path, limits: str) -> None:
    data, local = tmp_path / "visits.csv", tmp_path / "local.toml"
    data.write_text("person,visit,sbp,dbp\nP1,0,190,112\n")
    local.write_text(f"MON037 = {limits}\n")
    assert RUN.invoke(app, ["monitor", str(data), "--thresholds", str(local)]).exit_code == 2
    local.write_text("MON037 = [150, 95]\n")
    assert "limit > 150/95" in RUN.invoke(app, ["monitor", str(data), "--thresholds", str(local)]).output


def test_a_rise_shows_the_limit_on_rises(tmp_path: Path) -> None:
    data = tmp_path / "visits.csv"
    data.write_text("person,visit,qtcf\nP1,baseline,380\nP1,week 2,450\nP1,week 4,510\n")
    said = RUN.invoke(app, ["monitor", str(data)]).output
    assert (
        "P1, week 2: STOP [MON041] qtcf 450, baseline qtcf 380, rise of qtcf 70 (limit on a rise: 60 ms)"
        in said
    )
    assert "qtcf 510, baseline qtcf 380 (limit > 500 ms)" in said
