"""From extraction rows to effects that may stand side by side, and the reasons why the others may not.

One set of participants gives one effect. Dose classes stay apart. A direction without a magnitude is not a
number. Standardised effects are turned so that above zero favours the active arm; raw differences keep the
scale's sign.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from limen.errors import FactsError
from limen.evidence import effects, families, tables
from limen.evidence.dose_classes import CLASSES, MICRODOSE
from limen.evidence.tables import Outcome, Study

Measure = Literal["smd", "md", "rr", "or"]
MEASURES: tuple[Measure, ...] = ("smd", "md", "rr", "or")
CONTROLS = ("placebo", "caffeine", "sham", "control")
MIXED = "half-half"


@dataclass(frozen=True)
class Effect:
    """One trial's effect on one outcome, with what a reader needs to judge it."""

    study_id: str
    participants: str
    outcome: str
    when: str
    y: float
    v: float
    sd: float  # of the scale, for judging what a raw difference means; 1 where standardised
    n_active: int | None
    n_control: int | None
    from_: str  # which cells it was computed from
    compound: str
    dose_class: str
    year: int | None
    control: str
    population: str
    bias: tuple[tuple[str, str], ...]
    verification: str
    source: str
    note: str

    @property
    def se(self) -> float:
        return self.v**0.5

    def interval(self, z: float = 1.959963984540054) -> tuple[float, float]:
        return self.y - z * self.se, self.y + z * self.se


@dataclass(frozen=True)
class Refusal:
    """A result that was found and not used, and why."""

    study_id: str
    outcome: str
    result: str
    reason: str


@dataclass(frozen=True)
class Gathered:
    """Effects, one a set of participants, and everything refused."""

    construct: str
    measure: Measure
    dose_classes: tuple[str, ...]
    effects: tuple[Effect, ...]
    others: tuple[Effect, ...]  # further estimates of the same participants: shown, never pooled
    refused: tuple[Refusal, ...]


def gather(
    outcome: str,
    *,
    dose_class: Sequence[str] = (MICRODOSE,),
    compound: str | None = None,
    measure: Measure = "smd",
    timepoint: float | None = None,
) -> Gathered:
    """Every effect on a construct (`depression`) or a named outcome, in the dose classes asked for.

    The latest single time point of a trial is taken unless `timepoint` (weeks) is given. Raises FactsError
    for an outcome or dose class nobody has recorded.
    """
    for name in dose_class:
        if name not in CLASSES:
            raise FactsError(f"no dose class {name!r}", remedy=f"use one of: {', '.join(CLASSES)}")
    if measure not in MEASURES:
        raise FactsError(f"no effect measure {measure!r}", remedy=f"use one of: {', '.join(MEASURES)}")
    rows = tables.select(tables.outcomes(), outcome=outcome, compound=compound)
    if not rows:
        known = ", ".join(tables.constructs())
        raise FactsError(f"no result on {outcome!r}", remedy=f"outcomes with results: {known}")
    usable: list[Effect] = []
    refused: list[Refusal] = []
    for study_id in dict.fromkeys(row.study_id for row in rows):
        own = [row for row in rows if row.study_id == study_id]
        inside = [row for row in own if row.dose_class in dose_class or _is_control(row) or row.arm == MIXED]
        refused += _other_classes([row for row in own if row not in inside], dose_class)
        if not any(not _is_control(row) and row.arm != MIXED for row in inside):
            continue
        found, why = _effects_of(study_id, inside, measure, timepoint)
        usable += found
        refused += why
    first = {}
    for effect in usable:
        first.setdefault(effect.participants, effect)
    kept = sorted(first.values(), key=lambda effect: (effect.year or 9999, effect.study_id))
    others = [effect for effect in usable if effect not in kept]
    refused += [
        Refusal(e.study_id, e.outcome, f"{e.y:.2f} ({e.when})", f"same people as {first[e.participants].study_id}, "
                f"{first[e.participants].outcome} ({first[e.participants].when}); one effect a set of participants")
        for e in others
    ]  # fmt: skip
    construct = rows[0].construct
    return Gathered(construct, measure, tuple(dose_class), tuple(kept), tuple(others), tuple(refused))


def _is_control(row: Outcome) -> bool:
    return any(row.arm.lower().startswith(word) for word in CONTROLS)


