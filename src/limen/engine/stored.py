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
from collections.abc import Callable, Hashable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, fields, is_dataclass
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
_beside: Beside | None = None


@dataclass(frozen=True)
class Flat:
    """A program taken up from a file: it is given leaves and gives leaves, which `shape`, pickled, puts together."""

    run: Callable[..., tuple[Any, ...]]
    shape: bytes


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
        return ready(*leaves)

    def forget(self) -> None:
        """Give back the memory of what was compiled or taken up."""
        self._ready.clear()

    def _taken_up(
        self, folder: Path, fixed: tuple[Any, ...], traced: tuple[Any, ...], shapes: Hashable
    ) -> tuple[Callable[..., Found], Found]:
        """The program, and what it finds of this."""
        leaves, form = jax.tree.flatten(traced)
        given: Callable[..., tuple[Any, ...]] = lambda *leaves: jax.tree.unflatten(form, leaves)  # noqa: E731
        try:
            told = repr(
                (self._name, [_told(one) for one in fixed], str(jax.tree.structure((traced, {}))), shapes)
            )
        except _Untold:
            ready = lambda *leaves: self._jitted(*fixed, *given(*leaves))  # noqa: E731
            return ready, ready(*leaves)
        where = _of_this_release(folder) / f"{sha256(told.encode()).hexdigest()[:32]}.program"
        beside = _beside
        if beside is not None:
            beside.taken.append(where.name)
        with suppress(Exception):  # whatever is wrong with what was stored, it is compiled again
            flat = read_program(where) if beside is None else beside.read(where)
            shape = jax.tree.structure(pickle.loads(flat.shape))
            ready = lambda *leaves: jax.tree.unflatten(shape, flat.run(*leaves))  # noqa: E731
            return ready, jax.block_until_ready(ready(*leaves))
        compiled = _past_other_caches(lambda: self._jitted.lower(*fixed, *traced).compile())
        with suppress(Exception):  # without a place to store it, or a way to, it is compiled next time
            content, _, out = serialize(compiled)
            shape = pickle.dumps(jax.tree.unflatten(out, range(out.num_leaves)))
            _write(where, pickle.dumps((content, len(leaves), out.num_leaves, shape)))
        return lambda *leaves: compiled(*given(*leaves)), compiled(*traced)


def stored(function: Callable[Given, Found]) -> Program[Given, Found]:
    """`jax.jit` whose compiled programs are stored; called by position."""
    return Program(function, 0)


def stored_with(fixed: int) -> Callable[[Callable[Given, Found]], Program[Given, Found]]:
    """The same with the first `fixed` arguments static."""
    return lambda function: Program(function, fixed)


def read_program(where: Path) -> Flat:
    """A stored program, ready to run. It is put together in machine code, while other threads go on."""
    content, given, found, shape = pickle.loads(where.read_bytes())
    inside, outside = (jax.tree.structure(tuple(range(count))) for count in (given, found))
    form = jax.tree.structure((jax.tree.unflatten(inside, range(given)), {}))
    return Flat(deserialize_and_load(content, form, outside), shape)


class Beside:
    """Programs taken up in a thread, in the order in which a process of the same `kind` asked for them last."""

    def __init__(self, folder: Path, kind: str):
        self._folder, self._kind, self.taken = folder, kind, list[str]()
        self._pool = ThreadPoolExecutor(1)
        self._coming: Future[dict[str, Future[Flat]]] = self._pool.submit(self._begin)

    @property
    def _list(self) -> Path:
        return _of_this_release(self._folder) / f"{self._kind}.list"

    def _begin(self) -> dict[str, Future[Flat]]:
        try:
            names = self._list.read_text(encoding="utf-8").split()
        except OSError:
            return {}
        home = self._list.parent
        return {
            name: self._pool.submit(read_program, home / name) for name in names if (home / name).is_file()
        }

    def read(self, where: Path) -> Flat:
        """The program in this file; one whose turn has not come is read here and now."""
        coming = self._coming.result().pop(where.name, None)
        return read_program(where) if coming is None or coming.cancel() else coming.result()

    def end(self) -> None:
        """Take up no more."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def remember(self) -> None:
        """Write down what was asked for, for the next process."""
        _write(self._list, "\n".join(dict.fromkeys(self.taken)).encode())


@contextmanager
def taken_up_beside(kind: str) -> Iterator[None]:
    """While this lasts, the programs that work of this kind asked for last are taken up in a thread."""
    global _beside
    if _folder is None or _beside is not None:
        yield
        return
    _beside = beside = Beside(_folder, kind)
    try:
        yield
        beside.remember()
    finally:
        _beside = None
        beside.end()


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
