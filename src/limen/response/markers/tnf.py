"""TNF-alpha: dy/dt = (e O / O_full - y) ln 2 / thalf, y = ln(TNF / TNF_0) (mason2023)."""

import jax.numpy as jnp
import numpy as np

from limen.engine.declare import Turnover
from limen.response.marker import Marker, Shift


def _month(p, reference):
    """SD within a person from the SD between people and the stability: icc = between^2 / (between^2 + within^2)."""
    return {"tnf_within_sd": p["tnf_between_sd"] * np.sqrt(1 / p["tnf_icc"] - 1)}


TNF = Marker(
    id="tnf",
    name="TNF-alpha",
    unit="ln ratio",
    label="assumption",
    group="inflammation",
    shown="day",
    reads="TNF",
    equations=(
        Turnover(
            "TNF",
            lambda x: x.cytokine_on * x.tnf_e_full * x.O / x.o_full,
            lambda x: jnp.log(2.0) / x.tnf_thalf,
        ),
    ),
    derive=_month,
    within_sd="tnf_within_sd",
    between_sd="tnf_between_sd",
    switch="cytokine_on",
    probability="il6_z",
    single="il6_phi",
    shifts=(
        Shift(("MDD",), "tnf_d_mdd"),
        Shift(("TRD", "bipolar depression"), "tnf_d_mdd", borrowed="MDD"),
    ),
    sentence="limen's tables hold no measurement of cytokines in people at a microdose.",
)
