"""Markers: plasticity, network, inflammation and stress hormones, each with its label and its switch."""

from limen.response.marker import Marker
from limen.response.respond import MARKERS, Markers, respond
from limen.response.summary import summary

__all__ = ["MARKERS", "Marker", "Markers", "respond", "summary"]
