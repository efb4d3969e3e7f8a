"""A meta-analysis as JSON and as sentences. Ratios are shown as ratios; a log stands only where it is named one."""

from __future__ import annotations

import math
from dataclasses import asdict
from typing import Any

from limen.evidence.contrasts import RATIOS, Effect
from limen.evidence.meta import Meta
from limen.evidence.pool import Pooled
from limen.results import p_words
from limen.units import number_of

SCHEMA_VERSION = 2
NAMES = {"smd": "Hedges g", "md": "mean difference", "rr": "risk ratio", "or": "odds ratio"}


def meta_data(found: Meta) -> dict[str, Any]:
    """The answer for programs."""
    gathered = found.gathered
    few = found.too_few
    return {
        "schema_version": SCHEMA_VERSION,
        "outcome": gathered.construct,
        "dose_classes": list(gathered.dose_classes),
        "measure": gathered.measure,
        "scale": _scale(found),
        "verdict": found.verdict,
        "k": len(found.effects),
        "effects": [_effect(effect, found) for effect in found.effects],
        "other_estimates_of_the_same_people": [_effect(effect, found) for effect in gathered.others],
        "refused": [asdict(refusal) for refusal in gathered.refused],
        "pooled": _pooled(found.pooled, found) if found.pooled else None,
        "common": _pooled(found.common, found) if found.common else None,
        "mantel_haenszel": _pooled(found.mantel_haenszel, found) if found.mantel_haenszel else None,
        "by_method": [_pooled(fit, found) for fit in found.by_method],
        "leave_one_out": [
            {"without": effect.study_id, **_pooled(fit, found)}
            for effect, fit in zip(found.effects, found.leave_one_out, strict=False)
        ],
        "subgroups": None if found.subgroups is None else {
            "groups": [{"group": name, **_pooled(fit, found)} for name, fit in found.subgroups.groups],
            "q_between": found.subgroups.q_between, "df": found.subgroups.df, "p": found.subgroups.p
        },
        "regression": None if found.regression is None else {
            "beta": found.regression.beta.tolist(), "se": found.regression.se.tolist(),
            "p": found.regression.p.tolist(), "tau2": found.regression.tau2, "k": found.regression.k
        },
        "cumulative": [_pooled(fit, found) for fit in found.cumulative],
        "asymmetry": [{**asdict(test), "enough": test.enough} for test in found.asymmetry],
        "bayes": asdict(found.bayes) if found.bayes is not None else None,
        "too_few": None if few is None else {
            "prior": few.prior.words,
            "posterior": asdict(few.posterior),
            "posterior_if_one_effect": asdict(few.if_one_effect),
            "second_trial": [asdict(second) for second in few.second],
            "second_trial_if_one_effect": [asdict(second) for second in few.second_if_one_effect]
        },
        "comparators": [
            {"comparator_id": b.comparator.comparator_id, "intervention": b.comparator.intervention, "fair": b.fair,
             "y": b.y, "low": b.low, "high": b.high, "reason": b.reason, "verification": b.comparator.verification}
            for b in found.comparators
        ],
        "cautions": list(found.cautions),
        "not_done": list(found.not_done)
    }  # fmt: skip


def _effect(effect: Effect, found: Meta) -> dict[str, Any]:
    low, high = effect.interval()
    known = asdict(effect) | {"se": effect.se, "low": low, "high": high, "bias": dict(effect.bias)}
    known["from"] = known.pop("from_")
    return known | _ratio(found, effect.y, low, high)


