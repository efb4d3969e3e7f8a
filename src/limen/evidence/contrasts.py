"""What one study's rows say as effects: pairs of arms and reported contrasts, with the reason for every row refused.

Standardised effects are turned so that above zero favours the active arm; raw differences keep the scale's sign;
ratios are logs here and ratios wherever they are shown.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from limen.errors import DataError
from limen.evidence import effects, families, tables
from limen.evidence.choices import choices
from limen.evidence.effects import Counts
from limen.evidence.tables import Outcome, Study
from limen.facts import schema
from limen.facts.read import read
from limen.units import number_of

Measure = Literal["smd", "md", "rr", "or"]
MEASURES: tuple[Measure, ...] = ("smd", "md", "rr", "or")
RATIOS: tuple[Measure, ...] = ("rr", "or")
CONTROLS = ("placebo", "caffeine", "sham", "control")
MIXED = "half-half"


@dataclass(frozen=True)
class Effect:
    """One trial's effect on one outcome, with what a reader needs to judge it."""

    study_id: str
    participants: str
    outcome: str
    when: str
    y: float  # log scale for a ratio
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
    counts: Counts | None = None

    @property
    def se(self) -> float:
        return self.v**0.5

    def interval(self, z: float = 1.959963984540054) -> tuple[float, float]:
        """y ± z SE, on the scale of y."""
        return self.y - z * self.se, self.y + z * self.se


@dataclass(frozen=True)
class Refusal:
    """A result that was found and not used, and why."""

    study_id: str
    outcome: str
    result: str
    reason: str


@dataclass(frozen=True)
class Found:
    """A study's effects, best first; what was refused; outcomes whose difference changes sign between weeks."""

    effects: tuple[Effect, ...]
    refused: tuple[Refusal, ...]
    turns: tuple[str, ...]


def study_effects(study_id: str, rows: Sequence[Outcome], measure: Measure, week: float | None) -> Found:
    """Model estimates first where no week is asked for, then pairs of arms, the latest week first, then others."""
    study = tables.study(study_id)
    arms = [row for row in rows if not row.comparator and row.effect is None]
    pairs, refused = _pairs(study, arms, measure)
    reported: list[tuple[Outcome, Effect]] = []
    for row in (row for row in rows if row not in arms):
        size, why = _contrast(row, measure, arms)
        if size is None:
            refused.append(Refusal(study_id, row.outcome, in_few_words(row), why))
        else:
            reported.append((row, _sized(effect_of(study, row, size, why, None), row, arms)))
    every = [*reported, *pairs]
    if week is None:
        every.sort(key=lambda pair: not _modelled(pair[0]))  # stable: pairs keep the latest week first
    other = [row for row, _ in every if week is not None and weeks(row) != week]
    chosen = [effect for row, effect in every if row not in other]
    refused += [Refusal(study_id, row.outcome, in_few_words(row), f"not at week {week:g}") for row in other]
    return Found(tuple(chosen), tuple(refused), tuple(_turns(study_id, pairs)))


def is_control(row: Outcome) -> bool:
    """Whether an arm is the one compared with."""
    return any(row.arm.lower().startswith(word) for word in CONTROLS)


def _pairs(
    study: Study | None, arms: Sequence[Outcome], measure: Measure
) -> tuple[list[tuple[Outcome, Effect]], list[Refusal]]:
    """Each active arm after baseline with its control arm at the same time, the latest first."""
    found: list[tuple[Outcome, Effect]] = []
    refused: list[Refusal] = []
    active = [row for row in arms if not is_control(row) and weeks(row) != 0]
    for row in sorted(active, key=lambda row: -(weeks(row) or 0.0)):
        partner = control_of(row, arms)
        if row.arm == MIXED:
            size, why, counts = None, "an arm of both microdose and placebo is neither", None
        elif partner is None:
            size, why, counts = None, "no control arm: an uncontrolled change is no effect", None
        else:
            try:
                size, why, counts = _pair(row, partner, measure)
            except DataError as error:
                size, why, counts = None, error.what, None
        if size is None:
            refused.append(Refusal(row.study_id, row.outcome, in_few_words(row), why))
        else:
            found.append((row, replace(effect_of(study, row, size, why, partner), counts=counts)))
    return found, refused


def _turns(study_id: str, pairs: Iterable[tuple[Outcome, Effect]]) -> Iterable[str]:
    by_outcome: dict[str, list[tuple[float, Effect]]] = {}
    for row, effect in pairs:
        by_outcome.setdefault(f"{row.outcome}, {row.arm}", []).append((weeks(row) or 0.0, effect))
    for name, found in by_outcome.items():
        signs = {effect.y > 0 for _, effect in found if effect.y != 0}
        if len(signs) > 1:
            told = ", ".join(f"{e.y:+.2f} at {e.when}" for _, e in sorted(found, key=lambda pair: pair[0]))
            yield f"{study_id}, {name}: the difference changes sign between weeks ({told})"


