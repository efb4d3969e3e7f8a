"""The question put to a trial that is claimed and cannot be found: what would one like it report?"""

from __future__ import annotations

import numpy as np

from limen.design.operate import Run
from limen.dossier.asked import Asked
from limen.dossier.sections.claimed.nouns import Claimed
from limen.dossier.summarise import share


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
    text = (protocol.claim or "").casefold()
    if "cortisol" in text:
        rows += _cortisol(run)
    null = trial.weekly.scenarios[0]
    sentence = (
        f"With no drug effect at all, {_percent(null.below_01.value)} of such trials would report p < 0.01 over placebo, "
        f"and {_percent(null.improved.value)} would report p < 0.01 for improvement from baseline on the drug. "
        f"With an effect of 0.2 SD the first figure is {_percent(trial.weekly.scenarios[1].below_01.value)}, "
        f"with 0.4 SD {_percent(trial.weekly.scenarios[2].below_01.value)}."
    )
    return Claimed(claim=protocol.claim or "", rows=rows, sentence=sentence)


def _cortisol(run: Run):
    """How often cortisol would be lower than at baseline in the active arm with no effect on cortisol: any fall, and
    a significant one (paired t, two-sided 0.05). Neither depends on the size of its month-to-month variation."""
    n = run.plan.arms[run.plan.active].n
    change = np.random.default_rng(run.seed).standard_normal((run.trials, n))
    t = change.mean(1) / (change.std(1, ddof=1) / np.sqrt(n))
    from scipy.stats import t as student

    return [
        ("cortisol lower than at baseline on the drug", 0.0, share(t < 0)),
        ("cortisol significantly lower, p < 0.05", 0.0, share(t < student.ppf(0.025, n - 1))),
    ]


def _percent(value: float) -> str:
    return f"{100 * value:.1f}%" if value < 0.1 else f"{100 * value:.0f}%"
