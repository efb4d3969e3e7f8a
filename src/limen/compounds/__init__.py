"""What limen knows of each compound, one record a file: its units, forms, kinetics, and which number answers what."""

from limen.compounds.record import Compound, Domain, Form, KineticSet, Plausible, Unassayed, Yield
from limen.compounds.registry import (
    compound,
    compound_names,
    form_names,
    mentioned,
    of_form,
    record_of,
    register,
    registered,
    routes,
)

__all__ = [
    "Compound",
    "Domain",
    "Form",
    "KineticSet",
    "Plausible",
    "Unassayed",
    "Yield",
    "compound",
    "compound_names",
    "form_names",
    "mentioned",
    "of_form",
    "record_of",
    "register",
    "registered",
    "routes",
]
