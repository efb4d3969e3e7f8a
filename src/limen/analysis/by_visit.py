"""The analysis of a longitudinal trial as a table: least-squares means per arm and differences from control by visit."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from limen.analysis.fitted import Options, VisitEstimate
from limen.analysis.longitudinal import Longitudinal
from limen.analysis.registry import estimator
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

    def document(self) -> dict[str, Any]:
        """For programs: `schema_version` and `estimates[]` (differences), `means[]`, and the model fitted."""
        return {"schema_version": SCHEMA_VERSION, **asdict(self)}

    def of_interest(self) -> tuple[VisitEstimate, ...]:
        return tuple(line for line in self.estimates if line.visit == self.visit_of_interest)


def by_visit(
    data: Longitudinal,
    method: str = "mmrm",
    structure: str = "unstructured",
    se_method: str = "kenward-roger",
    level: float = 0.95,
    visit_of_interest: str | None = None,
    responder: float = 0.5,
    best: float = 0.0,
) -> ByVisit:
    """Analyse every visit by a registered estimator; the visit of interest is the last where none is named.
    See `Options` for the rest.

    Means are at the mean baseline (and covariates) of the analysed observations.
    Raises DataError for data the model cannot be fitted to and for an unknown method or visit.
    """
    if not 0 < level < 1:
        raise DataError(f"a confidence level of {level}", remedy="give one between 0 and 1, such as 0.95")
    interest = visit_of_interest or data.visits[-1]
    if interest not in data.visits:
        raise DataError(f"there is no visit {interest!r}", remedy=f"visits: {', '.join(data.visits)}")
    found = estimator(method).fit(data, Options(level, interest, structure, se_method, responder, best))
    used = data.analysed()
    return ByVisit(
        method=method,
        structure=found.structure,
        se_method=found.se_method,
        level=level,
        visits=data.visits,
        visit_of_interest=interest,
        arms=data.arms,
        people=len(used.people),
        left_out=len(data.people) - len(used.people),
        observations=int(np.isfinite(used.outcome).sum()),
        minus2=found.minus2,
        covariance=found.covariance,
        estimates=found.estimates,
        means=found.means,
    )
