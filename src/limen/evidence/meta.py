"""A meta-analysis as one answer: what was pooled, or the honest absence of a pool, with everything
refused."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from limen.errors import FactsError
from limen.evidence import asymmetry, fairness, few, pool
from limen.evidence.choices import choices
from limen.evidence.dose_classes import MICRODOSE
from limen.evidence.gather import Effect, Gathered, Measure, gather

Verdict = Literal["nothing", "too few to pool", "pooled"]
SMALL = 5  # below this τ² is barely informed by the trials themselves
GROUPS = ("compound", "dose_class", "control", "verification", "outcome")
MODERATORS = ("year", "size", "se")


@dataclass(frozen=True)
class TooFew:
    """One trial: what it says under a stated prior, and what a second one would add."""

    prior: few.Prior
    posterior: few.Posterior
    if_one_effect: few.Posterior
    second: tuple[few.SecondTrial, ...]
    second_if_one_effect: tuple[few.SecondTrial, ...]


@dataclass(frozen=True)
class Meta:
    """The answer. `pooled` holds the chosen random-effects fit and the common-effect one where there is a
    pool."""

    gathered: Gathered
    verdict: Verdict
    method: pool.Method
    hartung_knapp: bool
    too_few: TooFew | None
    pooled: pool.Pooled | None
    common: pool.Pooled | None
    by_method: tuple[pool.Pooled, ...]
    leave_one_out: tuple[pool.Pooled, ...]
    cumulative: tuple[pool.Pooled, ...]
    subgroups: pool.Subgroups | None
    regression: pool.Pooled | None
    asymmetry: tuple[asymmetry.Asymmetry, ...]
    bayes: Any
    comparators: tuple[fairness.Beside, ...]
    cautions: tuple[str, ...]

    @property
    def effects(self) -> tuple[Effect, ...]:
        return self.gathered.effects


def meta_analysis(
    outcome: str,
    *,
    dose_class: Sequence[str] = (MICRODOSE,),
    compound: str | None = None,
    measure: Measure = "smd",
    method: pool.Method = "REML",
    hartung_knapp: bool = True,
    timepoint: float | None = None,
    subgroup: str | None = None,
    moderator: str | None = None,
    bayes: bool = False,
) -> Meta:
    """Gather and pool effects on an outcome, one a set of participants.

    One trial is not pooled: the answer is then what it says under the stated prior and what a second would
    add.
    """
    found = gather(outcome, dose_class=dose_class, compound=compound, measure=measure, timepoint=timepoint)
    y, v = [e.y for e in found.effects], [e.v for e in found.effects]
    k = len(y)
    standard = measure == "smd"
    fit = pool.pool(y, v, method=method, hartung_knapp=hartung_knapp) if k > 1 else None
    return Meta(
        gathered=found,
        verdict="nothing" if k == 0 else "too few to pool" if k == 1 else "pooled",
        method=method,
        hartung_knapp=hartung_knapp,
        too_few=_too_few(found.effects[0]) if k == 1 else None,
        pooled=fit,
        common=pool.pool(y, v, method="EE") if k > 1 else None,
        by_method=tuple(pool.pool(y, v, method=m, hartung_knapp=hartung_knapp) for m in pool.METHODS)
        if k > 1
        else (),
        leave_one_out=tuple(pool.leave_one_out(y, v, method=method, hartung_knapp=hartung_knapp))
        if k > 2
        else (),
        cumulative=tuple(pool.cumulative(y, v, method=method, hartung_knapp=hartung_knapp)) if k > 2 else (),
        subgroups=_subgroups(found.effects, subgroup, method, hartung_knapp) if subgroup and k > 1 else None,
        regression=_regression(found.effects, moderator, method, hartung_knapp)
        if moderator and k > 1
        else None,
        asymmetry=(asymmetry.egger(y, v), asymmetry.rank_test(y, v)) if k >= asymmetry.FEWEST else (),
        bayes=_bayes(y, v, found) if bayes and k > 0 else None,
        comparators=fairness.beside(found.construct)
        if standard and tuple(dose_class) == (MICRODOSE,)
        else (),
        cautions=_cautions(found),
    )


def _known(name: str | None, allowed: Sequence[str], what: str) -> None:
    if name is not None and name not in allowed:
        raise FactsError(f"no {what} {name!r}", remedy=f"use one of: {', '.join(allowed)}")


def _subgroups(
    effects: Sequence[Effect], name: str, method: pool.Method, hartung_knapp: bool
) -> pool.Subgroups:
    groups = [str(getattr(effect, name)) or "not recorded" for effect in effects]
    y, v = [e.y for e in effects], [e.v for e in effects]
    return pool.subgroups(y, v, groups, method=method, hartung_knapp=hartung_knapp)


def _regression(
    effects: Sequence[Effect], name: str, method: pool.Method, hartung_knapp: bool
) -> pool.Pooled:
    """Trials that do not have the moderator are left out, as a regression must."""
    of = {
        "year": lambda e: e.year,
        "size": lambda e: (e.n_active or 0) + (e.n_control or 0) or None,
        "se": lambda e: e.se,
    }
    told = [(effect, of[name](effect)) for effect in effects]
    kept = [(effect, value) for effect, value in told if value is not None]
    y, v, x = [e.y for e, _ in kept], [e.v for e, _ in kept], [float(value) for _, value in kept]
    return pool.pool(y, v, method=method, hartung_knapp=hartung_knapp, moderators=x)


def _too_few(effect: Effect) -> TooFew:
    unit = effect.sd if effect.sd == effect.sd else 1.0
    given = few.prior(unit)
    alone = few.common(given)
    chosen = choices()["second_trial"]
    own = round(((effect.n_active or 0) + (effect.n_control or 0)) / 2) or 50
    sizes = sorted({n or own for n in chosen["arms"]})
    return TooFew(
        prior=given,
        posterior=few.posterior([effect.y], [effect.v], given),
        if_one_effect=few.posterior([effect.y], [effect.v], alone),
        second=tuple(few.second_trial(effect.y, effect.v, n, unit, given) for n in sizes),
        second_if_one_effect=tuple(few.second_trial(effect.y, effect.v, n, unit, alone) for n in sizes),
    )


def _bayes(y: list[float], v: list[float], found: Gathered) -> Any:
    from limen.evidence import bayes  # the one place that loads JAX

    unit = max((e.sd for e in found.effects if e.sd == e.sd), default=1.0)
    return bayes.random_effects(y, v, few.prior(unit))


def _cautions(found: Gathered) -> tuple[str, ...]:
    """What stands between these numbers and a clinical conclusion."""
    said: list[str] = []
    k = len(found.effects)
    if 1 < k < SMALL:
        said.append(
            f"{k} trials: the spread between them is barely known, so the interval leans on the method"
        )
    if len({e.outcome for e in found.effects}) > 1 and found.measure != "smd":
        said.append("different scales on a raw measure: use --measure smd")
    for e in found.effects:
        if "capsule content" in e.note:
            said.append(f"{e.study_id}: compared by what the capsule held that week, not by randomised arm")
        if e.verification == "recalled":
            said.append(f"{e.study_id}: figures recalled, not read again")
    compounds = dict.fromkeys(e.compound for e in found.effects)
    if len(compounds) > 1:
        said.append(f"different substances: {'; '.join(compounds)}")
    if found.effects and not any(
        "disorder" in e.population or "adhd" in e.population.lower() for e in found.effects
    ):
        said.append(
            "no trial here was in patients: " + "; ".join(dict.fromkeys(e.population for e in found.effects))
        )
    return tuple(said)
