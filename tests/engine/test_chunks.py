"""A cohort in chunks is the cohort at once."""

from __future__ import annotations

import numpy as np

from limen.engine.chunks import simulate_chunks
from limen.engine.declare import Emax, Model, OneCompartment, Turnover
from limen.engine.schedule import Schedule
from limen.engine.solve import solve

MODEL = Model(OneCompartment(), (Emax("O"), Turnover("X", "O", "k1")))
SCHEDULE = Schedule(np.arange(3) * 72.0, np.full(3, 10.0), np.array([24.0, 150.0]))
CLEARANCE = np.linspace(4.0, 11.0, 40)


def _people(first, last):
    return {"cl": CLEARANCE[first:last], "v": 26.8, "ka": 2.2, "ec50": 0.6, "k1": 0.1}


def test_streamed_summary_and_stored_trajectories_are_those_of_the_whole(tmp_path):
    import zarr

    store = tmp_path / "paths.zarr"
    streamed = simulate_chunks(MODEL, _people, 40, SCHEDULE, ("X", "C"), chunk=16, store=store)
    whole = solve(MODEL, _people(0, 40), SCHEDULE, ("X", "C")).values
    for name, value in whole.items():
        assert np.allclose(streamed[name]["mean"], value.mean(axis=0), rtol=1e-12)
        assert np.allclose(streamed[name]["sd"], value.std(axis=0, ddof=1), rtol=1e-9)
        assert np.allclose(np.asarray(zarr.open_group(str(store))[name]), value, rtol=1e-12)
