"""Cortisol (debono2009, hasler2004): circadian target F*, production dF*/dt + kout F*, stimulated by concentration.

F*(t) = exp(a0 + a1 cos wt + b1 sin wt + a2 cos 2wt + b2 sin 2wt),  w = 2 pi / 24 h, t in clock hours. Peak, nadir and
their times give four equations; of the curves that meet them the one with the smallest second harmonic is taken.
The drug's part D = F - F* obeys dD/dt = Kin drive - kout D, so that the drug-free rhythm needs no integration.
"""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np

from limen.engine.declare import Hill, Signal, Turnover
from limen.engine.elementary import circle
from limen.errors import ParameterError
from limen.response.marker import Marker, Shift

OMEGA = 2 * np.pi / 24


def harmonics(peak, nadir, t_peak, t_nadir):
    """a0, a1, b1, a2, b2 (5, draws): value and zero slope at peak and nadir, least a2^2 + b2^2."""
    peak, nadir, t_peak, t_nadir = np.broadcast_arrays(
        *(np.atleast_1d(a) for a in (peak, nadir, t_peak, t_nadir))
    )
    rows = []
    for t in (t_peak, t_nadir):
        c, s, c2, s2 = (f(k * OMEGA * t) for k in (1, 2) for f in (np.cos, np.sin))
        rows.append(np.stack([np.ones_like(t), c, s, c2, s2], -1))
        rows.append(np.stack([np.zeros_like(t), -s, c, -2 * s2, 2 * c2], -1))
    zero = np.zeros_like(peak, dtype=float)
    value = np.stack([np.log(peak), zero, np.log(nadir), zero], -1)
    A = np.stack(rows, -2)
    weight = np.diag([1e-6, 1e-6, 1e-6, 1.0, 1.0])
    kkt = np.zeros((len(peak), 9, 9))
    kkt[:, :5, :5], kkt[:, 5:, :5], kkt[:, :5, 5:] = weight, A, np.swapaxes(A, 1, 2)
    right = np.concatenate([np.zeros((len(peak), 5)), value], -1)[..., None]
    return np.linalg.solve(kkt, right)[:, :5, 0].T


def target(a, t, around=circle, exp=jnp.exp):
    """F*(t) and dF*/dt, ug/dL; `around` gives cosine and sine of turns."""
    c, s = around(t / 24)
    c2, s2 = c * c - s * s, 2 * c * s
    level = exp(a[0] + a[1] * c + a[2] * s + a[3] * c2 + a[4] * s2)
    slope = a[2] * c - a[1] * s + 2 * (a[4] * c2 - a[3] * s2)
    return level, level * OMEGA * slope


def sound(a, kout):
    """Draws whose rhythm has one maximum and whose production is never negative."""
    t = np.linspace(0, 24, 241)[:-1, None]
    level, slope = target(a, t, lambda turns: (np.cos(2 * np.pi * turns), np.sin(2 * np.pi * turns)), np.exp)
    rising = slope > 0
    turns = np.sum(rising & ~np.roll(rising, -1, axis=0), axis=0)
    return (turns == 1) & (slope + kout * level >= 0).all(axis=0)


def _rhythm(x):
    return target((x.cortisol_a0, x.cortisol_a1, x.cortisol_b1, x.cortisol_a2, x.cortisol_b2), x.t + x.clock)


def _stimulated(x):
    level, slope = _rhythm(x)
    return (slope + x.cortisol_kout * level) * x.cortisol_drive / x.cortisol_kout


def _drawn(p, reference):
    """The rhythm of every draw. A draw whose rhythm has two peaks or negative production takes the next sound one."""
    rhythm = harmonics(p["cortisol_peak"], p["cortisol_nadir"], p["cortisol_t_peak"], p["cortisol_t_nadir"])
    good = sound(rhythm, p["cortisol_kout"])
    rows = np.flatnonzero(good)
    if rows.size == 0:
        raise ParameterError(
            "no drawn cortisol rhythm has one peak and positive production", remedy="draw more"
        )
    chosen = rows[np.searchsorted(rows, np.arange(good.size)) % len(rows)]
    names = [f"cortisol_{name}" for name in ("a0", "a1", "b1", "a2", "b2")]
    found = dict(zip(names, rhythm[:, chosen], strict=True))
    return found | {"cortisol_kout": p["cortisol_kout"][chosen], "cortisol_replaced": (~good).astype(float)}


CORTISOL = Marker(
    id="cortisol",
    name="Cortisol",
    unit="ln ratio",
    label="assumption",
    group="HPA",
    shown="day",
    reads="CORTISOL",
    equations=(
        Signal("cortisol_level", lambda x: _rhythm(x)[0]),
        Hill("cortisol_drive", of="C", top="cortisol_emax", half="cortisol_c50", slope="cortisol_h"),
        Turnover("cortisol_drug", _stimulated, "cortisol_kout"),
        Signal(
            "CORTISOL",
            lambda x: (
                jnp.log1p(x.cortisol_drug / x.cortisol_level)
                + x.chronic_on * x.cortisol_beta_chronic * (x.dose > 0)
            ),
        ),
    ),
    derive=_drawn,
    also=("cortisol_level",),
    longest=24.0,
    within_sd="cortisol_within_sd",
    between_sd="cortisol_between_sd",
    switch="chronic_on",
    switched=("acute change only", "as if a lasting change came with it"),
    forced=False,  # a lasting change was not seen after full doses either
    shifts=(
        Shift(("MDD",), "cortisol_d_mdd"),
        Shift(
            ("TRD",),
            "cortisol_d_mdd",
            "MDD",
            "The one treatment-resistant sample had lower cortisol than controls.",
        ),
        Shift(("bipolar depression",), "cortisol_d_mdd", borrowed="MDD"),
    ),
    coupling="coupling_other",
    sentence="Weak null at the lowest dose measured; no human evidence of a lasting change in either direction.",
)
