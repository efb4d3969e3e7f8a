"""How people are put in arms, and whether that makes sense beside the rest of a protocol."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

from pydantic import Field

from limen.protocol.designs import DESIGNS
from limen.protocol.fields import Mistake, Number, Part, Whole
from limen.protocol.sense import reads, registered

Scheme = Literal["simple", "blocks", "minimisation"]
Stratum = Literal["baseline", "antidepressant", "site", "sex", "age"]


class Allocation(Part):
    """How people are put in arms, and what they were told of their chance of the drug (from the arm sizes where left out)."""

    told: Number | None = Field(
        default=None, ge=0, le=1, description="probability of an active arm, as told to participants"
    )
    by: Scheme = Field(
        default="simple",
        description="simple: drawn for the arms, which hold `n` each; blocks: permuted blocks; minimisation: what balances strata",
    )
    blocks: tuple[Whole, ...] = Field(
        default=(), max_length=10,
        description="sizes of blocks, one drawn for each; the smallest that holds the ratio of the arms where left out",
    )  # fmt: skip
    strata: tuple[Stratum, ...] = Field(
        default=(), max_length=5, description="what blocks are kept within, or minimisation balances"
    )
    cut: Number | None = Field(
        default=None, description="score of the primary outcome that divides the strata of baseline"
    )
    best: Number = Field(
        default=0.8, gt=0.5, le=1, description="chance that minimisation gives the arm that balances best"
    )

    @property
    def drawn(self) -> bool:
        """Whether people are simply drawn for the arms."""
        return self.by == "simple"

    def levels(self, factor: str, sites: int) -> int:
        """How many strata a factor makes."""
        return sites if factor == "site" else 2

    def __str__(self) -> str:
        blocks = f" of {', '.join(map(str, self.blocks))}" if self.blocks else ""
        cut = "" if self.cut is None else f" (baseline from {self.cut:g})"
        best = f", best arm with chance {self.best:g}" if self.by == "minimisation" else ""
        strata = f" by {', '.join(self.strata)}{cut}" if self.strata else ""
        return f"{self.by}{blocks}{strata}{best}"


@reads("allocation", "arms", "design", "sites", "outcomes", "composites", "measures")
def allocation_fits(p: Any) -> Iterator[Mistake]:
    """A scheme has what it needs and nothing that belongs to another one, and there are arms to be put in."""
    how, ratio = p.allocation, sum(p.ratio)
    if how.drawn:
        for name in ("blocks", "strata"):
            if getattr(how, name):
                yield Mistake(
                    ("allocation", name),
                    f"simple randomisation has no {name}",
                    "write by: blocks, or leave it out",
                )
        return
    here = ("allocation", "by")
    if DESIGNS[p.design].periods or p.design == "cluster":
        what = f"{how.by} of a {p.design} design cannot be simulated"
        yield Mistake(here, what, "leave allocation.by out: orders and clusters are drawn")
    elif len(p.arms) < 2:
        yield Mistake(here, "there is one arm to be put in", "leave allocation.by out")
    for index, size in enumerate(how.blocks):
        if size < 1 or size % ratio:
            what = f"a block of {size} does not hold the ratio {':'.join(map(str, p.ratio))} of the arms"
            yield Mistake(
                ("allocation", "blocks", index), what, f"write a multiple of {ratio}, such as {2 * ratio}"
            )
    if how.by == "minimisation" and how.blocks:
        yield Mistake(
            ("allocation", "blocks"), "minimisation has no blocks", "leave them out, or write by: blocks"
        )
    if how.by == "minimisation" and not how.strata:
        yield Mistake(
            ("allocation", "strata"), "minimisation balances nothing", "add strata, such as [baseline, site]"
        )
    yield from _strata(p)


def _strata(p: Any) -> Iterator[Mistake]:
    how = p.allocation
    if len(set(how.strata)) < len(how.strata):
        yield Mistake(("allocation", "strata"), "a stratum is listed twice")
    if "site" in how.strata and p.sites == 1:
        yield Mistake(("allocation", "strata"), "there is one site", "add sites: their number")
    if ("baseline" in how.strata) != (how.cut is not None):
        what = "strata of baseline have no cut" if how.cut is None else "a cut belongs to strata of baseline"
        yield Mistake(("allocation", "cut"), what, "write cut: a score, and baseline among strata")
        return
    primary = next((outcome for outcome in p.outcomes if outcome.primary), None)
    entry = None if primary is None else registered(p).get(primary.id)
    if how.cut is not None and entry is not None and not entry.low < how.cut <= entry.high:
        what = f"a cut at {how.cut:g} divides nobody on {entry.id}"
        yield Mistake(("allocation", "cut"), what, f"its scores run from {entry.span}")


@reads("allocation", "analysis")
def adjusted(p: Any) -> Iterator[Mistake]:
    if p.analysis.adjust is None:
        return
    here = ("analysis", "adjust")
    if not p.allocation.strata:
        yield Mistake(
            here, "randomisation was stratified by nothing", "add allocation.strata, or leave adjust out"
        )
    if p.analysis.method != "ancova":
        what = f"{p.analysis.method} of simulated trials adjusts for baseline alone"
        yield Mistake(here, what, "write method: ancova, or leave adjust out")
