"""Rows of a posterior that stand in place of independent priors: parameters that were fitted together are drawn together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from limen.errors import ParameterError

if TYPE_CHECKING:
    import numpy as np
    from jaxtyping import Float

EVERYTHING = ""  # no study left out
ASK_PRIORS = "draw from the priors (--prior, or `with limen.priors():`)"


@dataclass(frozen=True)
class Joint:
    """`rows`: study left out to parameter to its draws, row by row one draw of all of them; `without`: the study whose
    people these rows have not seen; `table`: the hash of them all; `of`: how many published values each study gave."""

    rows: Mapping[str, Mapping[str, Float[np.ndarray, " draws"]]] = field(repr=False, compare=False)
    table: str
    of: Mapping[str, int]
    without: str = EVERYTHING

    @property
    def columns(self) -> Mapping[str, Float[np.ndarray, " draws"]]:
        return self.rows[self.without]

    @property
    def values(self) -> int:
        """How many published values these rows rest on."""
        return sum(count for study, count in self.of.items() if study != self.without)

    def leaving_out(self, sources: Iterable[str]) -> Joint:
        """The rows that have not seen what these sources published. Raises ParameterError where two of them were fitted."""
        seen = [source for source in dict.fromkeys(sources) if source and source in self.rows]
        if len(seen) > 1:
            raise ParameterError(
                f"no posterior leaves out both {' and '.join(seen)}",
                remedy=f"name one of them, or {ASK_PRIORS}",
            )
        return replace(self, without=seen[0]) if seen else self
