"""A meta-analysis of a table of one's own: effects with their variances, means and SDs of two arms, or counts of events.

The statistics are those of `limen.evidence.pool`; nothing of limen's own evidence is beside it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, TypedDict, Unpack

import numpy as np

from limen.analysis.derive import derived, underivable
from limen.analysis.sheet import Sheet, as_number, read_sheet, rows_where
from limen.analysis.survey import DataErrors
from limen.errors import DataError, LimenError
from limen.evidence import effects, pool
from limen.results import Result, aligned, p_cell, p_words
from limen.units import number_of

MEANS, COUNTS = ("m1", "sd1", "n1", "m2", "sd2", "n2"), ("events1", "n1", "events2", "n2")
# What an effect is made of, by measure: columns in the order of the function, and the function.
MADE: Mapping[str, tuple[tuple[str, ...], Callable[..., effects.Size]]] = {
    "given": (("effect", "variance"), lambda y, v: effects.Size(y, v, "given")),
    "given-se": (("effect", "se"), lambda y, se: effects.Size(y, se * se, "given")),
    "smd": (MEANS, effects.hedges_g),
    "md": (MEANS, effects.mean_difference),
    "md-pooled": (MEANS, partial(effects.mean_difference, pooled=True)),
    "rr": (COUNTS, effects.log_risk_ratio),
    "or": (COUNTS, effects.log_odds_ratio),
    "rd": (COUNTS, effects.risk_difference),
}
COLUMNS = tuple(dict.fromkeys(name for columns, _ in MADE.values() for name in columns))
RATIOS = ("rr", "or")


@dataclass(frozen=True)
class PooledTable(Result):
    """`fit` of the effects of `studies`; on the log scale where the measure is a ratio. `moderators` names the columns of a
    meta-regression behind its intercept."""

    fit: pool.Pooled
    sizes: tuple[effects.Size, ...]
    studies: tuple[str, ...]
    measure: str
    moderators: tuple[str, ...]
    level: float
    file: Path

    def rows(self) -> Sequence[Mapping[str, Any]]:
        shares = self.fit.weights
        each = [
            {"study": name, "effect": size.y, "variance": size.v, "weight": float(weight)}
            for name, size, weight in zip(self.studies, self.sizes, shares, strict=True)
        ]
        return [*each, *({"study": name, **line} for name, line in self._coefficients().items())]

    def _coefficients(self) -> dict[str, dict[str, float]]:
        names = ("pooled",) if not self.moderators else ("intercept", *self.moderators)
        f = self.fit
        return {
            name: {"effect": float(b), "se": float(s), "ci_low": i.low, "ci_high": i.high, "statistic": float(t), "p": float(p)}
            for name, b, s, i, t, p in zip(names, f.beta, f.se, f.interval, f.statistic, f.p, strict=True)
        }  # fmt: skip

    def document(self) -> dict[str, Any]:
        f = self.fit
        over = None if f.tau2_interval is None else [f.tau2_interval.low, f.tau2_interval.high]
        new = None if f.prediction is None else [f.prediction.low, f.prediction.high]
        return {
            "schema_version": 1, "file": str(self.file), "measure": self.measure, "method": f.method, "test": f.test, "df": f.df,
            "level": self.level, "k": f.k, "coefficients": self._coefficients(), "tau2": f.tau2, "tau2_interval": over, "q": f.q,
            "q_p": f.q_p, "i2": f.i2, "h2": f.h2, "prediction": new, "studies": list(self.rows())[: f.k],
        }  # fmt: skip

    def lines(self) -> list[str]:
        f, interval = self.fit, f"{100 * self.level:g}% interval"
        each = [
            [name, f"{size.y:.4f}", f"{size.v:.4f}", f"{100 * weight:.1f}%"]
            for name, size, weight in zip(self.studies, self.sizes, f.weights, strict=True)
        ]
        head = ["", "estimate", "SE", f.test, interval, "p"]
        found = [
            [name, f"{x['effect']:.4f}", f"{x['se']:.4f}", f"{x['statistic']:.4f}", f"{x['ci_low']:.4f} to {x['ci_high']:.4f}", p_cell(x["p"])]
            for name, x in self._coefficients().items()
        ]  # fmt: skip
        spread = (
            ""
            if f.tau2_interval is None
            else f" ({interval} {f.tau2_interval.low:.4f} to {f.tau2_interval.high:.4f})"
        )
        degrees = f.k - len(f.beta)
        return [
            *aligned(["study", self._scale(), "variance", "weight"], each), "", f"{number_of(f.k, 'study', 'studies')}, {self._how()}", *aligned(head, found),
            f"tau² {f.tau2:.4f}{spread}; Q {f.q:.4f}, df = {degrees}, {p_words(f.q_p)}; I² {f.i2:.2f}%", self.sentence(),
        ]  # fmt: skip

    def sentence(self) -> str:
        """Ready to be pasted."""
        name, found = list(self._coefficients().items())[-1]
        ends = [found[key] for key in ("effect", "ci_low", "ci_high")]
        if self.measure in RATIOS and not self.moderators:
            ends = [math.exp(x) for x in ends]
        middle, low, high = ends
        what = f"the coefficient of {name}" if self.moderators else f"the pooled {WORDS[self.measure]}"
        return (
            f"Of {number_of(self.fit.k, 'study', 'studies')} {what} was {middle:.2f} ({100 * self.level:g}% interval {low:.2f} to {high:.2f}; "
            f"{p_words(found['p'])}; {self._how()})."
        )

    def _how(self) -> str:
        f = self.fit
        if f.method == "EE":
            return "a common effect, normal interval"
        return f"random effects by {f.method}, {'Hartung-Knapp' if f.test == 't' else 'normal'} interval"

    def _scale(self) -> str:
        return f"log {WORDS[self.measure]}" if self.measure in RATIOS else WORDS[self.measure]


WORDS = {
    "given": "effect", "given-se": "effect", "smd": "standardised mean difference (Hedges g)", "md": "mean difference",
    "md-pooled": "mean difference", "rr": "risk ratio", "or": "odds ratio", "rd": "risk difference",
}  # fmt: skip


class PoolChoices(TypedDict, total=False):
    """How it is pooled. `moderators` are columns; `derive` makes columns of others; `scale` multiplies every effect (100 for
    percentage points)."""

    measure: str
    method: pool.Method
    hartung_knapp: bool
    moderators: Sequence[str]
    derive: Sequence[str]
    only: Sequence[str]
    level: float
    scale: float


def pool_table(file: Path | str, columns: Mapping[str, str], **how: Unpack[PoolChoices]) -> PooledTable:
    """Pool the effects of a table, one row a study. `columns` names what each is made of (`effect` and `variance` or `se`;
    `m1 sd1 n1 m2 sd2 n2`; `events1 n1 events2 n2`) and `study`; 1 is active. Raises DataError for what is lacking or cannot be.

    >>> import limen, pathlib, tempfile
    >>> file = pathlib.Path(tempfile.mkdtemp(), "effects.csv")
    >>> _ = file.write_text("study,g,v\\nA,0.2,0.04\\nB,0.5,0.05\\nC,0.3,0.02\\n")
    >>> round(limen.pool_table(file, {"study": "study", "effect": "g", "variance": "v"}, method="EE").fit.estimate, 3)
    0.316
    """
    measure, method = how.get("measure", "given"), how.get("method", "REML")
    measure = "given-se" if measure == "given" and "se" in columns else measure
    level, scale = how.get("level", 0.95), how.get("scale", 1.0)
    if measure not in MADE or method not in pool.METHODS:
        raise LimenError(f"no measure {measure!r} or method {method!r}", remedy=f"measures: {', '.join(MADE)}; methods: {', '.join(pool.METHODS)}")  # fmt: skip
    if not 0 < level < 1 or not math.isfinite(scale) or scale == 0:
        raise LimenError(f"a level of {level:g} or a scale of {scale:g}", remedy="a level between 0 and 1, a scale that is not 0")  # fmt: skip
    sheet = rows_where(read_sheet(Path(file)), how.get("only", ()))
    if sheet.damage:
        raise DataErrors(sheet.damage)
    sheet, later = derived(sheet, how.get("derive", ()))
    if later:
        raise underivable(sheet, later[0])
    sizes = tuple(
        effects.Size(scale * one.y, scale**2 * one.v, one.measure) for one in _sizes(sheet, columns, measure)
    )
    moderators = tuple(how.get("moderators", ()))
    design = np.array([_numbers(sheet, name) for name in moderators]).T if moderators else None
    y, v = [one.y for one in sizes], [one.v for one in sizes]
    try:
        fit = pool.pool(y, v, method=method, hartung_knapp=how.get("hartung_knapp", True), moderators=design, level=level)  # fmt: skip
    except DataError as error:
        raise sheet.error(error.what, remedy=error.remedy) from None
    names = sheet.cells(_there(sheet, columns["study"])) if "study" in columns else [f"row {n}" for n in sheet.numbers]  # fmt: skip
    return PooledTable(fit, sizes, tuple(names), measure, moderators, level, Path(file))


def _sizes(sheet: Sheet, columns: Mapping[str, str], measure: str) -> Iterator[effects.Size]:
    """The effect of each row."""
    needed, make = MADE[measure]
    lacking = [name for name in needed if name not in columns]
    if lacking:
        raise sheet.unnamed(lacking)
    values = [_numbers(sheet, columns[name]) for name in needed]
    for number, row in zip(sheet.numbers, zip(*values, strict=True), strict=True):
        try:
            one = make(*row)
        except (LimenError, ZeroDivisionError, ValueError) as error:
            what = getattr(error, "what", "it cannot be worked out")
            raise sheet.error(
                f"no effect: {what}", number, remedy="correct the row, or take it out"
            ) from None
        if not (one.v > 0 and math.isfinite(one.v) and math.isfinite(one.y)):
            raise sheet.error(f"an effect of {one.y:g} with a variance of {one.v:g}", number, remedy="a variance is above zero: correct the row, or take it out")  # fmt: skip
        yield one


def _there(sheet: Sheet, column: str) -> str:
    if column not in sheet.columns:
        raise sheet.no_column(column)
    return column


def _numbers(sheet: Sheet, column: str) -> list[float]:
    found = list[float]()
    for number, cell in zip(sheet.numbers, sheet.cells(_there(sheet, column)), strict=True):
        value = as_number(cell)
        if value is None or math.isnan(value):
            raise sheet.error(f"{cell!r} is no number", number, column, "fill it in, or take the row out")
        found.append(value)
    return found
