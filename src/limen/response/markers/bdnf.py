"""Blood BDNF: dX/dt = (delta w(t) - X) ln 2 / thalf, w a smooth pulse that peaks `tlag` after each dose (calder2024)."""

import jax.numpy as jnp

from limen.engine.declare import Signal, Turnover
from limen.response.marker import Marker


def _pulse(x):
    """w = (s e^(1 - s))^2, s = tad / tlag: zero at the dose, one at its peak. No dose slope: none was found."""
    s = x.tad / x.bdnf_tlag
    return jnp.where(x.dose > 0, (s * jnp.exp(1 - s)) ** 2, 0.0)


BDNF = Marker(
    id="bdnf",
    name="Blood BDNF",
    unit="SD",
    label="measured",
    group="plasticity",
    shown="day",
    reads="BDNF",
    equations=(
        Signal("bdnf_pulse", _pulse),
        Turnover("BDNF", lambda x: x.bdnf_delta * x.bdnf_pulse, lambda x: jnp.log(2.0) / x.bdnf_thalf),
    ),
    quiet=lambda x: 5 * x.bdnf_tlag,
    within_sd="bdnf_within_sd",
    sentence="People have been measured at microdoses, with no consistent pattern by dose.",
)
