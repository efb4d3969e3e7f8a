"""Resting EEG power: EEG = delta O / O_ref, O_ref the peak occupancy at 20 ug LSD (murray2022, hutten2024)."""

from limen.engine.declare import Signal
from limen.response.marker import Marker

EEG = Marker(
    id="eeg",
    name="Resting EEG power",
    unit="SD",
    label="measured",
    group="network",
    shown="day",
    reads="EEG",
    equations=(Signal("EEG", lambda x: x.eeg_delta * x.O / x.eeg_o_reference),),
    derive=lambda p, reference: {"eeg_o_reference": reference("LSD", p["eeg_dose"])["peak"]},
    within_sd="eeg_within_sd",
    sentence="Three studies at microdoses found a fall; its size was not visible in their abstracts and is assumed.",
)
