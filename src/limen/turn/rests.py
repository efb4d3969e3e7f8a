"""What the page's numbers rest on: whether each was measured or is assumed, and what is known of the one thing no dial moves."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from limen.calibration.targets import PREDICTED
from limen.calibration.validation import Predicted, shipped_validation
from limen.design.believe import StudyEvidence
from limen.design.turn import Grid
from limen.dossier import words
from limen.dossier.references import references
from limen.dossier.render import linked
from limen.dossier.summarise import averaged
from limen.parameters import ParameterSet

# What decides a number: parameters by name, or constants of the compound's record, of the scale or of the comparator.
WEAKEST = ("assumption", "translated", "measured")
GUESSING = ("belief.guess.bias", "belief.guess.slope", "belief.update.learn")
CAPSULE = ("belief.guess.capsule_bias", "belief.guess.capsule_slope")
# The groups of published values that the dial bears on.
TURNED = ("noticing and guessing", "dose-day ratings", "trials")


def decided_by(grid: Grid) -> dict[str, tuple[str, ...]]:
    """The parameters that decide each array of the page, by its name."""
    record, plan = grid.dial.protocol.record, grid.plan
    detection = "perception.detection."
    found = {
        "drug": (record.need("threshold"), f"{detection}sigma", f"{detection}lapse"),
        "right": GUESSING,
        "day": (f"dose_day.{plan.dose_day}.guess", *CAPSULE),
        "scale": () if plan.model is None else (f"{plan.model}.kappa", "belief.update.learn"),
    }
    for at, arm in enumerate(grid.dial.against):
        agent = f"perception.active_placebo.{arm.agent}" if arm.agent else f"{detection}false_alarm"
        found[f"comparator{at}"] = (agent,)
    return found


def standing(parameters: ParameterSet, names: tuple[str, ...]) -> dict[str, str]:
    """The weakest evidence of some parameters, and which of them are assumed, in words."""
    known = [parameters[name] for name in names]
    status = next((s for s in WEAKEST if any(p.status == s for p in known)), "measured")
    assumed = [p.text for p in known if p.status == "assumption"]
    if not assumed:
        return {"status": status, "why": words.STATUS_WORDS[status]}
    return {"status": status, "why": f"rests on an assumption: {'; '.join(assumed)}"}


def helps(grid: Grid) -> dict[str, Any]:
    """Whether it helps: the chance, what it rests on, and the trials from which it is known."""
    belief, plan = grid.belief, grid.plan
    chance = averaged(belief.above(0.0))
    left = belief.sd / belief.prior_sd
    own = belief.own_trials
    text = (
        f"Whether it helps. On what is known now the chance that {plan.compound} helps in {plan.indication} at all is "
        f"{words.percent(chance.value)} (Monte Carlo standard error {words.percent(chance.monte_carlo_se)}); "
        f"{words.percent(left)} of the spread that was there before any trial is left. limen's tables hold "
        f"{_counted(own)} of {plan.compound} in {plan.indication} beside this protocol and {_counted(len(belief.used) - own)} "
        "of other compounds or illnesses, with a result that can be used."
    )
    if belief.left_out:
        text += f" This protocol is itself one of them ({words.listed(belief.left_out)}), and is predicted without its result."
    return {"text": text, "trials": [_trial(e, e.adds.name in belief.left_out) for e in belief.evidence]}


def _counted(number: int) -> str:
    return "1 trial" if number == 1 else f"{number or 'no'} trials"


def _trial(e: StudyEvidence, left_out: bool) -> dict[str, str]:
    c = e.adds
    result = (
        "only the direction was reported: below zero"
        if c.y is None
        else f"reported {words.number(c.y, 2)} SD, 95% interval {words.number(c.y - 1.96 * c.se, 2)} to "
        f"{words.number(c.y + 1.96 * c.se, 2)} (benefit positive)"
    )
    return {
        "name": f"{c.name}: {c.cell[0]}, {c.cell[1]}",
        "result": f"{result}{'; left out here: it is this trial' if left_out else ''}",
        "sources": "; ".join(_linked(e.result.study.sources)),
    }


def predicted_beside_reported() -> list[dict[str, Any]]:
    """What real trials reported of guesses and scores beside what limen predicts for them, none of it having set a number."""
    found = [p for p in shipped_validation().predicted if p.role == PREDICTED and p.group in TURNED]
    return [
        {"name": p.name, "result": _beside(p), "inside": p.inside, "sources": "; ".join(_linked(p.sources))}
        for p in found
    ]


def _beside(p: Predicted) -> str:
    if p.published is None:
        return f"only a direction was reported, which was predicted with a chance of {words.percent(p.chance or 0.0)}"
    digits = words.places(p.published, p.low, p.high)
    reported, median, low, high = (words.number(x, digits) for x in (p.published, p.median, p.low, p.high))
    unit = "%" if p.unit == "%" else f" {p.unit}"
    where = "inside" if p.inside else "outside"
    return f"reported {reported}{unit}; predicted {median}, 90% interval {low} to {high}: {where}"


def real_trials(grid: Grid) -> list[str]:
    """Sources of the protocol itself, linked."""
    return _linked(grid.dial.protocol.source)


def _linked(keys: Iterable[str]) -> list[str]:
    """References as the bibliography has them, their DOIs as links."""
    return [str(linked(text)) for text in references(keys).values()]
