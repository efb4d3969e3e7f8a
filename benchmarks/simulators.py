"""One function per simulator: parameters (participants, 14) to states (participants, intervals, 5)."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.integrate import solve_ivp

from benchmarks.problem import AMOUNT, DOSES, GAP, field, model, people, schedule, table
from limen.engine.solve import solve


def limen(p: dict[str, Any], doses: int = DOSES, states: int = 4) -> np.ndarray:
    """The panel integrator at its default accuracy."""
    found = solve(model(states), p, schedule(doses)).values
    return np.stack([found[n] for n in ("T", *(f"X{i}" for i in range(1, states + 1)))], -1)


def limen_single(p: dict[str, Any]) -> np.ndarray:
    """The panel integrator in float32."""
    return limen({k: np.asarray(v, np.float32) for k, v in p.items()})


def scipy_lsoda(p: dict[str, Any], rtol: float = 1e-6, method: str = "LSODA") -> np.ndarray:
    """SciPy LSODA, restarted at each dose."""
    out = []
    for person in table(p):
        y, rows = np.zeros(7), []
        for _ in range(DOSES):
            y[0] += AMOUNT
            y = solve_ivp(field, (0, GAP), y, method=method, args=(person,), rtol=rtol, atol=rtol * 1e-3).y[
                :, -1
            ]
            rows.append(y[2:].copy())
        out.append(rows)
    return np.array(out)


def diffrax_vmapped() -> Any:
    """Diffrax Tsit5 at 1e-6, vmapped over people."""
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

    run = jax.jit(jax.vmap(one))
    return lambda p: np.asarray(run(jnp.asarray(table(p))))


def numba_blocks(width: int = 16, step: float = 0.1) -> Any:
    """Classic fourth-order Runge-Kutta in Numba, `width` people side by side for the vector unit."""
    import numba

    @numba.njit(fastmath=True, inline="always")
    def slope(y, p, d):
        for i in range(y.shape[1]):
            c = max(y[1, i] / p[1, i], 1e-300)
            ch = np.exp(p[4, i] * np.log(c))
            o = p[5, i] * ch / (ch + p[3, i])
            e = o / (o + p[8, i] * (1 + p[9, i] * y[2, i]))
            d[0, i] = -p[2, i] * y[0, i]
            d[1, i] = p[2, i] * y[0, i] - p[0, i] / p[1, i] * y[1, i]
            d[2, i] = p[6, i] * o * (1 - y[2, i]) - p[7, i] * y[2, i]
            for k in range(4):
                d[3 + k, i] = p[10 + k, i] * (e - y[3 + k, i])

    @numba.njit(fastmath=True)
    def run(p, steps, h):
        n = p.shape[1]
        out = np.zeros((n, DOSES, 5))
        y, z = np.zeros((7, width)), np.zeros((7, width))
        k1, k2, k3, k4 = (
            np.zeros((7, width)),
            np.zeros((7, width)),
            np.zeros((7, width)),
            np.zeros((7, width)),
        )
        for b in range(n // width):
            q = p[:, b * width : (b + 1) * width].copy()
            y[:] = 0.0
            for j in range(DOSES):
                y[0] += AMOUNT
                for _ in range(steps):
                    slope(y, q, k1)
                    z[:] = y + 0.5 * h * k1
                    slope(z, q, k2)
                    z[:] = y + 0.5 * h * k2
                    slope(z, q, k3)
                    z[:] = y + h * k3
                    slope(z, q, k4)
                    y += h / 6 * (k1 + 2 * k2 + 2 * k3 + k4)
                out[b * width : (b + 1) * width, j] = y[2:].T
        return out

    def call(p: dict[str, Any]) -> np.ndarray:
        columns = table(p).T.copy()
        columns[3] = columns[3] ** columns[4]
        padded = np.pad(columns, ((0, 0), (0, -columns.shape[1] % width)), mode="edge")
        return run(padded, round(GAP / step), step)[: columns.shape[1]]

    return call


def numba_lsoda() -> Any:
    """numbalsoda (LSODA in C with a Numba right-hand side) at 1e-6."""
    import numba
    from numbalsoda import lsoda, lsoda_sig

    @numba.cfunc(lsoda_sig)
    def slope(t, y, d, p):
        c = max(y[1] / p[1], 1e-300)
        ch = c ** p[4]
        o = p[5] * ch / (ch + p[3] ** p[4])
        e = o / (o + p[8] * (1 + p[9] * y[2]))
        d[0] = -p[2] * y[0]
        d[1] = p[2] * y[0] - p[0] / p[1] * y[1]
        d[2] = p[6] * o * (1 - y[2]) - p[7] * y[2]
        for k in range(4):
            d[3 + k] = p[10 + k] * (e - y[3 + k])

    address = slope.address
    span = np.array([0.0, GAP])

    @numba.njit
    def run(p):
        out = np.zeros((p.shape[0], DOSES, 5))
        for i in range(p.shape[0]):
            y = np.zeros(7)
            for j in range(DOSES):
                y[0] += AMOUNT
                path, _ = lsoda(address, y, span, p[i], rtol=1e-6, atol=1e-9)
                y = path[-1].copy()
                out[i, j] = y[2:]
        return out

    return lambda p: run(table(p))


__all__ = ["diffrax_vmapped", "limen", "limen_single", "numba_blocks", "numba_lsoda", "people", "scipy_lsoda"]
