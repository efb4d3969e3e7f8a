"""An analysis as one result: what was read, how it was analysed, and what came out."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from limen.analysis.by_visit import ByVisit
from limen.analysis.fitted import VisitEstimate
from limen.analysis.registry import estimator
from limen.analysis.rows import ALL
from limen.analysis.sensitivity import Sensitivity
from limen.analysis.survey import ONCE, DataReport
from limen.results import Result, aligned, p_cell, p_words


@dataclass(frozen=True)
class Analysed(Result):
    """`result`: adjusted means and differences from control by visit; `roles`: which column was taken for what; `data`:
    what the data are; `imputed`: what other assumptions about missing scores would make of it, where that was asked."""

    result: ByVisit
    data: DataReport
    roles: Mapping[str, str]
    file: Path
    imputed: Sensitivity | None = None

    def document(self) -> dict[str, Any]:
        return {
            **self.result.document(),
            "file": str(self.file),
            "roles": dict(self.roles),
            "data": asdict(self.data),
            **({"imputed": self.imputed.document()} if self.imputed else {}),
        }

    def rows(self) -> Sequence[Mapping[str, Any]]:
        kinds = (
            ("difference", self.result.estimates),
            ("mean", self.result.means),
            ("fixed effect", self.result.coefficients),
        )
        return [{"of": kind, **asdict(line)} for kind, lines in kinds for line in lines]

    def lines(self) -> list[str]:
        r = self.result
        interval = f"{100 * r.level:g}% interval"
        head = ["visit", "adjusted mean", "n", "estimate", "SE", "df", interval]
        uneven = (
            ["note: this covariance takes visits as evenly spaced, which these are not"]
            if r.structure in ("ar1", "toeplitz") and not self.data.order.evenly_spaced
            else []
        )
        adjusted = any(line.p_adjusted is not None for line in r.estimates)
        tail = ["p", *(["p, adjusted"] if adjusted else [])]
        differences = [
            [*_row(line), p_cell(line.p), *([p_cell(line.p_adjusted)] if adjusted else [])]
            for line in r.estimates
        ]
        tests = [
            [t.term, f"{t.f:.2f}", str(t.numerator_df), _df(t.denominator_df), p_cell(t.p)] for t in r.tests
        ]
        read = [[line.contrast, *_row(line)[3:], p_cell(line.p)] for line in r.coefficients]
        means = ["", *aligned(head, [_row(line) for line in r.means], left=2)] if r.means else []
        return [
            *self.data.lines(), *uneven, "", *self._model(), *means,
            "", *aligned(["visit", "difference", *head[2:], *tail], differences, left=2),
            *(["", *aligned(["type 3 test", "F", "df", "df", "p"], tests)] if tests else []),
            *(["", *aligned(["fixed effect", *head[3:], "p"], read)] if read else []),
            "", f"{r.question.words()}.", *self.sentences(),
            *(["", *self.imputed.lines()] if self.imputed else []),
        ]  # fmt: skip

    def _model(self) -> list[str]:
        """What was fitted, to whom, and what was tried or left out."""
        r = self.result
        model = r.model or (
            "mixed model" if r.minus2 is not None else f"{estimator(r.method).words}, at each visit"
        )
        detail = "" if r.model or r.minus2 is None else f", {r.structure} covariance, REML, {r.se_method}"
        out = f", {r.left_out} left out (no baseline, covariate or score)" if r.left_out else ""
        fit = "" if r.minus2 is None else f"; -2 log likelihood {r.minus2:.4f}"
        criteria = "" if r.aic is None else f"; AIC {r.aic:.2f}, BIC {r.bic:.2f}"
        return [
            f"{self.roles['outcome']}: {model}{detail}", f"{r.people} people, {r.observations} scores{out}{fit}{criteria}",
            *(f"note: {note}" for note in r.notes),
        ]  # fmt: skip

    def sentences(self) -> list[str]:
        """What came out at the visit of interest, a sentence for each difference, ready to be pasted."""
        r = self.result
        return [
            f"{_at(line.visit)}{line.contrast} was {line.estimate:.2f} ("
            f"{'no' if math.isnan(line.ci_low) else f'{100 * r.level:g}%'} interval{'' if math.isnan(line.ci_low) else f' {_between(line, 2)}'}; {p_words(line.p)}"
            + ("" if line.p_adjusted is None else f"; {p_words(line.p_adjusted, 'adjusted p')}")
            + ")."
            for line in r.of_interest()
        ]  # fmt: skip

    def sentence(self) -> str:
        """All of them as one paragraph."""
        return " ".join(self.sentences())


@dataclass(frozen=True)
class AnalysedEach(Result):
    """One analysis for each value of the column `by`; `failed` says why a value has none."""

    by: str
    each: Mapping[str, Analysed]
    failed: Mapping[str, str]

    def document(self) -> dict[str, Any]:
        found = {value: one.document() for value, one in self.each.items()}
        return {"schema_version": 1, "by": self.by, "each": found, "failed": dict(self.failed)}

    def rows(self) -> Sequence[Mapping[str, Any]]:
        return [{self.by: value, **row} for value, one in self.each.items() for row in one.rows()]

    def lines(self) -> list[str]:
        shown = [
            [value, *_row(line), p_cell(line.p)]
            for value, one in self.each.items()
            for line in one.result.of_interest()
        ]
        head = [self.by, "visit", "difference", "n", "estimate", "SE", "df", "interval", "p"]
        how = next(iter(self.each.values()))._model()[:1] if self.each else []
        asked = [f"{next(iter(self.each.values())).result.question.words()}."] if self.each else []
        return [
            *how, "", *(aligned(head, shown, left=3) if shown else []), "", *asked, self.sentence(),
            *(f"{self.by} {value} could not be analysed: {why}" for value, why in self.failed.items()),
        ]  # fmt: skip

    def sentence(self) -> str:
        """What came out for each value, ready to be pasted."""
        return " ".join(f"{self.by} {value}: {one.sentence()}" for value, one in self.each.items())


def _between(line: VisitEstimate, digits: int) -> str:
    """The interval; of a test with one side the end that there is; a dash where there is none."""
    if math.isnan(line.ci_low) or math.isnan(line.ci_high):
        return "-"
    if math.isinf(line.ci_low):
        return f"at most {line.ci_high:.{digits}f}"
    if math.isinf(line.ci_high):
        return f"at least {line.ci_low:.{digits}f}"
    return f"{line.ci_low:.{digits}f} to {line.ci_high:.{digits}f}"


def _row(line: VisitEstimate) -> list[str]:
    return [
        line.visit,
        line.contrast,
        str(line.n),
        f"{line.estimate:.4f}",
        "-" if math.isnan(line.se) else f"{line.se:.4f}",
        _df(line.df),
        _between(line, 3),
    ]


def _df(df: float) -> str:
    return f"{df:.1f}" if df < 1e6 else "-"


def _at(visit: str) -> str:
    return {ONCE: "", ALL: "Over all visits, "}.get(visit, f"At visit {visit}, ")
