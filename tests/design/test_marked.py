"""The markers of `simulate` are those of the mechanism section, for the same people and draws."""

from __future__ import annotations

import numpy as np
import pytest

from limen.design.marked import simulate_markers
from limen.design.operate import draw_parameters
from limen.protocol import load
from limen.response import respond
from limen.trial.marked import dosing_and_looks, first_of_each_draw
from limen.trial.plan import lay_out

PEOPLE = 21  # of whom the 5%, 25%, 50%, 75% and 95% points are people


def test_markers_of_simulate_are_those_of_the_page(examples, parameters):
    protocol = load(examples / "adhd_20ug.yaml")
    plan = lay_out(protocol, parameters)
    draws = draw_parameters(parameters, PEOPLE, 4)
    met = first_of_each_draw(draws, plan, 4, plan.active)
    page = respond(*page_asks(plan, met, protocol, draws))
    table = simulate_markers(plan, parameters, PEOPLE, 4, protocol.clock)
    assert set(table["marker"]) == set(page.values)
    for marker, values in page.values.items():
        for switch, value in enumerate(values):
            rows = table.filter(arm=plan.arms[plan.active].name, marker=marker, switch=switch)
            assert np.array_equal(rows["hour"], page.times)
            for q in (5, 25, 50, 75, 95):
                truth = np.quantile(value, q / 100, axis=0)
                assert rows[f"q{q:02d}"].to_numpy() == pytest.approx(truth, rel=6e-3, abs=1e-6), (marker, q)


def page_asks(plan, met, protocol, draws):
    dosing, look = dosing_and_looks(plan, met, protocol.clock)
    return dosing, draws, plan.indication, met.people, look
