"""IL-6: three transit steps of mean delay tau, x = ln(IL6 / IL6_0); e is the peak after one full dose (mason2023).

The chain turns an impulse into a gamma pulse whose peak is 2 e^-2 k, k = 3 / tau, so the input is
e O / (AUC_full 2 e^-2 k): one full dose, whose occupancy integrates to AUC_full, peaks at e.
"""

import jax.numpy as jnp

from limen.engine.declare import transit
from limen.response.marker import Marker, Shift


def _input(x):
    peak = 2 * jnp.exp(-2.0) * 3 / (24 * x.il6_tau)
    return x.cytokine_on * x.il6_e_full * x.O / (x.auc_full * peak)


IL6 = Marker(
    id="il6",
    name="IL-6",
    unit="ln ratio",
    label="assumption",
    group="inflammation",
    reads="IL6",
    equations=transit("IL6", _input, 3, lambda x: 24 * x.il6_tau),
    within_sd="il6_within_sd",
    between_sd="il6_between_sd",
    switch="cytokine_on",
    probability="il6_z",
    single="il6_phi",
    shifts=(
        Shift(("MDD",), "il6_d_mdd"),
        Shift(("TRD", "bipolar depression"), "il6_d_mdd", borrowed="MDD"),
    ),
    coupling="coupling_il6",
    sentence="limen's tables hold no measurement of IL-6 in people at a microdose; one full-dose trial found a fall after a week.",
)
