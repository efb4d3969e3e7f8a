"""CRP: dC/dt = kout (exp(theta x) - C), C relative to baseline, x = ln(IL6 / IL6_0) (pepys2003)."""

import jax.numpy as jnp

from limen.engine.declare import Signal, Turnover
from limen.response.marker import Marker, Shift

CRP = Marker(
    id="crp",
    name="C-reactive protein",
    unit="ln ratio",
    label="assumption",
    group="inflammation",
    after=("il6",),
    reads="CRP",
    equations=(
        Turnover("crp_level", lambda x: jnp.exp(x.crp_theta * x.IL6), "crp_kout", start=1.0),
        Signal("CRP", lambda x: jnp.log(x.crp_level)),
    ),
    within_sd="crp_within_sd",
    between_sd="crp_between_sd",
    switch="cytokine_on",
    probability="il6_z",
    single="il6_phi",
    shifts=(
        Shift(("MDD",), "crp_d_mdd"),
        Shift(("GAD",), "crp_d_gad"),
        Shift(("TRD", "bipolar depression"), "crp_d_mdd", borrowed="MDD"),
    ),
    coupling="coupling_crp",
    sentence="limen's tables hold no measurement of CRP in people at a microdose; here it follows modelled IL-6.",
)
