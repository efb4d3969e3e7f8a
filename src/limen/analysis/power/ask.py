"""Power, size or detectable effect: two of the three are given, the third is found."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any, TypedDict, Unpack

import numpy as np

from limen.analysis.power.aims import Aim, root
from limen.analysis.power.means import Ancova, Crossover, Design, OneSample, Paired, TwoSample
from limen.analysis.power.mixed import Mixed
from limen.analysis.power.shares import Shares
from limen.errors import LimenError
from limen.results import Result, aligned

DESIGNS: Mapping[str, type[Design]] = {
    "two-sample": TwoSample, "ancova": Ancova, "mmrm": Mixed, "one-sample": OneSample, "paired": Paired,
    "crossover": Crossover, "responders": Shares,
}  # fmt: skip
MOST = 1_000_000  # people in the smaller group that are looked for
POINTS = 60


class Asked(TypedDict, total=False):
    """What else is known: what the trial is to show (see `Aim`) and the assumptions of its design (see the class of each)."""

    aim: str
    alpha: float | None
    sides: int | None
    margin: float
    sd: float
    sd_control: float | None
    correlation: float | Sequence[float]
    allocation: float
    dropout: float
    visits: int
    structure: str
    retention: Sequence[float]
    retention_control: Sequence[float]
    baseline: bool
    control: float
    method: str


@dataclass(frozen=True)
class Power(Result):
    """Power of a design, and what was asked of it: `found` is "power", "n" or "effect". `arms` are the people analysed in
    each group, `randomised` those needed with dropout."""

    design: str
    found: str
    effect: float
    n: int
    arms: tuple[int, ...]
    randomised: tuple[int, ...]
    power: float
    aim: Aim
    assumed: Design

    def rows(self) -> Sequence[Mapping[str, Any]]:
        one = {
            "design": self.design,
            "found": self.found,
            "effect": self.effect,
            "n": self.n,
            "power": self.power,
        }
        each = {
            f"n_{name.replace(' ', '_')}": n
            for name, n in zip(self.assumed.groups, self.arms, strict=True)
            if name
        }
        given = {
            name: str(value) if isinstance(value, tuple) else value
            for name, value in asdict(self.assumed).items()
        }
        goal = {
            "aim": self.aim.kind,
            "alpha": self.aim.alpha,
            "sides": self.aim.sides,
            "margin": self.aim.margin,
        }
        return [{**one, **each, "randomised": sum(self.randomised), **goal, **given}]

    def document(self) -> dict[str, Any]:
        return {"schema_version": 1, **self.rows()[0], "arms": list(self.arms), "sentence": self.sentence()}

    def lines(self) -> list[str]:
        looked = {"n": "the smallest size", "power": "the power", "effect": "the detectable effect"}[
            self.found
        ]
        head = ["", "effect", "power", *(name or "people" for name in self.assumed.groups), "in all"]
        done = "randomised" if self.design == "mmrm" else "analysed"
        rows = [[done, f"{self.effect:.6g}", f"{self.power:.4f}", *map(str, self.arms), str(self.n)]]
        if self.randomised != self.arms:
            rows.append(["randomised", "", "", *map(str, self.randomised), str(sum(self.randomised))])
        return [f"{self.design}: {looked}", "", *aligned(head, rows), "", self.sentence()]

    def sentence(self) -> str:
        """The sample size as a protocol states it."""
        who = f"{_people(self.arms, self.assumed.groups)} {'randomised' if self.design == 'mmrm' else 'analysed'}"
        size = self.assumed.size(self.effect)
        goal = {
            "superiority": f"to detect a difference of {size}",
            "non-inferiority": f"to show non-inferiority if the true difference is {size}",
            "equivalence": f"to show equivalence if the true difference is {size}",
        }[self.aim.kind]
        lost = ""
        if self.randomised != self.arms:
            lost = f" To allow for {100 * self.assumed.dropout:g}% who are not analysed, {sum(self.randomised)} people are randomised."
        return (f"With {who}, {self.assumed.test} has {100 * self.power:.1f}% power "
                f"{goal} ({self.assumed.words()}) {self.aim.words(self.assumed.size(self.aim.margin))}.{lost}")  # fmt: skip

    def curve(self, over: str = "n", points: int = POINTS) -> list[dict[str, Any]]:
        """Power over sizes ("n", at this effect) or over effects ("effect", at this size), the answer among them."""
        if over == "n":
            low, high = self.assumed.least, max(2 * min(self.arms), self.assumed.least + 8)
            sizes = {round(size) for size in np.linspace(low, high, points)} - {min(self.arms)}
            every = sorted([(self.effect, self.assumed.arms(size)) for size in sizes] + [(self.effect, self.arms)], key=lambda x: sum(x[1]))  # fmt: skip
        elif over == "effect":
            most = 0.999 * self.assumed.most_effect(self.aim)
            ends = (0.0, min(2 * self.effect, most) or 1.0)
            if self.aim.kind != "superiority":
                least = 0.999 * min(self.aim.margin, getattr(self.assumed, "control", math.inf))
                ends = (-least, min(max(2 * self.effect, self.aim.margin), most))
            every = [(float(e), self.arms) for e in sorted({*np.linspace(*ends, points), self.effect})]
        else:
            raise LimenError(f"no curve over {over!r}", remedy='"n" or "effect"')
        return [
            {"over": over, "design": self.design, "effect": e, "n": sum(arms), "power": self.assumed.power(e, arms, self.aim),
             "answer": (e, arms) == (self.effect, self.arms)}
            for e, arms in every
        ]  # fmt: skip


def power(
    design: str = "two-sample",
    effect: float | None = None,
    *,
    n: int | None = None,
    power: float | None = None,
    **of: Unpack[Asked],
) -> Power:
    """Power for a size and an effect, size for a power and an effect, or detectable effect for a size and a power, in closed
    form. `design` is "two-sample" (with `sd_control` Welch's), "ancova", "mmrm", "one-sample", "paired", "crossover" or
    "responders"; `n` are the people analysed in all groups together (for MMRM randomised). A benefit is positive.

    Raises LimenError for a design that cannot be, and for what a design does not take.

    >>> import limen
    >>> limen.power("ancova", 3.0, power=0.9, sd=8.0, correlation=0.5).arms
    (114, 114)
    >>> print(round(limen.power("two-sample", 1.0, n=60, sd=1.0).power, 6))
    0.967708
    """
    taken: dict[str, Any] = {**of}
    aim = Aim.of(*(taken.pop(name, other) for name, other in (("aim", "superiority"), ("alpha", None), ("sides", None), ("margin", 0.0))))  # fmt: skip
    assumed = _made(design, taken)
    if sum(one is None for one in (effect, n, power)) != 1:
        raise LimenError(
            "of effect, n and power two are given and the third is found", remedy="leave out exactly one"
        )
    if power is not None and not aim.alpha < power < 1:
        raise LimenError(f"a power of {power:g}", remedy=f"give one between alpha ({aim.alpha:g}) and 1")
    if n is not None and min(assumed.split(n)) < assumed.least:
        raise LimenError(f"{n} people in all", remedy=f"each group needs at least {assumed.least}")
    if effect is not None:
        aim.check(effect)
    if n is None:
        assert effect is not None
        assert power is not None
        found, arms = "n", _size(assumed, effect, power, aim)
    else:
        found, arms = "power", assumed.split(n)
        if effect is None:
            assert power is not None
            found, effect = "effect", _effect(assumed, arms, power, aim)
    reached = assumed.power(effect, arms, aim)
    return Power(
        design, found, float(effect), sum(arms), arms, assumed.randomised(arms), reached, aim, assumed
    )


def typed_numbers(said: str) -> tuple[float, ...]:
    """Numbers as they are typed, "1, 0.9, 0.8". Raises LimenError for what is none."""
    try:
        return tuple(float(one) for one in said.replace(";", ",").split(",") if one.strip())
    except ValueError:
        raise LimenError(f"{said!r} is no list of numbers", remedy="such as 1,0.9,0.8") from None


def _people(arms: tuple[int, ...], groups: tuple[str, ...]) -> str:
    if len(arms) == 1:
        return f"{arms[0]} people"
    place = "" if "first" in groups[0] else "on "
    if len(set(arms)) == 1:
        return f"{arms[0]} people {'per arm' if place else 'in each sequence'} ({sum(arms)} in all)"
    each = [f"{n} people {place}{name}" for n, name in zip(arms, groups, strict=True)]
    return f"{' and '.join(each)} ({sum(arms)} in all)"


def _made(design: str, given: dict[str, Any]) -> Design:
    if design not in DESIGNS:
        raise LimenError(f"no design is called {design!r}", remedy=f"there are: {', '.join(DESIGNS)}")
    kind = DESIGNS[design]
    known = {one.name: one for one in fields(kind)}
    strange = [name for name in given if name not in known]
    if strange:
        raise LimenError(f"{design} takes no {strange[0]}", remedy=f"it takes {', '.join(known)}")
    needed = [name for name, one in known.items() if name not in given and one.default is one.default_factory]
    if needed:
        raise LimenError(f"{design} needs {' and '.join(needed)}", remedy=f"it takes {', '.join(known)}")
    many = {name: (value,) if isinstance(value, int | float) else tuple(value) for name, value in given.items()
            if "tuple" in str(known[name].type)}  # fmt: skip
    return kind(**{**given, **many})


def _size(assumed: Design, effect: float, power: float, aim: Aim) -> tuple[int, ...]:
    """The smallest groups that reach a power; where it falls and rises with the size, those from which on it holds."""
    if effect == 0 and aim.kind == "superiority":
        raise LimenError("no number of people shows an effect of zero", remedy="give the effect to detect")

    def enough(size: int) -> bool:
        return assumed.power(effect, assumed.arms(size), aim) >= power

    low, high = assumed.least - 1, assumed.least
    while not enough(high):
        low, high = high, high * 2
        if high > (MOST if assumed.smooth else 2000):
            raise LimenError(
                f"more than {high // 2} people per group would be needed", remedy="is the unit right?"
            )
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if enough(middle) else (middle, high)
    if not assumed.smooth:
        ahead = range(math.ceil(1.15 * high) + 12, high, -1)
        high = next((size + 1 for size in ahead if not enough(size)), high)
        while high > assumed.least and enough(high - 1):
            high -= 1
    return assumed.arms(high)


def _effect(assumed: Design, arms: tuple[int, ...], power: float, aim: Aim) -> float:
    """The smallest effect with this power; for equivalence the largest, as everything nearer to zero has more."""
    top = assumed.most_effect(aim)

    def excess(effect: float) -> float:
        return assumed.power(effect, arms, aim) - power

    if aim.kind == "equivalence":
        if excess(0.0) < 0:
            raise LimenError(f"with {sum(arms)} people even no difference at all has no power of {power:g}", remedy="give more people, or a wider margin")  # fmt: skip
        return root(excess, 0.0, top * (1 - 1e-9))
    unit: float = getattr(assumed, "unit", 1.0)
    low, high = (0.0 if aim.kind == "superiority" else -aim.margin * (1 - 1e-9)), min(0.1 * unit, 0.999 * top)
    if isinstance(assumed, Shares):
        low = max(low, -assumed.control * (1 - 1e-9))
    while excess(high) < 0:
        high = min(2 * high, (high + top) / 2)
        if high > 1e6 * unit or top - high < 1e-9:
            raise LimenError(
                f"with {sum(arms)} people no effect that can be has this power", remedy="give more people"
            )
    return root(excess, low, high, 1e-13 * unit)
