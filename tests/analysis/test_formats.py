"""One trial in every kind of file is one analysis; so is a wide table, and an analysis written down before."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from limen.analysis.analyse import analyse
from limen.errors import DataError

ROLES = {
    "id": "id",
    "visit": "week",
    "arm": "arm",
    "control": "placebo",
    "outcome": "score",
    "baseline": "base",
}


@pytest.fixture(scope="module")
def table() -> pl.DataFrame:
    rng = np.random.default_rng(5)
    rows = []
    for i in range(24):
        base = float(rng.integers(25, 35))
        for week in (2.0, 4.0):
            score = None if rng.random() < 0.1 else base - week + round(float(rng.normal(0, 3)), 2)
            rows.append(
                {"id": f"P{i}", "week": week, "arm": ("placebo", "drug")[i % 2], "score": score, "base": base}
            )
    return pl.DataFrame(rows)


@pytest.fixture(scope="module")
def estimate(table: pl.DataFrame, tmp_path_factory: pytest.TempPathFactory) -> float:
    file = tmp_path_factory.mktemp("csv") / "trial.csv"
    table.write_csv(file)
    return analyse(file, roles=ROLES, method="ancova").result.estimates[-1].estimate


def test_parquet(table: pl.DataFrame, estimate: float, tmp_path: Path) -> None:
    file = tmp_path / "trial.parquet"
    table.write_parquet(file)
    assert analyse(file, roles=ROLES, method="ancova").result.estimates[-1].estimate == estimate
    file.write_bytes(b"PAR1 and nothing more")
    with pytest.raises(DataError, match=r"no \.parquet file that can be read"):
        analyse(file, roles=ROLES)


def test_sas_transport(table: pl.DataFrame, estimate: float, tmp_path: Path) -> None:
    sas = pytest.importorskip("pyreadstat")
    file = tmp_path / "trial.xpt"
    sas.write_xport(_pandas(table), str(file))
    assert analyse(file, roles=ROLES, method="ancova").result.estimates[-1].estimate == pytest.approx(
        estimate
    )


def _pandas(table: pl.DataFrame):
    import pandas as pd

    return pd.DataFrame(table.to_dict(as_series=False)).astype({"score": float})


def test_a_wide_table(table: pl.DataFrame, estimate: float, tmp_path: Path) -> None:
    file = tmp_path / "wide.csv"
    table.pivot("week", index=["id", "arm", "base"], values="score").rename(
        {"2.0": "score_2", "4.0": "score_4"}
    ).write_csv(file)
    roles = {name: column for name, column in ROLES.items() if name not in ("visit", "outcome")}
    found = analyse(file, roles=roles, wide=("score_2", "score_4"), method="ancova")
    assert found.result.visits == ("2", "4")
    assert found.result.estimates[-1].estimate == estimate


def test_an_analysis_written_down_before(table: pl.DataFrame, estimate: float, tmp_path: Path) -> None:
    file, spec = tmp_path / "trial.csv", tmp_path / "analysis.yaml"
    table.write_csv(file)
    spec.write_text("limen-analysis: 1\nmethod: ancova\n" + "".join(f"{k}: {v}\n" for k, v in ROLES.items()))
    assert analyse(file, spec=spec).result.estimates[-1].estimate == estimate
    with pytest.raises(DataError, match="method is 'ancova' here, and 'mmrm' was asked for"):
        analyse(file, spec=spec, method="mmrm")
    spec.write_text("limen-analysis: 1\nmetod: ancova\n")
    with pytest.raises(DataError, match="metod"):
        analyse(file, spec=spec)


def test_what_cannot_be_read_for_want_of_a_package_says_which(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(__import__("sys").modules, "pyreadstat", None)
    file = tmp_path / "trial.sas7bdat"
    file.write_bytes(b"")
    with pytest.raises(DataError, match="pyreadstat, which is not installed"):
        analyse(file, roles=ROLES)
