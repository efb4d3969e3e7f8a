"""Repeated scores of a parallel-group trial, one row a person: what the models of this room take."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Bool, Float, Int

from limen.errors import DataError


@dataclass(frozen=True)
class Longitudinal:
    """People by visits. NaN in `outcome` is a missing visit; `baseline` and `covariates` are one value a person.

    `arm` indexes `arms`, whose first entry is the control. `reference` is where least-squares means are taken for
    each covariate column: NaN asks for the mean over analysed observations.
    """

    people: tuple[str, ...]
    visits: tuple[str, ...]
    arms: tuple[str, ...]
    outcome: Float[np.ndarray, "people visits"]
    arm: Int[np.ndarray, " people"]
    baseline: Float[np.ndarray, " people"]
    covariates: Float[np.ndarray, "people covariates"]
    covariate_names: tuple[str, ...] = ()
    reference: tuple[float, ...] = ()

    def analysed(self) -> Longitudinal:
        """Without people who lack a baseline, a covariate, or every outcome; raises DataError if nobody is left."""
        keep = (
            np.isfinite(self.baseline)
            & np.isfinite(self.covariates).all(1)
            & np.isfinite(self.outcome).any(1)
        )
        if not keep.any():
            lacking = {
                "a baseline": np.isfinite(self.baseline),
                "an outcome": np.isfinite(self.outcome).any(1),
            }
            columns = zip(self.covariate_names, np.isfinite(self.covariates).T, strict=True)
            lacking |= {f"the covariate {name}": there for name, there in columns}
            nobody = next((what for what, there in lacking.items() if not there.any()), None)
            what = nobody or f"{', '.join(lacking)} together"
            raise DataError(
                f"no participant has {what}", remedy="it takes a baseline, every covariate and one outcome"
            )
        return self.select(keep)

    def select(self, keep: Bool[np.ndarray, " people"]) -> Longitudinal:
        """The people where `keep` holds."""
        return replace(
            self,
            people=tuple(person for person, stays in zip(self.people, keep, strict=True) if stays),
            outcome=self.outcome[keep],
            arm=self.arm[keep],
            baseline=self.baseline[keep],
            covariates=self.covariates[keep],
        )

    def at(self, visit: str) -> Longitudinal:
        """The same people with one visit only: the data of an analysis of covariance at that visit."""
        column = self.visits.index(visit)
        return replace(self, visits=(visit,), outcome=self.outcome[:, [column]])

    def observed(self, visit: str) -> Int[np.ndarray, " arms"]:
        """How many people of each arm have an outcome at `visit`."""
        seen = np.isfinite(self.outcome[:, self.visits.index(visit)])
        return np.bincount(self.arm[seen], minlength=len(self.arms))
