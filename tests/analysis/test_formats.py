"""One trial in every kind of file is one analysis; so is a wide table, and an analysis written down before."""

from pathlib import Path
from zipfile import ZipFile

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


def test_several_tables_in_one_file_are_not_taken_for_one(table: pl.DataFrame, tmp_path: Path) -> None:
    sas = pytest.importorskip("pyreadstat")
    one, several = tmp_path / "one.xpt", tmp_path / "several.xpt"
    sas.write_xport(table, str(one), file_format_version=5)
    raw = one.read_bytes()
    several.write_bytes(raw + raw[raw.index(b"HEADER RECORD*******MEMBER") :])
    with pytest.raises(DataError, match="holds 2 data sets"):
        analyse(several, roles=ROLES)


def workbook(file: Path, table: pl.DataFrame, sheets: tuple[str, ...]) -> None:
    """The least that is a workbook: the same table on each sheet."""
    begin, main = '<?xml version="1.0"?>', "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    packed, linked = (
        f"http://schemas.openxmlformats.org/package/2006/{name}"
        for name in ("content-types", "relationships")
    )
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"

    def cell(value: object) -> str:
        if isinstance(value, str):
            return f'<c t="inlineStr"><is><t>{value}</t></is></c>'
        return "<c/>" if value is None else f"<c><v>{value}</v></c>"

    rows = "".join(f"<row>{''.join(map(cell, row))}</row>" for row in [table.columns, *table.rows()])
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    parts = [
        ("/xl/workbook.xml", "sheet.main"),
        *((f"/xl/s{i}.xml", "worksheet") for i in range(len(sheets))),
    ]
    named = "".join(f'<sheet name="{n}" sheetId="{i + 1}" r:id="r{i}"/>' for i, n in enumerate(sheets))
    found = "".join(
        f'<Relationship Id="r{i}" Type="{office}/worksheet" Target="s{i}.xml"/>' for i in range(len(sheets))
    )
    types = "".join(f'<Override PartName="{part}" ContentType="{kind}.{name}+xml"/>' for part, name in parts)
    with ZipFile(file, "w") as out:
        out.writestr(
            "[Content_Types].xml",
            f'{begin}<Types xmlns="{packed}"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>{types}</Types>',
        )
        out.writestr(
            "_rels/.rels",
            f'{begin}<Relationships xmlns="{linked}"><Relationship Id="r" Type="{office}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        )
        out.writestr(
            "xl/workbook.xml",
            f'{begin}<workbook xmlns="{main}" xmlns:r="{office}"><sheets>{named}</sheets></workbook>',
        )
        out.writestr(
            "xl/_rels/workbook.xml.rels", f'{begin}<Relationships xmlns="{linked}">{found}</Relationships>'
        )
        for i in range(len(sheets)):
            out.writestr(
                f"xl/s{i}.xml", f'{begin}<worksheet xmlns="{main}"><sheetData>{rows}</sheetData></worksheet>'
            )


@pytest.mark.parametrize("sheets", [("scores",), ("scores", "notes")])
def test_a_workbook_is_read_and_what_else_it_holds_is_said(
    sheets: tuple[str, ...], table: pl.DataFrame, estimate: float, tmp_path: Path
) -> None:
    pytest.importorskip("fastexcel")
    workbook(tmp_path / "trial.xlsx", table, sheets)
    found = analyse(tmp_path / "trial.xlsx", roles=ROLES, method="ancova")
    assert found.result.estimates[-1].estimate == pytest.approx(estimate, rel=1e-12)
    assert ("of 2 sheets the first (scores) is read" in found.lines()[0]) == (len(sheets) > 1)
