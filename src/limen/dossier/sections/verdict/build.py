"""The verdict: prior, data and posterior, in numbers and in one paragraph generated from them."""

from __future__ import annotations

import numpy as np

from limen.design import settle
from limen.design.believe import StudyEvidence
from limen.design.decompose import of_difference
from limen.design.noise import Quiet, quiet
from limen.design.operate import Run
from limen.design.report import weekly_scenario
from limen.dossier import cause, words
from limen.dossier.asked import Asked
from limen.dossier.noun import Interval
from limen.dossier.sections.trial.build import day_parts, too_few
from limen.dossier.sections.trial.nouns import ExpectedTrial
from limen.dossier.sections.verdict import pool
from limen.dossier.sections.verdict.nouns import Prior, Verdict
from limen.dossier.summarise import averaged, of_parameters, share

LAYERS_NOTE = (
    "Intervals of the drug effect and of the expected difference hold what is not known about the parameters, and nothing of the simulation; "
    "chances of a result hold in addition how trials and people differ and the luck of one trial."
)
SETTLE = {"settle_limit": settle.LIMIT, "settle_meaning": settle.MEANING}
EMPTY = (
    "p_above_mcid", "p_above_zero", "drug_effect", "difference", "difference_drug", "difference_belief", "belief_share",
    "power", "type_one", "participants_to_settle",
    "settled_wrongly",
    "settled_for_nothing",
)  # fmt: skip


def effects(run: Run) -> tuple[np.ndarray, np.ndarray]:
    """Benefit in the active arm per trial, points: what markers add by a named scenario (0 without one), and per unit of
    delta; from the same people at delta 0.2 and 0.4, without a scenario at 0 and 0.4."""
    if run.mediated is None:
        return np.zeros(run.trials), _gained(run, "course + belief", "delta 0.4") / 0.4
    slope = _gained(run, "delta 0.2", "delta 0.4") / 0.2
    return _gained(run, "course + belief", "delta 0.2") - 0.2 * slope, slope


def _gained(run: Run, first: str, second: str) -> np.ndarray:
    r = run.records
    gained = run.under(first, r.before_leaving) - run.under(second, r.before_leaving)
    return np.nanmean(run.by_trial(gained)[:, run.plan.arm_of == run.plan.active], axis=1)


def _of(run: Run, by_trial: np.ndarray) -> Quiet:
    return quiet(by_trial, run.draw_of_trial, run.draws.count)


def headline(run: Run) -> tuple[str, np.ndarray]:
    """What the tornado explains: the expected difference between arms, or the improvement of a single arm."""
    if run.plan.model is None and run.plan.control is not None:
        return "expected difference between arms on dosing days, points", day_parts(run)[2].draws
    split = of_difference(run)
    if split is not None:
        return "expected difference between arms, points", split.total.draws
    return "drug effect on the primary outcome, points", _drug_effect(run).draws


def _drug_effect(run: Run) -> Quiet:
    by_markers, per_delta = effects(run)
    return _of(run, by_markers + per_delta * run.belief.delta[run.draw_of_trial])


def build(asked: Asked) -> Verdict:
    if asked.beyond is not None:
        return uncovered(asked.plan.compound, asked.beyond)
    return verdict(asked.run, asked.made("trial"), _reason(asked))


def uncovered(compound: str, why: str) -> Verdict:
    """No verdict on what the trial model was not measured for, by name and with the reason."""
    text = (
        f"No verdict: the trial model does not cover {compound} as given here, {words.stop(why)} What the dose does in the "
        "body, who must not take it, whether it is lawful and what trials found are below."
    )
    silent = dict.fromkeys((*EMPTY, "prior", "posterior", "share_of_prior"))
    return Verdict(no_verdict=why, paragraph=text, data=[], layers_note="", **silent, **SETTLE)


def _reason(asked: Asked) -> str | None:
    """Why there is no verdict, or why a part of it is missing; None where nothing is."""
    plan, name = asked.plan, asked.protocol.primary.registered.full_name
    if plan.unscored is not None:
        return plan.unscored
    if too_few(plan) is not None:
        return too_few(plan)
    if plan.model is None:
        return f"the primary outcome ({name}) is rated on dosing days, and limen's tables hold no smallest difference that matters for it."
    if plan.mcid is None:
        return f"the chance of exceeding the smallest difference that matters cannot be given: limen's tables hold none for the {name}."
    return None


