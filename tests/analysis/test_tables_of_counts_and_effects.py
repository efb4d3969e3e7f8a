"""Tables that hold no people: counts of guesses, and effects of studies."""

from pathlib import Path

import pytest

from limen.analysis.blinded import blinding
from limen.analysis.pooled_table import pool_table
from limen.errors import LimenError

COUNTS = {("drug", "drug"): 82, ("drug", "placebo"): 25, ("drug", "dk"): 170, ("placebo", "drug"): 27, ("placebo", "placebo"): 29, ("placebo", "dk"): 83}  # fmt: skip
ROLES = {"arm": "arm", "guess": "guess", "control": "placebo"}


def written(folder: Path, lines: list[str]) -> Path:
    file = folder / "table.csv"
    file.write_text("\n".join(lines) + "\n")
    return file


def test_a_table_of_counts_is_the_table_of_people(tmp_path: Path) -> None:
    """CRISP, Bang 2004, table 7: James 0.748 (SE 0.0217), Bang 0.206 and 0.014."""
    counts = ["arm,guess,n", *(f"{a},{g},{n}" for (a, g), n in COUNTS.items())]
    found = blinding(written(tmp_path, counts), roles=ROLES, count="n")
    assert [round(x.estimate, 3) for x in found.of("Bang")] == [0.014, 0.206]
    (james,) = found.of("James")
    assert (round(james.estimate, 3), round(james.se or 0, 4)) == (0.748, 0.0217)
    people = ["arm,guess", *(f"{a},{g}" for (a, g), n in COUNTS.items() for _ in range(n))]
    assert blinding(written(tmp_path, people), roles=ROLES).table == found.table


@pytest.mark.parametrize("cell", ["-1", "1.5", "many", "", "1e9"])
def test_a_count_that_is_none_is_refused(tmp_path: Path, cell: str) -> None:
    file = written(tmp_path, ["arm,guess,n", "drug,drug,3", f"placebo,drug,{cell}"])
    with pytest.raises(LimenError, match="row 3"):
        blinding(file, roles=ROLES, count="n")


EFFECTS = ["study,g,v,n", "A,0.2,0.04,40", "B,0.5,0.05,60", "C,0.3,0.02,90", "D,-0.1,0.03,100"]


@pytest.mark.parametrize(
    ("row", "columns", "how"),
    [("E,0.1,0,10", "given", {}), ("E,0.1,-1,10", "given", {}), ("E,,0.1,10", "given", {}), ("E,x,0.1,10", "given", {}),
     ("E,1,1,1", "nowhere", {}), ("E,1,1,1", "given", {"method": "XX"}), ("E,1,1,1", "given", {"measure": "zz"}),
     ("E,1,1,1", "given", {"level": 1.5}), ("E,1,1,1", "given", {"scale": 0.0}), ("E,1,1,1", "given", {"moderators": ("nowhere",)}),
     ("E,1,1,1", "given", {"measure": "rd"}), ("E,1,1,1", "given", {"derive": ("a = q",)}), ("E,1,1", "given", {}),
     ("E,1,1,1", "given", {"derive": ("k = 1 + 0 * n",), "moderators": ("k",)})],
)  # fmt: skip
def test_what_cannot_be_pooled_is_refused(tmp_path: Path, row: str, columns: str, how: dict) -> None:
    named = {"given": {"effect": "g", "variance": "v"}, "nowhere": {"effect": "h", "variance": "v"}}[columns]
    with pytest.raises(LimenError):
        pool_table(written(tmp_path, [*EFFECTS, row]), named, **how)


def test_units_of_the_effect_move_nothing_else(tmp_path: Path) -> None:
    file = written(tmp_path, EFFECTS)
    columns = {"study": "study", "effect": "g", "variance": "v"}
    one, hundred = (pool_table(file, columns, scale=s).fit for s in (1.0, 100.0))
    assert hundred.estimate == pytest.approx(100 * one.estimate)
    assert (hundred.p[0], hundred.i2, hundred.q) == pytest.approx((one.p[0], one.i2, one.q))


def test_a_ratio_is_said_as_a_ratio(tmp_path: Path) -> None:
    file = written(tmp_path, ["a,n1,c,n2", "10,50,5,50", "20,80,11,80", "8,40,4,41"])
    columns = {"events1": "a", "n1": "n1", "events2": "c", "n2": "n2"}
    said = str(pool_table(file, columns, measure="rr", method="EE"))
    assert "log risk ratio" in said
    assert "pooled risk ratio was 1.91 (" in said
