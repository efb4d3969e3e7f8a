"""Settling: what a run says of how large a trial of its design would settle the question, asked by the page and by a search alike."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float

from limen.design.decompose import by_belief_and_drug
from limen.design.noise import quiet
from limen.design.operate import Run
from limen.design.reported import Reports, of_every_trial
from limen.design.settle import Question, Share, chances, counted, shares
from limen.trial.plan import Plan
from limen.trial.roll import enrolled


def people_compared(plan: Plan) -> int:
    """People in the arms that are compared; all of a crossover, each of whom is counted once."""
    compared = [plan.arms[at].n for at in (plan.active, plan.control) if at is not None]
    return enrolled(plan) if plan.crossover else sum(compared)


def question(run: Run, on: Reports) -> Question | None:
    """What a trial of this design is believed to estimate, by parameter draw: the parts that drug and belief have in the
    difference between its arms, before anybody leaves, and the standard error of `on`, the report of the drug as believed, in
    a trial that goes on to its end. None where no difference is known to matter, no trial could be analysed, nothing is known
    of how draws differ, or which arm is asked about is decided on the way."""
    parts = by_belief_and_drug(run)
    told = run.plan.drop is None and run.draws.count > 1 and len(on.trials) > 0
    if run.plan.mcid is None or parts is None or not told:
        return None
    belief, drug = (quiet(part, run.draw_of_trial, run.draws.count).draws for part in parts)
    return Question(drug, belief, on.se_by_draw(run), run.plan.mcid, people_compared(run.plan))


def settled_here(run: Run, on: Reports, asked: Question) -> tuple[Share, Share, int]:
    """The share of trials as they are that settle the question, the share of what is settled that is settled wrongly, and how
    many draws or trials these are counted over. Trials that may stop early are counted one by one, since what they find where
    they stop has no normal law."""
    if on.stops is None:
        chance, wrong = chances(asked, asked.people)
    else:
        found, se = (of_every_trial(run, on, values) for values in (on.estimate, on.se))
        here = np.isfinite(found + se)
        chance, wrong = counted(asked, found[here], se[here], _of_trials(run, asked.drug)[here])
    return *shares(chance, wrong), chance.size


def _of_trials(run: Run, by_draw: Float[np.ndarray, " draws"]) -> Float[np.ndarray, " trials"]:
    return by_draw[run.draw_of_trial]
