"""The stopping rules as functions of a person's visits so far; each returns the values that met it, or nothing.

Limits come from the rows (`facts/safety/monitoring`) or the local configuration, never from here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from limen.safety.monitoring.monitoring import aids

Visits = Sequence[Mapping[str, Any]]
Limits = tuple[float, ...]
Values = dict[str, float]


def _logic(name: str) -> float:
    """A number that a row states only inside the words of its logic."""
    return float(aids()["logic"][name]["value"])


def _now(visits: Visits, *names: str) -> Values:
    return {name: float(visits[-1][name]) for name in names if visits[-1].get(name) is not None}


def _above(*names: str) -> Callable[[Visits, Limits], Values]:
    """Any of the measures above its limit; with one limit, above that."""

    def rule(visits: Visits, limits: Limits) -> Values:
        now = _now(visits, *names)
        bounds = limits if len(limits) == len(names) else limits[:1] * len(names)
        beyond = any(now[name] > bound for name, bound in zip(names, bounds, strict=True) if name in now)
        return now if beyond else {}

    return rule


def _at_least(name: str) -> Callable[[Visits, Limits], Values]:
    def rule(visits: Visits, limits: Limits) -> Values:
        now = _now(visits, name)
        return now if now and now[name] >= limits[0] else {}

    return rule


def _low_ideation(visits: Visits, limits: Limits) -> Values:
    """C-SSRS screener triage, low: the gravest item is 1 or 2 and there was no behaviour."""
    now = _now(visits, "cssrs", "cssrs_behaviour")
    return now if now.get("cssrs") in (1, 2) and not now.get("cssrs_behaviour") else {}


def _moderate_ideation(visits: Visits, limits: Limits) -> Values:
    now = _now(visits, "cssrs")
    return now if now.get("cssrs") == limits[0] else {}


def _high_ideation(visits: Visits, limits: Limits) -> Values:
    now = _now(visits, "cssrs", "cssrs_behaviour")
    return now if now.get("cssrs", 0) >= limits[0] or now.get("cssrs_behaviour") else {}


def _item_10(visits: Visits, limits: Limits) -> Values:
    """MADRS item 10 at its limit, or two points above the baseline (the row's own logic)."""
    now = _now(visits, "madrs_10")
    if not now:
        return {}
    rise_from = visits[0].get("madrs_10")
    risen = (
        len(visits) > 1 and rise_from is not None and now["madrs_10"] - rise_from >= _logic("madrs_10_rise")
    )
    if now["madrs_10"] >= limits[0] or risen:
        return now | ({"baseline madrs_10": float(rise_from)} if rise_from is not None else {})
    return {}


def _worsening(visits: Visits, limits: Limits) -> Values:
    """MADRS total up by the limit (percent) of its baseline at two consecutive scored visits."""
    scored = [float(visit["madrs"]) for visit in visits if visit.get("madrs") is not None]
    if len(scored) < 3 or visits[-1].get("madrs") is None:
        return {}
    bound = scored[0] * (1 + limits[0] / 100)
    if scored[-1] >= bound and scored[-2] >= bound and scored[0] > 0:
        return {"madrs": scored[-1], "madrs before": scored[-2], "baseline madrs": scored[0]}
    return {}


def _anxiety(visits: Visits, limits: Limits) -> Values:
    """Anxiety of grade 2 or more on two doses."""
    grades = [float(visit["anxiety_grade"]) for visit in visits if visit.get("anxiety_grade") is not None]
    grave = [grade for grade in grades if grade >= _logic("anxiety_grade")]
    return (
        {"anxiety_grade": grave[-1], "doses": float(len(grave))}
        if len(grave) >= 2 and grades[-1] >= _logic("anxiety_grade")
        else {}
    )


def _psychosis(visits: Visits, limits: Limits) -> Values:
    now = _now(visits, "psychotic_symptoms", "time_since_dose_h")
    beyond = now.get("time_since_dose_h", _logic("acute_hours") + 1) > _logic("acute_hours")
    return now if now.get("psychotic_symptoms") and beyond else {}


def _qtc(visits: Visits, limits: Limits) -> Values:
    """QTcF above the limit, or 60 ms above the baseline (the row's own logic)."""
    now, first = _now(visits, "qtcf"), visits[0].get("qtcf")
    if not now:
        return {}
    risen = len(visits) > 1 and first is not None and now["qtcf"] - first > _logic("qtc_rise")
    return (
        now | ({"baseline qtcf": float(first)} if first is not None else {})
        if now["qtcf"] > limits[0] or risen
        else {}
    )


def _valves(visits: Visits, limits: Limits) -> Values:
    """Aortic regurgitation mild or worse, or mitral moderate or worse (grades as in monitoring.toml)."""
    now = _now(visits, "aortic_regurgitation", "mitral_regurgitation")
    met = now.get("aortic_regurgitation", 0) >= limits[0] or now.get("mitral_regurgitation", 0) >= limits[1]
    return now if met else {}


def _before_dose(visits: Visits, limits: Limits) -> Values:
    return {} if visits[-1].get("after_dose") else _above("sbp", "dbp")(visits, limits)


def _red_flags(visits: Visits, limits: Limits) -> Values:
    now = _now(visits, "seizure", "coma", "rigidity")
    return {name: value for name, value in now.items() if value}


def _present(name: str) -> Callable[[Visits, Limits], Values]:
    def rule(visits: Visits, limits: Limits) -> Values:
        return {key: value for key, value in _now(visits, name).items() if value}

    return rule


RULES: Mapping[str, Callable[[Visits, Limits], Values]] = MappingProxyType(
    {
        "MON008": _red_flags,
        "MON024": _low_ideation,
        "MON025": _moderate_ideation,
        "MON026": _high_ideation,
        "MON027": _item_10,
        "MON028": _at_least("madrs_10"),
        "MON029": _worsening,
        "MON030": _anxiety,
        "MON031": _at_least("ymrs"),
        "MON032": _psychosis,
        "MON037": _before_dose,
        "MON038": _above("sbp", "dbp"),
        "MON039": _above("hr"),
        "MON040": _above("temperature_c"),
        "MON041": _qtc,
        "MON046": _valves,
        "MON048": _present("hcg_positive"),
    }
)
