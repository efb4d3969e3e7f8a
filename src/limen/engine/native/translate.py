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


def translate(closed: Any, given: list[Lanes], builder: Any) -> list[Any]:
    """The outputs of a traced function of scalars: `Lanes`, or arrays of them. Raises Untranslatable.

    Small arrays inside the function become NumPy arrays of `Lanes`, every element its own register.
    """
    scalars = [_array(np.asarray(lanes, object)) for lanes in given]
    found = _run(builder, closed.jaxpr, [_constant(builder, c) for c in closed.consts], scalars)
    return [array.item() if array.shape == () else array for array in found]


def _array(values: Any) -> np.ndarray:
    array = np.empty(np.shape(values), object)
    array[...] = values
    return array


def _constant(builder: Any, value: Any) -> np.ndarray:
    value = np.asarray(value)
    kind = VECTOR
    if value.dtype == np.bool_:
        kind = BITS
    elif np.issubdtype(value.dtype, np.integer):
        kind = INTS
    array = np.empty(value.shape, object)
    for at in np.ndindex(value.shape):
        array[at] = Lanes(builder, splat(kind, float(value[at]) if kind == VECTOR else int(value[at])))
    return array


def _run(builder: Any, jaxpr: Any, consts: list[Any], given: list[Any]) -> list[np.ndarray]:
    known = dict(zip([*jaxpr.constvars, *jaxpr.invars], [*consts, *given], strict=True))

    def read(atom: Any) -> np.ndarray:
        return _constant(builder, atom.val) if hasattr(atom, "val") else known[atom]

    for eqn in jaxpr.eqns:
        inputs = [read(atom) for atom in eqn.invars]
        inner = eqn.params.get("jaxpr") or eqn.params.get("call_jaxpr")
        if inner is not None:
            results = _run(
                builder, inner.jaxpr, [_constant(builder, c) for c in inner.consts], inputs
            )  # jit and custom derivatives: only the value is wanted
        elif eqn.primitive.name in SHAPES:
            results = [SHAPES[eqn.primitive.name](eqn.params, *inputs)]
        else:
            results = [_elementwise(eqn, inputs)]
        known |= dict(zip(eqn.outvars, results, strict=True))
    return [read(atom) for atom in jaxpr.outvars]


def _elementwise(eqn: Any, inputs: list[np.ndarray]) -> np.ndarray:
    shape = eqn.outvars[0].aval.shape
    wide = [np.broadcast_to(x, shape) for x in inputs]
    array = np.empty(shape, object)
    for at in np.ndindex(shape):
        given: list[Any] = [x[at] for x in wide]
        array[at] = _apply(eqn, given)
    return array


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
    raise Untranslatable(f"no vector instruction for {name!r}")


def _convert(x: Lanes, kind: Any) -> Lanes:
    if kind == np.float64:
        return x.as_float()
    if kind == np.bool_ and x.value.type == BITS:
        return x
    if kind == np.int64 and x.value.type == INTS:
        return x
    raise Untranslatable(f"no conversion to {kind}")


def _broadcast(params: Any, x: np.ndarray) -> np.ndarray:
    shape = np.ones(len(params["shape"]), int)
    shape[list(params["broadcast_dimensions"])] = x.shape
    return np.broadcast_to(x.reshape(shape), params["shape"])


def _reduced(step: Callable[[Lanes, Lanes], Lanes]) -> Callable[[Any, np.ndarray], np.ndarray]:
    def apply(params: Any, x: np.ndarray) -> np.ndarray:
        for axis in sorted(params["axes"], reverse=True):
            parts = list(np.moveaxis(x, axis, 0))
            x = parts[0]
            for part in parts[1:]:
                x = _pairwise(step, x, part)
        return x

    return apply


def _pairwise(step: Callable[[Lanes, Lanes], Lanes], a: np.ndarray, b: np.ndarray) -> np.ndarray:
    array = np.empty(np.shape(a), object)
    for at in np.ndindex(array.shape):
        one: Any = np.asarray(a, object)[at]
        other: Any = np.asarray(b, object)[at]
        array[at] = step(one, other)
    return array


def _cumulated(params: Any, x: np.ndarray) -> np.ndarray:
    parts = list(np.moveaxis(x, params["axis"], 0))
    if params["reverse"]:
        raise Untranslatable("no reversed running sum")
    for i in range(1, len(parts)):
        parts[i] = _pairwise(lambda a, b: a + b, parts[i - 1], parts[i])
    return np.moveaxis(np.stack(parts), 0, params["axis"])


def _cut(params: Any, x: np.ndarray) -> np.ndarray:
    steps = params["strides"] or (1,) * x.ndim
    bounds = zip(params["start_indices"], params["limit_indices"], steps, strict=True)
    return x[tuple(slice(*bound) for bound in bounds)]


SHAPES: dict[str, Callable[..., np.ndarray]] = {
    "broadcast_in_dim": _broadcast,
    "reshape": lambda params, x: x.reshape(params["new_sizes"]),
    "squeeze": lambda params, x: np.squeeze(x, tuple(params["dimensions"])),
    "expand_dims": lambda params, x: np.expand_dims(x, tuple(params["dimensions"])),
    "transpose": lambda params, x: np.transpose(x, params["permutation"]),
    "concatenate": lambda params, *xs: np.concatenate(xs, axis=params["dimension"]),
    "stack": lambda params, *xs: np.stack(xs, axis=params.get("axis", 0)),
    "slice": _cut,
    "reduce_sum": _reduced(lambda a, b: a + b),
    "reduce_max": _reduced(lambda a, b: a.maximum(b)),
    "reduce_min": _reduced(lambda a, b: a.minimum(b)),
    "cumsum": _cumulated,
}


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