def measure_of(effect_type: str) -> Measure | None:
    """The measure that a reported contrast is on, by the names in `[effect_types]` of choices.toml."""
    said = f" {' '.join(re.findall(r'[a-z]+', effect_type.lower()))} "
    for measure in ("smd", "rr", "or", "md"):
        if any(f" {name} " in said for name in choices()["effect_types"][measure]):
            return measure
    return None


def _modelled(row: Outcome) -> bool:
    """Whether the trial's own model gave this contrast."""
    said = row.effect_type.lower()
    return any(word in said for word in choices()["effect_types"]["model"])


def _contrast(row: Outcome, measure: Measure, arms: Sequence[Outcome]) -> tuple[effects.Size | None, str]:
    """The effect a contrast row reports on this measure, and from what; or None, and why not."""
    kind, declared = row.effect_type.lower(), measure_of(row.effect_type)
    if "direction only" in kind or row.effect is None:
        return None, "direction only: no magnitude was reported, and imputing one would invent a result"
    if not row.comparator:
        return None, f"{row.effect_type}: uncontrolled"
    if "pooled" in kind:
        return None, "a pooled estimate of other trials, not a trial"
    if "guess" in kind or "guess" in row.comparator:
        return None, "another question: an effect of, or adjusted for, what people guessed"
    if declared is None:
        return None, f"{row.effect_type} is none of the effects that are pooled"
    level, ratio = row.ci_level or 0.95, declared in RATIOS
    low, high = row.ci_low, row.ci_high
    if ratio and (row.effect <= 0 or (low is not None and low <= 0)):
        return None, "a ratio is above zero"
    value = math.log(row.effect) if ratio else row.effect
    if low is not None and high is not None:
        ends = (math.log(low), math.log(high)) if ratio else (low, high)
        se = None if ratio else row.effect_se
        se = se or effects.se_from_interval(*ends, level)
    else:
        se = None if ratio else row.effect_se
    if not se:
        return None, "no standard error or interval was reported" + (
            " (of a ratio: its interval)" if ratio else ""
        )
    size = effects.Size(value, se * se, declared)
    if declared == measure:
        turn = -1.0 if measure == "smd" and _lower_is_better(row) else 1.0
        return replace(size, y=turn * value), f"{row.effect_type}, with its SE"
    if (declared, measure) == ("md", "smd"):
        return _standardised(row, size, arms)
    return None, f"{row.effect_type}: use --measure {declared}"


def _standardised(
    row: Outcome, size: effects.Size, arms: Sequence[Outcome]
) -> tuple[effects.Size | None, str]:
    """A raw difference over the SD that both arms had at the latest week reported."""
    for arm in sorted(arms, key=lambda arm: -(weeks(arm) or 0.0)):
        partner = control_of(arm, arms)
        same = arm.outcome == row.outcome and not is_control(arm) and arm.arm != MIXED and weeks(arm) != 0
        if not same or partner is None or not (arm.sd and partner.sd and arm.n and partner.n):
            continue
        sd = effects.pooled_sd(arm.sd, arm.n, partner.sd, partner.n)
        turn = -1.0 if _lower_is_better(row) else 1.0
        basis = f"{row.effect_type}, over the SD of the arms at {_when(arm)}"
        return effects.Size(turn * size.y / sd, size.v / sd**2, "smd"), basis
    return None, "a raw difference, and no SD of both arms to standardise it; use --measure md"


def _sized(effect: Effect, row: Outcome, arms: Sequence[Outcome]) -> Effect:
    """A contrast with the sizes of its two arms, where arm rows of the outcome give them."""
    for arm in arms:
        partner = control_of(arm, arms)
        if arm.outcome == row.outcome and not is_control(arm) and arm.arm != MIXED and partner is not None:
            return replace(effect, n_active=arm.n, n_control=partner.n)
    return effect


def _lower_is_better(row: Outcome) -> bool:
    return families.direction_of(row.outcome, row.direction) == "lower_better"


def control_of(row: Outcome, arms: Sequence[Outcome]) -> Outcome | None:
    """The control arm of the same outcome and time; `microdose week` goes with `placebo week`."""
    same = [
        a
        for a in arms
        if is_control(a) and (a.outcome, a.timepoint, a.unit) == (row.outcome, row.timepoint, row.unit)
    ]
    suffix = row.arm.lower().replace("microdose", "").strip()
    named = [a for a in same if a.arm.lower().replace("placebo", "").strip() == suffix]
    return (named or same or [None])[0]


