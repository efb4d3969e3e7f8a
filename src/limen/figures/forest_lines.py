"""From a meta-analysis to the table of its forest plot, for the command line and the dossier alike."""

from __future__ import annotations

from limen.evidence.meta import Meta
from limen.figures.marks import Datum
from limen.results import p_words
from limen.units import number_of

AXES = {
    "smd": "standardised mean difference (Hedges g, 95% CI)",
    "md": "mean difference, points (95% CI)",
    "rr": "log risk ratio (95% CI)",
    "or": "log odds ratio (95% CI)",
}
NUMBERS = ("y", "low", "high", "weight")


def table(meta: Meta) -> list[Datum]:
    """Trials, the pool or its absence, and below it the comparators whose control makes the comparison fair."""
    standard, fair = meta.gathered.measure == "smd", [b for b in meta.comparators if b.fair]
    unfair = len(meta.comparators) - len(fair)
    notes = (
        [f"{unfair} comparators left out: their control or scale makes the comparison unfair."]
        if unfair
        else []
    )
    notes += ["† recalled, not read again. Comparators are in patients."] if fair else []
    shared = {
        "title": f"{meta.gathered.construct.capitalize()}: {' and '.join(meta.gathered.dose_classes)} against control",
        "subtitle": _heterogeneity(meta),
        "axis": AXES[meta.gathered.measure],
        "left": "favours control" if standard else "lower on active",
        "right": "favours active" if standard else "higher on active",
        "notes": notes,
    }
    lines = [*_trials(meta), *_pool(meta)]
    if fair:
        lines.append(_line("heading", "Beside it, against placebo or sham:"))
    for b in fair:
        mark = " †" if b.comparator.verification == "recalled" else ""
        label = f"{b.comparator.intervention}{mark}"
        lines.append(_line("comparator", label, b.comparator.condition, b.y, b.low, b.high))
    return [line | shared for line in lines]


def _line(kind: str, label: str, detail: str = "", *numbers: float | None) -> Datum:
    values = [None if value is None else float(value) for value in (*numbers, *[None] * (4 - len(numbers)))]
    return {"kind": kind, "label": label, "detail": detail, **dict(zip(NUMBERS, values, strict=True))}


def _trials(meta: Meta) -> list[Datum]:
    lines = []
    weights = meta.pooled.weights if meta.pooled is not None else [1.0] * len(meta.effects)
    for effect, weight in zip(meta.effects, weights, strict=True):
        people = f"{effect.n_active} v {effect.n_control}" if effect.n_active else ""
        year = f" ({effect.year})" if effect.year else ""
        detail = ", ".join(part for part in (effect.outcome.split(" (")[0], people) if part)
        lines.append(_line("trial", f"{effect.study_id}{year}", detail, effect.y, *effect.interval(), weight))
    return lines


def _pool(meta: Meta) -> list[Datum]:
    """The pooled line and what a new trial would see, or why there is neither."""
    fit = meta.pooled
    if fit is None:
        why = "one independent trial: too few to pool" if meta.effects else "no usable row in limen's tables"
        return [_line("absent", why)]
    words = f"random effects, {fit.method}" + (", Hartung-Knapp" if fit.test == "t" else "")
    span = fit.interval[0]
    lines = [_line("pooled", words, f"k={fit.k}", fit.estimate, span.low, span.high)]
    if fit.prediction is not None:
        new = fit.prediction
        lines.append(_line("predicted", "prediction for a new trial", "", None, new.low, new.high))
    return lines


def _heterogeneity(meta: Meta) -> str:
    fit = meta.pooled
    if fit is None:
        return f"{number_of(len(meta.effects), 'trial')}; {number_of(len(meta.gathered.refused), 'result')} refused, with reasons in the table"
    tau = f"τ² = {fit.tau2:.3f}"
    if fit.tau2_interval is not None:
        tau += f" ({fit.tau2_interval.low:.2f} to {fit.tau2_interval.high:.2f})"
    return f"{tau}; I² = {fit.i2:.0f}%; Q = {fit.q:.2f}, df = {fit.k - 1}, {p_words(fit.q_p)}"
