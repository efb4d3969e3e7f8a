"""A validation in words: what a terminal prints, and the sentences that every page of it shares."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from limen.calibration.scores import CLIMATOLOGY, EXPECTED, LEVEL
from limen.calibration.targets import CALIBRATED, PREDICTED
from limen.results import aligned

if TYPE_CHECKING:
    from limen.calibration.posterior import Calibrated
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
USED = (
    "Every simulated page draws from this posterior, a conducted trial from the one that has not seen it; `--prior`, or "
    "`limen.priors()`, draws from the priors instead."
)


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
        v.drawn_from,
        f"{len(v.predicted)} published values from {len(reports)} reports, each beside the {LEVEL:.0%} interval of what a trial of "
        f"that size would report: parameters, how trials and people differ, and the luck of one trial "
        f"({v.size.draws} draws of the parameters, seed {v.size.seed}).",
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


def calibrated_lines(c: Calibrated) -> list[str]:
    """A calibration for a terminal: what it rests on, the sampler, parameters, every fitted value, what is made of it."""
    sets = {(v.source, v.protocol) for v in c.values}
    return [
        f"{len(c.fitted)} parameters fitted to {len(c.values)} published values of {len(sets)} sets of participants: quadratics in "
        f"the parameters stand for the walk, fitted to {c.design} simulated trials of each (seed {c.seed}).",
        USED,
        "",
        *sampler_lines(c),
        "",
        *parameter_lines(c),
        "",
        *fitted_lines(c),
    ]


def sampler_lines(c: Calibrated) -> list[str]:
    """What the sampler said of each posterior, and whether anything speaks against it."""
    rows = [[s.without or "nothing", f"{s.r_hat:.4f}", f"{s.ess:.0f}", str(s.divergences)] for s in c.sampled]
    ends = "R-hat below 1.01 and no divergence in any." if c.clean else "NOT CLEAN: not to be drawn from."
    return [*aligned(["left out", "R-hat, worst", "draws, effective", "divergences"], rows, left=1), ends]


def parameter_lines(c: Calibrated) -> list[str]:
    """Each parameter before and after, and how much of its prior variance the values took away."""
    rows = [
        [f.name, f"{_span(f.prior)} {f.unit}", _span(f.posterior), f"{100 * max(f.learned, 0):.0f}%", "prior" if f.stays else "posterior"]
        for f in c.fitted
    ]  # fmt: skip
    head = ["parameter", "prior of the fit, 5 to 95%", "posterior", "learned", "drawn from"]
    reasons = {f.stays: [g.name for g in c.fitted if g.stays == f.stays] for f in c.fitted if f.stays}
    return [
        *aligned(head, rows, left=3),
        "Learned: the share of the prior variance that the values took away.",
        *(
            f"Left at the prior that ships, because {why}: {', '.join(names)}."
            for why, names in reasons.items()
        ),
    ]


def fitted_lines(c: Calibrated) -> list[str]:
    """Each published value beside what is expected without its study, and with it."""
    rows = [
        [v.name, f"{v.published:.3g}", _span(v.left_out) + ("" if v.inside else " OUTSIDE"), _span(v.fitted), f"{100 * v.explained:.0f}%"]
        for v in c.values
    ]  # fmt: skip
    head = ["value", "published", "study left out", "study fitted", "explained"]
    said = [*aligned(head, rows, left=1)]
    if c.left_out is not None and c.met is not None:
        said.append(
            f"Inside the {LEVEL:.0%} interval: {c.left_out.inside} of {c.left_out.of} with the study left out, {c.met.inside} with it fitted."
        )
        if c.left_out.remarkable and c.left_out.share > EXPECTED[1]:
            said.append("More than 97% of 90% intervals held: they are wider than they say.")
        said.append(DEPENDENT)
    worst = max(v.inflation for v in c.values)
    said.append(
        "Explained: the share of variance over the prior that the quadratic holds; the rest is the luck of one trial, differences "
        "between trials, other parameters and the error of the quadratic, and all of it widens the intervals. Leaving a "
        f"simulated trial out raises that rest by {100 * worst:.0f}% at most."
    )
    return said


def _span(q: tuple[float, float, float]) -> str:
    return f"{q[1]:.3g} ({q[0]:.3g} to {q[2]:.3g})"
