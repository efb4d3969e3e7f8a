"""The analysis of a longitudinal trial as a table: least-squares means per arm and differences from control by visit."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, replace
from typing import Any, TypedDict, Unpack

import numpy as np

from limen.analysis.fitted import Fitted, Options, RowModel, TermTest, VisitEstimate
from limen.analysis.frame import Frame
from limen.analysis.longitudinal import Longitudinal
from limen.analysis.question import Question
from limen.analysis.registry import estimator
from limen.analysis.rows import model_named
from limen.analysis.survey import ONCE
from limen.errors import DataError

SCHEMA_VERSION = 1


@dataclass(frozen=True)
class ByVisit:
    """A whole analysis. `minus2` and `covariance` are None where no one model holds all visits."""

    method: str
    structure: str | None
    se_method: str
    level: float
    visits: tuple[str, ...]
    visit_of_interest: str
    arms: tuple[str, ...]
    people: int
    left_out: int
    observations: int
    minus2: float | None
    covariance: tuple[tuple[float, ...], ...] | None
    estimates: tuple[VisitEstimate, ...]
    means: tuple[VisitEstimate, ...]
    model: str | None = None
    tests: tuple[TermTest, ...] = ()
    aic: float | None = None
    bic: float | None = None
    question: Question = field(default_factory=Question)
    notes: tuple[str, ...] = ()
    coefficients: tuple[VisitEstimate, ...] = ()

    def document(self) -> dict[str, Any]:
        """For programs: `schema_version` and `estimates[]` (differences), `means[]`, and the model fitted."""
        return {"schema_version": SCHEMA_VERSION, **asdict(self)}

    def of_interest(self) -> tuple[VisitEstimate, ...]:
        return tuple(line for line in self.estimates if line.visit == self.visit_of_interest)


def by_visit(
    data: Longitudinal, method: str = "mmrm", structure: str = "unstructured", **told: Unpack[Told]
) -> ByVisit:
    """Analyse every visit by a registered estimator; the visit of interest is the last where none is named.
    See `Options` and `Question` for the rest.

    Means are at the mean baseline (and covariates) of the analysed observations.
    Raises DataError for data the model cannot be fitted to and for an unknown method or visit.
    """
    options, question = _asked(data.visits, told)
    options = replace(options, structure=structure)
    used = data.analysed()
    counts = len(used.people), len(data.people) - len(used.people), int(np.isfinite(used.outcome).sum())
    return _result(
        method, data.visits, data.arms, counts, estimator(method).fit(data, options), options, question
    )


def by_row(frame: Frame, method: str = "mixed", **told: Unpack[Told]) -> ByVisit:
    """Analyse rows as they stand by a registered model. Raises DataError as `by_visit` does."""
    options, question = _asked(frame.order.visits, told)
    found = model_named(method).fit(frame, options)
    visits = tuple(dict.fromkeys(line.visit for line in (*found.means, *found.estimates)))
    if options.visit not in visits:
        options = replace(options, visit=visits[-1])
    seen = np.isfinite(frame.score)
    people = len(set(frame.owner[seen].tolist()))
    counts = people, len(frame.people) - people, int(seen.sum())
    return _result(method, visits, frame.arms, counts, found, options, question)


class Told(TypedDict, total=False):
    """Fields of `Options` and of `Question` by name, as a caller says them."""

    se_method: str
    level: float
    visit_of_interest: str | None
    responder: float
    best: float
    pairs: str
    contrasts: tuple[str, ...]
    rows: RowModel
    question: Question


def _asked(visits: tuple[str, ...], told: Told) -> tuple[Options, Question]:
    level = told.get("level", 0.95)
    if not 0 < level < 1:
        raise DataError(f"a confidence level of {level}", remedy="give one between 0 and 1, such as 0.95")
    interest = told.get("visit_of_interest") or visits[-1]
    if interest not in visits:
        raise DataError(f"there is no visit {interest!r}", remedy=f"visits: {', '.join(visits)}")
    known: dict[str, Any] = {
        k: v for k, v in told.items() if k not in ("visit_of_interest", "question", "level")
    }
    return Options(level=level, visit=interest, **known), told.get("question", Question())


def _result(
    method: str,
    visits: tuple[str, ...],
    arms: tuple[str, ...],
    counts: tuple[int, int, int],
    found: Fitted,
    options: Options,
    question: Question,
) -> ByVisit:
    people, left_out, observations = counts
    found = _estimable(found, options.visit)
    return ByVisit(
        method=method, structure=found.structure, se_method=found.se_method, level=options.level, visits=visits,
        visit_of_interest=options.visit, arms=arms, people=people, left_out=left_out, observations=observations,
        minus2=found.minus2, covariance=found.covariance, estimates=question.put(found, options.level), means=found.means,
        model=found.words, tests=found.tests, aic=found.aic, bic=found.bic, question=question, notes=found.notes,
        coefficients=found.coefficients,
    )  # fmt: skip


def _estimable(found: Fitted, visit: str) -> Fitted:
    """Without what no number came out for, which is said. Raises DataError where that is so at the visit of interest."""
    lost = [line for line in found.estimates if not np.isfinite(line.estimate)]
    here = next((line for line in lost if line.visit == visit), None)
    if here is not None:
        where = "" if visit == ONCE else f" at visit {visit}"
        raise DataError(f"{here.contrast} cannot be estimated{where}: an arm has no scores there, or too few", remedy="name another visit with --visit-of-interest, or leave the arm out")  # fmt: skip
    bare = [line for line in found.estimates if np.isfinite(line.estimate) and line.p is not None and not np.isfinite(line.p)]  # fmt: skip
    notes = [f"{line.contrast} at visit {line.visit} cannot be estimated, and is left out" for line in lost]
    notes += [f"{line.contrast} at {line.visit}: too few people for an interval or a test" for line in bare]
    if not notes:
        return found
    kept = tuple(line for line in found.estimates if line not in lost)
    means = tuple(line for line in found.means if np.isfinite(line.estimate))
    return replace(found, estimates=kept, means=means, notes=(*found.notes, *notes))
