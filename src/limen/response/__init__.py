"""Markers: plasticity, network, inflammation and stress hormones, each with its label and its switch."""

from limen.response.chain import Structure
from limen.response.detect import Size, largest, sizes
from limen.response.marker import Marker, Shift
from limen.response.markers import MARKERS, register
from limen.response.respond import Baseline, Dosing, Look, Markers, after_a_full_dose, respond
from limen.response.summary import summary

__all__ = [
    "MARKERS",
    "Baseline",
    "Dosing",
    "Look",
    "Marker",
    "Markers",
    "Shift",
    "Size",
    "Structure",
    "after_a_full_dose",
    "largest",
    "register",
    "respond",
    "sizes",
    "summary",
]
