"""Every shipped row keeps its promises, and the mistakes people make when extracting are caught."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from limen.errors import Place
from limen.facts import schema
from limen.facts.read import names, read

OUTCOME = {
    "study_id": "mueller2025",
    "arm": "LSD 20 ug",
    "comparator": "placebo",
    "outcome": "AISRS total (ADHD)",
    "direction": "lower_better",
    "timepoint": "6",
    "timepoint_unit": "weeks",
    "n": "53",
    "mean": "",
    "sd": "",
    "change_mean": "",
    "change_sd": "",
    "change_ci_low": "",
    "change_ci_high": "",
    "effect_type": "mean difference",
    "effect": "1.8",
    "effect_se": "2.22",
    "ci_low": "-2.6",
    "ci_high": "6.2",
    "ci_level": "0.95",
    "p": "",
    "unit": "points",
    "source": "mueller2025",
    "locator": "abstract",
    "verification": "seen",
    "note": "",
}
PSILOCYBIN = {"compound": "psilocybin", "dose_unit": "mg/kg", "species": "human"}


def complaints(table: str, cells: dict[str, str]) -> list[tuple[str | None, str]]:
    return [(e.where.column, e.what) for e in schema.check_row(table, cells, Place(file="rows.csv", row=2))]


@pytest.mark.parametrize("name", names())
def test_every_shipped_table_keeps_its_promises(name: str) -> None:
    assert [str(error) for error in schema.check_table(read(name))] == []


def test_every_table_is_declared() -> None:
    assert set(schema.declarations()) - {"absence", "doses", "substances", "counts", "gaps"} == set(names())


def test_a_22_mg_per_kg_psilocybin_row_is_caught() -> None:
    row = dict(next(r for r in read("mechanism/inflammation") if r["dose"] == "0.22"))
    assert complaints("mechanism/inflammation", row) == []
    row["dose"] = "22"
    [(column, what)] = complaints("mechanism/inflammation", row)
    assert column == "dose"
    assert "22 mg/kg" in what


def test_a_22_mg_per_kg_row_is_caught_in_a_rat_too() -> None:
    assert schema.implausible_value("psilocybin", 22, "mg/kg", "rat") is not None
    assert schema.implausible_value("psilocybin", 1, "mg/kg i.p.", "mouse") is None


@pytest.mark.parametrize(
    ("change", "column"),
    [
        ({"study_id": "nobody2020"}, "study_id"),
        ({"effect_se": "", "ci_low": "", "ci_high": ""}, "effect_se"),
        ({"mean": "17.2"}, "sd"),
        ({"change_mean": "-7.1"}, "change_sd"),
        ({"ci_low": "6.2", "ci_high": "-2.6"}, "ci_low"),
        ({"arm": "LSD 20 mg"}, "arm"),
        ({"n": "53.5"}, "n"),
        ({"n": "many"}, "n"),
        ({"effect_se": "-2"}, "effect_se"),
        ({"locator": ""}, "locator"),
        ({"verification": "surely"}, "verification"),
        ({"source": "nobody2020"}, "source"),
        ({"direction": "up"}, "direction"),
    ],
)
def test_a_slip_in_an_extraction_row_is_named_by_column(change: dict[str, str], column: str) -> None:
    assert complaints("clinical/outcomes", OUTCOME) == []
    found = complaints("clinical/outcomes", OUTCOME | change)
    assert column in [name for name, _ in found]


def test_known_gaps_are_listed_and_not_hidden() -> None:
    """Rows without a spread ship as found; each is a report named in the list of gaps, and no other is."""
    gaps = set(schema.declarations()["gaps"]["clinical/outcomes"].split())
    incomplete = {
        row["study_id"]
        for row in read("clinical/outcomes")
        if (row["effect"] and not row["effect_se"] and not row["ci_low"])
        or (row["change_mean"] and not row["change_sd"] and not row["change_ci_low"])
        or (row["mean"] and not row["sd"] and row["unit"] == "points")
    }
    assert gaps == incomplete


@given(st.floats(0.05, 0.6), st.sampled_from([10, 100, 1000]))
def test_a_slipped_decimal_never_passes(dose: float, slip: int) -> None:
    """A human psilocybin dose in mg/kg is plausible; ten, a hundred or a thousand times it is not, above
    0.08."""
    assert schema.implausible_value("psilocybin", dose, "mg/kg") is None
    if dose * slip > 0.8:
        assert schema.implausible_value("psilocybin", dose * slip, "mg/kg") is not None


@pytest.mark.parametrize(
    ("text", "unit"),
    [("mg/kg oral", "mg/kg"), ("ug base", "ug"), ("g dried truffle", "g"), ("mg/70 kg", "mg/70kg"),
     ("ug/mL extract", None), ("daily", None), ("ug or g dried", None)],
)  # fmt: skip
def test_units_are_read_from_the_head_of_the_cell(text: str, unit: str | None) -> None:
    assert schema.mass_unit(text) == unit


def test_year_month_and_day_dates_must_match_their_precision() -> None:
    row = dict(read("regulation/regulatory_events").rows[0])
    assert complaints("regulation/regulatory_events", row) == []
    assert complaints("regulation/regulatory_events", row | {"date": "1970"})[0][0] == "date"
    assert complaints("regulation/regulatory_events", row | {"date": "1970-13-01"})[0][0] == "date"
