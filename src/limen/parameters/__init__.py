"""Which value each number of the model takes, how sure it is, and where it comes from. The only home of numbers."""

from limen.parameters.draw import Draws, draw, quantile
from limen.parameters.equations import EQUATIONS
from limen.parameters.load import Parameter, ParameterSet, load
from limen.parameters.posterior import parameters_for, priors

__all__ = [
    "EQUATIONS",
    "Draws",
    "Parameter",
    "ParameterSet",
    "draw",
    "load",
    "parameters_for",
    "priors",
    "quantile",
]