def _other_classes(rows: Iterable[Outcome], asked: Sequence[str]) -> list[Refusal]:
    reasons: list[Refusal] = []
    for row in rows:
        what = row.dose_class or "dose class unknown"
        ask = f"; ask for it with --dose-class '{row.dose_class}'" if row.dose_class else ""
        reason = f"{what}, not {' or '.join(asked)}: dose classes are not pooled unless asked{ask}"
        reasons.append(Refusal(row.study_id, row.outcome, _shown(row), reason))
    return reasons


def _effects_of(
    study_id: str, rows: list[Outcome], measure: Measure, timepoint: float | None
) -> tuple[list[Effect], list[Refusal]]:
    """A study's effects, best first: arm-level pairs, then model-based contrasts; and what was refused."""
    study = tables.study(study_id)
    found: list[Effect] = []
    refused: list[Refusal] = []
    arms = [row for row in rows if not row.comparator and row.effect is None]
    active = [row for row in arms if not _is_control(row) and row.arm != MIXED and _weeks(row) != 0]
    for row in sorted(active, key=lambda row: -(_weeks(row) or 0.0)):
        if timepoint is not None and _weeks(row) != timepoint:
            continue
        partner = _partner(row, arms)
        if partner is None:
            refused.append(
                Refusal(
                    study_id, row.outcome, _shown(row), "no control arm: an uncontrolled change is no effect"
                )
            )
            continue
        size, basis = _pair(row, partner, measure)
        if size is None:
            refused.append(Refusal(study_id, row.outcome, _shown(row), basis))
            continue
        found.append(_effect(study, row, size, basis, partner))
    if any(row.arm == MIXED and _weeks(row) != 0 for row in arms) and found:
        refused.append(
            Refusal(study_id, rows[0].outcome, MIXED, "an arm of both microdose and placebo is neither")
        )
    for row in rows:
        if row in arms:
            continue
        reason = _why_no_contrast(row, measure)
        if reason is None and row.effect is not None:
            se = row.effect_se or effects.se_from_interval(
                row.ci_low or 0.0, row.ci_high or 0.0, row.ci_level or 0.95
            )
            size = effects.Size(row.effect, se * se, measure)
            found.append(_effect(study, row, size, f"{row.effect_type}, with its SE", None))
        elif reason is not None:
            refused.append(Refusal(study_id, row.outcome, _shown(row), reason))
    return found, refused


def _why_no_contrast(row: Outcome, measure: Measure) -> str | None:
    """Why a contrast row is no poolable effect on this measure; None where it is one."""
    kind = row.effect_type.lower()
    if "direction only" in kind or row.effect is None:
        return "direction only: no magnitude was reported, and imputing one would invent a result"
    if not row.comparator:
        return f"{row.effect_type}: uncontrolled"
    if "pooled" in kind:
        return "a pooled estimate of other trials, not a trial"
    if "guess" in kind or "guess" in row.comparator:
        return "another question: an effect of, or adjusted for, what people guessed"
    if "difference" not in kind:
        return f"{row.effect_type} is not a difference in means"
    if row.effect_se is None and (row.ci_low is None or row.ci_high is None):
        return "no standard error or interval was reported"
    if measure != "md":
        return "a raw difference; use --measure md"
    return None


def _partner(row: Outcome, arms: Sequence[Outcome]) -> Outcome | None:
    """The control arm of the same outcome and time; `microdose week` goes with `placebo week`."""
    same = [
        a
        for a in arms
        if _is_control(a) and (a.outcome, a.timepoint, a.unit) == (row.outcome, row.timepoint, row.unit)
    ]
    suffix = row.arm.lower().replace("microdose", "").strip()
    named = [a for a in same if a.arm.lower().replace("placebo", "").strip() == suffix]
    return (named or same or [None])[0]