def verdict(run: Run, trial: ExpectedTrial | None, reason: str | None) -> Verdict:
    """The verdict; `reason` says why there is none, or why a part of it is missing."""
    prior, data, posterior = _knowledge(run)
    base = pool.evidence(run.belief)
    common = SETTLE | {
        "prior": prior,
        "data": data,
        "posterior": posterior,
        "share_of_prior": run.belief.sd / run.belief.prior_sd,
        "layers_note": LAYERS_NOTE,
        "evidence": base,
    }
    if trial is None:
        text = f"No verdict, because {reason} What the dose does in the body, whether it is noticed and who would guess are below."
        return Verdict(no_verdict=reason, paragraph=text, **dict.fromkeys(EMPTY), **common)
    if trial.weekly is None:
        return _day_verdict(run, trial, reason, dict.fromkeys(EMPTY), common)
    mcid = run.plan.mcid
    by_markers, per_delta = (_of(run, part).draws for part in effects(run))
    split = of_difference(run)
    effect = of_parameters(_drug_effect(run), "points")
    steep = np.maximum(per_delta, 1e-9)
    p_zero = averaged(run.belief.above(0.0 if run.mediated is None else -by_markers / steep))
    p_mcid = None if mcid is None else averaged(run.belief.above((mcid - by_markers) / steep))
    numbers: dict = dict.fromkeys(EMPTY) | {
        "p_above_mcid": p_mcid,
        "p_above_zero": p_zero,
        "drug_effect": effect,
    }
    if split is not None:
        by_belief, by_drug = split.channels["belief"], split.channels["drug"]
        numbers["difference"] = of_parameters(split.total, "points")
        numbers["difference_drug"] = of_parameters(by_drug, "points")
        numbers["difference_belief"] = of_parameters(by_belief, "points")
        # A share of a difference near zero, or of parts with opposite signs, says nothing.
        clear = abs(by_belief.mean) + abs(by_drug.mean) > 0.05 and by_belief.mean * by_drug.mean >= 0
        numbers["belief_share"] = by_belief.mean / split.total.mean if clear else None
        numbers["power"] = None if trial.weekly.type_one is None else trial.weekly.scenarios[-1].favourable
        numbers["type_one"] = trial.weekly.type_one
        settled = None if mcid is None else _settle(run, by_drug.draws, by_belief.draws, mcid)
        if settled is not None:
            numbers["participants_to_settle"], numbers["settled_wrongly"] = settled.people, settled.wrong
            numbers["settled_for_nothing"] = settled.false_benefit
    paragraph = _paragraph(run, trial, numbers, pool.said(base), reason)
    return Verdict(no_verdict=reason, paragraph=paragraph, **numbers, **common)


def _day_verdict(run: Run, trial: ExpectedTrial, reason: str | None, empty: dict, common: dict) -> Verdict:
    """The verdict on a dose-day rating: what it would show, and how much of that is belief."""
    belief, drug, both = day_parts(run)
    reported = trial.dose_day
    assert reported is not None
    assert reported.type_one is not None
    numbers = empty | {
        "p_above_zero": share(drug.draws > 0),
        "drug_effect": of_parameters(drug, "points"),
        "difference": of_parameters(both, "points"),
        "difference_drug": of_parameters(drug, "points"),
        "difference_belief": of_parameters(belief, "points"),
        "belief_share": belief.mean / both.mean,
        "power": reported.scenarios[-1].favourable,
        "type_one": reported.type_one,
    }
    paragraph = (
        f"On dosing days this trial would find a difference of {words.full(numbers['difference'])}, of which "
        f"{words.full(numbers['difference_belief'])} is belief{cause.rated_higher(reported.by_belief)}. With no "
        f"drug effect at all it would report p < {run.plan.alpha:g} in {words.percent(reported.type_one.value)} of runs. "
        f"Whether such a difference matters to anybody cannot be said: {reason}"
    )
    return Verdict(no_verdict=reason, paragraph=paragraph, **numbers, **common)


