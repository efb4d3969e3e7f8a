"""The figure of a search: a map where two things were varied, and lines in the order of their values."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from limen.figures import designs


def searched(doses: tuple[int, ...]) -> Any:
    rows = [
        {"people": n, "dose": f"{dose} ug", "beyond": None, "power": n * dose / 4000, "power_se": 0.02, "false": 0.05,
         "false_se": 0.01}
        for dose in doses for n in (40, 80, 120)
    ]  # fmt: skip
    return SimpleNamespace(rows=lambda: rows, axes=[SimpleNamespace(name="dose"), SimpleNamespace(name="n")])


@pytest.mark.parametrize(("doses", "panels"), [((5,), 3), ((5, 10, 20), 4)])
def test_a_map_of_power_stands_where_two_things_were_varied(doses, panels):
    table = designs.table(searched(doses))
    drawn = designs.chart(table)["vconcat"]
    assert len(drawn) == panels
    assert set(table[0]) == set(designs.COLUMNS)
    if panels == 4:
        cells = drawn[0]["layer"][0]["data"]["values"]
        assert [(c["x"], c["across"], c["power"]) for c in cells][-1] == (120, "20 ug", 0.6)
        assert "by people and dose" in drawn[0]["title"]["text"]


def test_lines_stand_in_the_order_of_their_values():
    style = designs.chart(designs.table(searched((5, 10, 20))))["vconcat"][1]["layer"][1]["encoding"][
        "strokeDash"
    ]
    assert style["sort"] == ["dose 5 ug", "dose 10 ug", "dose 20 ug"]
