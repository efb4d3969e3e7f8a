"""Columns that a table does not hold but says: "change = score - baseline", "total = mean(q1, q2, q3)", "late = week >= 4"."""

from __future__ import annotations

import ast
import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from limen.analysis.scores import impossible, scale_of
from limen.analysis.sheet import Sheet, as_number, nearest
from limen.analysis.survey import DataErrors
from limen.errors import DataError

FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    "log": lambda x: math.log(x), "log10": math.log10, "log2": math.log2, "sqrt": lambda x: math.sqrt(x), "exp": math.exp, "abs": lambda x: abs(x),
    "min": lambda *x: min(x), "max": lambda *x: max(x), "sum": lambda *x: math.fsum(x), "mean": lambda *x: math.fsum(x) / len(x),
}  # fmt: skip
_BINARY: Mapping[type[ast.operator], Callable[[float, float], float]] = {
    ast.Add: lambda a, b: a + b, ast.Sub: lambda a, b: a - b, ast.Mult: lambda a, b: a * b,
    ast.Div: lambda a, b: a / b, ast.Pow: math.pow,
}  # fmt: skip
_COMPARED: Mapping[type[ast.cmpop], Callable[[float, float], bool]] = {
    ast.Lt: lambda a, b: a < b, ast.LtE: lambda a, b: a <= b, ast.Gt: lambda a, b: a > b,
    ast.GtE: lambda a, b: a >= b, ast.Eq: lambda a, b: a == b, ast.NotEq: lambda a, b: a != b,
}  # fmt: skip
EXAMPLE = 'such as "change = score - baseline" or "total = mean(q1, q2)", a name with blanks in `signs`'


@dataclass(frozen=True)
class _Input:
    """A column that something is made of, as the checks of scores take it: a registered scale, or any number."""

    outcome: str
    keep: tuple[str, ...]
    scores: tuple[str, ...] = ()
    covariates: tuple[str, ...] = ()
    scale: str | None = None

    @classmethod
    def of(cls, column: str, keep: tuple[str, ...]) -> _Input:
        known = scale_of(cls(column, keep)) is not None
        return cls(column, keep, scores=(column,)) if known else cls(column, keep, covariates=(column,))


def derived(sheet: Sheet, said: Sequence[str], keep: tuple[str, ...] = ()) -> tuple[Sheet, tuple[str, ...]]:
    """The sheet with the columns that can be made of it, and those of `said` that name a column which is not there (yet).
    A missing number makes a missing one. Raises DataError for what is no formula or cannot be worked out, by row, and for
    numbers that look like codes of missing values, which the result would hide (`keep` names rows that are right)."""
    later, looked = list[str](), set[str]()
    for one in said:
        name, formula, names = _parsed(sheet, one)
        if any(column not in sheet.columns for column in names.values()):
            later.append(one)
            continue
        inputs = [column for column in names.values() if column not in looked]
        looked |= {*inputs, name}
        found = [e for column in inputs for e in impossible(sheet, _Input.of(column, keep))]
        if found:
            raise DataErrors(found)
        sheet = _with(sheet, name, formula, names)
    return sheet, tuple(later)


def inputs_of(sheet: Sheet, said: Sequence[str]) -> tuple[str, ...]:
    """The columns of this sheet that something is made of."""
    every = [column for one in said for column in _parsed(sheet, one)[2].values()]
    return tuple(dict.fromkeys(column for column in every if column in sheet.columns))


def underivable(sheet: Sheet, said: str) -> DataError:
    """Why a column cannot be made of this sheet."""
    name, _, names = _parsed(sheet, said)
    lacking = next(column for column in names.values() if column not in sheet.columns)
    return sheet.error(f"{name!r} is to be made of {lacking!r}, which is no column", 1, remedy=nearest(lacking, sheet.columns))  # fmt: skip


def _parsed(sheet: Sheet, said: str) -> tuple[str, ast.expr, dict[str, str]]:
    """Name, formula, and the column that each name in it stands for."""
    name, sign, text = (part.strip() for part in said.partition("="))
    quoted = dict[str, str]()

    def plain(found: re.Match[str]) -> str:
        return next((k for k, v in quoted.items() if v == found[1]), None) or _hold(quoted, found[1])

    text = re.sub(r"`([^`]+)`", plain, text)
    try:
        formula = ast.parse(text, mode="eval").body
    except SyntaxError:
        formula = None
    if not name or not sign or formula is None:
        raise sheet.error(f"{said!r} derives no column", remedy=EXAMPLE)
    called = {id(node.func) for node in ast.walk(formula) if isinstance(node, ast.Call)}
    found = [n.id for n in ast.walk(formula) if isinstance(n, ast.Name) and id(n) not in called]
    return name, formula, {one: quoted.get(one, one) for one in found}


def _hold(quoted: dict[str, str], column: str) -> str:
    key = f"_column_{len(quoted)}"
    quoted[key] = column
    return key


def _with(sheet: Sheet, name: str, formula: ast.expr, names: Mapping[str, str]) -> Sheet:
    if name in sheet.columns:
        raise sheet.error(f"there is a column {name!r} already", 1, column=name, remedy="give what is derived a name of its own")  # fmt: skip
    columns = {key: sheet.cells(column) for key, column in names.items()}
    rows = list[tuple[int, tuple[str, ...]]]()
    for place, (number, cells) in enumerate(sheet.rows):
        values = dict[str, float]()
        for key, column in columns.items():
            value = as_number(column[place])
            if value is None:
                raise sheet.error(f"{column[place]!r} is no number, and {name!r} is made of it", number, names[key], "leave the row out, or derive nothing of it")  # fmt: skip
            values[key] = value
        try:
            made = math.nan if any(map(math.isnan, values.values())) else _value(formula, values, sheet)
            there = isinstance(made, float) and not math.isinf(made)
        except (ValueError, ZeroDivisionError, OverflowError):
            there, made = False, math.nan
        except TypeError:
            raise sheet.error(f"{ast.unparse(formula)!r} gives a function other than it takes", remedy="log, sqrt, exp and abs take one number") from None  # fmt: skip
        if not there:
            raise sheet.error(f"{name!r} is no number here: a log, a root, a power or a division has no value", number, remedy="leave the row out, or shift the numbers")  # fmt: skip
        rows.append((number, (*cells, "" if math.isnan(made) else repr(float(made)))))
    return replace(sheet, columns=(*sheet.columns, name), rows=tuple(rows))


def _value(node: ast.expr, values: Mapping[str, float], sheet: Sheet) -> float:
    def of(one: ast.expr) -> float:
        return _value(one, values, sheet)

    match node:
        case ast.Constant(value=int() | float() as number):
            return float(number)
        case ast.Name(id=name):
            return values[name]
        case ast.UnaryOp(op=ast.USub(), operand=inner):
            return -of(inner)
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _BINARY:
            return _BINARY[type(op)](of(left), of(right))
        case ast.Compare(left=left, ops=[op], comparators=[right]) if type(op) in _COMPARED:
            return float(_COMPARED[type(op)](of(left), of(right)))
        case ast.Call(func=ast.Name(id=name), args=[_, *_] as given, keywords=[]) if name in FUNCTIONS:
            return float(FUNCTIONS[name](*map(of, given)))
        case _:
            raise sheet.error(f"{ast.unparse(node)!r} cannot be worked out", remedy=f"+ - * / **, comparisons, and {', '.join(FUNCTIONS)}")  # fmt: skip
