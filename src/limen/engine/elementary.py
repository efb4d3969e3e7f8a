"""Logarithm, sine and cosine that the compiler can vectorise, and quadrature tables, all tested against NumPy to rounding."""

from __future__ import annotations

import math
from functools import cache
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Float

TINY = 1e-300
Nodes = Float[np.ndarray, " nodes"]


@jax.custom_jvp
def log(x: Any) -> Any:
    """Natural logarithm of a positive normal number, 4e-16 relative in float64.

    XLA calls the scalar library function on CPUs, which costs five times as much as this: with x = 2^e m and m within
    [sqrt(1/2), sqrt(2)), ln x = e ln 2 + 2 artanh((m - 1) / (m + 1)), the last as its odd power series.
    """
    x = jnp.asarray(x)
    return jnp.log(x) if x.dtype != jnp.float64 else _log(x)


@jax.jit  # traced once for each shape
def _log(x: Any) -> Any:
    bits = jax.lax.bitcast_convert_type(x, jnp.int64)
    exponent = (bits - 0x3FE6A09E667F3BCD) >> 52
    mantissa = jax.lax.bitcast_convert_type(bits - (exponent << 52), jnp.float64)
    s = (mantissa - 1) / (mantissa + 1)
    square = s * s
    series = jnp.full_like(x, 2 / 21)
    for power in range(19, 0, -2):
        series = series * square + 2 / power
    return exponent.astype(jnp.float64) * 0.6931471805599453 + s * series


@log.defjvp
def _(primals: tuple[Any], tangents: tuple[Any]) -> tuple[Any, Any]:
    return log(primals[0]), tangents[0] / primals[0]


def circle(turns: Any) -> tuple[Any, Any]:
    """cos and sin of 2 pi `turns`, 2e-15 absolute in float64, by the Taylor series about the nearest quarter: the
    library's are scalar on CPUs too."""
    turns = jnp.asarray(turns)
    quarter = jnp.round(4 * turns)
    r = (turns - quarter / 4) * (2 * np.pi)
    square = r * r
    cosine, sine = (
        jnp.full_like(r, 1 / 20922789888000),
        jnp.full_like(r, 1 / 1307674368000),
    )  # 1 / 16!, 1 / 15!
    sine = -sine
    for n in range(7, -1, -1):
        cosine = cosine * square + (-1.0) ** n / math.factorial(2 * n)
        if n < 7:
            sine = sine * square + (-1.0) ** n / math.factorial(2 * n + 1)
    sine = sine * r
    place = quarter - 4 * jnp.floor(quarter / 4)
    odd, back = (place == 1) | (place == 3), place >= 2
    c, s = jnp.where(odd, -sine, cosine), jnp.where(odd, cosine, sine)
    return jnp.where(back, -c, c), jnp.where(back, -s, s)


@cache
def gauss(
    nodes: int,
) -> tuple[Nodes, Nodes, Float[np.ndarray, "nodes nodes"], Float[np.ndarray, "nodes nodes"]]:
    """Gauss-Legendre on [0, 1]: nodes, weights, the integration matrix S_mn = int_0^{xi_m} l_n, and
    the Legendre matrix w_n (2k + 1) P_k(2 xi_n - 1) that turns node values into coefficients."""
    x, w = np.polynomial.legendre.leggauss(nodes)
    xi, w = (x + 1) / 2, w / 2
    legendre = np.polynomial.legendre.legvander(x, nodes)
    project = legendre[:, :nodes] * (2 * np.arange(nodes) + 1) * w[:, None]
    # int_{-1}^x P_k = (P_{k+1} - P_{k-1}) / (2k + 1), halved for the unit interval
    primitive = np.empty((nodes, nodes))
    primitive[:, 0] = xi
    for k in range(1, nodes):
        primitive[:, k] = (legendre[:, k + 1] - legendre[:, k - 1]) / (2 * (2 * k + 1))
    return xi, w, primitive @ project.T, project


@cache
def to_end(nodes: int) -> Nodes:
    """l_n(1): the value at the end of a panel of the polynomial through its nodes."""
    x, w = np.polynomial.legendre.leggauss(nodes)
    signed = (-1.0) ** np.arange(nodes) * np.sqrt((1 - x**2) * w)  # barycentric weights of the Gauss nodes
    return (signed / (1 - x)) / np.sum(signed / (1 - x))


def decay_weights(z: Any, nodes: int) -> Any:
    """W_n(z) = int_0^1 exp(-z (1 - xi)) l_n(xi) dxi: exact for polynomial inputs however fast the decay z is.

    Slow decays are left to the Gauss weights, which integrate them to rounding. Shape in (...), out (nodes, ...).
    """
    xi, w, _, project = (np.asarray(a, z.dtype) for a in gauss(nodes))
    slow = z < nodes / 2
    ahead = (slice(None), *(None,) * z.ndim)
    plain = w[ahead] * jnp.exp(-z * (1 - xi)[ahead])

    def fast(_: Any) -> Any:
        return jnp.where(slow, plain, matrix(project, decay_moments(jnp.maximum(z, nodes / 2), nodes)))

    return jax.lax.cond(jnp.all(slow), lambda _: plain, fast, None)


def decay_moments(z: Any, nodes: int) -> Any:
    """The Legendre moments of exp(-z (1 - xi)): exp(-y) i_k(y), y = z / 2, modified spherical Bessel functions, by
    i_{k-1} = i_{k+1} + (2k + 1) / y i_k downward where y is moderate, upward where it is large (each stable there);
    y at least 3. Shape in (...), out (nodes, ...)."""
    y = z / 2
    first = -jnp.expm1(-2 * y) / (2 * y)

    def step(pair: tuple[Any, Any], factor: Any) -> tuple[tuple[Any, Any], Any]:
        further, near = pair
        following = further + factor / y * near
        return (near, following), following

    start = nodes + 20
    down = np.arange(2 * start + 1, 2, -2, dtype=y.dtype)  # 2k + 1 for k from start to 1
    _, fallen = jax.lax.scan(step, (jnp.zeros_like(y), jnp.full_like(y, 1e-30)), down)
    fallen = fallen[::-1][:nodes]
    second = (1 + jnp.exp(-2 * y)) / (2 * y) - first / y
    up = -np.arange(3, 2 * nodes - 2, 2, dtype=y.dtype)
    _, risen = jax.lax.scan(step, (first, second), up)
    risen = jnp.concatenate([first[None], second[None], risen])
    return jnp.where(y > 2.0 * nodes, risen, fallen * (first / fallen[0]))


def matrix(constant: Float[np.ndarray, "rows columns"], values: Any) -> Any:
    """A constant matrix over the leading axis of `values`, as one flat product: (m, n) x (n, ...) -> (m, ...)."""
    flat = jnp.dot(
        jnp.asarray(constant, values.dtype), values.reshape(values.shape[0], -1), precision="highest"
    )
    return flat.reshape(constant.shape[0], *values.shape[1:])
