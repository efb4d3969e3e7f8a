"""Linear kinetics between doses, in closed form: a few decaying exponentials per observable."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from limen.engine.declare import OneCompartment, Values
from limen.engine.elementary import TINY
from limen.errors import ParameterError

# Rates closer than this are moved apart symmetrically: the shift errs by its square, cancellation by its inverse.
APART = {"float64": 1e-5, "float32": 2e-3}


@dataclass(frozen=True)
class Modes:
    """After a unit dose, observable(u) = sum_m coefficient_m exp(-rate_m u). Shapes (modes, participants)."""

    rates: Float[Array, "modes participants"]
    coefficients: dict[str, Float[Array, "modes participants"]]

    def unit(self, observable: str, since: Any) -> Any:
        """The observable `since` hours after a unit dose, 0 before it; `since` is (times, participants)."""
        rates, coefficients = self.rates[:, None, :], self.coefficients[observable][:, None, :]
        value = jnp.sum(coefficients * jnp.exp(-rates * jnp.maximum(since, 0.0)), axis=0)
        return jnp.where(since >= 0, value, 0.0)


def modes(kinetics: OneCompartment, x: Values) -> Modes:
    """Exponential modes of plasma (`C`) and effect site (`Ce`), each step convolved with the ones before it.

    Convolving sum_m c_m e^(-l_m u) with r e^(-r u) gives sum_m c_m r / (r - l_m) (e^(-l_m u) - e^(-r u)).
    """
    pairs = kinetics.elimination(x)
    further = [getattr(x, name) for name in (kinetics.absorption, kinetics.effect) if name is not None]
    rates = _apart([rate for _, rate in pairs] + further)
    plasma = [coefficient for coefficient, _ in pairs]
    count = len(pairs)
    if kinetics.absorption is not None:
        plasma = _convolve(plasma, rates[:count], rates[count])
        count += 1
    observables = {"C": plasma + [jnp.zeros_like(rates[0])] * (len(rates) - count)}
    if kinetics.effect is not None:
        observables["Ce"] = _convolve(plasma, rates[:count], rates[count])
    return Modes(
        jnp.stack(jnp.broadcast_arrays(*rates)),
        {name: jnp.stack(jnp.broadcast_arrays(*c)) for name, c in observables.items()},
    )


def _convolve(coefficients: list[Any], rates: list[Any], rate: Any) -> list[Any]:
    scaled = [c * rate / (rate - other) for c, other in zip(coefficients, rates, strict=True)]
    return [*scaled, -sum(scaled)]


def _apart(rates: list[Any]) -> list[Any]:
    """Equal rates are a removable singularity of the modes; moving a pair apart about its mean errs by the square."""
    rates = [jnp.asarray(rate) for rate in rates]
    gap = APART[str(jnp.result_type(*rates))]
    for first in range(len(rates)):
        for second in range(first + 1, len(rates)):
            a, b = rates[first], rates[second]
            middle, half = (a + b) / 2, (a - b) / 2
            close = jnp.abs(half) < gap * middle
            side = jnp.where(half < 0, -1.0, 1.0).astype(half.dtype) * gap * middle
            rates[first] = jnp.where(close, middle + side, a)
            rates[second] = jnp.where(close, middle - side, b)
    return rates


def concentration(
    kinetics: OneCompartment,
    parameters: dict[str, Any],
    doses: Float[Array | np.ndarray, "*participants doses"],
    dose_times: Float[Array | np.ndarray, "*participants doses"],
    times: Float[Array | np.ndarray, "*participants times"],
    observable: str = "C",
) -> Float[Array, "participants times"]:
    """Concentration (ug/L) at any times (h) after any doses (ug), by superposition of the closed form.

    Doses, dose times and times are shared (one axis) or per participant (two). Raises ParameterError where the
    kinetics have no such observable.
    """
    p = {name: jnp.atleast_1d(jnp.asarray(value)) for name, value in parameters.items()}
    found = modes(kinetics, Values(p))
    if observable not in found.coefficients:
        raise ParameterError(
            f"these kinetics have no {observable!r}", remedy="declare `effect` for an effect site"
        )
    lag = p[kinetics.lag] if kinetics.lag is not None else jnp.zeros(())
    doses, dose_times, times = (jnp.atleast_2d(jnp.asarray(a)) for a in (doses, dose_times, times))
    total: Any = 0.0
    for j in range(dose_times.shape[1]):
        since = times.T - (dose_times[:, j] + lag)
        total = total + doses[:, min(j, doses.shape[1] - 1)] * found.unit(observable, since)
    people = found.rates.shape[1]
    return jnp.broadcast_to(jnp.maximum(total, 0.0), (times.shape[1], max(people, total.shape[-1]))).T


def from_dose_to_dose(
    found: Modes,
    lag: Float[Array, " participants"],
    doses: Float[Array, "doses participants"],
    dose_times: Float[np.ndarray, " doses"],
    times: Float[np.ndarray, " times"],
) -> dict[str, Float[Array, "times participants"]]:
    """Every observable at times (h) that everybody shares, at a cost that does not grow with the number of doses.

    What earlier doses left is carried from dose to dose, A_{j+1} = (A_j + D_j e^(r lag)) e^(-r (t_{j+1} - t_j)), so that at
    t in [t_j, t_{j+1}) each observable is sum_m c_m (A_j + [t > t_j + lag] D_j e^(r lag)) e^(-r (t - t_j)).
    A dose must arrive before the next is given.
    """
    gaps = np.diff(dose_times, append=dose_times[-1:] + 1.0)
    late = jnp.exp(found.rates * lag)

    def carry(left: Any, given: tuple[Any, Any]) -> tuple[Any, Any]:
        dose, gap = given
        return (left + dose * late) * jnp.exp(-found.rates * gap), left

    _, left = jax.lax.scan(carry, jnp.zeros_like(found.rates), (doses, jnp.asarray(gaps)))
    home = np.searchsorted(dose_times, times, side="right") - 1  # before the first dose, -1
    at, since = np.maximum(home, 0), jnp.asarray(times - dose_times[np.maximum(home, 0)])[:, None]
    fresh = doses[at] * ((since > lag) & (home >= 0)[:, None])
    seen = dict.fromkeys(found.coefficients, jnp.zeros_like(fresh))
    for m in range(found.rates.shape[0]):
        part = (left[:, m][at] + fresh * late[m]) * jnp.exp(-found.rates[m] * since)
        seen = {name: value + found.coefficients[name][m] * part for name, value in seen.items()}
    return {name: positive(jnp.where((home >= 0)[:, None], value, 0.0)) for name, value in seen.items()}


def positive(value: Any) -> Any:
    """Rounding can leave a concentration just below zero at its start; a Hill drive needs it above."""
    return jnp.maximum(value, TINY if value.dtype == np.float64 else 1e-37)
