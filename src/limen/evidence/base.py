"""The one evidence base of the drug effect: every controlled microdosing result that limen's tables hold, once a set of
participants, and why the others are not in it. Verdict, "what is known" and `limen evidence` read it from here.

Effects are in SDs of control-arm change, benefit positive, as found: what belief adds is taken off where they are pooled.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from limen.evidence import contrasts, dose_classes, families, tables
from limen.evidence.choices import choices
from limen.evidence.tables import Outcome, Study
from limen.parameters import load
from limen.protocol.indications import indication as known


@dataclass(frozen=True)
class StudyResult:
    """One set of participants: `y` with its `se`, or None where only a direction is known, which says that y lay
    in `between`; `unit` is the SD the points were divided by, and `basis` what it is the SD of."""

    study: Study
    indication: str
    outcome: str
    week: float
    y: float | None
    se: float
    unit: float | None
    basis: str
    between: tuple[float, float]
    weight: float
    reports: tuple[str, ...] = ()  # keys of every report of the same people


@dataclass(frozen=True)
class Unused:
    """A controlled result that is known and not used, and why."""

    study_id: str
    sources: tuple[str, ...]
    reason: str


def evidence_base() -> tuple[tuple[StudyResult, ...], tuple[Unused, ...]]:
    """Everything that enters the posterior, by year, and everything controlled that does not, with the reason.

    >>> from limen.evidence.base import evidence_base
    >>> [result.study.study_id for result in evidence_base()[0]]
    ['szigeti2021', 'cavanna2022', 'mueller2025', 'lsddep2']
    """
    used: dict[str, StudyResult] = {}
    unused: list[Unused] = []
    held = tables.studies()
    people = {s.study_id: tables.participants_of(s.study_id) for s in held}
    outcomes = tables.outcomes()
    for study in sorted(filter(_controlled, held), key=lambda s: (s.year or 9999, s.study_id)):
        participants = people[study.study_id]
        found = _result(study, [r for r in outcomes if r.study_id == study.study_id])
        if participants in used:
            other = used[participants].study.study_id
            unused.append(
                Unused(study.study_id, study.sources, f"the same people as {other}, which counts once")
            )
        elif isinstance(found, str):
            unused.append(Unused(study.study_id, study.sources, found))
        else:
            used[participants] = replace(
                found, reports=_reports([s for s in held if people[s.study_id] == participants])
            )
    return tuple(used.values()), (*unused, *_arms_of_others(r for r in outcomes if r.study_id not in people))


def _arms_of_others(rows: Iterable[Outcome]) -> Iterator[Unused]:
    """Results that no study of microdoses stands behind: arms of trials of other doses, and reviews."""
    for row in {r.study_id: r for r in rows}.values():
        if row.verification == "recalled":
            why = "recalled, not read again: no weight"
        elif row.dose_class not in (dose_classes.MICRODOSE, ""):
            why = f"{row.arm} is a {row.dose_class}: dose classes are never mixed"
        else:
            why = "an estimate over other trials, or an arm without its control"
        yield Unused(row.study_id, row.sources, why)


def _reports(same: Iterable[Study]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(key for s in same for key in (s.study_id, *s.sources)))


def _controlled(study: Study) -> bool:
    return "rct" in study.design.lower() or "random" in study.design.lower()


def _result(study: Study, outcomes: Iterable[Outcome]) -> StudyResult | str:
    """What a study says about the drug by its outcomes, or why it says nothing that can be used."""
    chosen = choices()["base"]
    kind = dose_classes.of_study(study.cells)
    if any(word in study.status for word in choices()["planned"]["words"]) or "no record of" in study.status:
        return f"no result: {study.status}"
    if study.verification == "recalled":
        return "recalled, not read again: no weight"
    if study.study_id in chosen["without_microdose"]:
        return chosen["without_microdose"][study.study_id]
    rows = [r for r in outcomes if r.construct in chosen["constructs"]]
    rows = [r for r in rows if r.cells["timepoint_unit"].startswith("week") and r.verification != "recalled"]
    rows = [r for r in rows if r.dose_class in (dose_classes.MICRODOSE, "")]
    if not rows:
        outside = f", and its largest dose is a {kind}" if kind not in (dose_classes.MICRODOSE, "") else ""
        return f"limen's tables hold no figure of it for a symptom or well-being scale over weeks{outside}"
    indication = tables.condition_of(study.population)
    if indication is None:
        return f"its people, {study.population!r}, are of no illness that the base holds and are not said to be healthy"
    wanted = [known(indication).condition, *chosen["constructs"]]
    for construct in dict.fromkeys(wanted):
        for row in sorted(rows, key=lambda r: -(contrasts.weeks(r) or 0.0)):
            if row.construct == construct and (found := _of_row(study, indication, row, rows)) is not None:
                return found
    return "its figures give neither a difference between randomised arms with a spread nor its direction"


def _of_row(study: Study, indication: str, row: Outcome, rows: Sequence[Outcome]) -> StudyResult | None:
    """The contrast of one row, of an arm with its control, or of a direction; None where the row is none of them."""
    chosen = choices()["base"]
    week = contrasts.weeks(row) or 0.0
    weight = chosen["secondary_press"] if "press" in study.status else 1.0
    turn = -1.0 if families.direction_of(row.outcome, row.direction) == "lower_better" else 1.0
    whole = (float("-inf"), float("inf"))
    if "capsule" in f"{row.arm} {row.comparator} {row.note}" or " week" in row.arm:
        return None  # compared by what a capsule held, not by the arm people were randomised to
    if study.study_id in chosen["directions"]:
        people = row.n or study.n_randomised or 0
        below = chosen["directions"][study.study_id]["below"]
        low = float("-inf")
        return StudyResult(study, indication, row.outcome, week, None, (4 / people) ** 0.5, None,
                      f"a direction; {people} people in two equal arms are assumed", (low, below), weight)  # fmt: skip
    control = contrasts.control_of(row, rows)
    if (
        row.comparator
        and row.effect is not None
        and row.effect_se
        and contrasts.measure_of(row.effect_type) == "md"
    ):
        arm = next((r for r in rows if r.outcome == row.outcome and contrasts.is_control(r)), None)
        unit, basis = _yardstick(indication, row, arm)
        if unit is None:
            return None
        y, se = turn * row.effect / unit, row.effect_se / unit
        return StudyResult(study, indication, row.outcome, week, y, se, unit, basis, whole, weight)
    if control is None or contrasts.is_control(row) or row.arm == contrasts.MIXED or week == 0:
        return None
    unit, basis = _yardstick(indication, row, control)
    pair = _difference(row, control)
    if unit is None or pair is None:
        return None
    return StudyResult(
        study,
        indication,
        row.outcome,
        week,
        turn * pair[0] / unit,
        pair[1] / unit,
        unit,
        basis,
        whole,
        weight,
    )


def _yardstick(indication: str, row: Outcome, control: Outcome | None) -> tuple[float | None, str]:
    """The SD that delta is counted in where limen has a score model of the scale; else that of change in the control
    arm, from its interval where it must be; of final scores where nothing else is."""
    scale = families.scale_of(row.outcome)
    name = f"outcomes.{indication}.{scale['scale_id'] if scale else ''}.change_sd"
    if name in load():
        return load()[name].value, "SD of control-arm change that delta is counted in"
    if control is None or not control.n:
        return None, ""
    if control.change_sd:
        return control.change_sd, "SD of change in the control arm"
    if control.change_ci_low is not None and control.change_ci_high is not None:
        half = (control.change_ci_high - control.change_ci_low) / 2
        return half / 1.96 * control.n**0.5, "SD of change in the control arm, from its interval"
    return control.sd, "SD of final scores in the control arm"


def _difference(row: Outcome, control: Outcome) -> tuple[float, float] | None:
    """Active minus control with its standard error: of changes where both arms have them, else of final scores."""
    if not (row.n and control.n):
        return None
    change = (row.change_mean, control.change_mean, row.change_sd, control.change_sd)
    final = (row.mean, control.mean, row.sd, control.sd)
    for active, other, one, two in (change, final):
        if active is not None and other is not None and one and two:
            return active - other, (one**2 / row.n + two**2 / control.n) ** 0.5
    return None
