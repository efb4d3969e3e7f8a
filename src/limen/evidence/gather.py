"""From extraction rows to effects that may stand side by side, and the reasons why the others may not.

One set of participants gives one effect. Dose classes stay apart. A direction without a magnitude is not a number. A
row of the user's own that is not used is always among those refused.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from limen.errors import FactsError
from limen.evidence import contrasts, fairness, families, tables
from limen.evidence.contrasts import MEASURES, Effect, Measure, Refusal
from limen.evidence.dose_classes import CLASSES, FULL, LOW, MICRODOSE
from limen.evidence.tables import Comparator, Outcome

THERAPY = {
    "full-dose psychedelic": FULL,
    "low-dose psychedelic": LOW,
}  # classes of therapy that are dose classes


@dataclass(frozen=True)
class Gathered:
    """Effects, one a set of participants, and everything refused."""

    construct: str
    measure: Measure
    dose_classes: tuple[str, ...]
    effects: tuple[Effect, ...]
    others: tuple[Effect, ...]  # further estimates of the same participants: shown, never pooled
    refused: tuple[Refusal, ...]
    turns: tuple[str, ...]  # where a difference changes sign between weeks


def gather(
    outcome: str,
    *,
    dose_class: Sequence[str] = (MICRODOSE,),
    compound: str | None = None,
    measure: Measure = "smd",
    timepoint: float | None = None,
) -> Gathered:
    """Every effect on a construct (`depression`) or a named outcome, in the dose classes asked for.

    A trial's own model estimate is taken before a single week, and of weeks the latest, unless `timepoint` (weeks) is
    given. Raises FactsError for an outcome or dose class that limen's tables do not hold.
    """
    tables.refuse_unknown("dose class", dose_class, CLASSES)
    tables.refuse_unknown("effect measure", (measure,), MEASURES)
    if timepoint is not None and not (math.isfinite(timepoint) and timepoint >= 0):
        raise FactsError(f"week {timepoint:g} is no week", remedy="such as 4; left out, the last one counts")
    rows = tables.select(tables.outcomes(), tables.Filters(outcome=outcome, compound=compound))
    full = [row for row in tables.comparators() if _of_class(row, dose_class, outcome, compound)]
    if not rows and not full:
        told = ", ".join(tables.constructs())
        what = f"limen's tables hold no result on {outcome!r}{f' of {compound}' if compound else ''}"
        raise FactsError(f"{what}, which is no word on whether a trial exists", remedy=f"they hold: {told}")
    usable: list[Effect] = []
    refused: list[Refusal] = []
    turns: list[str] = []
    for study_id in dict.fromkeys(row.study_id for row in rows):
        own = [row for row in rows if row.study_id == study_id]
        active = [r for r in own if not contrasts.is_control(r) and r.arm != contrasts.MIXED]
        outside = [r for r in active if r.dose_class not in dose_class]
        inside = [r for r in own if r not in outside]
        refused += _other_classes(outside, dose_class)
        if len(active) == len(outside):
            continue
        found = contrasts.study_effects(study_id, inside, measure, timepoint)
        usable += found.effects
        refused += found.refused
        turns += found.turns
    for row in sorted(full, key=lambda row: -(row.cells.number("timepoint_weeks") or 0)):
        size, why = fairness.size_of(row, measure)
        if size is None:
            refused.append(
                Refusal(row.comparator_id, row.scale, f"{row.intervention}: {row.cells['effect']}", why)
            )
        else:
            usable.append(_of_comparator(row, size, why))
    kept, others, twice = _one_each(usable)
    refused += [
        *twice,
        *_own_left_out(outcome, compound, {e.study_id for e in usable} | {r.study_id for r in refused}),
    ]
    construct = rows[0].construct if rows else outcome.lower()
    return Gathered(construct, measure, tuple(dose_class), kept, others, tuple(refused), tuple(turns))


def _one_each(usable: Sequence[Effect]) -> tuple[tuple[Effect, ...], tuple[Effect, ...], list[Refusal]]:
    """The first effect of each set of participants, by year; the others, and why they are others."""
    first: dict[str, Effect] = {}
    for effect in usable:
        first.setdefault(effect.participants, effect)
    kept = sorted(first.values(), key=lambda effect: (effect.year or 9999, effect.study_id))
    others = tuple(effect for effect in usable if effect not in kept)
    twice = [
        Refusal(e.study_id, e.outcome, f"{e.y:.2f} ({e.when})", f"same people as {first[e.participants].study_id}, "
                f"{first[e.participants].outcome} ({first[e.participants].when}); one effect a set of participants")
        for e in others
    ]  # fmt: skip
    return tuple(kept), others, twice


def _own_left_out(outcome: str, compound: str | None, seen: set[str]) -> Iterable[Refusal]:
    """Every study or outcome of the user's own that nothing above speaks of, and why it does not count here."""
    rows = [row for row in tables.outcomes() if row.added]
    for row in (row for row in rows if row.study_id not in seen):
        if compound is not None and outcome.lower() in (row.construct, row.outcome.lower()):
            why = f"not {compound}"
        elif families.in_a_family(row.outcome):
            why = f"measures {row.construct}, not {outcome}"
        else:
            why = f"belongs to no outcome family limen knows; ask for it with --outcome {row.outcome!r}"
        yield Refusal(row.study_id, row.outcome, contrasts.in_few_words(row), why)
    told = {row.study_id for row in rows}
    for study in (s for s in tables.studies() if s.added and s.study_id not in told):
        yield Refusal(study.study_id, "", study.headline_result, "no outcome rows were added for it")


def _other_classes(rows: Iterable[Outcome], asked: Sequence[str]) -> Iterable[Refusal]:
    for row in rows:
        what = row.dose_class or "dose class unknown"
        ask = f"; ask for it with --dose-class '{row.dose_class}'" if row.dose_class else ""
        reason = f"{what}, not {' or '.join(asked)}: dose classes are not pooled unless asked{ask}"
        yield Refusal(row.study_id, row.outcome, contrasts.in_few_words(row), reason)


def _of_class(row: Comparator, dose_class: Sequence[str], outcome: str, compound: str | None) -> bool:
    """Whether a comparator is a trial of the dose class, on the outcome, of the compound."""
    wanted = outcome.lower()
    return (
        THERAPY.get(row.therapy_class) in dose_class
        and wanted in (families.construct_of(row.scale), row.scale.lower())
        and (compound is None or tables.of_compound(row.intervention, compound))
    )


def _of_comparator(row: Comparator, size: fairness.Size, basis: str) -> Effect:
    year = re.search(r"(?:19|20)\d\d", " ".join(row.sources))
    week = row.cells["timepoint_weeks"]
    return Effect(
        study_id=row.comparator_id,
        participants=" ".join(row.sources),
        outcome=row.scale,
        when=f"{week} weeks" if week else "",
        y=size.y,
        v=size.v,
        sd=1.0 if size.measure == "smd" else float("nan"),
        n_active=None,
        n_control=None,
        from_=basis,
        compound=row.intervention,
        dose_class=THERAPY[row.therapy_class],
        year=int(year[0]) if year else None,
        control=row.control,
        population=row.condition,
        bias=(("control", row.control), ("people", row.cells["n_total"] or "not recorded")),
        verification=row.verification,
        source=";".join(row.sources),
        note=row.note,
    )
