"""Covariances side by side: of random effects, of residuals, one for each group; and what each score has a share in."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from jaxtyping import Float, Int

from limen.analysis.covariance import Linear, Theta

Square = Float[np.ndarray, "effects effects"]


@dataclass(frozen=True)
class Blocks:
    """Sigma = diag(Sigma_1(theta_1), Sigma_2(theta_2), ...), theta one after another."""

    parts: tuple[Any, ...]
    sizes: tuple[int, ...]
    counts: tuple[int, ...]

    @property
    def name(self) -> str:
        return ", ".join(part.name for part in self.parts)

    @property
    def _places(self) -> list[tuple[Any, slice, slice]]:
        """Each part, its rows of Sigma and its parameters."""
        rows, thetas = (pairwise(np.cumsum([0, *many])) for many in (self.sizes, self.counts))
        return [(part, slice(*r), slice(*t)) for part, r, t in zip(self.parts, rows, thetas, strict=True)]

    def matrix(self, theta: Theta) -> Square:
        sigma = np.zeros((sum(self.sizes),) * 2)
        for part, rows, mine in self._places:
            sigma[rows, rows] = part.matrix(theta[mine])
        return sigma

    def first(self, theta: Theta) -> Float[np.ndarray, "parameters effects effects"]:
        found = np.zeros((sum(self.counts), *(sum(self.sizes),) * 2))
        for part, rows, mine in self._places:
            found[mine, rows, rows] = part.first(theta[mine])
        return found

    def second(self, theta: Theta) -> Float[np.ndarray, "parameters parameters effects effects"] | None:
        curved = [(part.second(theta[mine]), rows, mine) for part, rows, mine in self._places]
        if all(one is None for one, _, _ in curved):
            return None
        found = np.zeros((*(sum(self.counts),) * 2, *(sum(self.sizes),) * 2))
        for one, rows, mine in curved:
            if one is not None:
                found[mine, mine, rows, rows] = one
        return found

    def start(self, sample: Square) -> Theta:
        return np.concatenate([part.start(sample[rows, rows]) for part, rows, _ in self._places])


def independent(size: int) -> Linear:
    """One variance, nothing shared."""
    return Linear("independent", np.eye(size)[None])


def unrelated(size: int) -> Linear:
    """A variance for each, nothing shared."""
    return Linear("unrelated", np.eye(size)[:, :, None] * np.eye(size)[:, None, :])


@dataclass(frozen=True)
class Padded:
    """Where each row of a long table stands when people are rows: `owner` and `place`, of `most` places."""

    owner: Int[np.ndarray, " rows"]
    place: Int[np.ndarray, " rows"]
    people: int
    most: int

    @classmethod
    def of(cls, owner: Int[np.ndarray, " rows"]) -> Padded:
        order = np.argsort(owner, kind="stable")
        starts = np.flatnonzero(np.diff(owner[order], prepend=-1))
        place = np.empty(len(owner), int)
        place[order] = np.arange(len(owner)) - np.repeat(starts, np.diff(np.append(starts, len(owner))))
        return cls(owner, place, int(owner.max()) + 1, int(place.max()) + 1)

    def __call__(
        self, values: Float[np.ndarray, "rows ..."], empty: float = 0.0
    ) -> Float[np.ndarray, "people most ..."]:
        """Values by person, `empty` where a person has fewer rows."""
        found = np.full((self.people, self.most, *values.shape[1:]), empty)
        found[self.owner, self.place] = values
        return found
