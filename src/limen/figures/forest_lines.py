"""From a meta-analysis to the lines of its forest plot, for the command line and the dossier alike."""

from __future__ import annotations

from limen.evidence.meta import Meta
from limen.figures.forest import Forest, Line

AXES = {
    "smd": "standardised mean difference (Hedges g, 95% CI)",
    "md": "mean difference, points (95% CI)",
    "rr": "log risk ratio (95% CI)",
    "or": "log odds ratio (95% CI)",
}


def forest(meta: Meta) -> Forest:
    """Trials, the pool or its absence, and below it the comparators whose control makes the comparison
    fair."""
    lines: list[Line] = []
    weights = meta.pooled.weights if meta.pooled is not None else [1.0] * len(meta.effects)
    for effect, weight in zip(meta.effects, weights, strict=True):
        low, high = effect.interval()
        people = f"{effect.n_active} v {effect.n_control}" if effect.n_active else ""
        year = f" ({effect.year})" if effect.year else ""
        detail = ", ".join(part for part in (effect.outcome.split(" (")[0], people) if part)
        lines.append(Line("trial", f"{effect.study_id}{year}", detail, effect.y, low, high, float(weight)))
    if meta.pooled is not None:
        fit = meta.pooled
        words = f"random effects, {fit.method}" + (", Hartung-Knapp" if fit.test == "t" else "")
        lines.append(
            Line("pooled", words, f"k={fit.k}", fit.estimate, fit.interval[0].low, fit.interval[0].high)
        )
        if fit.prediction is not None:
            lines.append(
                Line(
                    "predicted",
                    "prediction for a new trial",
                    "",
                    None,
                    fit.prediction.low,
                    fit.prediction.high,
                )
            )
    else:
        why = "one independent trial: too few to pool" if meta.effects else "no usable trial"
        lines.append(Line("absent", why))
    fair = [b for b in meta.comparators if b.fair]
    if fair:
        lines.append(Line("heading", "Beside it, against placebo or sham:"))
        for b in fair:
            mark = " †" if b.comparator.verification == "recalled" else ""
            lines.append(
                Line(
                    "comparator",
                    f"{b.comparator.intervention}{mark}",
                    b.comparator.condition,
                    b.y,
                    b.low,
                    b.high,
                )
            )
    unfair = len(meta.comparators) - len(fair)
    notes = (
        [f"{unfair} comparators left out: their control or scale makes the comparison unfair."]
        if unfair
        else []
    )
    notes += ["† recalled, not read again. Comparators are in patients."] if fair else []
    standard = meta.gathered.measure == "smd"
    return Forest(
        title=f"{meta.gathered.construct.capitalize()}: {' and '.join(meta.gathered.dose_classes)} against control",
        subtitle=_heterogeneity(meta),
        axis=AXES[meta.gathered.measure],
        left="favours control" if standard else "lower on active",
        right="favours active" if standard else "higher on active",
        lines=lines,
        footnotes=notes,
    )


def _heterogeneity(meta: Meta) -> str:
    fit = meta.pooled
    if fit is None:
        return f"{len(meta.effects)} trial; {len(meta.gathered.refused)} results refused, with reasons in the table"
    tau = f"τ² = {fit.tau2:.3f}"
    if fit.tau2_interval is not None:
        tau += f" ({fit.tau2_interval.low:.2f} to {fit.tau2_interval.high:.2f})"
    return f"{tau}; I² = {fit.i2:.0f}%; Q = {fit.q:.2f}, df = {fit.k - 1}, p = {fit.q_p:.2f}"
