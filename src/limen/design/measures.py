"""Measures: what the trials of one design show, with belief on and off, and at each look that may end them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from limen.analysis.estimate import t_quantile
from limen.design import settle
from limen.design.adaptive import ends_of
from limen.design.judge import SILENT, Measured, last_guesses, mean_over_trials
from limen.design.operate import Run
from limen.design.report import weekly
from limen.design.reported import Reports, of_every_trial
from limen.design.settling import question, settled_here
from limen.design.whatifs import ALL, AS_BELIEVED, DEAD, JUDGED_BY, UNSEEN, Variant

SIZED = "delta 0.4"
ASKED = (*JUDGED_BY, Variant(SIZED, ALL, 0.4))
# Measure -> what it is. Shares of trials, of people, and points of the scale, benefit positive.
JUDGED = {
    "power": "significant benefit in a trial, averaged over what is believed of the drug (assurance)",
    "power_0.4": "significant benefit if the drug is worth 0.4 SD",
    "false": "significant benefit of a drug that does nothing",
    "false_unseen": "the same with belief switched off",
    "belief_adds": "what belief adds to it, in the same trials",
    "bias": "mean difference found of a drug that does nothing",
    "early_adds": "what stopping early adds to the difference found if the drug is worth 0.4 SD, in the same trials",
    "coverage": "intervals that hold the drug's own effect",
    "guesses": "last guesses that are right, of those made",
    "exits": "people who left before the primary outcome",
    "enrolled": "people in a trial of a drug that does nothing when it stops, of those planned",
    "enrolled_0.4": "the same if the drug is worth 0.4 SD",
    "settles": "trials that settle the question about the drug",
    "wrong": "of what is settled, the share settled wrongly",
    "to_settle": f"people with whom {settle.ASSURANCE:.0%} of trials settle it, if nothing else is changed and none stops early",
    "to_settle_low": "no fewer would do, beyond twice the Monte Carlo error",
    "to_settle_high": "as many would do, beyond twice the Monte Carlo error",
}
SETTLING = ("settles", "wrong", "to_settle", "to_settle_low", "to_settle_high")
LESS = frozenset({"false", "false_unseen", "belief_adds", "bias", "early_adds", "guesses", "exits", "enrolled",
                  "enrolled_0.4", *SETTLING[1:]})  # fmt: skip
SHARES = frozenset(JUDGED) - {"bias", "early_adds", "enrolled", "enrolled_0.4", *SETTLING[2:]}
# What an end is told under, and what is found there: a bound crossed for a benefit or for harm, a stop because nothing will be
# shown, or an end without either.
LOOKED_UNDER = (AS_BELIEVED, SIZED, DEAD, UNSEEN)
ENDS = ("benefit", "harm", "futility", "neither")


@dataclass(frozen=True)
class LookEnds:
    """Shares of all trials that end in one place (`look`: a look, a size that was gone on to, an arm that was kept): the share
    `at` of the people whose outcome is in, the drug that is supposed (`under`), and the share of each of ENDS."""

    look: str
    at: float
    under: str
    ends: tuple[Measured, ...]


def of_design(run: Run, people: int, most: int) -> Float[np.ndarray, "measures 3"]:
    """The measures of one design, in the order of JUDGED, and then of each of `most` looks the shares that end there. The
    drug's own effect is what the same trial finds more than with a drug that does nothing."""
    alpha = run.plan.alpha
    found = weekly(run, LOOKED_UNDER)
    on, dead, sized = (found[name] for name in (AS_BELIEVED, DEAD, SIZED))
    power, worth, works, without = (
        of_every_trial(run, found[name], found[name].favourable(alpha)) for name in LOOKED_UNDER
    )
    estimate, bias = (of_every_trial(run, r, r.estimate) for r in (on, dead))
    # Stopping does not change what is true: the drug's own effect is that in all people of the same trial.
    # Where arms are dropped it is that of another arm in the one than in the other.
    own = _end(run, on) - _end(run, dead) if run.plan.drop is None else np.full(run.trials, np.nan)
    half = of_every_trial(run, on, np.asarray(t_quantile(1.0 - alpha, on.df)) * on.se)
    right, away = last_guesses(run)
    by_trial = {
        "power": power,
        "power_0.4": worth,
        "false": works,
        "false_unseen": without,
        "belief_adds": works - without,
        "bias": bias,
        "early_adds": _early(run, sized),
        "coverage": np.where(np.isfinite(own + half), np.abs(estimate - own) <= half, np.nan),
        "guesses": right,
        "exits": away,
        "enrolled": _enrolled(run, dead, people),
        "enrolled_0.4": _enrolled(run, sized, people),
    }
    shown = [mean_over_trials(run, values) for values in by_trial.values()]
    return np.array([*shown, *_settled(run, on), *_ends(run, found, most)], float)


def looks_of(ends: tuple[tuple[str, float], ...], values: Float[np.ndarray, "ends 3"]) -> Iterator[LookEnds]:
    """Where trials of a design end, as it was put behind its measures."""
    each = values.reshape(-1, len(LOOKED_UNDER), len(ENDS), 3)
    for number, (look, at) in enumerate(ends):
        for name, found in zip(LOOKED_UNDER, each[number], strict=True):
            yield LookEnds(look, at, name, tuple((float(v), float(e), int(n)) for v, e, n in found))


def _end(run: Run, of: Reports) -> Float[np.ndarray, " trials"]:
    """The difference that a trial finds in all its people."""
    return of_every_trial(run, of, of.estimate if of.stops is None else of.stops.end)


def _early(run: Run, of: Reports) -> Float[np.ndarray, " trials"]:
    """The difference found where a trial stopped less that in all its people; nothing where none is looked at."""
    if of.stops is None:
        return np.full(run.trials, np.nan)
    return of_every_trial(run, of, of.estimate) - _end(run, of)


def _enrolled(run: Run, of: Reports, people: int) -> Float[np.ndarray, " trials"]:
    if of.stops is None:
        return np.full(run.trials, float(people))
    return of_every_trial(run, of, of.stops.people.astype(float))


def _ends(run: Run, found: dict[str, Reports], most: int) -> list[Measured]:
    """Shares of trials that end at each look for each of ENDS, under each supposition; nothing behind the last look."""
    shown: list[Measured] = []
    count = len(ends_of(run.plan))
    for look in range(most):
        for reports in found.values():
            stops = reports.stops
            if stops is None or look >= count:
                shown += [SILENT] * len(ENDS)
                continue
            here = stops.look == look
            neither = here & ~stops.benefit & ~stops.harm
            early = run.plan.looks is not None and look < count - 1
            for column in (here & stops.benefit, here & stops.harm, neither & early, neither & (not early)):
                shown.append(mean_over_trials(run, of_every_trial(run, reports, column)))
    return shown


def _settled(run: Run, on: Reports) -> list[Measured]:
    """What trials of this size settle, how much of it wrongly, and the size that settles it with the interval in which the
    simulation cannot tell; nothing where no difference is known to matter."""
    asked = question(run, on)
    if asked is None:
        return [SILENT] * len(SETTLING)
    settled, wrongly, count = settled_here(run, on, asked)
    return [(*settled, count), (*wrongly, count), *_size(settle.smallest(asked), count)]


def _size(found: settle.Smallest | None, count: int) -> list[Measured]:
    """The size and its interval; without an error where no size is known that is large enough beyond doubt."""
    if found is None:
        return [(np.nan, np.nan, count)] * 3
    high = np.nan if found.high is None else float(found.high)
    error = (high - found.low) / 4
    return [(found.found.people, error, count), (found.low, 0.0, count), (high, 0.0, count)]
