"""Types of the transformations as limen uses them: what goes in comes out, where jax says `Any` or nothing."""

from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar, overload

from jax import lax as lax
from jax import nn as nn
from jax import numpy as numpy
from jax import random as random
from jax import scipy as scipy
from jax import tree as tree
from jax._src.api import clear_caches as clear_caches
from jax._src.basearray import Array as Array
from jax._src.config import config as config
from jax._src.custom_derivatives import custom_jvp as custom_jvp

_P = ParamSpec("_P")
_R = TypeVar("_R")

@overload
def jit(fun: Callable[_P, _R], /) -> Callable[_P, _R]: ...
@overload
def jit(
    fun: Callable[_P, _R],
    /,
    *,
    static_argnums: Any = ...,
    static_argnames: Any = ...,
    donate_argnums: Any = ...,
) -> Callable[_P, _R]: ...
def vmap(fun: Callable[_P, _R], in_axes: Any = ..., out_axes: Any = ...) -> Callable[_P, _R]: ...
def eval_shape(fun: Callable[_P, _R], /, *args: _P.args, **kwargs: _P.kwargs) -> _R: ...
def __getattr__(name: str) -> Any: ...
