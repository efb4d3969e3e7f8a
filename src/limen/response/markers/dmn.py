"""Default-mode integrity D = 1 - Imax O^h / (O50^h + O^h) - L (madsen2021, siegel2024).

L jumps at full doses only and recovers over weeks. D is shown as its change from 1.
"""

import jax.numpy as jnp

from limen.engine.declare import Hill, Jump, Signal, Turnover
from limen.response.marker import Marker

DMN = Marker(
    id="dmn",
    name="Default-mode integrity",
    unit="fraction of baseline",
    label="assumption",
    group="network",
    shown="day",
    reads="D",
    equations=(
        Hill("dmn_fall", of="O", top="dmn_imax", half="dmn_o50", slope="dmn_h"),
        Turnover("L", 0.0, lambda x: jnp.log(2.0) / (24 * x.dmn_thalf_slow)),
        Signal("D", lambda x: -x.dmn_fall - x.L),
    ),
    jumps=(Jump("L", lambda x: x.full_dose * x.dmn_slow_share * x.dmn_imax),),
    within_sd="dmn_within_sd",
    between_sd="dmn_between_sd",
    coupling="coupling_other",
    sentence="Measured at full doses only; at a microdose the modelled acute change is within noise.",
)
