"""Default-mode integrity D = 1 - Imax O^h / (O50^h + O^h) - L, and EEG power (madsen2021, siegel2024, murray2022).

L jumps at full doses only and recovers over weeks. EEG = delta O / O_ref, O_ref at 20 ug LSD.
"""

import jax.numpy as jnp

from limen.engine.declare import Hill, Jump, Signal, Turnover
from limen.response.marker import Marker

DMN = Marker(
    id="dmn",
    name="Default-mode integrity",
    unit="fraction of baseline",
    label="assumption",
    reads="D",
    equations=(
        Hill("dmn_fall", of="O", top="dmn_imax", half="dmn_o50", slope="dmn_h"),
        Turnover("L", 0.0, lambda x: jnp.log(2.0) / (24 * x.dmn_thalf_slow)),
        Signal("D", lambda x: -x.dmn_fall - x.L),
    ),
    jumps=(Jump("L", lambda x: x.full_dose * x.dmn_slow_share * x.dmn_imax),),
    within_sd="dmn_within_sd",
    sentence="Measured at full doses only; at a microdose the modelled acute change is within noise.",
)
EEG = Marker(
    id="eeg",
    name="Resting EEG power",
    unit="SD",
    label="measured",
    reads="EEG",
    equations=(Signal("EEG", lambda x: x.dmn_delta_eeg * x.O / x.o_eeg),),
    within_sd="eeg_within_sd",
    sentence="Three studies at 13-26 ug LSD found a fall; its size was not visible in their abstracts.",
)
