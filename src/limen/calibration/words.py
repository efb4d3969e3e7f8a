"""A validation in words: what a terminal prints, and the sentences that every page of it shares."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from limen.calibration.scores import CLIMATOLOGY, EXPECTED, LEVEL
from limen.calibration.targets import CALIBRATED, PREDICTED
from limen.results import aligned

if TYPE_CHECKING:
    from limen.calibration.scores import Coverage
    from limen.calibration.validation import Predicted, Validation

HEADINGS = {
    PREDICTED: "Predicted: no parameter was set with the value in sight; a trial is predicted without itself",
    CALIBRATED: "Calibrated to: parameters were set with the value in sight, so agreement shows nothing",
}
DEPENDENT = "The interval of a coverage takes the values as independent. Values of one trial are not, so it is too narrow."
UNDISCUSSED = "Not discussed yet."
TAIL = (0.05, 0.95)
ENOUGH = 100  # draws


def told(v: Validation) -> list[str]:
    """The whole validation for a terminal: what was frozen, coverage and skill, failures, every target."""
    return [
        v.frozen,
        *about(v),
        "",
        *coverage_lines(v),
        "",
        *skill_lines(v),
        "",
        *failure_lines(v),
        "",
        *target_lines(v),
        *not_compared_lines(v),
    ]


def about(v: Validation) -> list[str]:
    """How many values, from how many reports, and what the intervals hold."""
    reports = {key for p in v.predicted for key in p.sources}
    said = [
        f"{len(v.predicted)} published values from {len(reports)} reports, each beside the {LEVEL:.0%} interval of what a trial of "
        f"that size would report: parameters, how trials and people differ, and the luck of one trial "
        f"({v.size.draws} draws of the parameters, seed {v.size.seed})."
    ]
    if v.size.draws < ENOUGH:
        said.append(f"With fewer than {ENOUGH} draws the ends of these intervals are rough, and too narrow.")
    return said


def coverage_lines(v: Validation) -> list[str]:
    rows = []
    for role, group, found in covered(v):
        low, high = found.interval
        rows.append([role, group, f"{found.inside} of {found.of}", f"{100 * found.share:.0f}%", f"{100 * low:.0f} to {100 * high:.0f}%"])  # fmt: skip
    return [
        *aligned(["coverage", "of", "inside", "share", "95% interval"], rows, left=2),
        DEPENDENT,
        *remarks(v),
    ]


def covered(v: Validation) -> list[tuple[str, str, Coverage]]:
    """Coverage by role, of all and of each group."""
    found = [(role, group, v.covered(role, group)) for role in HEADINGS for group in ("", *v.groups)]
    return [(role, group or "all", c) for role, group, c in found if c is not None]


def remarks(v: Validation) -> list[str]:
    """Where coverage of a whole role leaves 80 to 97%, and in which groups it does; what is known of LSDDEP1 and LSDDEP2."""
    said = []
    for role in HEADINGS:
        whole = v.covered(role)
        if whole is not None and whole.remarkable:
            low = whole.share < EXPECTED[0]
            where = [
                f"{group} ({c.inside} of {c.of})"
                for r, group, c in covered(v)
                if r == role and group != "all" and (c.share < EXPECTED[0] if low else c.share > EXPECTED[1])
            ]
            said.append(
                f"Coverage of what was {role} is {100 * whole.share:.0f}%, {'below 80' if low else 'above 97'}%: in {', '.join(where)}. "
                "What is known of why stands with each failure below."
            )
    said += [under_nothing(p) for p in v.predicted if p.quantity == "change in % of baseline"]
    said += [direction(p) for p in v.predicted if p.chance is not None]
    return said


def under_nothing(p: Predicted) -> str:
    """Where an uncontrolled result stands if the drug does nothing."""
    at = p.at["0"]
    where = "inside" if TAIL[0] <= at <= TAIL[1] else "NOT inside"
    return f"{p.name}: percentile {100 * at:.0f} of what trials of a drug that does nothing would report, {where} 5 to 95."


def direction(p: Predicted) -> str:
    return f"{p.name}: limen gives that direction a chance of {100 * (p.chance or 0):.0f}% (no number was reported)."


def skill_lines(v: Validation) -> list[str]:
    rows = [
        [
            s.role,
            s.quantity,
            str(s.count),
            f"{s.width:.2f}",
            f"{s.crps:.3f}",
            f"{s.climatology:.3f}",
            f"{s.skill:+.2f}",
        ]
        for s in v.skills
    ]
    head = ["score", "quantity", "values", "width", "CRPS", "climatology", "skill"]
    return [*aligned(head, rows, left=2), f"Skill is 1 - CRPS / climatology; {CLIMATOLOGY}."]


def failure_lines(v: Validation) -> list[str]:
    """Everything outside its interval, the farthest first, and what is to be said of it."""
    said = [f"Outside the {LEVEL:.0%} interval, the farthest first:"]
    for at, p in enumerate(v.failures, 1):
        said += [f"{at}. {failure(p)}", f"   {p.discussion or UNDISCUSSED}"]
    return said if v.failures else [f"Nothing is outside its {LEVEL:.0%} interval."]


def failure(p: Predicted) -> str:
    return (
        f"{p.name} ({p.role}): published {number(p.published)} {p.unit}, {p.median:.3g} ({p.low:.3g} to {p.high:.3g}) expected, "
        f"{p.off or 0:.1f} half widths from the median"
    )


def target_lines(v: Validation) -> list[str]:
    said: list[str] = []
    for role, heading in HEADINGS.items():
        rows = [cells(p) for p in v.of(role)]
        if rows:
            said += [
                heading,
                *aligned(
                    ["value", "published", "predicted (90%)", "percentile", "at delta 0 | 0.2 | 0.4"], rows
                ),
                "",
            ]
    return said


def cells(p: Predicted) -> list[str]:
    """One target as the cells of a table."""
    given = " | ".join(f"{100 * p.at[d]:.0f}" for d in ("0", "0.2", "0.4")) if p.at else ""
    place = "" if p.percentile is None else f"{100 * p.percentile:.0f}" + ("" if p.inside else " OUTSIDE")
    return [
        p.name,
        f"{number(p.published)} {p.unit}",
        f"{p.median:.3g} ({p.low:.3g} to {p.high:.3g})",
        place,
        given,
    ]


def number(value: float | None) -> str:
    return "direction only" if value is None else f"{value:.3g}"


def not_compared_lines(v: Validation) -> Sequence[str]:
    """Observed exposures that limen cannot be held against, by the reason."""
    said = []
    for why in dict.fromkeys(v.not_compared.values()):
        said.append(
            f"not compared, {why}: {' '.join(key for key, reason in v.not_compared.items() if reason == why)}"
        )
    return said
