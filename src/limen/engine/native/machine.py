"""Compiled marches: LLVM for this processor, kept in the user's cache folder, run on as many cores as asked."""

from __future__ import annotations

import ctypes
import hashlib
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from typing import Any

import llvmlite
import llvmlite.binding as llvm
import numpy as np
import platformdirs

from limen.engine.native.lanes import WIDTH
from limen.engine.native.march import MARCH, March
from limen.engine.native.memory import memory
from limen.engine.native.prepare import PREPARE, prepare
from limen.engine.native.recipe import Recipe
from limen.engine.placing import Accuracy


@cache
def _machine() -> Any:
    """The compiler for this processor, at its full vector width."""
    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    target = llvm.Target.from_default_triple()
    return target.create_target_machine(
        cpu=llvm.get_host_cpu_name(), features=llvm.get_host_cpu_features().flatten(), opt=3, jit=True
    )


def cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class Compiled:
    """A march as machine code; `run` may be called from many threads at once."""

    def __init__(self, recipe: Recipe, accuracy: Accuracy, pinned: bool, observed: bool):
        built = March(recipe, accuracy.nodes, pinned, observed)
        prepare(built.module, recipe, accuracy)
        text = str(built.module)
        self.memory = memory(recipe, accuracy.nodes)
        key = hashlib.sha256(
            "\n".join([text, llvmlite.__version__, llvm.get_host_cpu_name()]).encode()
        ).hexdigest()
        stored = _folder() / f"{key}.o"
        module = llvm.parse_assembly(text)
        self.engine = llvm.create_mcjit_compiler(module, _machine())
        if stored.exists():
            self.engine.set_object_cache(None, lambda _: stored.read_bytes())
        else:
            module.verify()
            _optimise(module)
            self.engine.set_object_cache(lambda _, code: _store(stored, code), lambda _: None)
        self.engine.finalize_object()
        self.march, self.prepare = (self._function(*given) for given in (MARCH, PREPARE))

    def _function(self, name: str, pointers: tuple[str, ...], numbers: tuple[str, ...]) -> Any:
        kinds = [ctypes.c_void_p] * len(pointers) + [ctypes.c_int64] * len(numbers)
        address = ctypes.CFUNCTYPE(None, *kinds)(self.engine.get_function_address(name))

        def call(arrays: dict[str, np.ndarray], count: dict[str, int]) -> None:
            address(*(arrays[key].ctypes.data for key in pointers), *(count[key] for key in numbers))

        return call


def _folder() -> Path:
    return Path(os.environ.get("LIMEN_CACHE") or platformdirs.user_cache_dir("limen")) / "native"


def _store(path: Path, code: bytes) -> None:
    from limen.engine.runs import atomic

    with atomic(path) as temporary:
        temporary.write_bytes(code)


def _optimise(module: Any) -> None:
    options = llvm.create_pipeline_tuning_options(speed_level=3)
    builder = llvm.create_pass_builder(_machine(), options)
    builder.getModulePassManager().run(module, builder)


@cache
def compiled(recipe: Recipe, accuracy: Accuracy, pinned: bool, observed: bool) -> Compiled:
    """Machine code of a recipe, once per process."""
    return Compiled(recipe, accuracy, pinned, observed)


def over_groups(work: Callable[[int, int], None], people: int, threads: int) -> None:
    """Call `work(first, last)` over all groups of eight people, split over threads at fixed boundaries."""
    groups = people // WIDTH
    bounds = np.linspace(0, groups, max(1, min(threads, groups)) + 1).astype(int).tolist()
    if len(bounds) == 2:
        work(0, groups)
        return
    with ThreadPoolExecutor(len(bounds) - 1) as pool:
        list(pool.map(work, bounds[:-1], bounds[1:]))
