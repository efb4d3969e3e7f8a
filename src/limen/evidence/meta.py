"""A meta-analysis as one answer: what was pooled, or the honest absence of a pool, with everything
refused."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal, TypeVar

from limen.errors import DataError
from limen.evidence import asymmetry, fairness, few, pool, tables
from limen.evidence.choices import choices
from limen.evidence.contrasts import RATIOS, Effect, Measure
from limen.evidence.dose_classes import MICRODOSE
from limen.evidence.gather import Gathered, gather
from limen.results import Result
from limen.units import number_of

T = TypeVar("T")
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
class MetaChoices:
    """How effects are pooled and compared. `subgroup` is one of GROUPS, `moderator` one of MODERATORS."""

    method: pool.Method = "REML"
    hartung_knapp: bool = True
    subgroup: str | None = None
    moderator: str | None = None
    bayes: bool = False


@dataclass(frozen=True)
class Meta(Result):
    """The answer. `pooled` is the chosen fit, `common` the common-effect one, `mantel_haenszel` for ratios of counts;
    `not_done` says what was asked for and why it is not here."""

    gathered: Gathered
    verdict: Verdict
    pooling: MetaChoices
    too_few: TooFew | None
    pooled: pool.Pooled | None
    common: pool.Pooled | None
    mantel_haenszel: pool.Pooled | None
    by_method: tuple[pool.Pooled, ...]
    leave_one_out: tuple[pool.Pooled, ...]
    cumulative: tuple[pool.Pooled, ...]
    subgroups: pool.Subgroups | None
    regression: pool.Pooled | None
    asymmetry: tuple[asymmetry.Asymmetry, ...]
    bayes: Any
    comparators: tuple[fairness.Beside, ...]
    cautions: tuple[str, ...]
    not_done: tuple[str, ...]

    @property
    def effects(self) -> tuple[Effect, ...]:
        return self.gathered.effects


class _Attempts:
    """What is wanted and can be done is done; what cannot is said."""

    def __init__(self, k: int):
        self.k, self.not_done = k, list[str]()

    def __call__(self, name: str, wanted: bool, least: int, make: Callable[[], T]) -> T | None:
        if not wanted:
            return None
        if self.k < least:
            self.not_done.append(f"{name}: {self.k} of at least {least} trials")
            return None
        try:
            return make()
        except DataError as error:
            self.not_done.append(f"{name}: {error.what}")
            return None


def meta_analysis(
    outcome: str,
    *,
    dose_class: Sequence[str] = (MICRODOSE,),
    compound: str | None = None,
    measure: Measure = "smd",
    timepoint: float | None = None,
    pooling: MetaChoices | None = None,
) -> Meta:
    """Gather and pool effects on an outcome, one a set of participants.

    One trial is not pooled: the answer is then what it says under the stated prior and what a second would add. Raises
    FactsError for an outcome, class, measure, subgroup or moderator that is not known.

    >>> import limen
    >>> limen.meta_analysis("depression").verdict
    'too few to pool'
    """
    how = pooling or MetaChoices()
    tables.refuse_unknown("method", (how.method,), pool.METHODS)
    tables.refuse_unknown("subgroup", (how.subgroup,), GROUPS)
    tables.refuse_unknown("moderator", (how.moderator,), MODERATORS)
    found = gather(outcome, dose_class=dose_class, compound=compound, measure=measure, timepoint=timepoint)
    y, v = [e.y for e in found.effects], [e.v for e in found.effects]
    k, fit = len(y), partial(pool.pool, y, v, hartung_knapp=how.hartung_knapp)
    attempt = _Attempts(k)
    counts = [e.counts for e in found.effects if e.counts is not None]
    counted, judged = (
        k > 1 and len(counts) == k and measure in RATIOS,
        measure == "smd" and [*dose_class] == [MICRODOSE],
    )
    ratio = partial(pool.mantel_haenszel, counts, "rr" if measure == "rr" else "or")
    method, guard, effects = how.method, how.hartung_knapp, found.effects
    return Meta(
        gathered=found,
        verdict="nothing" if k == 0 else "too few to pool" if k == 1 else "pooled",
        pooling=how,
        too_few=_too_few(effects[0]) if k == 1 else None,
        pooled=fit(method=method) if k > 1 else None,
        common=fit(method="EE") if k > 1 else None,
        mantel_haenszel=attempt("Mantel-Haenszel", counted, 2, ratio),
        by_method=tuple(fit(method=m) for m in pool.METHODS) if k > 1 else (),
        leave_one_out=(*pool.leave_one_out(y, v, method=method, hartung_knapp=guard),) if k > 2 else (),
        cumulative=(*pool.cumulative(y, v, method=method, hartung_knapp=guard),) if k > 2 else (),
        subgroups=attempt("subgroups", how.subgroup is not None, 2, lambda: _subgroups(effects, how)),
        regression=attempt("regression", how.moderator is not None, 2, lambda: _regression(effects, how)),
        asymmetry=tuple(
            test
            for name, run in (("Egger", asymmetry.egger), ("rank", asymmetry.rank_test))
            if (test := attempt(f"{name} test", k >= asymmetry.FEWEST, 0, partial(run, y, v))) is not None
        ),
        bayes=attempt("Bayesian model", how.bayes, 1, lambda: _bayes(y, v, found)),
        comparators=fairness.beside(found.construct) if judged else (),
        cautions=_cautions(found),
        not_done=tuple(attempt.not_done),
    )


def _subgroups(effects: Sequence[Effect], how: MetaChoices) -> pool.Subgroups:
    groups = [str(getattr(effect, how.subgroup or "")) or "not recorded" for effect in effects]
    y, v = [e.y for e in effects], [e.v for e in effects]
    return pool.subgroups(y, v, groups, method=how.method, hartung_knapp=how.hartung_knapp)


def _regression(effects: Sequence[Effect], how: MetaChoices) -> pool.Pooled:
    """Trials that do not have the moderator are left out, as a regression must."""
    of: dict[str, Callable[[Effect], float | None]] = {
        "year": lambda e: e.year,
        "size": lambda e: (e.n_active or 0) + (e.n_control or 0) or None,
        "se": lambda e: e.se,
    }
    told = [(effect, of[how.moderator or ""](effect)) for effect in effects]
    kept = [(effect, value) for effect, value in told if value is not None]
    y, v, x = [e.y for e, _ in kept], [e.v for e, _ in kept], [float(value) for _, value in kept]
    return pool.pool(y, v, method=how.method, hartung_knapp=how.hartung_knapp, moderators=x)


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
    said = list(found.turns)
    k = len(found.effects)
    controls = dict.fromkeys(e.control for e in found.effects)
    if len(controls) > 1:
        said.append(f"different controls: {'; '.join(controls)}")
    if 1 < k < SMALL:
        said.append(
            f"{number_of(k, 'trial')}: the spread between them is barely known, so the interval leans on the method"
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
    if found.effects and all(tables.condition_of(e.population) == "healthy" for e in found.effects):
        said.append(
            "no trial here was in patients: " + "; ".join(dict.fromkeys(e.population for e in found.effects))
        )
    return tuple(said)
