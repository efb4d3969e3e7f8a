"""TNF-alpha: dy/dt = (e O / O_full - y) ln 2 / thalf, y = ln(TNF / TNF_0) (mason2023)."""

import jax.numpy as jnp

from limen.engine.declare import Turnover
from limen.response.marker import Marker

TNF = Marker(
    id="tnf",
    name="TNF-alpha",
    unit="ln ratio",
    label="assumption",
    reads="TNF",
    equations=(
        Turnover(
            "TNF",
            lambda x: x.cytokine_on * x.tnf_e_full * x.O / x.o_full,
            lambda x: jnp.log(2.0) / x.tnf_thalf,
        ),
    ),
    within_sd="tnf_within_sd",
    switch="cytokine_on",
    sentence="Nobody has measured cytokines in people at a microdose.",
)
