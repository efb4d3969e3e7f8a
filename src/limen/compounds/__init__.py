"""What limen knows of each compound, one record a file: its units, forms, kinetics, and which number answers what."""

from limen.compounds.record import Compound, Domain, Form, KineticSet, Potency, Yield
from limen.compounds.registry import compound, names, record_of, register, registered

__all__ = [
    "Compound",
    "Domain",
    "Form",
    "KineticSet",
    "Potency",
    "Yield",
    "compound",
    "names",
    "record_of",
    "register",
    "registered",
]
