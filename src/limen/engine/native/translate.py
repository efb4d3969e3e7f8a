"""From a traced JAX expression to vector instructions, so that a model is declared once and runs on both."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import numpy as np

from limen.engine.native.lanes import BITS, INTS, VECTOR, Lanes, splat


class Untranslatable(Exception):
    """An expression uses something that has no vector instruction here; the caller goes on with JAX."""


def trace(function: Callable[..., Any], arguments: int) -> Any:
    """The closed jaxpr of a function of scalars."""
    return jax.make_jaxpr(function)(*[jax.ShapeDtypeStruct((), np.float64)] * arguments)


def translate(closed: Any, given: list[Lanes], builder: Any) -> list[Lanes]:
    """The outputs of a traced function of scalars, on lanes. Raises Untranslatable."""
    return _run(builder, closed.jaxpr, [_constant(builder, c) for c in closed.consts], given)


def _constant(builder: Any, value: Any) -> Lanes:
    value = np.asarray(value)
    if value.shape != ():
        raise Untranslatable(f"a constant array of shape {value.shape}")
    if value.dtype == np.bool_:
        return Lanes(builder, splat(BITS, int(value)))
    if np.issubdtype(value.dtype, np.integer):
        return Lanes(builder, splat(INTS, int(value)))
    return Lanes(builder, splat(VECTOR, float(value)))


def _run(builder: Any, jaxpr: Any, consts: list[Lanes], given: list[Lanes]) -> list[Lanes]:
    known = dict(zip([*jaxpr.constvars, *jaxpr.invars], [*consts, *given], strict=True))

    def read(atom: Any) -> Lanes:
        return _constant(builder, atom.val) if hasattr(atom, "val") else known[atom]

    for eqn in jaxpr.eqns:
        inputs = [read(atom) for atom in eqn.invars]
        inner = eqn.params.get("jaxpr") or eqn.params.get("call_jaxpr")
        if inner is not None:
            results = _run(
                builder, inner.jaxpr, [_constant(builder, c) for c in inner.consts], inputs
            )  # jit and custom derivatives: only the value is wanted
        else:
            results = [_apply(eqn, inputs)]
        known |= dict(zip(eqn.outvars, results, strict=True))
    return [read(atom) for atom in jaxpr.outvars]


def _apply(eqn: Any, x: list[Lanes]) -> Lanes:
    name = eqn.primitive.name
    if name in COMPARISONS:
        return x[0].compare(COMPARISONS[name], x[1])
    if name in OPERATIONS:
        return OPERATIONS[name](*x)
    if name == "integer_pow":
        return x[0].power(eqn.params["y"])
    if name == "convert_element_type":
        return _convert(x[0], np.dtype(eqn.params["new_dtype"]))
    if name == "bitcast_convert_type":
        return x[0].bits_as(VECTOR if eqn.params["new_dtype"] == np.float64 else INTS)
    if name in ("shift_left", "shift_right_arithmetic"):
        step = x[0].builder.shl if name == "shift_left" else x[0].builder.ashr
        return Lanes(x[0].builder, step(x[0].value, x[1].value))
    if name in ("broadcast_in_dim", "reshape", "squeeze") and eqn.outvars[0].aval.shape == ():
        return x[0]
    raise Untranslatable(f"no vector instruction for {name!r}")


def _convert(x: Lanes, kind: Any) -> Lanes:
    if kind == np.float64:
        return x.as_float()
    if kind == np.bool_ and x.value.type == BITS:
        return x
    if kind == np.int64 and x.value.type == INTS:
        return x
    raise Untranslatable(f"no conversion to {kind}")


def _power(base: Lanes, exponent: Lanes) -> Lanes:
    """base^exponent for base >= 0; 0^exponent is 0 for a positive exponent."""
    value = (base.maximum(1e-300).log() * exponent).exp()
    zero = exponent.compare("==", 0.0).where(1.0, base * 0.0)
    return base.compare(">", 0.0).where(value, zero)


def _both(step: str) -> Callable[[Lanes, Lanes], Lanes]:
    def apply(a: Lanes, b: Lanes) -> Lanes:
        return Lanes(a.builder, getattr(a.builder, step)(a.value, b.value))

    return apply


COMPARISONS = {"lt": "<", "le": "<=", "gt": ">", "ge": ">=", "eq": "==", "ne": "!="}
OPERATIONS: dict[str, Callable[..., Lanes]] = {
    "add": lambda a, b: a + b,
    "sub": lambda a, b: a - b,
    "mul": lambda a, b: a * b,
    "div": lambda a, b: a / b,
    "neg": lambda a: -a,
    "max": lambda a, b: a.maximum(b),
    "min": lambda a, b: a.minimum(b),
    "exp": lambda a: a.exp(),
    "exp2": lambda a: (a * 0.6931471805599453).exp(),
    "expm1": lambda a: a.expm1(),
    "log": lambda a: a.log(),
    "log1p": lambda a: a.log1p(),
    "logistic": lambda a: 1.0 / (1.0 + (-a).exp()),
    "tanh": lambda a: 1.0 - 2.0 / (1.0 + (2.0 * a).exp()),
    "pow": _power,
    "square": lambda a: a * a,
    "sqrt": lambda a: a.call("llvm.sqrt"),
    "rsqrt": lambda a: 1.0 / a.call("llvm.sqrt"),
    "abs": lambda a: a.call("llvm.fabs"),
    "floor": lambda a: a.call("llvm.floor"),
    "ceil": lambda a: a.call("llvm.ceil"),
    "sin": lambda a: a.sin(),
    "cos": lambda a: a.cos(),
    "and": _both("and_"),
    "or": _both("or_"),
    "not": lambda a: Lanes(a.builder, a.builder.not_(a.value)),
    "select_n": lambda which, no, yes: which.where(yes, no),
    "clamp": lambda low, x, high: x.maximum(low).minimum(high),
    "stop_gradient": lambda a: a,
    "copy": lambda a: a,
}
