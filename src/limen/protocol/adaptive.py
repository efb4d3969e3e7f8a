"""What a trial decides anew on the way: its size, and which of its arms go on; and whether that can be meant."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

from pydantic import Field

from limen.protocol.designs import DESIGNS
from limen.protocol.fields import Mistake, Number, Part
from limen.protocol.sense import reads

HALF = 0.5  # conditional power from which a larger size costs no level with the usual test
ADAPTED = ("looks", "resize", "drop")


class Resize(Part):
    """A size that is decided anew from what is seen on the way. `n` of the arms is then the largest size."""

    by: Literal["variance", "promising zone"] = Field(
        description="variance: from the SD of the outcome, nobody unblinded; promising zone: from the conditional power"
    )
    at: Number = Field(gt=0, lt=1, description="share of `n` whose primary outcome is in when it is decided")
    sizes: tuple[Number, ...] = Field(
        min_length=2,
        max_length=10,
        description="shares of `n`, rising to 1: the planned size, and those it may be raised to, such as [0.5, 0.75, 1]",
    )
    sd: Number | None = Field(
        default=None,
        gt=0,
        description="SD of the primary outcome, given baseline, that the planned size assumed; by: variance only",
    )
    power: Number = Field(
        default=0.9,
        gt=0,
        lt=1,
        description="conditional power that the size is raised to reach; by: promising zone",
    )
    above: Number = Field(
        default=HALF,
        gt=0,
        lt=1,
        description="conditional power of the planned size from which it is raised; by: promising zone",
    )
    test: Literal["combination", "conventional"] = Field(
        default="combination",
        description="combination: two stages by the inverse normal method; conventional: all data as one, for `above` from 0.5; by: promising zone",
    )

    def __str__(self) -> str:
        rule = (
            f"SD, where {self.sd:g} was assumed"
            if self.by == "variance"
            else f"conditional power, raised from {self.above:g} to {self.power:g}, {self.test} test"
        )
        return f"size decided after {self.at:.0%} of the people by {rule}: {', '.join(f'{s:.0%}' for s in self.sizes)} of them"


class Drop(Part):
    """Arms that are dropped on the way: the one with the best difference from the control goes on, with the control."""

    at: Number = Field(
        gt=0, lt=1, description="share of `n` whose primary outcome is in when arms are dropped"
    )

    def __str__(self) -> str:
        return f"after {self.at:.0%} of the people the best arm goes on beside the control"


@reads("analysis", "design", "arms")
def resize_fits(p: Any) -> Iterator[Mistake]:
    how, path = p.analysis.resize, ("analysis", "resize")
    if how is None:
        return
    sizes = how.sizes
    if sorted(set(sizes)) != list(sizes) or sizes[-1] != 1 or sizes[0] <= how.at:
        what = f"sizes do not rise from above {how.at:g} to 1"
        yield Mistake(
            (*path, "sizes"), what, "write shares of the people, such as at: 0.25 and sizes: [0.5, 0.75, 1]"
        )
    if how.by == "variance":
        if how.sd is None:
            yield Mistake((*path, "sd"), "no SD was planned for", "add sd: what the planned size assumed")
        if p.analysis.method == "responders":
            yield Mistake(
                (*path, "by"), "a share of responders has no SD of its own", "write by: promising zone"
            )
        for name in {"power", "above", "test"} & how.model_fields_set:
            yield Mistake(
                (*path, name),
                f"a size by variance has no {name}",
                "leave it out, or write by: promising zone",
            )
    elif how.sd is not None:
        yield Mistake(
            (*path, "sd"), "a promising zone plans for no SD", "leave it out, or write by: variance"
        )
    elif how.test == "conventional" and how.above < HALF:
        what = f"a size raised from a conditional power of {how.above:g} costs level with the usual test"
        yield Mistake((*path, "above"), what, f"write {HALF:g} or more, or test: combination")
    elif how.above >= how.power:
        yield Mistake(
            (*path, "above"),
            f"nothing is promising from {how.above:g} to {how.power:g}",
            "write above below power",
        )


@reads("analysis", "design", "arms")
def drop_fits(p: Any) -> Iterator[Mistake]:
    if p.analysis.drop is None or p.compared[1] is None:
        return
    path, control = ("analysis", "drop"), p.arms[p.compared[1]]
    sizes = {arm.n for arm in p.arms if arm.gives_drug and arm is not control}
    if sum(arm.gives_drug and arm is not control for arm in p.arms) < 2:
        yield Mistake(path, "there is one arm with the drug, so none to drop", "leave drop out")
    elif len(sizes) > 1:
        yield Mistake(
            path,
            "arms of different sizes are not compared with each other",
            "write the same n for each arm with the drug",
        )
    if p.analysis.arm is not None:
        yield Mistake(
            ("analysis", "arm"), "which arm is compared is decided on the way", "leave arm out, or drop"
        )


@reads("analysis", "design", "arms")
def adapted_once(p: Any) -> Iterator[Mistake]:
    """One thing is decided on the way, between arms of people who differ."""
    asked = [name for name in ADAPTED[1:] if getattr(p.analysis, name) is not None]
    if asked and p.analysis.looks is not None:
        asked = ["looks", *asked]
    if len(asked) > 1:
        yield Mistake(
            ("analysis", asked[-1]),
            f"{' and '.join(asked)} together cannot be simulated",
            f"leave all but one out: {', '.join(asked)}",
        )
    if asked and asked[-1] != "looks" and (DESIGNS[p.design].periods or p.compared[1] is None):
        yield Mistake(
            ("analysis", asked[-1]),
            f"nothing is decided between the arms of a {p.design} design",
            f"leave {asked[-1]} out",
        )