def _pooled(fit: Pooled, found: Meta) -> dict[str, Any]:
    return {
        "method": fit.method, "k": fit.k, "estimate": fit.estimate, "se": float(fit.se[0]), "test": fit.test,
        "low": fit.interval[0].low, "high": fit.interval[0].high, "p": float(fit.p[0]), "tau2": fit.tau2,
        "tau2_interval": asdict(fit.tau2_interval) if fit.tau2_interval else None, "q": fit.q, "q_p": fit.q_p,
        "i2": fit.i2, "h2": fit.h2, "prediction": asdict(fit.prediction) if fit.prediction else None,
        "weights": [float(weight) for weight in fit.weights]
    } | _ratio(found, fit.estimate, fit.interval[0].low, fit.interval[0].high)  # fmt: skip


def _scale(found: Meta) -> str:
    if found.gathered.measure in RATIOS:
        return f"y, estimate, low, high and se are logs of the {NAMES[found.gathered.measure]}; ratio* are ratios"
    return NAMES[found.gathered.measure]


def _ratio(found: Meta, y: float, low: float, high: float) -> dict[str, float]:
    if found.gathered.measure not in RATIOS:
        return {}
    return {"ratio": math.exp(y), "ratio_low": math.exp(low), "ratio_high": math.exp(high)}


def _said(found: Meta, y: float, low: float | None = None, high: float | None = None) -> str:
    """A value and its interval on the scale that is shown."""
    turn = math.exp if found.gathered.measure in RATIOS else float
    span = "" if low is None or high is None else f" ({turn(low):.2f} to {turn(high):.2f})"
    return f"{turn(y):.2f}{span}"


def _fit(found: Meta, fit: Pooled) -> str:
    return _said(found, fit.estimate, fit.interval[0].low, fit.interval[0].high)


def meta_text(found: Meta) -> list[str]:
    """The answer for people."""
    gathered = found.gathered
    head = f"{gathered.construct}, {' and '.join(gathered.dose_classes)}: "
    text = [head + {"nothing": "no usable row in limen's tables, which is no word on whether a trial exists",
                    "pooled": f"{number_of(len(found.effects), 'trial')} pooled"}.get(
        found.verdict, "one independent trial in limen's tables: too few to pool")]  # fmt: skip
    for effect in found.effects:
        text += _effect_lines(found, effect)
    text += _pool_lines(found)
    text += _few_lines(found)
    if found.bayes is not None:
        b, d = found.bayes, found.bayes.diagnostics
        sound = "sound" if d.sound else "NOT to be trusted"
        text += [
            f"  Bayesian: {_said(found, b.mean, b.low, b.high)}, P(below {'one' if gathered.measure in RATIOS else 'zero'}) "
            f"{b.below_zero:.2f}; tau {b.tau_median:.2f} ({b.tau_low:.2f} to {b.tau_high:.2f})",
            f"    prior: {b.prior.words}; r-hat {d.r_hat:.3f}, ESS {d.ess:.0f}, {d.divergences} divergences: {sound}",
        ]
    text += [f"  not done: {why}" for why in found.not_done]
    if gathered.refused:
        text.append("  Not used, and why:")
        text += [f"    {r.study_id}, {r.outcome} [{r.result}]: {r.reason}" for r in gathered.refused]
    return text + _beside_lines(found) + [f"  caution: {caution}" for caution in found.cautions]


def _effect_lines(found: Meta, e: Effect) -> list[str]:
    measure = found.gathered.measure
    sign = {"smd": "above zero favours the active arm", "md": "as the scale runs"}.get(
        measure, "one is no difference"
    )
    people = f", {e.n_active} v {e.n_control} people" if e.n_active else ""
    return [
        f"  {e.study_id} ({e.year}): {NAMES[measure]} {_said(found, e.y, *e.interval())}; {sign}",
        f"    {e.outcome}, {e.when}, from {e.from_}{people}; {e.compound}; {e.verification}: {e.source}",
        "    " + "; ".join(f"{name}: {says}" for name, says in e.bias),
    ]


