"""A look before one's own dose has arrived sees nothing of it, however many other people look at other times."""

from __future__ import annotations

import numpy as np

from limen.engine.declare import Emax, Model, OneCompartment, Turnover
from limen.engine.schedule import Timetable
from limen.engine.solve import solve

MODEL = Model(
    kinetics=OneCompartment(lag="tlag"),
    equations=(Emax("O", of="C", top="top", half="half"), Turnover("A", target="O", rate="rate")),
)


def test_nobody_sees_a_dose_before_it_arrives():
    people = 60
    lag = np.linspace(0.05, 0.9, people)
    one = np.ones(people)
    given = {
        "cl": 10 * one,
        "v": 50 * one,
        "ka": 1.3 * one,
        "tlag": lag,
        "top": one,
        "half": one,
        "rate": 0.1 * one,
    }
    looks = np.stack([lag, lag + 24.0], axis=1)
    found = solve(
        MODEL, given, Timetable(np.array([0.0]), np.full((people, 1), 100.0), looks), observe=("A",)
    ).values["A"]
    assert np.abs(found[:, 0]).max() < 1e-12  # lags are held to a billionth of an hour
    assert np.allclose(found[:, 1], found[0, 1], rtol=1e-7)