def _pair(row: Outcome, partner: Outcome, measure: Measure) -> tuple[effects.Size | None, str, Counts | None]:
    """The effect of two arms, from changes where both have them, else from final scores; or why there is none."""
    if row.n is None or partner.n is None:
        return None, "an arm without its size", None
    if measure in RATIOS:
        events = _events(row), _events(partner)
        if row.kind == "score" or events[0] is None or events[1] is None:
            what = "a count of events" if schema.counted(row.unit, "events") else "not a count of people"
            return None, f"{what}; a ratio of risks needs people with it", None
        counts = Counts(events[0], row.n, events[1], partner.n)
        make = effects.log_risk_ratio if measure == "rr" else effects.log_odds_ratio
        return make(counts.a, counts.n1, counts.c, counts.n2), "counts", counts
    if row.kind != "score":
        return None, "a count or share, not a score; use --measure rr or or", None
    changes = [(arm.change_mean, _change_sd(arm), _change_n(arm)) for arm in (row, partner)]
    finals = [(row.mean, row.sd, row.n), (partner.mean, partner.sd, partner.n)]
    for basis, ((m1, s1, n1), (m2, s2, n2)) in (("change scores", changes), ("final scores", finals)):
        if m1 is None or m2 is None or s1 is None or s2 is None:
            continue
        if measure == "md":
            return effects.mean_difference(m1, s1, n1, m2, s2, n2), basis, None
        size = effects.hedges_g(m1, s1, n1, m2, s2, n2)
        return replace(size, y=(-1.0 if _lower_is_better(row) else 1.0) * size.y), basis, None
    return None, "a mean without SD or interval cannot be weighed", None


def _events(row: Outcome) -> float | None:
    """People with the event: a count of people, or their share in percent; None for anything else."""
    if row.mean is None or row.n is None:
        return None
    if schema.counted(row.unit, "share"):
        return row.mean / 100 * row.n
    return row.mean if schema.counted(row.unit, "people") else None


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


def effect_of(
    study: Study | None, row: Outcome, size: effects.Size, basis: str, partner: Outcome | None
) -> Effect:
    """A size with what the study says of itself."""
    sd = 1.0
    if size.measure == "md":
        people = bool(partner and row.n and partner.n)
        sd = (size.v / (1 / (row.n or 1) + 1 / (partner.n or 1))) ** 0.5 if people and partner else math.nan
    marks = {row.verification, partner.verification if partner else row.verification}
    return Effect(
        study_id=row.study_id,
        participants=tables.participants_of(row.study_id),
        outcome=row.outcome,
        when=_when(row),
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
        bias=_bias(study),
        verification="recalled" if "recalled" in marks else row.verification,
        source=";".join(row.sources),
        note=row.note,
    )


def _bias(study: Study | None) -> tuple[tuple[str, str], ...]:
    """What a reader of a risk-of-bias table asks first, as recorded; judgements are the reader's."""
    if study is None:
        return (("design", "not recorded"),)
    judged = [r for r in read("clinical/blinding") if r["study_id"] == study.study_id and r["n_total"]]
    both = study.n_randomised and study.n_analysed
    return (
        ("randomised", "yes" if "rct" in study.design.lower() else "no"),
        ("blinding", study.blinding),
        ("control", study.control),
        (
            "blind checked",
            f"{number_of(len(judged), 'guess table')}" if judged else "limen's tables hold no guess table",
        ),
        ("analysed", f"{study.n_analysed} of {study.n_randomised}" if both else "not recorded"),
        ("funding", study.industry_funding or "not recorded"),
        ("status", study.status),
    )


def _when(row: Outcome) -> str:
    unit = row.timepoint_unit.removesuffix("s") if row.timepoint == "1" else row.timepoint_unit
    return f"{row.timepoint} {unit}".strip()


def weeks(row: Outcome) -> float | None:
    """Weeks, where the time point is one time; spans such as 1-4 and sessions have none."""
    per = next((n for name, n in choices()["weeks"].items() if row.timepoint_unit.startswith(name)), None)
    try:
        return None if per is None else float(row.timepoint) * per
    except ValueError:
        return None


def in_few_words(row: Outcome) -> str:
    """A row in a few words, for a list of what was not used."""
    value = next((x for x in (row.effect, row.change_mean, row.mean) if x is not None), None)
    number = "" if value is None else f"{value:g} {row.unit}, "
    time = _when(row)
    return f"{row.arm}: {number}{time}" + (f", {row.effect_type}" if row.effect_type else "")
