"""The simulators, by name: each makes a function from parameters to states (participants, intervals, states)."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import numpy as np
from scipy.integrate import solve_ivp

from benchmarks.problem import AMOUNT, DOSES, GAP, field, model, schedule, table
from benchmarks.threads import in_halves
from limen.engine.solve import solve

Run = Callable[..., np.ndarray]


@dataclass(frozen=True)
class Simulator:
    """`make(threads)` builds it; `people` it starts from when looking for a run that is long enough to time.

    `threads` says whether it can use two cores, `cached` whether it keeps what it compiled between runs, `sizes`
    whether it takes other numbers of doses and states.
    """

    name: str
    make: Callable[[int], Run]
    people: int
    threads: bool = False
    cached: bool = False
    sizes: bool = False


def limen(threads: int = 1) -> Run:
    """The panel integrator at its default accuracy."""
    own = {"threads": threads} if "threads" in inspect.signature(solve).parameters else {}

    def run(p: dict[str, Any], doses: int = DOSES, states: int = 4) -> np.ndarray:
        found = solve(model(states), p, schedule(doses), **own).values
        return np.stack([found[n] for n in ("T", *(f"X{i}" for i in range(1, states + 1)))], -1)

    return run if own else in_halves(run, threads)


def limen_single(threads: int = 1) -> Run:
    """The panel integrator in float32."""
    run = limen(threads)
    return lambda p: run({k: np.asarray(v, np.float32) for k, v in p.items()})


def scipy_lsoda(threads: int = 1, rtol: float = 1e-6) -> Run:
    """SciPy LSODA, restarted at each dose."""

    def run(p: dict[str, Any]) -> np.ndarray:
        out = np.empty((len(p["cl"]), DOSES, 5))
        for course, person in zip(out, table(p), strict=True):
            y = np.zeros(7)
            for row in course:
                y[0] += AMOUNT
                found = solve_ivp(field, (0, GAP), y, "LSODA", args=(person,), rtol=rtol, atol=rtol * 1e-3)
                y = found.y[:, -1]
                row[:] = y[2:]
        return out

    return run


def diffrax_vmapped(threads: int = 1, block: int = 16) -> Run:
    """Diffrax Tsit5 at 1e-6, vmapped over blocks of people: a batch steps until its slowest member is done."""
    import diffrax
    import jax
    import jax.numpy as jnp

    def slope(t: Any, y: Any, p: Any) -> Any:
        c = jnp.maximum(y[1] / p[1], 1e-300)
        ch = c ** p[4]
        o = p[5] * ch / (ch + p[3] ** p[4])
        e = o / (o + p[8] * (1 + p[9] * y[2]))
        kinetics = [-p[2] * y[0], p[2] * y[0] - p[0] / p[1] * y[1], p[6] * o * (1 - y[2]) - p[7] * y[2]]
        return jnp.stack([*kinetics, *(p[10 + i] * (e - y[3 + i]) for i in range(4))])

    def one(p: Any) -> Any:
        def dose(y: Any, _: Any) -> Any:
            y = diffrax.diffeqsolve(
                diffrax.ODETerm(slope), diffrax.Tsit5(), 0.0, GAP, 0.05, y.at[0].add(AMOUNT), p,
                stepsize_controller=diffrax.PIDController(rtol=1e-6, atol=1e-9), max_steps=4096,
            ).ys[0]  # fmt: skip
            return y, y[2:]

        return jax.lax.scan(dose, jnp.zeros(7), None, length=DOSES)[1]

    blocks = jax.jit(lambda rows: jax.lax.map(jax.vmap(one), rows))

    def run(p: dict[str, Any]) -> np.ndarray:
        rows = table(p)
        padded = np.pad(rows, ((0, -len(rows) % block), (0, 0)), mode="edge")
        found = blocks(jnp.asarray(padded.reshape(-1, block, rows.shape[1])))
        return np.asarray(found).reshape(-1, DOSES, 5)[: len(rows)]

    return in_halves(run, threads)


def _from(module: str, name: str) -> Callable[[int], Run]:
    """Imported when made, so that a peer that is not installed is absent from its own row only."""

    def make(threads: int) -> Run:
        return getattr(import_module(f"benchmarks.{module}"), name)(threads)

    return make


ALL = (
    Simulator("limen", limen, 16384, threads=True, cached=True, sizes=True),
    Simulator("limen, float32", limen_single, 16384, threads=True, cached=True),
    Simulator(
        "Numba RK4 in SIMD blocks",
        _from("numba_peers", "rk4_blocks"),
        4096,
        threads=True,
        cached=True,
        sizes=True,
    ),
    Simulator("numbalsoda LSODA", _from("numba_peers", "numbalsoda_lsoda"), 512, threads=True),
    Simulator("Diffrax Tsit5, vmap", diffrax_vmapped, 256, threads=True, cached=True),
    Simulator("libRoadRunner CVODE", _from("general_peers", "libroadrunner"), 64),
    Simulator("Myokit CVODES", _from("general_peers", "myokit"), 64),
    Simulator("SciPy LSODA", scipy_lsoda, 16),
)
BY_NAME = {simulator.name: simulator for simulator in ALL}
