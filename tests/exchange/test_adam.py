"""Simulated trials as ADaM: what SAS transport allows, the same result as from limen's own table, and analysis data sets that
others wrote."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from limen.analysis.analyse import analyse
from limen.design.tables import concentration_table, trial_table
from limen.errors import DataError
from limen.exchange.adam import LONGEST, TrialNames, adam_sets, define, parameter, write_adam
from limen.files import together
from support.recorded import recorded

EXAMPLES = Path(__file__).parents[2] / "examples"


def sets_of(run, trials: int) -> tuple[TrialNames, dict[str, pl.DataFrame]]:
    plan = run.plan
    about = TrialNames(
        "EX",
        tuple(a.name for a in plan.arms),
        parameter(plan.outcome, "Score", "points"),
        parameter(plan.dose_day, "Rating", "points"),
        "LSD",
    )
    return about, adam_sets(about, trial_table(run, trials), concentration_table(run, trials))


@pytest.fixture(scope="module")
def crossover(parameters):
    return recorded(EXAMPLES / "mushroom_crossover.yaml", parameters, trials=2)


@pytest.mark.parametrize(("which", "trials"), [("adhd", 1), ("crossover", 2)])
def test_adqs_is_analysed_as_limens_own_table_is(which: str, trials: int, request, tmp_path: Path) -> None:
    pytest.importorskip("pyreadstat")
    run = request.getfixturevalue(which)
    about, found = sets_of(run, trials)
    trial_table(run, trials).write_parquet(tmp_path / "own.parquet")
    with together(tmp_path / "adam") as out:
        write_adam(out, about, found)
    only = ("trial=1",), ("STUDYID=EX-1",)
    own = analyse(tmp_path / "own.parquet", only=only[0]).result
    for ending in ("csv", "parquet", "xpt"):
        other = analyse(tmp_path / f"adam/adqs.{ending}", only=only[1] if trials > 1 else ()).result
        numbers = [
            np.array([[x.estimate, x.se, x.df, x.p, x.n] for x in one.estimates]) for one in (own, other)
        ]
        assert np.allclose(*numbers, rtol=1e-12, atol=1e-12)
        assert (own.method, own.observations) == (other.method, other.observations)


def test_every_variable_fits_into_sas_transport_and_stands_in_the_define_file(crossover) -> None:
    about, found = sets_of(crossover, 2)
    said = {one["name"]: one for one in define(about, found)["datasets"]}
    assert set(said) == {"ADSL", "ADQS", "ADPC"}
    for name, frame in found.items():
        described = {v["name"]: v for v in said[name.upper()]["variables"]}
        assert list(described) == frame.columns
        assert frame.select(said[name.upper()]["keys"]).is_unique().all()
        for column in frame.columns:
            assert len(column) <= 8
            assert 0 < len(described[column]["label"]) <= 40
            if frame[column].dtype == pl.String:
                assert all(word.isascii() and len(word) <= LONGEST for word in frame[column].drop_nulls())
    assert {"TRT01P", "TRT02P"} <= set(found["adsl"].columns)
    long = trial_table(crossover, 1).with_columns(sequence=pl.lit("x" * 201))
    with pytest.raises(DataError, match="SAS transport holds 200"):
        adam_sets(about, long, pl.DataFrame())


def test_concentrations_are_of_those_who_took_the_drug_and_fall_with_the_dose(adhd) -> None:
    found = sets_of(adhd, 1)[1]["adpc"]
    assert found["TRTP"].unique().to_list() == ["LSD 20 ug"]
    first = found.filter(pl.col("ADY") == found["ADY"].min())
    assert (first.filter((pl.col("ATPTN") == 0) | (pl.col("DOSEA") == 0))["AVAL"] == 0).all()
    after = first.filter((pl.col("ATPTN") == 2) & (pl.col("DOSEA") > 0))
    assert (after["AVAL"] > 0).all()
    # Seen at the last dose only who is still there.
    last = found.filter(pl.col("ADY") == found["ADY"].max())
    assert last["USUBJID"].n_unique() <= first["USUBJID"].n_unique()


def bds() -> list[dict[str, object]]:
    rng, rows = np.random.default_rng(4), []
    for i in range(30):
        base, arm = float(rng.integers(20, 40)), ("Placebo", "Drug A")[i % 2]
        for number, visit in ((0, "Baseline"), (10, "Week 10"), (2, "Week 2")):
            score = base if number == 0 else base - number * (1 + i % 2) / 2 + float(rng.integers(-4, 5))
            rows.append(dict(STUDYID="S", USUBJID=f"S-{i}", TRTP=arm, PARAMCD="MADRS", AVISIT=visit, AVISITN=number, AVAL=score, BASE=base,
                             ABLFL="Y" if number == 0 else "", DTYPE="", ANL01FL="Y"))  # fmt: skip
        rows.append({**rows[-1], "AVISIT": "Week 10", "AVISITN": 10, "DTYPE": "LOCF", "ANL01FL": ""})
    return rows


def test_an_adqs_of_others_is_known_by_its_variables(tmp_path: Path) -> None:
    rows, file = bds(), tmp_path / "adqs.csv"
    for table in (pl.DataFrame(rows), pl.DataFrame(rows).drop("ANL01FL"), pl.DataFrame(rows).drop("BASE")):
        table.write_csv(file)
        found = analyse(file)
        assert found.result.visits == ("Week 2", "Week 10")
        assert found.result.arms == ("Placebo", "Drug A")
        assert "of 120 records those" in found.lines()[0]
        assert "Montgomery" in found.lines()[0]
    people = pl.DataFrame({"USUBJID": [f"S-{i}" for i in range(30)], "SEX": ["F", "M", "F"] * 10})
    people.write_csv(tmp_path / "adsl.csv")
    assert analyse(file, people=tmp_path / "adsl.csv", factors=("SEX",)).result.people == 30
    people[1:].write_csv(tmp_path / "adsl.csv")
    with pytest.raises(DataError, match=r"USUBJID S-0 has no row in .*adsl\.csv"):
        analyse(file, people=tmp_path / "adsl.csv", factors=("SEX",))
    pl.DataFrame([*rows, {**rows[0], "PARAMCD": "HAMD"}]).write_csv(file)
    with pytest.raises(DataError, match="these are 2 parameters"):
        analyse(file)
