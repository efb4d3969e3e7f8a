"""CRP: dC/dt = kout (exp(theta x) - C), C relative to baseline, x = ln(IL6 / IL6_0) (pepys2003)."""

import jax.numpy as jnp

from limen.engine.declare import Signal, Turnover
from limen.response.marker import Marker

CRP = Marker(
    id="crp",
    name="C-reactive protein",
    unit="ln ratio",
    label="assumption",
    reads="CRP",
    equations=(
        Turnover("crp_level", lambda x: jnp.exp(x.crp_theta * x.IL6), "crp_kout", start=1.0),
        Signal("CRP", lambda x: jnp.log(x.crp_level)),
    ),
    within_sd="crp_within_sd",
    switch="cytokine_on",
    sentence="Nobody has measured CRP in people at a microdose; here it follows modelled IL-6.",
)
