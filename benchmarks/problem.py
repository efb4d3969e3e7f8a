"""The problem: one-compartment oral kinetics, Hill occupancy with a free exponent, tolerance, four turnover states.

Ten doses 72 h apart; the five states at the end of each interval. Every rate and the Hill exponent are the person's
own. Tolerance acts continuously on what drives the turnover states.
"""

from __future__ import annotations

from functools import cache

import numpy as np

from limen.engine.declare import Hill, Model, OneCompartment, Signal, State, Turnover
from limen.engine.schedule import Timetable

DOSES, GAP, AMOUNT = 10, 72.0, 10.0
HALF_LIVES = (6.0, 48.0, 168.0, 336.0)
NAMES = ("cl", "v", "ka", "ec50", "h", "omax", "k_tol", "k_T", "K", "s", "k1", "k2", "k3", "k4")


@cache  # equations are compared by identity: one model object, one compiled program
def model(states: int = 4) -> Model:
    return Model(
        OneCompartment(),
        (
            Hill("O", top="omax", slope="h"),
            State("T", lambda x: x.k_tol * x.O, lambda x: x.k_tol * x.O + x.k_T),
            Signal("E", lambda x: x.O / (x.O + x.K * (1 + x.s * x.T))),
            *(Turnover(f"X{i}", "E", f"k{1 + (i - 1) % 4}") for i in range(1, states + 1)),
        ),
    )


def schedule(doses: int = DOSES) -> Timetable:
    return Timetable(np.arange(doses) * GAP, np.full(doses, AMOUNT), np.arange(1, doses + 1) * GAP)


def people(count: int, seed: int = 1) -> dict[str, np.ndarray]:
    random = np.random.default_rng(seed)

    def around(median: float, sd: float) -> np.ndarray:
        return median * np.exp(random.normal(0, sd, count))

    p = {
        "cl": around(6.9, 0.39),
        "v": around(26.8, 0.36),
        "ka": around(2.2, 0.47),
        "ec50": around(0.6, 0.5),
        "h": np.clip(around(1.3, 0.3), 0.5, 4),
        "omax": np.full(count, 0.76),
        "k_tol": around(0.25, 0.5),
        "k_T": np.log(2) / around(24.0, 0.4),
        "K": np.full(count, 0.3),
        "s": np.full(count, 8.0),
    }
    return p | {f"k{i}": np.log(2) / around(half, 0.2) for i, half in enumerate(HALF_LIVES, 1)}


def table(p: dict[str, np.ndarray]) -> np.ndarray:
    """(participants, parameters) in the order of NAMES."""
    return np.stack([p[name] for name in NAMES], 1)


def rates(p: dict[str, np.ndarray], states: int = 4) -> np.ndarray:
    """(participants, states): rates of the turnover states; beyond four they repeat, as `model` does."""
    return np.stack([p[f"k{1 + i % 4}"] for i in range(states)], 1)


def field(t, y, p):
    """dy/dt of gut amount, plasma amount, T, X1-X4, in plain arithmetic: what the other simulators are given."""
    c = max(y[1] / p[1], 1e-300)
    ch = c ** p[4]
    o = p[5] * ch / (ch + p[3] ** p[4])
    e = o / (o + p[8] * (1 + p[9] * y[2]))
    return (
        -p[2] * y[0],
        p[2] * y[0] - p[0] / p[1] * y[1],
        p[6] * o * (1 - y[2]) - p[7] * y[2],
        p[10] * (e - y[3]),
        p[11] * (e - y[4]),
        p[12] * (e - y[5]),
        p[13] * (e - y[6]),
    )
