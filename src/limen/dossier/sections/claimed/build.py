"""The question put to a trial that is claimed and cannot be found: what would one like it report?"""

from __future__ import annotations

import re

from limen.dossier import words
from limen.dossier.asked import Asked
from limen.dossier.noun import Share
from limen.dossier.sections.claimed.nouns import Claimed
from limen.evidence.tables import searched_until
from limen.response import MARKERS


def build(asked: Asked) -> Claimed | None:
    """The question put to a trial that is claimed and cannot be found."""
    run, protocol, trial = asked.run, asked.protocol, asked.made("trial")
    if protocol.status != "claimed, not found" or trial is None or trial.weekly is None:
        return None
    level, below = _level(protocol.claim or "", run.plan.alpha)
    rows = []
    for s in trial.weekly.scenarios[:3]:
        if run.plan.control is not None:
            rows.append((f"p < {level:g} in favour of the drug over placebo", s.delta, getattr(s, below)))
        rows.append(("p < 0.01 for improvement from baseline on the drug", s.delta, s.improved))
    rows += [row for marker in _claimed_markers(protocol.claim or "") for row in _luck(marker, run.trials)]
    found = [getattr(s, below).value for s in trial.weekly.scenarios[:3]]
    null = trial.weekly.scenarios[0]
    sentence = (
        f"limen's search to {searched_until()} found no record of this trial. "
        f"With no drug effect at all, {_of(found[0])} such trials would report p < {level:g} over placebo, "
        f"and {_of(null.improved.value)} would report an improvement from baseline on the drug (p < 0.01). "
        f"With an effect of 0.2 SD the first figure is {_of(found[1])}, with 0.4 SD {_of(found[2])}."
    )
    return Claimed(claim=protocol.claim or "", rows=rows, sentence=sentence)


def _level(claim: str, alpha: float) -> tuple[float, str]:
    """The level that the claim names, and the field that counts it; the protocol's own where it names none that is counted."""
    said = re.search(r"p\s*<\s*(0?\.\d+)", claim)
    return (0.01, "below_01") if said and float(said[1]) == 0.01 else (alpha, "favourable")


def _claimed_markers(claim: str) -> list[str]:
    """Names of markers that the claim speaks of."""
    said = claim.casefold()
    return [marker.name for marker in MARKERS if marker.name.casefold() in said]


def _luck(marker: str, trials: int) -> list[tuple[str, float | None, Share]]:
    """How often a marker without any effect on it is lower than at baseline in one arm: any fall, and a significant one
    by a paired t test at two-sided 0.05. Both follow from symmetry, whatever the size of its variation."""
    name = marker[:1].lower() + marker[1:] if marker[1:].islower() else marker
    return [
        (f"{name} lower than at baseline on the drug", 0.0, Share(value=0.5, monte_carlo_se=0.0, of=trials)),
        (f"{name} significantly lower, p < 0.05", 0.0, Share(value=0.025, monte_carlo_se=0.0, of=trials)),
    ]


def _of(share: float) -> str:
    return f"{words.of_100(share)} of 100"
