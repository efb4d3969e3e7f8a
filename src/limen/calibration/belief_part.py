"""What belief adds to the difference that each trial of the evidence base reports: the walk of that trial without a drug
effect, belief on minus off. `make belief-part` writes it down beside the regimen that the trial gave."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np

from limen.design.operate import Given, operate
from limen.design.whatifs import Variant
from limen.evidence.base import evidence_base
from limen.evidence.belief_part import COMMAND, BeliefPart, belief_table, fingerprint
from limen.files import write_text
from limen.parameters import ParameterSet, parameters_for
from limen.protocol import Protocol, examples, load
from limen.trial.plan import Plan, lay_out

DRAWS, PEOPLE, SEED = 100, 800, 1
ON, OFF = "course + belief", "course"
BELIEF_ON_OFF = (Variant(ON, frozenset({"course", "belief"}), 0.0), Variant(OFF, frozenset({"course"}), 0.0))


def belief_part(study: str, week: float, protocol: Protocol, parameters: ParameterSet) -> BeliefPart:
    """The regimen of a study's protocol and, where limen has a score model of its scale, its belief part."""
    plan = lay_out(protocol, parameters)
    part = BeliefPart(
        study=study,
        compound=plan.compound,
        indication=plan.indication,
        kinetics=plan.kinetics,
        dose=plan.arms[plan.active].mean_dose,
        days=plan.days,
        week=week,
        mean=None,
        sd=None,
        error=None,
    )
    return part if plan.model is None else replace(part, **_difference(plan, parameters))


def _difference(plan: Plan, parameters: ParameterSet) -> dict[str, float]:
    nothing = np.zeros(DRAWS)
    run = operate(plan, parameters, DRAWS, PEOPLE, SEED, given=Given(delta=nothing, what_ifs=BELIEF_ON_OFF))
    added = run.under(OFF, run.records.before_leaving) - run.under(ON, run.records.before_leaving)
    arms = [np.asarray(run.arm) == arm for arm in (plan.active, plan.control)]
    mean = [
        np.bincount(run.draw[a], added[a], DRAWS) / np.bincount(run.draw[a], minlength=DRAWS) for a in arms
    ]
    by_draw = (mean[0] - mean[1]) / run.draws[f"{plan.model}.change_sd"]
    sd = float(by_draw.std(ddof=1))
    return {"mean": round(float(by_draw.mean()), 6), "sd": round(sd, 6), "error": round(sd / DRAWS**0.5, 6)}


def every_belief_part(parameters: ParameterSet) -> str:
    """The whole table: every study of the base that a conducted protocol among the examples is, each under parameters that
    have not seen it."""
    protocols = [p for p in map(load, sorted(examples().glob("*.yaml"))) if p.status == "conducted"]
    parts: list[BeliefPart] = []
    for result in evidence_base()[0]:
        names = {result.study.study_id, *result.study.sources}
        protocol = next((p for p in protocols if names & {*p.source}), None)
        if protocol is not None:
            parts.append(
                belief_part(
                    result.study.study_id, result.week, protocol, parameters.without(*protocol.source)
                )
            )
    made = {
        "command": COMMAND,
        "parameters": fingerprint(parameters),
        "seed": SEED,
        "draws": DRAWS,
        "people": PEOPLE,
    }
    return belief_table(made, parts)


if __name__ == "__main__":
    write_text(Path(sys.argv[1]), every_belief_part(parameters_for()))
