"""The margin of a plasma peak over 5-HT2B potency: one for every recorded potency, since they disagree."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from limen.compounds import compound as record
from limen.dossier.sections.safety.nouns import Margin, ValveFact
from limen.dossier.summarise import PARAMETER, interval
from limen.parameters import Draws
from limen.trial.curves import typical_cmax
from limen.trial.plan import ACTIVE, OPEN, Plan

_POTENCY = re.compile(r"(?P<name>EC50|Ki|IC50)\b.* (?P<value>[\d.]+) nM")
NM = 1000.0  # ng/mL over g/mol is umol/L


def potencies(valves: Sequence[ValveFact]) -> list[tuple[float, str, bool, ValveFact]]:
    """Recorded potencies in nM with their name, lowest first; True where the row says that the value is a floor."""
    found = [
        (float(m["value"]), m["name"], "greater than this value" in fact.said, fact)
        for fact in valves
        if (m := _POTENCY.match(fact.what))
    ]
    return sorted(found, key=lambda f: f[0])


def margins(draws: Draws, plan: Plan, valves: Sequence[ValveFact]) -> list[Margin]:
    """Peak over potency per arm and row: Cmax / M / potency, total, and times the unbound share.

    Cmax is that of a typical person after the highest dose of the arm, one value a parameter draw, so the interval holds
    what is not known about kinetics and binding to protein. It does not hold the disagreement between assays, which the
    rows show, nor differences between people.
    """
    if not parameters(plan.compound):
        return []
    unbound, mass = (draws[name] for name in parameters(plan.compound))
    found = []
    for arm in plan.arms:
        if arm.kind not in (ACTIVE, OPEN):
            continue
        cmax = typical_cmax(draws, plan, max(arm.levels))
        peak = NM * np.asarray(cmax) / mass
        for value, name, beyond, fact in potencies(valves):
            found.append(
                Margin(
                    row=fact.row, arm=arm.name, potency=name, potency_nm=value, beyond=beyond,
                    peak_nm=_median(peak, "nM"), total=_median(peak / value, "ratio"),
                    unbound=_median(peak * unbound / value, "ratio"), sources=fact.sources,
                    verification=fact.verification,
                )
            )  # fmt: skip
    return found


def _median(values: np.ndarray, unit: str):
    return interval(values, unit, PARAMETER, value=float(np.median(values)))


def parameters(compound: str) -> tuple[str, ...]:
    """Names of the parameters that only the margin reads; none where the record lacks one, and no margin is given."""
    known = record(compound).parameters
    names = ("unbound", "molar_mass")
    return tuple(known[name] for name in names) if all(name in known for name in names) else ()


def note(compound: str, valves: Sequence[ValveFact], found: Sequence[Margin]) -> str:
    """The range over assays and arms in words, with what nobody knows beside it."""
    recorded = potencies(valves)
    analyte = record(compound).analyte
    unknown = "Not known: what repeated microdoses do to human valves over months and years."
    if len(recorded) < 2:
        return f"No pair of assays agrees on a potency of {analyte} at 5-HT2B, so there is no margin to give. {unknown}"
    (low, first, _, _), (high, last, above, _) = recorded[0], recorded[-1]
    apart = float(f"{high / low:.1g}")
    assays = (
        f"The recorded potencies of {analyte} at 5-HT2B run from {low:g} nM ({first}) to {'above ' if above else ''}"
        f"{high:g} nM ({last}), about {apart:.0f}-fold apart"
    )
    if not found:
        return f"{assays}. {unknown}"
    ratios = [m.total.value for m in found]
    return (
        f"A typical person's total plasma peak is {_ratio(min(ratios))} to {_ratio(max(ratios))} of the potency at "
        f"5-HT2B, depending on the assay{' and the arm' if len({m.arm for m in found}) > 1 else ''}. Total plasma is the "
        f"upper limit: only what is not bound to protein reaches a receptor, and that share is assumed. {assays}: the range "
        "says more about the assay chosen than about the heart. Potency in cells is no measure of what a valve does; how "
        f"long the receptor must be held, and how often, is not known either. {unknown}"
    )


def _ratio(value: float) -> str:
    return f"{100 * value:.2g}%" if value < 1 else f"{value:.2g} times"
