"""Vector arithmetic in LLVM: eight participants side by side in one register, written like arithmetic on numbers.

A `Lanes` is a vector of eight values inside a function that is being built; the operators append instructions.
Elementary functions are written out (range reduction and a polynomial), because the library's are scalar.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from llvmlite import ir

WIDTH = 8
DOUBLE, INT, BIT = ir.DoubleType(), ir.IntType(64), ir.IntType(1)
VECTOR, INTS, BITS = (ir.VectorType(kind, WIDTH) for kind in (DOUBLE, INT, BIT))
CONTRACT = ("contract",)
LN2_HIGH, LN2_LOW = 0.6931471803691238, 1.9082149292705877e-10
SHIFT = 1.5 * 2.0**52  # added to a small number, leaves it rounded to an integer in the low bits
HALF_PI = (1.5707963267341256, 6.077100506303966e-11, 2.0222662487959506e-21)


def splat(kind: ir.VectorType, value: Any) -> ir.Constant:
    """A constant vector of one value."""
    return ir.Constant(kind, [ir.Constant(kind.element, value)] * WIDTH)


class Lanes:
    """Eight values and the builder that works on them: `VECTOR` of float64, `INTS` of int64 or `BITS`."""

    __slots__ = ("builder", "value")

    def __init__(self, builder: Any, value: Any):
        self.builder, self.value = builder, value

    def _with(self, other: Any) -> Any:
        """The other operand as a vector of this kind."""
        if isinstance(other, Lanes):
            return other.value
        kind = self.value.type
        return splat(kind, float(other) if kind == VECTOR else int(other))

    def _new(self, value: Any) -> Lanes:
        return Lanes(self.builder, value)

    def __add__(self, other: Any) -> Lanes:
        if self.value.type == INTS:
            return self._new(self.builder.add(self.value, self._with(other)))
        return self._new(self.builder.fadd(self.value, self._with(other), flags=CONTRACT))

    def __sub__(self, other: Any) -> Lanes:
        if self.value.type == INTS:
            return self._new(self.builder.sub(self.value, self._with(other)))
        return self._new(self.builder.fsub(self.value, self._with(other), flags=CONTRACT))

    def __mul__(self, other: Any) -> Lanes:
        return self._new(self.builder.fmul(self.value, self._with(other), flags=CONTRACT))

    def __truediv__(self, other: Any) -> Lanes:
        return self._new(self.builder.fdiv(self.value, self._with(other)))

    __radd__, __rmul__ = __add__, __mul__

    def __rsub__(self, other: Any) -> Lanes:
        return self._new(self._with(other)) - self

    def __rtruediv__(self, other: Any) -> Lanes:
        return self._new(self._with(other)) / self

    def __neg__(self) -> Lanes:
        return self._new(self.builder.fneg(self.value))

    def compare(self, sign: str, other: Any) -> Lanes:
        """`<`, `<=`, `>`, `>=`, `==` or `!=`, as bits."""
        if self.value.type == VECTOR:
            return self._new(self.builder.fcmp_ordered(sign, self.value, self._with(other)))
        return self._new(self.builder.icmp_signed(sign, self.value, self._with(other)))

    def where(self, yes: Any, no: Any) -> Lanes:
        """These bits decide: `yes` where set, `no` elsewhere."""
        kind = next(v for v in (yes, no) if isinstance(v, Lanes))
        return self._new(self.builder.select(self.value, kind._with(yes), kind._with(no)))

    def maximum(self, other: Any) -> Lanes:
        return self.compare(">", other).where(self, other)

    def minimum(self, other: Any) -> Lanes:
        return self.compare("<", other).where(self, other)

    def all(self) -> Any:
        """One bit: whether every lane is set."""
        whole = self.builder.bitcast(self.value, ir.IntType(WIDTH))
        return self.builder.icmp_unsigned("==", whole, ir.Constant(whole.type, 2**WIDTH - 1))

    def bits_as(self, kind: ir.VectorType) -> Lanes:
        return self._new(self.builder.bitcast(self.value, kind))

    def shifted(self, left: int = 0, right: int = 0) -> Lanes:
        step, by = (self.builder.shl, left) if left else (self.builder.ashr, right)
        return self._new(step(self.value, splat(INTS, by)))

    def as_float(self) -> Lanes:
        if self.value.type == VECTOR:
            return self
        turn = self.builder.uitofp if self.value.type == BITS else self.builder.sitofp
        return self._new(turn(self.value, VECTOR))

    def call(self, name: str) -> Lanes:
        """An LLVM intrinsic of one argument, such as llvm.sqrt."""
        module, full = self.builder.module, f"{name}.v{WIDTH}f64"
        function = module.globals.get(full) or ir.Function(module, ir.FunctionType(VECTOR, [VECTOR]), full)
        return self._new(self.builder.call(function, [self.value]))

    def power(self, exponent: int) -> Lanes:
        """An integer power by repeated squaring."""
        if exponent < 0:
            return 1.0 / self.power(-exponent)
        result, square = None, self
        while exponent:
            if exponent & 1:
                result = square if result is None else result * square
            square, exponent = square * square, exponent >> 1
        return result if result is not None else self * 0.0 + 1.0

    def exp(self) -> Lanes:
        """e^x, relative error below 4e-16: x = k ln 2 + r, a polynomial in r, k into the exponent's bits."""
        x = self.maximum(-708.0).minimum(709.0)
        shifted = x * math.log2(math.e) + SHIFT
        k = shifted - SHIFT
        r = x - k * LN2_HIGH - k * LN2_LOW
        value = horner(r, [1 / math.factorial(n) for n in range(13)])
        return (value.bits_as(INTS) + shifted.bits_as(INTS).shifted(left=52)).bits_as(VECTOR)

    def expm1(self) -> Lanes:
        """e^x - 1 without cancellation, by Kahan's (u - 1) x / ln u."""
        u = self.exp()
        inner = (u - 1.0) * self / u.log()
        return u.compare("==", 1.0).where(self, (self.compare("<", -30.0)).where(u - 1.0, inner))

    def log(self) -> Lanes:
        """ln x of a positive normal number, by the same reduction and series as `elementary.log`."""
        bits = self.bits_as(INTS)
        exponent = (bits - 0x3FE6A09E667F3BCD).shifted(right=52)
        mantissa = (bits - exponent.shifted(left=52)).bits_as(VECTOR)
        s = (mantissa - 1.0) / (mantissa + 1.0)
        series = horner(s * s, [2 / n for n in range(1, 22, 2)])
        return exponent.as_float() * math.log(2.0) + s * series

    def log1p(self) -> Lanes:
        """ln(1 + x) without cancellation: u = 1 + x, ln(u) x / (u - 1)."""
        u = self + 1.0
        inner = u.log() * self / (u - 1.0)
        return u.compare("==", 1.0).where(self, inner)

    def sin(self) -> Lanes:
        return self._circular(0)

    def cos(self) -> Lanes:
        return self._circular(1)

    def _circular(self, quarter: int) -> Lanes:
        """sin(x + quarter pi / 2) for |x| up to about 1e9: x = k pi / 2 + r, one of two polynomials by k."""
        shifted = self * (2 / math.pi) + SHIFT
        k = shifted - SHIFT
        r = self
        for part in HALF_PI:
            r = r - k * part
        square = r * r
        sine = r * horner(square, [(-1) ** n / math.factorial(2 * n + 1) for n in range(9)])
        cosine = horner(square, [(-1) ** n / math.factorial(2 * n) for n in range(9)])
        turn = shifted.bits_as(INTS) + quarter
        odd, negative = (turn.shifted(left=63 - n).compare("<", 0) for n in (0, 1))
        value = odd.where(cosine, sine)
        return negative.where(-value, value)


def horner(x: Lanes, coefficients: list[float]) -> Lanes:
    """sum_n c_n x^n, coefficients from the constant upward, in two interleaved halves for the pipelines."""
    square = x * x
    halves = []
    for part in (coefficients[::2], coefficients[1::2]):
        value = Lanes(x.builder, splat(VECTOR, part[-1]))
        for c in reversed(part[:-1]):
            value = value * square + c
        halves.append(value)
    return halves[1] * x + halves[0]


def total(terms: list[Lanes]) -> Lanes:
    """A sum in two chains."""
    chains = terms[:2]
    for i, term in enumerate(terms[2:]):
        chains[i % 2] = chains[i % 2] + term
    return chains[0] if len(chains) == 1 else chains[0] + chains[1]


def matvec(constant: np.ndarray, values: list[Lanes]) -> list[Lanes]:
    """A constant matrix times a list of lanes."""
    return [total([v * float(c) for c, v in zip(row, values, strict=True)]) for row in constant]
