"""What is asked: a protocol of a microdosing trial, read from YAML and validated."""

from limen.protocol.arms import Arm, Dose, Potency
from limen.protocol.load import digest, json_schema, load, loads
from limen.protocol.model import Protocol
from limen.protocol.outcomes import OUTCOMES, Outcome, Registered
from limen.protocol.schedule import Schedule, Visits
from limen.protocol.shipped import example, examples

__all__ = [
    "OUTCOMES",
    "Arm",
    "Dose",
    "Outcome",
    "Potency",
    "Protocol",
    "Registered",
    "Schedule",
    "Visits",
    "digest",
    "example",
    "examples",
    "json_schema",
    "load",
    "loads",
]
