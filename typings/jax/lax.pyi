"""Loops and barriers keep the type of what they carry."""

from collections.abc import Callable
from typing import Any, TypeVar

from jax import Array

_T = TypeVar("_T")
_X = TypeVar("_X")
_Y = TypeVar("_Y")

def scan(
    f: Callable[[_T, _X], tuple[_T, Any]],
    init: _T,
    xs: Any = ...,
    length: int | None = ...,
    reverse: bool = ...,
    unroll: int = ...,
) -> tuple[_T, Any]: ...
def fori_loop(lower: Any, upper: Any, body_fun: Callable[[Any, _T], _T], init_val: _T) -> _T: ...
def map(f: Callable[[Any], _Y], xs: Any, *, batch_size: int | None = ...) -> _Y: ...
def optimization_barrier(operand: _T, /) -> _T: ...
def stop_gradient(x: _T) -> _T: ...
def bitcast_convert_type(operand: Any, new_dtype: Any) -> Array: ...
def __getattr__(name: str) -> Any: ...
