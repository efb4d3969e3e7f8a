"""Small tools for building a function: loops, records in memory, tables of constants."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
from llvmlite import ir

from limen.engine.native.lanes import DOUBLE, INT, VECTOR, WIDTH, Lanes

POINTER = ir.PointerType()


def whole(value: int) -> ir.Constant:
    return ir.Constant(INT, value)


class Function:
    """A function under construction, with its builder and what every part of it needs."""

    def __init__(self, module: ir.Module, name: str, arguments: Sequence[tuple[str, ir.Type]]):
        kind = ir.FunctionType(ir.VoidType(), [t for _, t in arguments])
        self.function = ir.Function(module, kind, name)
        for given, (label, _) in zip(self.function.args, arguments, strict=True):
            given.name = label
        self.arguments = {
            label: given for given, (label, _) in zip(self.function.args, arguments, strict=True)
        }
        self.module, self.builder = module, ir.IRBuilder(self.function.append_basic_block("entry"))

    def lanes(self, value: Any) -> Lanes:
        return Lanes(self.builder, value)

    def variable(self, kind: ir.Type) -> ir.AllocaInstr:
        """Room for a value that changes in loops; the compiler keeps it in registers where it can."""
        with self.builder.goto_entry_block():
            return self.builder.alloca(kind)

    @contextmanager
    def loop(self, first: Any, last: Any) -> Iterator[Any]:
        """for i in first..last-1, at least tested once before it starts."""
        builder = self.builder
        body, done = builder.append_basic_block("body"), builder.append_basic_block("done")
        before = builder.block
        builder.cbranch(builder.icmp_signed("<", first, last), body, done)
        builder.position_at_end(body)
        i = builder.phi(INT)
        i.add_incoming(first, before)
        yield i
        following = builder.add(i, whole(1))
        i.add_incoming(following, builder.block)
        builder.cbranch(builder.icmp_signed("<", following, last), body, done)
        builder.position_at_end(done)

    def index(self, *terms: tuple[Any, Any] | Any) -> Any:
        """A sum of products of whole numbers."""
        result: Any = whole(0)
        for term in terms:
            a, b = term if isinstance(term, tuple) else (term, 1)
            a, b = (whole(v) if isinstance(v, int) else v for v in (a, b))
            result = self.builder.add(result, self.builder.mul(a, b))
        return result

    def at(self, base: Any, offset: Any, kind: ir.Type = DOUBLE) -> Any:
        """The address `offset` elements of `kind` behind `base`."""
        offset = whole(offset) if isinstance(offset, int) else offset
        return self.builder.gep(base, [offset], source_etype=kind)

    def load(self, base: Any, offset: Any) -> Lanes:
        """Eight doubles, `offset` doubles behind `base`."""
        return self.lanes(self.builder.load(self.at(base, offset), typ=VECTOR, align=8))

    def store(self, value: Lanes, base: Any, offset: Any) -> None:
        self.builder.store(value.value, self.at(base, offset), align=8)

    def whole_at(self, base: Any, offset: Any) -> Any:
        return self.builder.load(self.at(base, offset, INT), typ=INT)

    def spread(self, base: Any, offset: Any) -> Lanes:
        """One double in all lanes."""
        one = self.builder.load(self.at(base, offset), typ=DOUBLE)
        vector = self.builder.insert_element(
            ir.Constant(VECTOR, ir.Undefined), one, ir.Constant(ir.IntType(32), 0)
        )
        mask = ir.Constant(ir.VectorType(ir.IntType(32), WIDTH), [0] * WIDTH)
        return self.lanes(self.builder.shuffle_vector(vector, vector, mask))

    def get(self, variable: Any) -> Lanes:
        return self.lanes(self.builder.load(variable, typ=VECTOR))

    def put(self, value: Lanes, variable: Any) -> None:
        self.builder.store(value.value, variable)


def entry(module: ir.Module, name: str, pointers: Sequence[str], numbers: Sequence[str]) -> Function:
    """A function that is called from outside, with arrays and counts."""
    return Function(module, name, [(p, POINTER) for p in pointers] + [(n, INT) for n in numbers])


def constants(module: ir.Module, name: str, values: np.ndarray) -> Any:
    """A table of doubles that the module holds."""
    flat = np.asarray(values, float).reshape(-1)
    kind = ir.ArrayType(DOUBLE, flat.size)
    table: Any = ir.GlobalVariable(module, kind, name)
    table.global_constant, table.linkage = True, "internal"
    table.initializer = ir.Constant(kind, [ir.Constant(DOUBLE, float(v)) for v in flat])
    return table
