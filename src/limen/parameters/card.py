"""The parameter card: every number with unit, spread, status and source."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from limen.errors import ParameterError
from limen.parameters.draw import quantile
from limen.parameters.equations import EQUATIONS
from limen.parameters.load import load
from limen.results import Result, aligned

SCHEMA_VERSION = 1


@dataclass(frozen=True)
class Card(Result):
    """`parameters`, one row each; `equations` by title, empty where not asked for; `digest` of the whole set."""

    parameters: tuple[Mapping[str, Any], ...]
    equations: Mapping[str, Sequence[str]]
    digest: str

    def document(self) -> dict[str, Any]:
        return {"schema_version": SCHEMA_VERSION, "hash": self.digest, "parameters": list(self.parameters),
                "equations": EQUATIONS}  # fmt: skip

    def rows(self) -> Sequence[Mapping[str, Any]]:
        return [{**row, "source": "; ".join(row["source"])} for row in self.parameters]

    def lines(self) -> list[str]:
        said = [
            line for title, lines in self.equations.items() for line in (title, *(f"  {x}" for x in lines))
        ]
        cells = [
            [p["name"], _spread(p), p["unit"], p["status"], ", ".join(p["source"])] for p in self.parameters
        ]
        head, *body = aligned(["parameter", "median (90%)", "unit", "status", "source"], cells, left=5)
        said.append(head)
        for row, p in zip(body, self.parameters, strict=True):
            said += [row, f"  {p['text']}"]
        return [*said, f"{len(body)} parameters, set {self.digest}"]


def card(under: str | None = None, equations: bool = True) -> Card:
    """Parameters whose name starts with `under`, all if left out. Raises ParameterError where none does."""
    parameters = load()
    chosen = [p for name, p in parameters.items() if under is None or name.startswith(under)]
    if not chosen:
        groups = ", ".join(sorted({name.split(".")[0] for name in parameters}))
        raise ParameterError(f"no parameter starts with {under!r}", remedy=f"groups are: {groups}")
    rows: list[Mapping[str, Any]] = []
    for p in chosen:
        low, middle, high = (float(quantile(p, u)) for u in (0.05, 0.5, 0.95))
        rows.append({"name": p.name, "text": p.text, "median": middle, "q05": low, "q95": high, "unit": p.unit,
                     "distribution": p.dist, "status": p.status, "source": list(p.source),
                     "measured_in": p.measured_in, "note": p.note, "from": p.origin})  # fmt: skip
    return Card(tuple(rows), EQUATIONS if equations and under is None else {}, parameters.digest)


def _spread(p: Mapping[str, Any]) -> str:
    spread = f" ({p['q05']:.3g} to {p['q95']:.3g})" if p["q95"] > p["q05"] else ""
    return f"{p['median']:.3g}{spread}"
