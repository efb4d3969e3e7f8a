"""Linear mixed model: any fixed effects, random effects of a person, structured residuals, REML or maximum likelihood."""

from __future__ import annotations

import numpy as np
import pandas as pd
from jaxtyping import Int

from limen.analysis.effects import loadings, variables
from limen.analysis.fitted import Fitted, Options, TermTest, as_lines, compare
from limen.analysis.frame import Frame
from limen.analysis.kenward_roger import Inference
from limen.analysis.mixed import NO_RANDOM, Grouped, fit_rows
from limen.analysis.rows import ALL, Prepared, RowMethod, prepare
from limen.errors import DataError

NONE = "none"

LESS_ALIKE = "where scores of a person are less alike than chance, --random none --covariance compound-symmetry is the classical analysis within people"


def _fit(frame: Frame, options: Options) -> Fitted:
    how = options.rows
    random = how.random or (NONE if how.structures else "1")
    needed = [] if random == NONE else list(variables(random, frame.table))
    extra = tuple(name for name in (how.covariance_by, how.weights) if name is not None)
    unknown = next((name for name in extra if name not in frame.table.columns), None)
    if unknown is not None:
        raise DataError(
            f"there is no column {unknown!r}", remedy=f"columns: {', '.join(map(str, frame.table))}"
        )
    ready = prepare(frame, options, (*needed, *extra))
    found = fit_rows(
        ready.effects, ready.frame.score, _grouped(ready, random, options), how.structures, how.restricted
    )
    fit, tried = found.fit, [f"{words}: no maximum within its bounds" for words in found.tried]
    if tried:
        tried.append(f"so fitted: {found.covariance}")
    if tried and found.covariance.startswith(NO_RANDOM):
        tried.append(LESS_ALIKE)
    estimates, means, correlations = compare(fit, ready.cells(), ready.seen(), options, options.se_method)
    sigma = tuple(tuple(map(float, row)) for row in fit.at.sigma)
    every = ready.effects.by_reference()
    counted = np.full(len(every), len(ready.frame.score))
    inference = Inference(fit, options.se_method)
    read = [(name, ALL) for name in every]
    coefficients = inference.contrast(np.stack(list(every.values())), counted, options.level)
    criterion = "REML" if how.restricted else "maximum likelihood"
    return Fitted(
        estimates, means, options.se_method, found.covariance, fit.minus2, sigma,
        words=f"{ready.formula}; {found.covariance}; {criterion}, {options.se_method}",
        tests=_tests(ready, inference), aic=fit.aic, bic=fit.bic,
        notes=(*ready.notes, *tried), correlations=correlations,
        coefficients=as_lines(read, coefficients, options.se_method, True),
    )  # fmt: skip


def _tests(ready: Prepared, inference: Inference) -> tuple[TermTest, ...]:
    """Type 3 tests of every term: its own coefficients, factors coded to sum to zero."""
    every = np.eye(len(ready.effects.columns))
    joint = [
        (term, inference.joint(every[place]))
        for term, place in ready.effects.terms.items()
        if len(every[place])
    ]
    return tuple(TermTest(term, t.f, t.numerator_df, t.denominator_df, t.p) for term, t in joint)


def _grouped(ready: Prepared, random: str, options: Options) -> Grouped:
    frame, how, table = ready.frame, options.rows, ready.frame.table
    z, names = (np.zeros((len(table), 0)), ()) if random == NONE else loadings(random, table)
    at, occasions = pd.factorize(table["visit"].cat.codes, sort=True)
    labels = tuple(str(table["visit"].cat.categories[i]) for i in occasions)
    times = tuple(float(table["time"][table["visit"].cat.codes == i].iloc[0]) for i in occasions)
    between = "period" if "period" in table else "arm" if _twice(frame.owner, at) else None
    if between is not None:
        codes = table[between].cat.codes.to_numpy() * len(labels) + at
        at, both = pd.factorize(codes, sort=True)
        labels = tuple(
            f"{table[between].cat.categories[i // len(labels)]}:{labels[i % len(labels)]}" for i in both
        )
        times = tuple(float(i) for i in range(len(labels)))
    if how.structures and _twice(frame.owner, at):
        raise DataError("a person has two rows at one occasion, which no covariance of occasions tells apart", remedy="name the column of the visit or period, or leave out --covariance")  # fmt: skip
    group, groups = np.zeros(len(table), int), 1
    if how.covariance_by is not None:
        group, levels = pd.factorize(table[how.covariance_by], sort=True)
        groups = len(levels)
    weights = np.ones(len(table)) if how.weights is None else table[how.weights].to_numpy(float)
    if not (weights > 0).all():
        raise DataError(f"a weight in {how.weights!r} is not above zero", remedy="leave out its row")
    return Grouped(frame.owner, at.astype(int), labels, times, group.astype(int), groups, z, names, weights)


def _twice(owner: Int[np.ndarray, " rows"], at: Int[np.ndarray, " rows"]) -> bool:
    """Whether somebody has two rows at one occasion."""
    return len({*zip(owner.tolist(), at.tolist(), strict=True)}) < len(owner)


MODEL = RowMethod("linear mixed model", _fit)