def _beside_lines(found: Meta) -> list[str]:
    text: list[str] = []
    fair = [b for b in found.comparators if b.fair]
    if fair:
        text.append("  Beside it (against placebo or sham; patients, unlike most microdose trials):")
        for b in fair:
            interval = f" ({b.low:.2f} to {b.high:.2f})" if b.low is not None and b.high is not None else ""
            text.append(f"    {b.comparator.intervention}: {b.y:.2f}{interval}; {b.reason}")
    if found.comparators:
        text.append(
            f"  Not beside it: {number_of(len(found.comparators) - len(fair), 'comparator')}, reasons with --json"
        )
    return text


def _pool_lines(found: Meta) -> list[str]:
    if found.pooled is None:
        return []
    fit = found.pooled
    tau = f"tau2 {fit.tau2:.3f}"
    if fit.tau2_interval is not None:
        tau += f" ({fit.tau2_interval.low:.3f} to {fit.tau2_interval.high:.3f})"
    text: list[str] = []
    for each in found.by_method:
        name = f"random, {each.method}" + (" + HK" if each.test == "t" else "")
        name = "common effect" if each.method == "EE" else name
        mark = "  <- reported" if each.method == fit.method else ""
        text.append(f"  {name:<22} {_fit(found, each)}, tau2 {each.tau2:.3f}{mark}")
    if found.mantel_haenszel is not None:
        text.append(f"  {'Mantel-Haenszel':<22} {_fit(found, found.mantel_haenszel)}")
    text.append(f"  Q {fit.q:.2f} (df {fit.k - 1}, {p_words(fit.q_p)}); I2 {fit.i2:.0f}%; {tau}")
    if fit.prediction is not None:
        new = _said(found, fit.estimate, fit.prediction.low, fit.prediction.high)
        text.append(f"  a new trial is predicted at {new}")
    for effect, each in zip(found.effects, found.leave_one_out, strict=False):
        text.append(f"  without {effect.study_id}: {_fit(found, each)}")
    if found.subgroups is not None:
        between = found.subgroups
        text += [
            f"  {name}: {_fit(found, each)}, {number_of(each.k, 'trial')}" for name, each in between.groups
        ]
        text.append(f"  between groups: Q {between.q_between:.2f}, df {between.df}, {p_words(between.p)}")
    if found.regression is not None:
        r, scale = found.regression, ", on the log scale" if found.gathered.measure in RATIOS else ""
        slope = f"{r.beta[1]:.3f} (SE {r.se[1]:.3f}, {p_words(r.p[1])})"
        text.append(f"  per unit of {found.pooling.moderator}{scale}: {slope}, {number_of(r.k, 'trial')}")
    for test in found.asymmetry:
        few = "" if test.enough else " (too few trials for it to mean much)"
        text.append(f"  {test.test} test of asymmetry: {test.statistic:.2f}, {p_words(test.p)}{few}")
    return text


def _few_lines(found: Meta) -> list[str]:
    few = found.too_few
    if few is None:
        return []
    p, one = few.posterior, few.if_one_effect
    ratio = found.gathered.measure in RATIOS
    log, none, side = (
        (", of the log ratio", "one", "the mean crosses one")
        if ratio
        else ("", "zero", "sign of the mean changes")
    )
    text = [
        f"  prior{log}: {few.prior.words} (assumption)",
        f"  with that prior, the mean effect of such trials: {_said(found, p.mean, p.low, p.high)}, 95%; "
        f"if every trial had this effect: {_said(found, one.mean, one.low, one.high)}",
        f"  a second trial would add (in brackets: if every trial had one and the same effect; interval widths{log}):",
    ]
    for new, same in zip(few.second, few.second_if_one_effect, strict=True):
        text.append(
            f"    {new.n_per_arm} per arm: interval width {new.width_now:.2f} -> {new.width:.2f} ({same.width_now:.2f} -> "
            f"{same.width:.2f}); {side} {new.sign_change:.0%} ({same.sign_change:.0%}); "
            f"interval excludes {none} {new.excludes_zero:.0%} ({same.excludes_zero:.0%})"
        )
    return text
