"""The estimators by name: every file of `analysis/estimators`, and those registered for a while. Loads no JAX itself."""

from __future__ import annotations

import difflib
from collections.abc import Generator
from contextlib import contextmanager
from importlib import import_module
from pkgutil import iter_modules
from typing import TYPE_CHECKING

from limen.analysis import estimators
from limen.errors import DataError, Place

if TYPE_CHECKING:
    from limen.analysis.estimator import Estimator

_added: dict[str, Estimator] = {}


def methods() -> tuple[str, ...]:
    """Names of the estimators there are."""
    return (*sorted(found.name for found in iter_modules(estimators.__path__)), *_added)


def method_named(name: str, where: Place | None = None) -> str:
    """The name itself. Raises DataError naming those there are for any other."""
    if name not in methods():
        close = difflib.get_close_matches(name.lower(), methods(), 1)
        hint = f"did you mean {close[0]!r}? " if close else ""
        raise DataError(f"there is no method {name!r}", where, f"{hint}methods: {', '.join(methods())}")
    return name


def estimator(name: str) -> Estimator:
    """The estimator called `name`; raises DataError where there is none."""
    if method_named(name) in _added:
        return _added[name]
    return import_module(f"{estimators.__name__}.{name}").ESTIMATOR


def simulated_method(name: str) -> str:
    """The method that analyses thousands of trials in the place of one that is fitted trial by trial: ANCOVA."""
    return name if estimator(name).many else "ancova"


@contextmanager
def with_estimator(one: Estimator) -> Generator[Estimator]:
    """An estimator of one's own, for the length of a block."""
    _added[one.name] = one
    try:
        yield one
    finally:
        del _added[one.name]
