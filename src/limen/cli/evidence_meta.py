"""`limen evidence meta`: pooled effects, or the honest absence of a pool."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from limen.evidence.gather import Effect
    from limen.evidence.meta import Meta
    from limen.evidence.pool import Pooled

SCHEMA_VERSION = 1


def meta(
    outcome: Annotated[
        str, typer.Option("--outcome", "-o", help="A construct (depression, anxiety, adhd) or an outcome.")
    ],
    dose_class: Annotated[
        list[str],
        typer.Option("--dose-class", help="Repeat to pool classes, which are otherwise kept apart."),
    ] = ["microdose"],  # noqa: B006
    compound: Annotated[str | None, typer.Option("--compound", "-c", help="LSD or psilocybin.")] = None,
    measure: Annotated[str, typer.Option("--measure", help="smd (Hedges g), md, rr or or.")] = "smd",
    method: Annotated[
        str, typer.Option("--method", help="Heterogeneity: REML, ML, DL, PM; EE for a common effect.")
    ] = "REML",
    hartung_knapp: Annotated[
        bool, typer.Option(help="Hartung-Knapp intervals with the ad-hoc guard.")
    ] = True,
    timepoint: Annotated[
        float | None, typer.Option("--timepoint", help="Week; the last one if left out.")
    ] = None,
    subgroup: Annotated[
        str | None, typer.Option("--subgroup", help="compound, dose_class, control, verification or outcome.")
    ] = None,
    moderator: Annotated[str | None, typer.Option("--moderator", help="Regress on year, size or se.")] = None,
    bayes: Annotated[
        bool, typer.Option("--bayes", help="Sample the Bayesian model too (loads JAX; seconds).")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for programs.")] = False,
    figure: Annotated[
        Path | None, typer.Option("--figure", help="Draw the forest plot (SVG, PDF, PNG).")
    ] = None,
) -> None:
    """Pool the effects on an outcome, one a set of participants; with one trial, say what a second would add.

    Standardised effects above zero favour the active arm. Dose classes are never pooled unless asked; results
    that are only a direction, uncontrolled, or of the same people again are listed with the reason.

        limen evidence meta --outcome depression --dose-class microdose
    """
    from limen.errors import FactsError
    from limen.evidence.gather import MEASURES, Measure
    from limen.evidence.meta import meta_analysis
    from limen.evidence.pool import METHODS, Method

    methods: dict[str, Method] = {name: name for name in METHODS}
    measures: dict[str, Measure] = {name: name for name in MEASURES}
    chosen, scale = methods.get(method.upper()), measures.get(measure.lower())
    if chosen is None or scale is None:
        wrong, allowed = (method, METHODS) if chosen is None else (measure, MEASURES)
        raise FactsError(f"no such choice: {wrong!r}", remedy=f"use one of: {', '.join(allowed)}")
    found = meta_analysis(
        outcome, dose_class=dose_class, compound=compound, measure=scale, method=chosen,
        hartung_knapp=hartung_knapp, timepoint=timepoint, subgroup=subgroup, moderator=moderator, bayes=bayes,
    )  # fmt: skip
    if figure is not None:
        from limen.figures import files
        from limen.figures import forest as plot
        from limen.figures.forest_lines import table

        typer.echo(f"drew {files.save(plot.chart(table(found)), figure)}", err=True)
    typer.echo(json.dumps(report(found), indent=2) if as_json else "\n".join(lines(found)))


def report(found: Meta) -> dict[str, Any]:
    """The answer for programs."""
    gathered = found.gathered
    few = found.too_few
    return {
        "schema_version": SCHEMA_VERSION,
        "outcome": gathered.construct,
        "dose_classes": list(gathered.dose_classes),
        "measure": gathered.measure,
        "verdict": found.verdict,
        "k": len(found.effects),
        "effects": [_effect(effect) for effect in found.effects],
        "other_estimates_of_the_same_people": [_effect(effect) for effect in gathered.others],
        "refused": [asdict(refusal) for refusal in gathered.refused],
        "pooled": _pooled(found.pooled) if found.pooled else None,
        "common": _pooled(found.common) if found.common else None,
        "by_method": [_pooled(fit) for fit in found.by_method],
        "leave_one_out": [
            {"without": effect.study_id, **_pooled(fit)}
            for effect, fit in zip(found.effects, found.leave_one_out, strict=False)
        ],
        "subgroups": None if found.subgroups is None else {
            "groups": [{"group": name, **_pooled(fit)} for name, fit in found.subgroups.groups],
            "q_between": found.subgroups.q_between, "df": found.subgroups.df, "p": found.subgroups.p,
        },
        "regression": None if found.regression is None else {
            "beta": found.regression.beta.tolist(), "se": found.regression.se.tolist(),
            "p": found.regression.p.tolist(), "tau2": found.regression.tau2, "k": found.regression.k,
        },
        "cumulative": [_pooled(fit) for fit in found.cumulative],
        "asymmetry": [{**asdict(test), "enough": test.enough} for test in found.asymmetry],
        "bayes": asdict(found.bayes) if found.bayes is not None else None,
        "too_few": None if few is None else {
            "prior": few.prior.words,
            "posterior": asdict(few.posterior),
            "posterior_if_one_effect": asdict(few.if_one_effect),
            "second_trial": [asdict(second) for second in few.second],
            "second_trial_if_one_effect": [asdict(second) for second in few.second_if_one_effect],
        },
        "comparators": [
            {"comparator_id": b.comparator.comparator_id, "intervention": b.comparator.intervention, "fair": b.fair,
             "y": b.y, "low": b.low, "high": b.high, "reason": b.reason, "verification": b.comparator.verification}
            for b in found.comparators
        ],
        "cautions": list(found.cautions),
    }  # fmt: skip


def _effect(effect: Effect) -> dict[str, Any]:
    low, high = effect.interval()
    known = asdict(effect) | {"se": effect.se, "low": low, "high": high, "bias": dict(effect.bias)}
    known["from"] = known.pop("from_")
    return {name: None if value != value else value for name, value in known.items()}


def _pooled(fit: Pooled) -> dict[str, Any]:
    return {
        "method": fit.method, "k": fit.k, "estimate": fit.estimate, "se": float(fit.se[0]), "test": fit.test,
        "low": fit.interval[0].low, "high": fit.interval[0].high, "p": float(fit.p[0]), "tau2": fit.tau2,
        "tau2_interval": asdict(fit.tau2_interval) if fit.tau2_interval else None, "q": fit.q, "q_p": fit.q_p,
        "i2": fit.i2, "h2": fit.h2, "prediction": asdict(fit.prediction) if fit.prediction else None,
        "weights": [float(weight) for weight in fit.weights],
    }  # fmt: skip


def lines(found: Meta) -> list[str]:
    """The answer for people."""
    gathered = found.gathered
    head = f"{gathered.construct}, {' and '.join(gathered.dose_classes)}: "
    text = [head + {"nothing": "no usable trial", "pooled": f"{len(found.effects)} trials pooled"}.get(
        found.verdict, "one independent trial: too few to pool")]  # fmt: skip
    sign = "above zero favours the active arm" if gathered.measure == "smd" else "as the scale runs"
    for e in found.effects:
        low, high = e.interval()
        people = f", {e.n_active} v {e.n_control} people" if e.n_active else ""
        text.append(
            f"  {e.study_id} ({e.year}): {gathered.measure} {e.y:.2f} ({low:.2f} to {high:.2f}); {sign}"
        )
        text.append(
            f"    {e.outcome}, {e.when}, from {e.from_}{people}; {e.compound}; {e.verification}: {e.source}"
        )
        text.append("    " + "; ".join(f"{name}: {says}" for name, says in e.bias))
    text += _pool_lines(found)
    text += _few_lines(found)
    if found.bayes is not None:
        b, d = found.bayes, found.bayes.diagnostics
        sound = "sound" if d.sound else "NOT to be trusted"
        text += [
            f"  Bayesian: {b.mean:.2f} (95% {b.low:.2f} to {b.high:.2f}), P(below zero) {b.below_zero:.2f}; "
            f"tau {b.tau_median:.2f} ({b.tau_low:.2f} to {b.tau_high:.2f})",
            f"    prior: {b.prior.words}; r-hat {d.r_hat:.3f}, ESS {d.ess:.0f}, {d.divergences} divergences: {sound}",
        ]
    if gathered.refused:
        text.append("  Not used, and why:")
        text += [f"    {r.study_id}, {r.outcome} [{r.result}]: {r.reason}" for r in gathered.refused]
    fair = [b for b in found.comparators if b.fair]
    if fair:
        text.append("  Beside it (against placebo or sham; patients, unlike most microdose trials):")
        for b in fair:
            interval = f" ({b.low:.2f} to {b.high:.2f})" if b.low is not None and b.high is not None else ""
            text.append(f"    {b.comparator.intervention}: {b.y:.2f}{interval}; {b.reason}")
    if found.comparators:
        text.append(f"  Not beside it: {len(found.comparators) - len(fair)} comparators, reasons with --json")
    text += [f"  caution: {caution}" for caution in found.cautions]
    return text


def _pool_lines(found: Meta) -> list[str]:
    if found.pooled is None:
        return []
    fit = found.pooled
    tau = f"tau2 {fit.tau2:.3f}"
    if fit.tau2_interval is not None:
        tau += f" ({fit.tau2_interval.low:.3f} to {fit.tau2_interval.high:.3f})"
    text = []
    for each in found.by_method:
        name = (
            "common effect"
            if each.method == "EE"
            else f"random, {each.method}" + (" + HK" if each.test == "t" else "")
        )
        mark = "  <- reported" if each.method == fit.method else ""
        i = each.interval[0]
        text.append(
            f"  {name:<22} {each.estimate:6.2f} ({i.low:.2f} to {i.high:.2f}), tau2 {each.tau2:.3f}{mark}"
        )
    text.append(f"  Q {fit.q:.2f} (df {fit.k - 1}, p {fit.q_p:.2f}); I2 {fit.i2:.0f}%; {tau}")
    if fit.prediction is not None:
        text.append(
            f"  a new trial is predicted between {fit.prediction.low:.2f} and {fit.prediction.high:.2f}"
        )
    for effect, each in zip(found.effects, found.leave_one_out, strict=False):
        i = each.interval[0]
        text.append(f"  without {effect.study_id}: {each.estimate:.2f} ({i.low:.2f} to {i.high:.2f})")
    if found.subgroups is not None:
        for name, each in found.subgroups.groups:
            i = each.interval[0]
            text.append(f"  {name}: {each.estimate:.2f} ({i.low:.2f} to {i.high:.2f}), {each.k} trials")
        text.append(
            f"  between groups: Q {found.subgroups.q_between:.2f}, df {found.subgroups.df}, p {found.subgroups.p:.2f}"
        )
    if found.regression is not None:
        r = found.regression
        text.append(
            f"  per unit of the moderator: {r.beta[1]:.3f} (SE {r.se[1]:.3f}, p {r.p[1]:.2f}), {r.k} trials"
        )
    for test in found.asymmetry:
        few = "" if test.enough else " (too few trials for it to mean much)"
        text.append(f"  {test.test} test of asymmetry: {test.statistic:.2f}, p {test.p:.2f}{few}")
    return text


def _few_lines(found: Meta) -> list[str]:
    few = found.too_few
    if few is None:
        return []
    p, one = few.posterior, few.if_one_effect
    text = [
        f"  prior: {few.prior.words} (assumption)",
        f"  with that prior, the mean effect of such trials: {p.mean:.2f} (95% {p.low:.2f} to {p.high:.2f}); "
        f"if every trial had this effect: {one.mean:.2f} ({one.low:.2f} to {one.high:.2f})",
        "  a second trial would add (in brackets: if every trial had one and the same effect):",
    ]
    for new, same in zip(few.second, few.second_if_one_effect, strict=True):
        text.append(
            f"    {new.n_per_arm} per arm: interval width {new.width_now:.2f} -> {new.width:.2f} ({same.width_now:.2f} -> "
            f"{same.width:.2f}); sign of the mean changes {new.sign_change:.0%} ({same.sign_change:.0%}); "
            f"interval excludes zero {new.excludes_zero:.0%} ({same.excludes_zero:.0%})"
        )
    return text
