"""The stopping rules as functions of a person's visits so far; each returns the values that met it, or nothing.

Limits come from the rows (`facts/safety/monitoring`) or the local configuration, never from here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from operator import ge, gt
from types import MappingProxyType

from limen.safety.monitoring.aids import monitoring_aids

Limits = tuple[float, ...]
RISE = "rise of "  # before the measure, where a rise and not the value itself meets a rule
Values = dict[str, float]


@dataclass(frozen=True)
class Visit:
    """One visit of a person: every reading of each measure, in the rules' own units, in the order taken."""

    person: str
    visit: str
    readings: Mapping[str, Sequence[float]] = field(default_factory=dict[str, Sequence[float]])
    is_baseline: bool = False

    def single(self, *names: str) -> bool:
        """Whether none of the measures was taken twice at this visit."""
        return all(len(self.readings.get(name, ())) < 2 for name in names)

    def get(self, name: str) -> float | None:
        """The largest reading of a measure, or None."""
        return max(self.readings[name]) if self.readings.get(name) else None


Visits = Sequence[Visit]


@dataclass(frozen=True)
class StoppingRule:
    """A rule: the measures it reads, and the values of a person's visits so far that meet it, or nothing."""

    reads: tuple[str, ...]
    meets: Callable[[Visits, Limits], Values]


def _logic(name: str) -> float:
    """A number that a row states only inside the words of its logic."""
    return float(monitoring_aids()["logic"][name]["value"])


def rise_of(name: str) -> float:
    """The rise over the baseline that a rule allows."""
    return _logic(f"{name}_rise")


def _now(visits: Visits, *names: str) -> Values:
    found = {name: visits[-1].get(name) for name in names}
    return {name: value for name, value in found.items() if value is not None}


def _before(visits: Visits, name: str) -> float | None:
    """The value at the visit called baseline, or the last one before it, the lowest of several readings; None without a baseline, or at it."""
    at = next((i for i, visit in enumerate(visits) if visit.is_baseline), None)
    if at is None or at == len(visits) - 1:
        return None
    known = [taken for visit in visits[: at + 1] if (taken := visit.readings.get(name))]
    return min(known[-1]) if known else None


def _above(*names: str) -> Callable[[Visits, Limits], Values]:
    """Any of the measures above its limit; with one limit, above that."""

    def rule(visits: Visits, limits: Limits) -> Values:
        now = _now(visits, *names)
        bounds = limits if len(limits) == len(names) else limits[:1] * len(names)
        beyond = any(now[name] > bound for name, bound in zip(names, bounds, strict=True) if name in now)
        return now if beyond else {}

    return rule


def _when(*names: str, met: Callable[[Values, Limits], bool]) -> Callable[[Visits, Limits], Values]:
    """What is true of the visit's own values."""

    def rule(visits: Visits, limits: Limits) -> Values:
        now = _now(visits, *names)
        return now if now and met(now, limits) else {}

    return rule


def _at_least(name: str) -> Callable[[Visits, Limits], Values]:
    return _when(name, met=lambda now, limits: now[name] >= limits[0])


def _risen(name: str, beyond: Callable[[float, float], bool]) -> Callable[[Visits, Limits], Values]:
    """A value beyond its limit, or beyond its baseline by what the row's own logic says."""

    def rule(visits: Visits, limits: Limits) -> Values:
        now, first = _now(visits, name), _before(visits, name)
        if not now:
            return {}
        based = {} if first is None else {f"baseline {name}": first}
        if beyond(now[name], limits[0]):
            return now | based
        risen = first is not None and beyond(now[name] - first, rise_of(name))
        return now | based | {f"{RISE}{name}": now[name] - first} if risen and first is not None else {}

    return rule


def _below(name: str) -> Callable[[Visits, Limits], Values]:
    def rule(visits: Visits, limits: Limits) -> Values:
        taken = visits[-1].readings.get(name)
        return {name: min(taken)} if taken and min(taken) < limits[0] else {}

    return rule


