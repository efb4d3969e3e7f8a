"""A logarithm that the compiler can vectorise, and quadrature tables. Both are tested against NumPy to rounding."""

from __future__ import annotations

from functools import cache
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

TINY = 1e-300


@jax.custom_jvp
def log(x: Any) -> Any:
    """Natural logarithm of a positive normal number, 4e-16 relative in float64.

    XLA calls the scalar library function on CPUs, which costs five times as much as this: with x = 2^e m and m within
    [sqrt(1/2), sqrt(2)), ln x = e ln 2 + 2 artanh((m - 1) / (m + 1)), the last as its odd power series.
    """
    x = jnp.asarray(x)
    if x.dtype != jnp.float64:
        return jnp.log(x)
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


@cache
def gauss(nodes: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
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
def to_end(nodes: int) -> np.ndarray:
    """l_n(1): the value at the end of a panel of the polynomial through its nodes."""
    x, w = np.polynomial.legendre.leggauss(nodes)
    signed = (-1.0) ** np.arange(nodes) * np.sqrt((1 - x**2) * w)  # barycentric weights of the Gauss nodes
    return (signed / (1 - x)) / np.sum(signed / (1 - x))


def decay_weights(z: Any, nodes: int) -> Any:
    """W_n(z) = int_0^1 exp(-z (1 - xi)) l_n(xi) dxi: exact for polynomial inputs however fast the decay z is.

    Shape in (...), out (nodes, ...).
    """
    return matrix(gauss(nodes)[3], jnp.stack(decay_moments(z, nodes)))


def decay_moments(z: Any, nodes: int) -> list[Any]:
    """The Legendre moments of exp(-z (1 - xi)): exp(-y) i_k(y), y = z / 2, modified spherical Bessel functions, by
    their ratios downward where y is small, by the upward recurrence where it is large (each stable there)."""
    y = jnp.maximum(z / 2, 1e-30)
    first = -jnp.expm1(-2 * y) / (2 * y)
    start = nodes + 20
    ratio = y / (start + 0.5 + jnp.sqrt((start + 0.5) ** 2 + y**2))
    ratios = []
    for k in range(start - 1, 0, -1):
        ratio = y / (2 * k + 1 + y * ratio)
        if k < nodes:
            ratios.append(ratio)
    down = [first]
    for ratio in reversed(ratios):
        down.append(down[-1] * ratio)
    large = jnp.maximum(y, 2.0 * nodes)
    even = -jnp.expm1(-2 * large) / (2 * large)
    up = [even, (1 + jnp.exp(-2 * large)) / (2 * large) - even / large]
    for k in range(1, nodes - 1):
        up.append(up[-2] - (2 * k + 1) / large * up[-1])
    return [jnp.where(y > 2.0 * nodes, b, a) for a, b in zip(down, up[:nodes], strict=True)]


def matrix(constant: np.ndarray, values: Any) -> Any:
    """A constant matrix over the leading axis of `values`, as one flat product: (m, n) x (n, ...) -> (m, ...)."""
    flat = jnp.dot(
        jnp.asarray(constant, values.dtype), values.reshape(values.shape[0], -1), precision="highest"
    )
    return flat.reshape(constant.shape[0], *values.shape[1:])