def _pair(row: Outcome, partner: Outcome, measure: Measure) -> tuple[effects.Size | None, str]:
    """The effect of two arms, from changes where both have them, else from final scores; or why there is
    none."""
    if row.n is None or partner.n is None:
        return None, "an arm without its size"
    if measure in ("rr", "or"):
        if row.kind == "score" or row.mean is None or partner.mean is None:
            return None, "not a count of people; use --measure smd or md"
        if row.kind == "count" and "participants" not in row.unit:
            return None, "a count of events, not of people"
        make = effects.log_risk_ratio if measure == "rr" else effects.log_odds_ratio
        return make(row.mean, row.n, partner.mean, partner.n), "counts"
    if row.kind != "score":
        return None, "a count of events, not a score"
    changed = _change_n(row), _change_n(partner)
    for basis, means, spreads, sizes in (
        (
            "change scores",
            (row.change_mean, partner.change_mean),
            (_change_sd(row), _change_sd(partner)),
            changed,
        ),
        ("final scores", (row.mean, partner.mean), (row.sd, partner.sd), (row.n, partner.n)),
    ):
        (m1, m2), (s1, s2), (n1, n2) = means, spreads, sizes
        if m1 is None or m2 is None or s1 is None or s2 is None:
            continue
        if measure == "md":
            return effects.mean_difference(m1, s1, n1, m2, s2, n2), basis
        size = effects.hedges_g(m1, s1, n1, m2, s2, n2)
        sign = -1.0 if families.direction_of(row.outcome, row.direction) == "lower_better" else 1.0
        return replace(size, y=sign * size.y), basis
    return None, "a mean without SD or interval cannot be weighed"


def _change_n(row: Outcome) -> int:
    """People with a baseline, where the row says that they are fewer than those measured."""
    said = re.search(r"change has n=(\d+)", row.note)
    return int(said[1]) if said else row.n or 0


def _change_sd(row: Outcome) -> float | None:
    if row.change_sd is not None or row.n is None:
        return row.change_sd
    if row.change_ci_low is None or row.change_ci_high is None:
        return None
    return effects.sd_from_interval(row.change_ci_low, row.change_ci_high, row.n, row.ci_level or 0.95)


def _effect(
    study: Study | None, row: Outcome, size: effects.Size, basis: str, partner: Outcome | None
) -> Effect:
    sd = 1.0
    if size.measure == "md":
        sd = (
            (size.v / (1 / row.n + 1 / partner.n)) ** 0.5 if partner and row.n and partner.n else float("nan")
        )
    marks = {row.verification, partner.verification if partner else row.verification}
    return Effect(
        study_id=row.study_id,
        participants=tables.participants_of(row.study_id),
        outcome=row.outcome,
        when=f"{row.timepoint} {row.timepoint_unit}".strip(),
        y=size.y,
        v=size.v,
        sd=sd,
        n_active=row.n if partner else None,
        n_control=partner.n if partner else None,
        from_=basis,
        compound=study.compound if study else row.arm,
        dose_class=row.dose_class,
        year=study.year if study else None,
        control=study.control if study else row.comparator,
        population=study.population if study else "",
        bias=bias_columns(study),
        verification="recalled" if "recalled" in marks else row.verification,
        source=";".join(row.sources),
        note=row.note,
    )


def bias_columns(study: Study | None) -> tuple[tuple[str, str], ...]:
    """What a reader of a risk-of-bias table asks first, as recorded; judgements are the reader's."""
    if study is None:
        return (("design", "not recorded"),)
    from limen.facts.read import read

    judged = [r for r in read("clinical/blinding") if r["study_id"] == study.study_id and r["n_total"]]
    lost = (
        f"{study.n_analysed} of {study.n_randomised}"
        if study.n_randomised and study.n_analysed
        else "not recorded"
    )
    return (
        ("randomised", "yes" if "rct" in study.design.lower() or "rcts" in study.design.lower() else "no"),
        ("blinding", study.blinding),
        ("control", study.control),
        ("blind checked", f"{len(judged)} guess tables" if judged else "no guess table found"),
        ("analysed", lost),
        ("funding", study.industry_funding or "not recorded"),
        ("status", study.status),
    )


def _weeks(row: Outcome) -> float | None:
    """Weeks, where the time point is one time; spans such as 1-4 and sessions have none."""
    try:
        return float(row.timepoint) if row.timepoint_unit.startswith("weeks") else float(row.timepoint) / 168
    except ValueError:
        return None


def _shown(row: Outcome) -> str:
    value = (
        row.effect if row.effect is not None else row.change_mean if row.change_mean is not None else row.mean
    )
    number = "" if value is None else f"{value:g} {row.unit}, "
    time = f"{row.timepoint} {row.timepoint_unit}".strip()
    return f"{row.arm}: {number}{time}" + (f", {row.effect_type}" if row.effect_type else "")
