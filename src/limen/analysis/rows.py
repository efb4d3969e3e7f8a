"""Models of rows as they stand, by name, and what they share: which rows count, and the formula that suits the data."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pkgutil import iter_modules

import numpy as np
from jaxtyping import Float

from limen.analysis import models
from limen.analysis.effects import Effects, fixed, variables
from limen.analysis.fitted import Fitted, Options
from limen.analysis.frame import Frame
from limen.errors import DataError

ALL = "all visits"  # what a visit is called where a model has one mean for all


@dataclass(frozen=True)
class RowMethod:
    """One model: what it is in words, and how it is fitted."""

    words: str
    fit: Callable[[Frame, Options], Fitted]


def models_known() -> tuple[str, ...]:
    """Names of the models there are."""
    return tuple(sorted(found.name for found in iter_modules(models.__path__)))


def model_named(name: str) -> RowMethod:
    """The model called `name`, one of `models_known`."""
    return import_module(f"{models.__name__}.{name}").MODEL


@dataclass(frozen=True)
class Prepared:
    """The rows that count and their effects; `notes` say how many do not, and why."""

    frame: Frame
    effects: Effects
    formula: str
    notes: tuple[str, ...]

    @property
    def visits(self) -> tuple[str, ...]:
        """Visits that the model gives a mean of its own; one for all where it has none."""
        met = tuple(map(str, self.frame.table["visit"].cat.categories))
        if len(met) > 1 and not any("visit" in term.split(":") for term in self.effects.terms):
            return (ALL,)
        return met

    def cells(self) -> dict[tuple[str, str], Float[np.ndarray, " columns"]]:
        """The combination of coefficients that is the mean of each (arm, visit)."""
        visits = self.visits
        if len(visits) == 1:
            return {(arm, visits[0]): row for (arm,), row in self.effects.cells(("arm",)).items()}
        return {(a, v): row for (a, v), row in self.effects.cells(("arm", "visit")).items()}

    def seen(self) -> dict[str, dict[str, int]]:
        """Scores by visit and arm."""
        arm, table = self.frame.table["arm"].astype(str), self.frame.table
        visits = self.visits
        if len(visits) == 1:
            return {visits[0]: {a: int((arm == a).sum()) for a in self.frame.arms}}
        visit = table["visit"].astype(str)
        return {v: {a: int(((arm == a) & (visit == v)).sum()) for a in self.frame.arms} for v in visits}


def prepare(frame: Frame, options: Options, more: tuple[str, ...] = ()) -> Prepared:
    """Rows with everything the formula and the columns `more` need, and the effects. Raises DataError where `arm` is no
    part of the formula, or nothing is left."""
    formula = options.rows.fixed or suited(frame)
    names = variables(formula, frame.table)
    if "arm" not in names:
        raise DataError(
            f"the formula {formula!r} does not name arm", remedy="there is nothing to compare without it"
        )
    rows = frame.complete((*names, *more))
    if not rows.any():
        raise DataError(
            "no row has a score and every variable of the model", remedy=f"it takes {', '.join(names)}"
        )
    kept = frame.of(rows)
    if len(kept.arms) < 2:
        raise DataError(f"only arm {', '.join(kept.arms)} has scores", remedy="there is nothing to compare")
    gone, people = int((~rows).sum()), len(frame.people) - len(kept.people)
    whole = f", {people} people wholly" if people else ""
    lacking = [name for name in (*names, *more) if frame.table[name].isna().any()]
    why = "no score" + "".join(f", or no {name}" for name in lacking)
    notes = (f"{gone} rows are left out ({why}){whole}",) if gone else ()
    return Prepared(kept, fixed(formula, kept.table), formula, notes)


def suited(frame: Frame) -> str:
    """Arm, with everything the data say of when and in which order, and baseline."""
    visits = len(set(frame.table["visit"][np.isfinite(frame.score)])) > 1
    terms = ["arm * visit" if visits else "arm"]
    terms += [
        name for name in ("period", "sequence") if name in frame.table and frame.table[name].nunique() > 1
    ]
    if "baseline" in frame.table and frame.table["baseline"].nunique() > 1:
        terms.append("baseline * visit" if visits and not frame.within else "baseline")
    return " + ".join([*terms, *(f"`{name}`" if not name.isidentifier() else name for name in (*frame.roles.covariates, *frame.roles.factors))])  # fmt: skip
