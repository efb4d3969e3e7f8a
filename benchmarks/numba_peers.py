"""What one writes by hand in Numba: Runge-Kutta with people side by side in the vector unit, and numbalsoda.

Kernels stand at the top of the module so that Numba keeps them on disk between runs, as JAX keeps its programs.
"""

from __future__ import annotations

from typing import Any

import numba
import numpy as np

from benchmarks.problem import AMOUNT, DOSES, GAP, rates, table
from benchmarks.threads import in_halves

WIDTH = (
    64  # people per block: wide enough for the vector unit, and the work arrays stay in the first-level cache
)
FIRST, GROWTH, LONGEST = 0.004, 1.15, 1.0  # h; the Hill drive is not smooth at the dose, so steps start short
STABLE = 2.0  # h times the largest rate; classic Runge-Kutta is stable to 2.78


@numba.njit(fastmath=True, error_model="numpy", cache=True)
def _power(x, exponent, out, bits):
    """x ** exponent for a block, by a log and an exp that vectorise: Numba calls the scalar library for its own.

    log m = 2 atanh((m - 1) / (m + 1)) for the mantissa m; exp by Taylor's series on |r| <= log(2) / 2; both to 1e-12.
    """
    whole, mantissa = out.view(np.int64), bits.view(np.float64)
    for i in range(x.size):
        out[i] = x[i]
    for i in range(x.size):
        above = np.int64((whole[i] & 0xFFFFFFFFFFFFF) > 0x6A09E667F3BCD)  # mantissa above sqrt 2
        scale = (whole[i] >> 52) - 1023 + above
        bits[i] = whole[i] - (scale << 52)
        out[i] = scale
    for i in range(x.size):
        f = (mantissa[i] - 1) / (mantissa[i] + 1)
        g = f * f
        series = 1 + g * (1 / 3 + g * (1 / 5 + g * (1 / 7 + g * (1 / 9 + g * (1 / 11 + g * (1 / 13))))))
        y = max(exponent[i] * (out[i] * 0.6931471805599453 + 2 * f * series), -700.0)
        n = np.floor(y * 1.4426950408889634 + 0.5)
        r = y - n * 0.6931471805599453
        tail = 1 / 720 + r * (
            1 / 5040 + r * (1 / 40320 + r * (1 / 362880 + r * (1 / 3628800 + r / 39916800)))
        )
        out[i] = 1 + r * (1 + r * (1 / 2 + r * (1 / 6 + r * (1 / 24 + r * (1 / 120 + r * tail)))))
        bits[i] = (np.int64(n) + 1023) << 52
    for i in range(x.size):
        out[i] *= mantissa[i]


@numba.njit(fastmath=True, error_model="numpy", cache=True)
def _slope(y, p, d, drive, occupancy, bits):
    # short loops: LLVM checks at run time that arrays do not overlap, and gives up where there are many to check
    for i in range(y.shape[1]):
        occupancy[i] = max(y[1, i] / p[1, i], 1e-300)
    _power(occupancy, p[4], drive, bits)
    for i in range(y.shape[1]):
        occupancy[i] = p[5, i] * drive[i] / (drive[i] + p[3, i])
    for i in range(y.shape[1]):
        drive[i] = occupancy[i] / (occupancy[i] + p[8, i] * (1 + p[9, i] * y[2, i]))
    for i in range(y.shape[1]):
        d[0, i] = -p[2, i] * y[0, i]
    for i in range(y.shape[1]):
        d[1, i] = p[2, i] * y[0, i] - p[0, i] / p[1, i] * y[1, i]
    for i in range(y.shape[1]):
        d[2, i] = p[6, i] * occupancy[i] * (1 - y[2, i]) - p[7, i] * y[2, i]
    for k in range(3, y.shape[0]):
        for i in range(y.shape[1]):
            d[k, i] = p[7 + k, i] * (drive[i] - y[k, i])


@numba.njit(fastmath=True, error_model="numpy", cache=True)
def _move(z, y, h, d):
    for k in range(y.shape[0]):
        for i in range(y.shape[1]):
            z[k, i] = y[k, i] + h * d[k, i]


