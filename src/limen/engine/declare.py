"""What a model is made of: linear kinetics, static drives of them, and states that are linear in themselves.

A model reads like its equations. Each right-hand side is a parameter name, a number, or a function of `x`, whose
attributes are the parameters, the concentrations `C` (plasma) and `Ce` (effect site), the clock `t` (h), the time
since the last dose `tad` (h), every equation above it by name, and `x.before.T`: state T as it stood just before the
last dose. Functions use `jax.numpy`, so one declaration serves the panel integrator, the reference and gradients.

    Model(
        kinetics=OneCompartment(absorption="ka", clearance="cl", volume="v"),
        equations=(
            Emax("O", of="C", top="omax", half="ec50"),
            State("T", source=lambda x: x.k_tol * x.O, loss=lambda x: x.k_tol * x.O + x.k_out),
            Turnover("X", target=lambda x: x.O / (x.O + x.K * (1 + x.s_T * x.before.T)), rate="kout"),
        ),
    )
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import jax
import jax.numpy as jnp

from limen.engine.elementary import log
from limen.errors import ParameterError

Expression = str | float | Callable[[Any], Any]
CLOCKS = ("t", "tad", "dose")


class Values:
    """Read-only attribute access to named arrays; remembers which names were read."""

    def __init__(self, known: Mapping[str, Any], before: Values | None = None):
        self._known, self.before, self.read = known, before, set()

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        try:
            value = self._known[name]
        except KeyError:
            raise ParameterError(
                f"an equation reads {name!r}, which is not known there",
                remedy=f"known are: {', '.join(sorted(self._known))}",
            ) from None
        self.read.add(name)
        return value


def evaluate(expression: Expression, x: Values) -> Any:
    """The value of a right-hand side."""
    if isinstance(expression, str):
        return getattr(x, expression)
    return expression(x) if callable(expression) else expression


@dataclass(frozen=True)
class OneCompartment:
    """dA/dt = -ka A,  dC/dt = ka A / V - (CL / V) C,  dCe/dt = ke0 (C - Ce).

    Oral or sublingual with `absorption`, an i.v. bolus without; `effect` names ke0 where an effect site is read;
    `lag` (h) delays every dose. Units: dose ug, V L, CL L/h, so C in ug/L.
    """

    clearance: str = "cl"
    volume: str = "v"
    absorption: str | None = "ka"
    effect: str | None = None
    lag: str | None = None

    def elimination(self, x: Values) -> list[tuple[Any, Any]]:
        """(coefficient, rate) of C after a unit i.v. bolus."""
        volume = getattr(x, self.volume)
        return [(1 / volume, getattr(x, self.clearance) / volume)]


@dataclass(frozen=True)
class TwoCompartment(OneCompartment):
    """dC/dt = ka A / V - (CL / V) C - (Q / V) C + (Q / V) P,  dP/dt = (Q / V2) (C - P): a slow second phase."""

    exchange: str = "q"
    peripheral: str = "v2"

    def elimination(self, x: Values) -> list[tuple[Any, Any]]:
        volume, exchange = getattr(x, self.volume), getattr(x, self.exchange)
        k10, k12 = getattr(x, self.clearance) / volume, exchange / volume
        k21 = exchange / getattr(x, self.peripheral)
        total = k10 + k12 + k21
        alpha = (total + jnp.sqrt(total**2 - 4 * k10 * k21)) / 2
        beta = k10 * k21 / alpha
        return [
            ((alpha - k21) / (alpha - beta) / volume, alpha),
            ((k21 - beta) / (alpha - beta) / volume, beta),
        ]


@dataclass(frozen=True)
class Signal:
    """A static drive: any smooth function of concentrations and of what stands above it."""

    name: str
    value: Callable[[Any], Any]


@dataclass(frozen=True)
class Hill:
    """top C^slope / (half^slope + C^slope); a free exponent, singular at C = 0 unless it is an integer."""

    name: str
    of: str = "C"
    top: Expression = 1.0
    half: Expression = "ec50"
    slope: Expression = 1.0

    def value(self, x: Values) -> Any:
        ratio = jnp.exp(
            evaluate(self.slope, x) * (log(getattr(x, self.of)) - jnp.log(evaluate(self.half, x)))
        )
        return evaluate(self.top, x) * ratio / (1 + ratio)


@dataclass(frozen=True)
class Emax(Hill):
    """top C / (half + C)."""

    def value(self, x: Values) -> Any:
        concentration = getattr(x, self.of)
        return evaluate(self.top, x) * concentration / (evaluate(self.half, x) + concentration)


@dataclass(frozen=True)
class State:
    """dx/dt = source - loss x: linear in itself, with any time-varying source and loss.

    `stiff` says that the loss can be fast beside the panels (effect compartment, receptor binding): such a state is
    solved by Gauss collocation instead of its integrating factor.
    """

    name: str
    source: Expression
    loss: Expression
    start: Expression = 0.0
    stiff: bool = False


@dataclass(frozen=True)
class Turnover:
    """dx/dt = rate (target - x)."""

    name: str
    target: Expression
    rate: Expression
    start: Expression = 0.0
    stiff: bool = False

    @property
    def loss(self) -> Expression:
        return self.rate

    @property
    def source(self) -> Expression:
        return lambda x: evaluate(self.rate, x) * evaluate(self.target, x)


def effect_compartment(name: str, of: str, rate: Expression) -> Turnover:
    """dx/dt = ke0 (of - x), for a drive that is not a concentration."""
    return Turnover(name, of, rate, stiff=True)


def slow_binding(name: str, of: str, half: Expression, off: Expression) -> State:
    """dB/dt = koff ((C / half) (1 - B) - B): receptor binding with its own dissociation rate."""

    def source(x: Values) -> Any:
        return evaluate(off, x) * getattr(x, of) / evaluate(half, x)

    return State(name, source, lambda x: source(x) + evaluate(off, x), stiff=True)


def transit(name: str, of: Expression, steps: int, delay: Expression) -> tuple[Turnover, ...]:
    """A chain of `steps` equal turnovers with total mean delay `delay`; the last carries `name`."""
    names = [f"{name}_{step}" for step in range(1, steps)] + [name]
    inputs: list[Expression] = [of, *names[:-1]]
    return tuple(
        Turnover(own, source, lambda x: steps / evaluate(delay, x))
        for own, source in zip(names, inputs, strict=True)
    )


@dataclass(frozen=True)
class Jump:
    """At every dose the state moves by `size`, affine in what stood just before (`x.before`); `x.dose` is the dose."""

    state: str
    size: Callable[[Any], Any]


@dataclass(frozen=True)
class Model:
    """Kinetics, equations in the order in which they read each other, and jumps at doses.

    `quiet` (h, function of the parameters): how long after a dose its drives still move, where no Hill signal says so.
    `longest` (h): no panel is longer; for drives that never rest, such as a clock.
    """

    kinetics: OneCompartment
    equations: tuple[Signal | Hill | State | Turnover, ...]
    jumps: tuple[Jump, ...] = ()
    quiet: Callable[[Any], Any] | None = None
    longest: float | None = None

    def __post_init__(self):
        names = [equation.name for equation in self.equations]
        for name in names:
            if name in ("C", "Ce", *CLOCKS) or names.count(name) > 1:
                raise ParameterError(f"{name!r} names two things in one model", remedy="rename that equation")

    @property
    def states(self) -> tuple[State | Turnover, ...]:
        return tuple(eq for eq in self.equations if isinstance(eq, State | Turnover))

    @property
    def signals(self) -> tuple[Signal | Hill, ...]:
        return tuple(eq for eq in self.equations if isinstance(eq, Signal | Hill))


@dataclass(frozen=True)
class Reads:
    """What each equation reads, found by tracing it once: decides which states need values inside a panel."""

    parameters: frozenset[str]
    inside: frozenset[str]
    constant: frozenset[str]
    before: frozenset[str]
    stateful: frozenset[str]


@cache
def reading(model: Model, parameters: frozenset[str]) -> Reads:
    """Trace every equation once, without a value. `parameters`: those that the model reads; `inside`: what some state
    reads, through signals or not; `constant`: states of constant loss; `before`: read as they stood; `stateful`:
    equations that depend on a state or on the last dose. Raises ParameterError for what is read and not known."""
    found: list[Reads] = []
    jax.eval_shape(lambda one: found.append(_read(model, parameters, one)), 1.0)
    return found[0]


def _read(model: Model, parameters: frozenset[str], one: Any) -> Reads:
    known: dict[str, Any] = dict.fromkeys([*parameters, "C", "Ce", *CLOCKS], one)
    states = {state.name for state in model.states}
    first = Values(dict.fromkeys(parameters, one))
    model.kinetics.elimination(first)
    for name in (model.kinetics.absorption, model.kinetics.effect):
        if name is not None:
            getattr(first, name)
    if model.quiet is not None:
        model.quiet(first)
    reads: dict[str, set[str]] = {}
    stateful, constant, before, asked = set(states), set[str](), set[str](), set(first.read)
    for equation in model.equations:
        held = Values(dict.fromkeys(states, one))
        x = Values(known, held)
        if isinstance(equation, State | Turnover):
            evaluate(equation.source, x)
            evaluate(equation.start, first)
            own = Values(known, held)
            evaluate(equation.loss, own)
            x.read |= own.read
            if not own.read - parameters:
                constant.add(equation.name)
        else:
            equation.value(x)
        reads[equation.name] = x.read
        asked |= x.read
        before |= held.read
        if held.read or x.read & (stateful | {"tad", "dose"}):
            stateful.add(equation.name)
        known[equation.name] = one
    for jump in model.jumps:
        held = Values(dict.fromkeys(states, one))
        x = Values(known, held)
        jump.size(x)
        asked |= x.read
        before |= held.read
    asked |= first.read
    inside: set[str] = set()
    for name in reversed(reads):
        if name in states or name in inside:
            inside |= reads[name]
    return Reads(*(frozenset(s) for s in (asked & parameters, inside, constant, before, stateful)))
