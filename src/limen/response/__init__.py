"""Markers: plasticity, network, inflammation and stress hormones, each with its label and its switch."""

from limen.response.detect import Size, largest, sizes
from limen.response.marker import Marker, Shift
from limen.response.markers import MARKERS, register
from limen.response.respond import Baseline, Markers, respond
from limen.response.summary import summary

__all__ = [
    "MARKERS",
    "Baseline",
    "Marker",
    "Markers",
    "Shift",
    "Size",
    "largest",
    "register",
    "respond",
    "sizes",
    "summary",
]
