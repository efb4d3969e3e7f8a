"""What a model asks of a native march: every equation traced, and what of it can be kept while doses repeat.

*Static* is what reads only parameters, concentrations and the time since the dose. Where a dose finds the same
amplitudes as the last one did, such drives repeat, and so does the affine map of every state whose source and loss
are static; only the states themselves are new.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import jax.numpy as jnp

from limen.engine.declare import CLOCKS, Model, Reading, State, Turnover, Values, evaluate
from limen.engine.kinetics import modes
from limen.engine.native.translate import trace
from limen.engine.placing import Accuracy, placed

STATIC_CLOCKS = ("tad", "dose")


@dataclass(frozen=True)
class Traced:
    """A right-hand side as a jaxpr of the names it reads, and of the names it reads as they stood before the dose."""

    jaxpr: Any
    names: tuple[str, ...]
    before: tuple[str, ...]


@dataclass(frozen=True)
class Part:
    """One equation. `form`: signal, weighted (constant loss, read by nobody inside), factor or stiff.

    `source` is the value of a signal, the integrand of a weighted state; `scale` multiplies its weights.
    """

    name: str
    form: str
    source: Traced
    loss: Traced | None
    scaled: bool
    static: bool
    inside: bool


@dataclass(frozen=True)
class Recipe:
    """Parts in reading order, jumps by state, and the names that must be at hand."""

    parts: tuple[Part, ...]
    jumps: tuple[tuple[str, Traced], ...]
    states: tuple[str, ...]
    before: tuple[str, ...]
    observables: tuple[str, ...]
    modes: int
    parameters: tuple[str, ...]
    kept: tuple[str, ...]
    clocks: frozenset[str]
    ready: Traced
    placed: Callable[[Accuracy], Traced]

    @property
    def weighted(self) -> tuple[Part, ...]:
        return tuple(p for p in self.parts if p.form == "weighted")


def recipe(model: Model, reading: Reading, parameters: tuple[str, ...], count: int) -> Recipe:
    """Trace a model. Raises whatever an equation raises on scalars."""
    kinetics = ("C", "Ce") if model.kinetics.effect is not None else ("C",)
    states = tuple(state.name for state in model.states)
    known = [*parameters, *kinetics, *CLOCKS]
    static = {*parameters, *kinetics, *STATIC_CLOCKS}
    parts = []
    for equation in model.equations:
        name = equation.name
        if isinstance(equation, State | Turnover):
            weighted = name in reading.constant - reading.inside
            scaled = weighted and isinstance(equation, Turnover)
            right = equation.target if scaled else equation.source  # type: ignore[union-attr]
            source, loss = traced(right, known, states), traced(equation.loss, known, states)
            form = "weighted" if weighted else "stiff" if equation.stiff else "factor"
            fixed = all({*t.names} <= static and not t.before for t in (source, loss))
            parts.append(Part(name, form, source, loss, scaled, fixed, name in reading.inside))
        else:
            source = traced(equation.value, known, states)
            fixed = {*source.names} <= static and not source.before
            parts.append(Part(name, "signal", source, None, False, fixed, True))
            if fixed:
                static.add(name)
        known.append(name)
    wanted = _needed(parts)
    parts = [part for part in parts if part.form != "signal" or part.name in wanted]
    jumps = tuple((jump.state, traced(jump.size, [*parameters, "dose", "t"], states)) for jump in model.jumps)
    every = [t for part in parts for t in (part.source, part.loss) if t is not None] + [t for _, t in jumps]
    names = {name for t in every for name in t.names}
    moving = {
        n
        for p in parts
        if not p.static
        for t in (p.source, p.loss)
        if t and p.form != "weighted"
        for n in t.names
    } | {n for p in parts if not p.static and p.form == "weighted" for n in p.source.names}
    kept = tuple(
        n for n in (*kinetics, *(p.name for p in parts if p.form == "signal" and p.static)) if n in moving
    )
    return Recipe(
        tuple(parts), jumps, states, tuple(sorted(reading.before)), kinetics, count,
        tuple(parameters), kept, frozenset(names & {*CLOCKS}),
        _ready(model, parameters), partial(_placed, model, reading, parameters),
    )  # fmt: skip


def _ready(model: Model, parameters: tuple[str, ...]) -> Traced:
    """Parameters to rates of the modes, coefficients of the observables one after another, and starts of the states."""

    def value(*given: Any) -> Any:
        x = Values({name: jnp.reshape(v, (1,)) for name, v in zip(parameters, given, strict=True)})
        found = modes(model.kinetics, x)
        starts = [jnp.broadcast_to(jnp.asarray(evaluate(s.start, x), float), (1,)) for s in model.states]
        return found.rates, jnp.concatenate(list(found.coefficients.values())), jnp.stack(starts)

    return Traced(trace(value, len(parameters)), parameters, ())


def _placed(model: Model, reading: Reading, parameters: tuple[str, ...], accuracy: Accuracy) -> Traced:
    """Parameters, length of the interval and largest dose to the panel edges."""

    def value(*given: Any) -> Any:
        *own, gap, dose = (jnp.reshape(v, (1,)) for v in given)
        p = dict(zip(parameters, own, strict=True))
        return placed(model, reading, p, modes(model.kinetics, Values(p)), gap, dose, accuracy)

    return Traced(trace(value, len(parameters) + 2), (*parameters, "gap", "dose"), ())


def _needed(parts: list[Part]) -> set[str]:
    """Signals that some state reads, directly or through other signals."""
    wanted: set[str] = set()
    for part in reversed(parts):
        if part.form != "signal" or part.name in wanted:
            wanted |= {n for t in (part.source, part.loss) if t is not None for n in t.names}
    return wanted


def traced(expression: Any, known: list[str], states: tuple[str, ...]) -> Traced:
    """One right-hand side: found by evaluating it once on ones which names it reads, then traced in those."""
    one = jnp.ones(())
    seen = Values(dict.fromkeys(known, one), Values(dict.fromkeys(states, one)))
    evaluate(expression, seen)
    names, held = tuple(sorted(seen.read)), tuple(sorted(seen.before.read))  # type: ignore[union-attr]

    def value(*given: Any) -> Any:
        own = dict(zip(names, given, strict=False))
        before = dict(zip(held, given[len(names) :], strict=True))
        return jnp.asarray(evaluate(expression, Values(own, Values(before))), float)

    return Traced(trace(value, len(names) + len(held)), names, held)