def _worsening(visits: Visits, limits: Limits) -> Values:
    """MADRS total up by the limit (percent) of its baseline at two consecutive scored visits."""
    first, now = _before(visits, "madrs"), visits[-1].get("madrs")
    at = next((i for i, visit in enumerate(visits) if visit.is_baseline), 0)
    since = [value for visit in visits[at + 1 :] if (value := visit.get("madrs")) is not None]
    if not first or now is None or len(since) < 2:
        return {}
    bound = first * (1 + limits[0] / 100)
    if since[-1] >= bound and since[-2] >= bound:
        return {"madrs": since[-1], "madrs before": since[-2], "baseline madrs": first}
    return {}


def _anxiety(visits: Visits, limits: Limits) -> Values:
    """Anxiety of grade 2 or more on two doses."""
    grades = [value for visit in visits if (value := visit.get("anxiety_grade")) is not None]
    grave = [grade for grade in grades if grade >= _logic("anxiety_grade")]
    return (
        {"anxiety_grade": grave[-1], "doses": float(len(grave))}
        if len(grave) >= 2 and grades[-1] >= _logic("anxiety_grade")
        else {}
    )


def _beyond_acute(now: Values, _: Limits) -> bool:
    acute = _logic("acute_hours")
    return bool(now.get("psychotic_symptoms")) and now.get("time_since_dose_h", acute + 1) > acute


def _valves(now: Values, limits: Limits) -> bool:
    """Aortic regurgitation mild or worse, or mitral moderate or worse (grades as in monitoring.toml); one limit is for both."""
    aortic, mitral = now.get("aortic_regurgitation", 0), now.get("mitral_regurgitation", 0)
    return aortic >= limits[0] or mitral >= limits[-1]


def _before_dose(visits: Visits, limits: Limits) -> Values:
    return {} if visits[-1].get("after_dose") else _above("sbp", "dbp")(visits, limits)


def _present(*names: str) -> Callable[[Visits, Limits], Values]:
    return lambda visits, limits: {name: value for name, value in _now(visits, *names).items() if value}


_IDEATION, _VALVES = ("cssrs", "cssrs_behaviour"), ("aortic_regurgitation", "mitral_regurgitation")
_RED_FLAGS = ("seizure", "coma", "rigidity")
RULES: Mapping[str, StoppingRule] = MappingProxyType(
    {
        "MON008": StoppingRule(_RED_FLAGS, _present(*_RED_FLAGS)),
        "MON024": StoppingRule(
            ("cssrs",),
            _when(
                *_IDEATION, met=lambda now, _: now.get("cssrs") in (1, 2) and not now.get("cssrs_behaviour")
            ),
        ),
        "MON025": StoppingRule(("cssrs",), _when("cssrs", met=lambda now, limits: now["cssrs"] == limits[0])),
        "MON026": StoppingRule(
            _IDEATION,
            _when(
                *_IDEATION,
                met=lambda now, limits: now.get("cssrs", 0) >= limits[0] or bool(now.get("cssrs_behaviour")),
            ),
        ),
        "MON027": StoppingRule(("madrs_10",), _risen("madrs_10", ge)),
        "MON028": StoppingRule(("madrs_10",), _at_least("madrs_10")),
        "MON029": StoppingRule(("madrs",), _worsening),
        "MON030": StoppingRule(("anxiety_grade",), _anxiety),
        "MON031": StoppingRule(("ymrs",), _at_least("ymrs")),
        "MON032": StoppingRule(
            ("psychotic_symptoms",), _when("psychotic_symptoms", "time_since_dose_h", met=_beyond_acute)
        ),
        "MON037": StoppingRule(("sbp", "dbp"), _before_dose),
        "MON038": StoppingRule(("sbp", "dbp"), _above("sbp", "dbp")),
        "MON039": StoppingRule(("hr",), _above("hr")),
        "MON040": StoppingRule(("temperature_c",), _above("temperature_c")),
        "MON041": StoppingRule(("qtcf",), _risen("qtcf", gt)),
        "MON046": StoppingRule(_VALVES, _when(*_VALVES, met=_valves)),
        "MON048": StoppingRule(("hcg_positive",), _present("hcg_positive")),
        "MON054": StoppingRule(("ast", "alt"), _above("ast", "alt")),
        "MON055": StoppingRule(("ast", "alt"), _above("ast", "alt")),
        "MON056": StoppingRule(("hr",), _below("hr")),
        "MON057": StoppingRule(("temperature_c",), _at_least("temperature_c")),
    }
)
