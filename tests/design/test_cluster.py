"""One search on many machines: the same bytes for one, two or seven workers, and after one of them was killed."""

from __future__ import annotations

import os
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from itertools import count

import numpy as np
import polars as pl
import pytest

import limen
from limen.design import cluster, search
from limen.design.cluster import Cluster
from limen.design.vary import axis
from limen.engine.kept import resumable
from limen.errors import LimenError
from limen.parameters import parameters_for

distributed = pytest.importorskip("distributed")
ASKED = ("interval=2,3,4", "n=16,24", "method=ancova")


@pytest.fixture(scope="module")
def adhd():
    return limen.load("adhd_20ug")


@pytest.fixture(scope="module")
def here(adhd):
    return limen.design(adhd, ASKED, trials=50).document()["designs"]


def machines(n_workers):
    """A scheduler with so many workers, in this process."""
    return distributed.LocalCluster(
        n_workers=n_workers, threads_per_worker=1, dashboard_address=None, processes=False, protocol="tcp://"
    )


def test_one_two_and_seven_workers_give_the_bytes_of_this_machine(adhd, here, tmp_path):
    written = []
    for many in (1, 2, 7):
        folder = tmp_path / str(many)
        with machines(n_workers=many) as local:
            elsewhere = Cluster(local.scheduler_address, folder)
            found = limen.design(adhd, ASKED, trials=50, workers=elsewhere)
        assert found.document()["designs"] == here
        written.append({path.name: path.read_bytes() for path in folder.iterdir()})
    assert written[0] == written[1] == written[2]
    assert sorted(written[0]) == ["cell-0000.parquet", "cell-0001.parquet", "cell-0002.parquet"]
    streamed = pl.read_parquet(folder / "*.parquet")
    assert streamed["power"].to_list() == [row["power"] for row in here]
    assert streamed["interval"].to_list() == [row["interval"] for row in here]


def test_a_worker_that_is_killed_costs_no_cell(adhd, here):
    """Two processes, of which one is killed in the middle of its cell."""
    with (
        distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as local,
        distributed.Client(local) as client,
        ThreadPoolExecutor() as beside,
    ):
        processes = client.run(os.getpid)
        killed = beside.submit(_kill_one_at_work, client, processes)
        found = limen.design(adhd, ASKED, trials=50, workers=local.scheduler_address)
        assert killed.result() in processes
    assert found.document()["designs"] == here


def _kill_one_at_work(client, processes):
    """The address of the first that was seen to work on a cell, and is no more."""
    until = time.monotonic() + 60
    while time.monotonic() < until:
        at_work = next((address for address, tasks in client.processing().items() if tasks), None)
        if at_work in processes:
            os.kill(processes[at_work], signal.SIGKILL)
            return at_work
        time.sleep(0.02)
    return None


def test_what_was_finished_is_not_computed_again(adhd, here, tmp_path, monkeypatch):
    """The search is ended after its second cell; then the same one goes on, here or there: what is kept is of one kind."""
    monkeypatch.setattr("limen.engine.kept.EVERY", 0.0)
    asked = tuple(axis(text, adhd) for text in ASKED), parameters_for(adhd), 50, 1
    seen = list[int]()

    def tick(_):
        seen.append(1)
        if len(seen) == 2:
            raise KeyboardInterrupt

    kept = tmp_path / "kept"
    with pytest.raises(KeyboardInterrupt), resumable(kept):
        search.search(adhd, *asked, 1, tick)
    said = list[str]()
    with machines(n_workers=1) as local, resumable(kept, said.append):
        elsewhere = Cluster(local.scheduler_address, tmp_path / "cells")
        found = search.search(adhd, *asked, elsewhere)
    assert any(word.startswith("going on") for word in said)
    assert [design.row()["power"] for design in found] == [row["power"] for row in here]
    assert len(list((tmp_path / "cells").iterdir())) == 3


def test_a_machine_with_another_limen_is_refused(adhd, monkeypatch):
    each = count()  # another one wherever it is asked
    monkeypatch.setattr(cluster, "stamp", lambda: (str(next(each)),))
    with machines(n_workers=1) as local, pytest.raises(LimenError, match="another limen"):
        limen.design(adhd, ASKED, trials=50, workers=local.scheduler_address)


def test_where_no_scheduler_answers_that_is_said(adhd, monkeypatch):
    monkeypatch.setattr(cluster, "WAIT", 0.5)
    with pytest.raises(LimenError, match=r"no Dask scheduler answers at 'tcp://127\.0\.0\.1:9'"):
        limen.design(adhd, ASKED, trials=50, workers="tcp://127.0.0.1:9")


def test_without_dask_it_is_said_how_to_get_it(adhd, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "distributed", None)
    with pytest.raises(LimenError, match=r"limen\[cluster\]"):
        limen.design(adhd, ASKED, trials=50, workers="tcp://127.0.0.1:9")


def test_what_is_written_has_one_form_whatever_is_known(adhd):
    """A cell of which nothing is said and one that was simulated stand in one table."""
    known = search.Design({"dose": "20 ug"}, 24, 10, 6.0, {"power": (0.5, 0.01, 50)})
    unknown = search.Design({"dose": "900 ug"}, 24, 10, 6.0, {"power": (np.nan, np.nan, 0)}, "beyond")
    assert cluster.cell_table([known]).schema == cluster.cell_table([unknown]).schema