@numba.njit(fastmath=True, error_model="numpy", cache=True, nogil=True)
def _blocks(p, doses, states):
    """p (parameters, people), people a multiple of WIDTH, ec50 already raised to h; states (people, doses, 1 + states)."""
    people, size = p.shape[1], 3 + states
    out = np.zeros((people, doses, 1 + states))
    y, z = np.zeros((size, WIDTH)), np.zeros((size, WIDTH))
    a, b, c, d = (
        np.zeros((size, WIDTH)),
        np.zeros((size, WIDTH)),
        np.zeros((size, WIDTH)),
        np.zeros((size, WIDTH)),
    )
    drive, conc, bits = np.zeros(WIDTH), np.zeros(WIDTH), np.zeros(WIDTH, np.int64)
    for start in range(0, people, WIDTH):
        q = p[:, start : start + WIDTH].copy()
        fastest = 0.0
        for i in range(WIDTH):
            fastest = max(fastest, q[2, i], q[0, i] / q[1, i], q[6, i] * q[5, i] + q[7, i])
        longest = min(LONGEST, STABLE / fastest)
        y[:] = 0.0
        for j in range(doses):
            for i in range(WIDTH):
                y[0, i] += AMOUNT
            t, h = 0.0, FIRST
            while t < GAP - 1e-9:
                h = min(h, GAP - t)
                _slope(y, q, a, drive, conc, bits)
                _move(z, y, 0.5 * h, a)
                _slope(z, q, b, drive, conc, bits)
                _move(z, y, 0.5 * h, b)
                _slope(z, q, c, drive, conc, bits)
                _move(z, y, h, c)
                _slope(z, q, d, drive, conc, bits)
                _move(y, y, h / 6, a)
                _move(y, y, h / 3, b)
                _move(y, y, h / 3, c)
                _move(y, y, h / 6, d)
                t += h
                h = min(h * GROWTH, longest)
            for k in range(1 + states):
                for i in range(WIDTH):
                    out[start + i, j, k] = y[2 + k, i]
    return out


def rk4_blocks(threads: int = 1) -> Any:
    """Classic fourth-order Runge-Kutta, WIDTH people side by side, steps growing from each dose, no allocation."""

    def run(p: dict[str, Any], doses: int = DOSES, states: int = 4) -> np.ndarray:
        columns = np.concatenate([table(p)[:, :10], rates(p, states)], 1).T.copy()
        columns[3] = columns[3] ** columns[4]
        padded = np.pad(columns, ((0, 0), (0, -columns.shape[1] % WIDTH)), mode="edge")
        return _blocks(padded, doses, states)[: columns.shape[1]]

    return in_halves(run, threads)


def numbalsoda_lsoda(threads: int = 1) -> Any:
    """numbalsoda (LSODA in C, right-hand side in Numba), relative tolerance 1e-6, restarted at each dose."""
    from numbalsoda import lsoda, lsoda_sig

    @numba.cfunc(lsoda_sig)
    def slope(t, y, d, p):
        c = max(y[1] / p[1], 1e-300)
        ch = c ** p[4]
        o = p[5] * ch / (ch + p[3])
        e = o / (o + p[8] * (1 + p[9] * y[2]))
        d[0] = -p[2] * y[0]
        d[1] = p[2] * y[0] - p[0] / p[1] * y[1]
        d[2] = p[6] * o * (1 - y[2]) - p[7] * y[2]
        for k in range(4):
            d[3 + k] = p[10 + k] * (e - y[3 + k])

    address, span = slope.address, np.array([0.0, GAP])

    @numba.njit(nogil=True)
    def course(p):
        out = np.zeros((p.shape[0], DOSES, 5))
        for i in range(p.shape[0]):
            y = np.zeros(7)
            for j in range(DOSES):
                y[0] += AMOUNT
                path, _ = lsoda(address, y, span, p[i], rtol=1e-6, atol=1e-9)
                y = path[-1].copy()
                out[i, j] = y[2:]
        return out

    def run(p: dict[str, Any]) -> np.ndarray:
        rows = table(p)
        rows[:, 3] **= rows[:, 4]
        return course(rows)

    return in_halves(run, threads)