def _settle(run: Run, drug: np.ndarray, belief: np.ndarray, mcid: float) -> settle.Settlement | None:
    se = weekly_scenario(run, "as believed").se_by_draw(run)
    compared = (run.plan.active, run.plan.control)
    people = sum(run.plan.arms[i].n for i in compared if i is not None)
    return settle.smallest(settle.Question(drug, belief, se, mcid, people))


def _knowledge(run: Run) -> tuple[Prior, list[Prior], Prior]:
    b = run.belief
    prior = Prior(
        label="prior",
        mean=b.prior_mean,
        sd=b.prior_sd,
        note="limen's tables hold no controlled trial that shows a benefit; centred on zero",
    )
    data = [_brought(e, *e.adds.unbiased) for e in b.used if e.adds.unbiased is not None]
    return (
        prior,
        data,
        Prior(label="posterior", mean=b.mean, sd=b.sd, note="what is believed now, over parameter draws"),
    )


def _brought(e: StudyEvidence, y: float, se: float) -> Prior:
    """A trial's result without belief's part, brought to the reference regimen."""
    share = float(np.median(e.ratio))
    return Prior(
        label=f"{e.adds.name}: {e.adds.cell[0]}, {e.adds.cell[1]}, without belief's part",
        mean=y / share,
        sd=se / share,
        note="brought to the reference regimen by the state its own regimen reaches",
    )


def _paragraph(run: Run, trial: ExpectedTrial, n: dict, rests_on: str, reason: str | None) -> str:
    """Three sentences for a reader who is not a statistician, hedged as the numbers are."""
    effect: Interval = n["drug_effect"]
    chance = words.percent(n["p_above_zero"].value)
    ground = "On what is known now" if run.mediated is None else f"In the scenario {run.plan.scenario}"
    first = f"{ground}, the drug would change the primary outcome by {words.full(effect)} (benefit positive)"
    if n["p_above_mcid"] is not None:
        first += (
            f": the chance that it helps at all is {chance}, and that it helps by the {run.plan.mcid:g} points that matter "
            f"to patients, {words.percent(n['p_above_mcid'].value)}."
        )
    else:
        first += f", and the chance that it helps at all is {chance}; {reason}"
    return f"{first} {rests_on} {_middle(trial, n)} {_last(run, n)}"


def _middle(trial: ExpectedTrial, n: dict) -> str:
    if n["type_one"] is None and trial.control_free_note is None:
        return (
            "No simulated trial of this size could be analysed, so neither how often it would report a difference that is not "
            "there nor its power can be given."
        )
    if n["type_one"] is None:
        total = trial.decomposition[0]
        parts = {c.name: c.change.value for c in total.channels}
        rest = parts["selection"] + parts["course"] + parts["belief"]
        return (
            f"People in this open trial would improve by {words.full(total.total)}, of which {words.number(rest, 1)} points "
            "come from selection, the ordinary course and belief, so an improvement here says nothing about the drug."
        )
    null = n["type_one"].value
    day = (
        trial.dose_day.type_one.value
        if trial.dose_day is not None and trial.dose_day.type_one is not None
        else None
    )
    text = (
        f"{cause.noticing(None if trial.weekly is None else trial.weekly.by_belief)} trial as written would report a significant difference in "
        f"{words.percent(null)} of runs with no drug effect at all"
    )
    if day is not None:
        text += f" (in {words.percent(day)} on a rating of the dosing day)"
    return f"{text}, and a significant benefit in {words.percent(n['power'].value)} if the effect is as believed."


def _last(run: Run, n: dict) -> str:
    left = run.belief.sd / run.belief.prior_sd
    data = (
        "the data add almost nothing to the prior" if left > 0.9 else "most of this still rests on the prior"
    )
    text = f"{words.percent(left)} of the prior's spread is left: {data}"
    if n["type_one"] is None or run.plan.mcid is None:
        return f"{text}."
    size = n["participants_to_settle"]
    enough = (
        f"about {words.number(size, 0)} participants"
        if size
        else f"more than {words.number(settle.LIMIT, 0)} participants"
    )
    wrongly = (
        f"; {words.percent(n['settled_wrongly'])} of what it settles would be settled wrongly, and a drug that does nothing would "
        f"be found to help in {words.percent(n['settled_for_nothing'])}"
        if size
        else ""
    )
    return f"{text}, and settling the question would take {enough}{wrongly}."
