"""Which comparators may stand beside a microdose estimate: those whose control makes the comparison fair.

A microdose trial asks what the drug adds to an inert placebo given in the same way. A number against waiting,
or against another treatment, answers something else however similar it looks.
"""

from __future__ import annotations

from dataclasses import dataclass

from limen.evidence import tables
from limen.evidence.effects import Size, se_from_interval
from limen.evidence.tables import Comparator

CONDITIONS = {"depression": ("MDD", "TRD"), "anxiety": ("GAD", "anxiety"), "ptsd": ("PTSD",)}

# control text -> why it is not the comparison a microdose trial makes; an empty reason means that it is
CONTROLS = {
    "placebo": "",
    "sham": "",
    "waitlist, usual care, other": "waiting or usual care, not a pill placebo: the effect includes being treated at all",
    "control": "unstated mixture of controls, mostly waiting or usual care",
    "drug alone": "added to a drug: the control is an effective treatment",
    "placebo plus antidepressant": "added to an antidepressant: both arms are treated",
    "placebo spray plus new antidepressant": "added to a new antidepressant: both arms are treated",
    "baseline": "change from baseline, without a control arm",
    "psychological or pill placebo": "psychological placebos mixed with pills",
    "placebo plus same therapy": "both arms had many hours of therapy",
}
STANDARDISED = ("SMD", "Hedges g", "Cohen d")


@dataclass(frozen=True)
class Beside:
    """A comparator, its standardised effect if it has one (above zero favours it), and whether it is fair."""

    comparator: Comparator
    y: float | None
    low: float | None
    high: float | None
    fair: bool
    reason: str  # why not; or, where fair, what still differs


def beside(construct: str) -> tuple[Beside, ...]:
    """Every comparator in the conditions of a construct, judged; empty for a construct without a
    condition."""
    wanted = CONDITIONS.get(construct, ())
    rows = [row for row in tables.comparators() if any(word in row.condition for word in wanted)]
    return tuple(_judge(row) for row in rows)


def size_of(row: Comparator, measure: str) -> tuple[Size | None, str]:
    """A comparator as an effect on this measure, and from what; or None, and why not."""
    said = row.effect_type.lower()
    kind = "smd" if row.effect_type in STANDARDISED else "md" if "difference" in said else None
    if row.effect is None or kind is None:
        return None, f"no single number: {row.cells['effect'] or row.effect_type}"
    if kind != measure:
        return None, f"{row.effect_type} on {row.scale}: use --measure {kind}"
    if row.ci_low is None or row.ci_high is None:
        return None, "no standard error or interval was reported"
    sign = -1.0 if measure == "smd" and row.direction == "negative favours active" else 1.0
    se = se_from_interval(row.ci_low, row.ci_high)
    return Size(sign * row.effect, se * se, measure), f"{row.effect_type}, with its interval"


def _judge(row: Comparator) -> Beside:
    reason = _unfair(row)
    if reason:
        return Beside(row, None, None, None, False, reason)
    sign = -1.0 if row.direction == "negative favours active" else 1.0
    effect = row.effect if row.effect is not None else 0.0
    ends = sorted(sign * end for end in (row.ci_low, row.ci_high) if end is not None)
    low, high = (ends[0], ends[1]) if len(ends) == 2 else (None, None)
    caveats = [f"patients with {row.condition}"]
    if row.control == "sham":
        caveats.append("sham device, not a pill")
    if "psychedelic" in row.therapy_class:
        caveats.append("placebo, but nearly everybody recognises a full dose")
    if low is None:
        caveats.append("no interval seen")
    if row.verification == "recalled":
        caveats.append("recalled, not read again")
    return Beside(row, sign * effect, low, high, True, "; ".join(caveats))


def _unfair(row: Comparator) -> str:
    """Why a comparator cannot be drawn beside a standardised microdose effect; empty where it can."""
    by_control = CONTROLS.get(row.control)
    if by_control is None:
        return f"against {row.control}: an active control, not an inert placebo"
    if by_control:
        return by_control
    if row.therapy_class == "psychotherapy":
        return "psychotherapy: nobody is blind to being in it, and its placebos are psychological or pills"
    if row.effect is None:
        return f"no single number: {row.cells['effect'] or row.effect_type}"
    if " at " in row.effect_type:
        return f"{row.effect_type} after a dose: an acute effect, not one of weeks of treatment"
    if row.effect_type not in STANDARDISED:
        return f"{row.effect_type} on {row.scale}: not a standardised difference"
    return ""
