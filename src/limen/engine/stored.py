"""Stored: compiled programs that a later process takes up without tracing them again.

JAX's own cache spares the compiler only: what a program does is traced and lowered in every process before it is looked
up, which takes longer than many of them run. Here a program is found by its name, the source of the rooms it is made of, and the shapes it is
given. The folder is trusted as the user's other caches of code are: what is in it is run.
"""

from __future__ import annotations

import os
import pickle
import platform
import shutil
import time
from collections.abc import Callable, Hashable
from contextlib import suppress
from dataclasses import fields, is_dataclass
from functools import cache, update_wrapper
from hashlib import sha256
from pathlib import Path
from threading import Lock
from types import FunctionType
from typing import Any, Generic, ParamSpec, TypeVar

import jax
import numpy as np
from jax.experimental.compilation_cache import compilation_cache
from jax.experimental.serialize_executable import deserialize_and_load, serialize

import limen
from limen.errors import OutputError
from limen.files import write_bytes

# What a stored program may be made of: a sentence changed on the page compiles nothing anew.
ROOMS = ("engine", "people", "pharmacology", "trial", "response", "analysis")
UNUSED = 30 * 86400.0  # s after which programs of another release are removed
Given = ParamSpec("Given")
Found = TypeVar("Found")
_folder: Path | None = None
_programs: list[Program[Any, Any]] = []


def store_in(folder: Path) -> None:
    """Keep programs under this folder from now on."""
    global _folder
    _folder = folder


def forget_programs() -> None:
    """Give back the memory of every program; the folder keeps them."""
    for program in _programs:
        program.forget()


def source_digest(rooms: tuple[str, ...] = ("",)) -> bytes:
    """A hash of limen's source, or of some of its rooms."""
    told, home = sha256(), Path(limen.__file__).parent
    for source in sorted(source for room in rooms for source in (home / room).rglob("*.py")):
        told.update(source.read_bytes())
    return told.digest()


class Program(Generic[Given, Found]):
    """A jitted function, its first `fixed` arguments static; what it compiles is stored once a folder is set."""

    def __init__(self, function: Callable[Given, Found], fixed: int):
        self._jitted: Any = jax.jit(function, static_argnums=tuple(range(fixed)))
        self._name, self._fixed = f"{function.__module__}.{function.__qualname__}", fixed
        self._ready: dict[Hashable, Callable[..., Found]] = {}
        self._lock = Lock()
        _programs.append(self)
        update_wrapper(self, function)

    def __call__(self, *args: Given.args, **_: Given.kwargs) -> Found:
        fixed, traced = args[: self._fixed], args[self._fixed :]
        leaves, form = jax.tree.flatten(traced)
        room = self._name.split(".")[1]
        if _folder is None or room not in ROOMS or not all(type(leaf) in _PLAIN for leaf in leaves):
            return self._jitted(*args)
        shapes = tuple((leaf.shape, leaf.dtype.name, getattr(leaf, "weak_type", False)) for leaf in leaves)
        asked = fixed, form, shapes
        with self._lock:
            if asked not in self._ready:
                self._ready[asked], first = self._taken_up(_folder, fixed, traced, shapes)
                return first
            ready = self._ready[asked]
        return ready(*traced)

    def forget(self) -> None:
        """Give back the memory of what was compiled or taken up."""
        self._ready.clear()

    def _taken_up(
        self, folder: Path, fixed: tuple[Any, ...], traced: tuple[Any, ...], shapes: Hashable
    ) -> tuple[Callable[..., Found], Found]:
        """The program, and what it finds of this."""
        form = jax.tree.structure((traced, {}))
        try:
            told = repr((self._name, [_told(one) for one in fixed], str(form), shapes))
        except _Untold:
            ready = lambda *traced: self._jitted(*fixed, *traced)  # noqa: E731
            return ready, ready(*traced)
        where = _of_this_release(folder) / f"{sha256(told.encode()).hexdigest()[:32]}.program"
        with suppress(Exception):  # whatever is wrong with what was stored, it is compiled again
            content, shape = pickle.loads(where.read_bytes())
            ready = deserialize_and_load(content, form, jax.tree.structure(shape))
            return ready, jax.block_until_ready(ready(*traced))
        compiled = _past_other_caches(lambda: self._jitted.lower(*fixed, *traced).compile())
        with suppress(Exception):  # without a place to store it, or a way to, it is compiled next time
            content, _, out = serialize(compiled)
            _write(where, pickle.dumps((content, jax.tree.unflatten(out, range(out.num_leaves)))))
        return compiled, compiled(*traced)


def stored(function: Callable[Given, Found]) -> Program[Given, Found]:
    """`jax.jit` whose compiled programs are stored; called by position."""
    return Program(function, 0)


def stored_with(fixed: int) -> Callable[[Callable[Given, Found]], Program[Given, Found]]:
    """The same with the first `fixed` arguments static."""
    return lambda function: Program(function, fixed)


def _past_other_caches(compiled: Callable[[], Any]) -> Any:
    """Compiled here and now: a program that JAX's own cache gave back cannot be stored a second time."""
    before: bool = jax.config.jax_enable_compilation_cache  # type: ignore[attr-defined]
    jax.config.update("jax_enable_compilation_cache", False)
    compilation_cache.reset_cache()
    try:
        return compiled()
    finally:
        jax.config.update("jax_enable_compilation_cache", before)
        compilation_cache.reset_cache()


def _write(where: Path, content: bytes) -> None:
    if not where.parent.is_dir():
        where.parent.mkdir(parents=True, mode=0o700)
        for other in where.parent.parent.iterdir():
            if time.time() - other.stat().st_mtime > UNUSED:
                shutil.rmtree(other, ignore_errors=True)
    with suppress(OutputError):
        write_bytes(where, content)


@cache
def _of_this_release(folder: Path) -> Path:
    """The folder of what this source, these libraries and flags make for this processor."""
    machine = platform.machine(), platform.processor(), platform.python_version()
    devices = [(d.platform, d.device_kind) for d in jax.devices()]
    told = (
        source_digest(ROOMS),
        jax.__version__,
        np.__version__,
        os.environ.get("XLA_FLAGS"),
        machine,
        _processor(),
        devices,
    )
    return folder / sha256(repr(told).encode()).hexdigest()[:32]


def _processor() -> list[str]:
    """What the system says this processor is and can do; nothing where it says nothing."""
    with suppress(OSError):
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        return [line for line in lines if line.startswith(("flags", "Features", "model name"))][:2]
    return []


class _Untold(Exception):
    """Something has no name that holds in another process."""


def _told(value: Any) -> Any:
    """What stands for a static argument in another process of the same source. Raises _Untold."""
    if isinstance(value, str | int | float | bool | None):
        return value
    if isinstance(value, tuple | list):
        return [_told(one) for one in value]
    if isinstance(value, frozenset):
        return sorted(repr(_told(one)) for one in value)
    if is_dataclass(value):
        return type(value).__qualname__, [(f.name, _told(getattr(value, f.name))) for f in fields(value)]
    if isinstance(value, FunctionType) and value.__module__.split(".")[0] == limen.__name__:
        held = [_told(cell.cell_contents) for cell in value.__closure__ or ()]
        return (
            value.__module__,
            value.__qualname__,
            value.__code__.co_firstlineno,
            held,
            _told(value.__defaults__),
        )
    raise _Untold


_PLAIN = (np.ndarray, type(jax.device_put(0)), np.float64, np.int64)
