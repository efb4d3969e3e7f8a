"""The question put to a trial that is claimed and cannot be found: what would one like it report?"""

from __future__ import annotations

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
    rows = []
    control = run.plan.control is not None
    for s in trial.weekly.scenarios[:3]:
        if control:
            rows.append(("p < 0.01 in favour of the drug over placebo", s.delta, s.below_01))
        rows.append(("p < 0.01 for improvement from baseline on the drug", s.delta, s.improved))
    rows += [row for marker in _claimed_markers(protocol.claim or "") for row in _luck(marker, run.trials)]
    null = trial.weekly.scenarios[0]
    sentence = (
        f"limen's search to {searched_until()} found no record of this trial. "
        f"With no drug effect at all, {_percent(null.below_01.value)} of such trials would report p < 0.01 over placebo, "
        f"and {_percent(null.improved.value)} would report p < 0.01 for improvement from baseline on the drug. "
        f"With an effect of 0.2 SD the first figure is {_percent(trial.weekly.scenarios[1].below_01.value)}, "
        f"with 0.4 SD {_percent(trial.weekly.scenarios[2].below_01.value)}."
    )
    return Claimed(claim=protocol.claim or "", rows=rows, sentence=sentence)


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


def _percent(value: float) -> str:
    return f"{100 * value:.1f}%" if value < 0.1 else f"{100 * value:.0f}%"
