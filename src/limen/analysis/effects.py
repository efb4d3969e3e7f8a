"""Fixed and random effects from a formula: regressors of every row, cells of least-squares means, and terms to be tested.

Factors are coded to sum to zero, so that the coefficients of a term are its type 3 hypothesis; means and contrasts do
not depend on the coding.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product
from typing import Any, cast

import numpy as np
from jaxtyping import Float

from limen.errors import DataError

Table = Any  # a pandas.DataFrame; of its columns the checker knows too little to be of help
Rows = Float[np.ndarray, "rows columns"]


@dataclass(frozen=True)
class Effects:
    """Regressors by row, and the formula that makes them of any other table."""

    matrix: Rows
    columns: tuple[str, ...]
    terms: Mapping[str, slice]
    spec: Any
    table: Table
    formula: str = "1"

    def cells(self, factors: tuple[str, ...]) -> dict[tuple[str, ...], Float[np.ndarray, " columns"]]:
        """The combination of coefficients that is the least-squares mean of each cell of `factors`: numbers at their
        mean over rows, the levels of other factors with equal weights."""
        import pandas as pd

        used = [name for name in self.table.columns if name in self.spec.required_variables]
        held = {name: self.table[name] for name in used}
        levels = {
            n: list(c.cat.categories) for n, c in held.items() if isinstance(c.dtype, pd.CategoricalDtype)
        }
        means = {name: float(c.mean()) for name, c in held.items() if name not in levels}
        grid = pd.DataFrame(list(product(*levels.values())), columns=pd.Index(list(levels)))
        grid = grid.astype({name: held[name].dtype for name in levels}).assign(**means)
        rows = np.asarray(self.spec.get_model_matrix(grid), float)
        found = dict[tuple[str, ...], Any]()
        for cell in product(*(levels[name] for name in factors)):
            here = np.all([(grid[n] == v).to_numpy() for n, v in zip(factors, cell, strict=True)], axis=0)
            found[cell] = rows[here].mean(0)
        return found

    def by_reference(self) -> dict[str, Float[np.ndarray, " columns"]]:
        """The combination of coefficients that each would be with the first level of every factor as its reference, as
        other software prints them; the same model, X = T B."""
        other = _matrix(self.formula, self.table)
        turned = np.linalg.lstsq(np.asarray(other, float), self.matrix, rcond=None)[0]
        return {
            re.sub(r"\[(?:T\.)?([^]]*)\]", r" \1", str(name)): row
            for name, row in zip(other.columns, turned, strict=True)
        }


def fixed(formula: str, table: Table) -> Effects:
    """The effects of a formula without its left side: "arm * visit + baseline". Raises DataError for what is no formula,
    or names no column."""
    import pandas as pd

    parsed = _parsed(formula, table)
    factors = {name for name in table.columns if isinstance(table[name].dtype, pd.CategoricalDtype)}
    terms = [":".join(_coded(f.expr, factors) for f in term.factors) for term in parsed]
    matrix = _matrix("+".join(terms) or "1", table)
    spec = matrix.model_spec
    names = [":".join(f.expr for f in term.factors) for term in parsed]
    slices = {_plain(str(term)): where for term, where in spec.term_slices.items()}
    wanted = {name: slices[name] for name in names if name in slices and name != "1"}
    return Effects(
        np.asarray(matrix, float), tuple(map(_plain, matrix.columns)), wanted, spec, table, formula
    )


def loadings(formula: str, table: Table) -> tuple[Rows, tuple[str, ...]]:
    """Columns that a person's random effects multiply: "1", "1 + time", "0 + arm"."""
    _parsed(formula, table)
    matrix = _matrix(formula, table)
    return np.asarray(matrix, float), tuple(map(str, matrix.columns))


def named(formula: str | None) -> tuple[str, ...]:
    """The variables a formula names, whatever the table; none of no formula or of what is none."""
    from formulaic import Formula

    try:
        return (
            ()
            if not formula or formula == "none"
            else tuple(sorted(map(str, cast(Any, Formula)(formula).required_variables)))
        )
    except Exception:
        return ()  # `fixed` says what is wrong with it


def variables(formula: str, table: Table) -> tuple[str, ...]:
    """The columns a formula names. Raises DataError for what is no formula, or a name that is no column."""
    return tuple(sorted(map(str, _parsed(formula, table).required_variables)))


def _parsed(formula: str, table: Table) -> Any:
    from formulaic import Formula

    try:
        parsed = cast(Any, Formula)(formula)
        names = sorted(map(str, parsed.required_variables))
    except Exception as error:
        said = str(error).splitlines()
        raise DataError(f"{formula!r} is no formula: {said[0] if said else ''}", remedy="such as: arm * visit + baseline") from None  # fmt: skip
    unknown = [name for name in names if name not in table.columns]
    if unknown or hasattr(parsed, "lhs"):
        what = (
            f"the formula names {unknown[0]!r}, which is no column"
            if unknown
            else f"{formula!r} has a left side"
        )
        raise DataError(what, remedy=f"there are: {', '.join(map(str, table.columns))}")
    return parsed


def _matrix(formula: str, table: Table) -> Any:
    from formulaic import model_matrix

    try:
        return model_matrix(formula, table, na_action="raise", output="pandas")
    except Exception as error:
        said = str(error).splitlines()
        raise DataError(f"the formula {_plain(formula)!r} cannot be evaluated: {said[0] if said else type(error).__name__}") from None  # fmt: skip


def _coded(name: str, factors: set[str]) -> str:
    return f"C({_quoted(name)}, contr.sum)" if name.strip("`") in factors else name


def _quoted(name: str) -> str:
    return name if name.isidentifier() else f"`{name.strip('`')}`"


def _plain(name: str) -> str:
    return name.replace(", contr.sum)", "").replace("C(", "")
