"""The verdict: prior, data and posterior, in numbers and in one paragraph generated from them."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.special import ndtr, ndtri

from limen.design import settle
from limen.design.believe import StudyEvidence
from limen.design.decompose import of_difference
from limen.design.influence import used
from limen.design.noise import Quiet, quiet
from limen.design.operate import Run
from limen.design.report import weekly_scenario
from limen.design.settling import question, settled_here
from limen.design.whatifs import AS_BELIEVED
from limen.dossier import words
from limen.dossier.asked import Asked
from limen.dossier.sections.blinding.nouns import Blinding
from limen.dossier.sections.trial.build import day_parts, too_few
from limen.dossier.sections.trial.nouns import ExpectedTrial
from limen.dossier.sections.verdict import boxes, pool
from limen.dossier.sections.verdict.beside import reported_beside
from limen.dossier.sections.verdict.first import NO_VERDICT, Chances, first_words, standing
from limen.dossier.sections.verdict.nouns import Prior, TrialSize, Verdict, Worth
from limen.dossier.sections.verdict.worth import gains
from limen.dossier.summarise import averaged, of_parameters, share

LAYERS_NOTE = (
    "The interval of the drug effect holds what is not known about the parameters; that of noticing too. A share of trials holds "
    "in addition how trials and people differ and the luck of one trial, and has an error of simulation instead."
)
SETTLE = {"settle_limit": settle.LIMIT, "settle_meaning": settle.MEANING}
SIZES = (20, 30, 50, 70, 100, 150, 200, 300, 500, 700, 1000, 1500, 2000, 3000, 5000)
SILENT = {
    "first_words": NO_VERDICT,
    "decides": [],
    "unknown": [],
    "numbers": [],
    "facts": [],
    "beside": [],
    "worth": [],
}
EMPTY = (
    "p_above_mcid", "p_above_zero", "drug_effect", "difference", "difference_drug", "difference_belief", "belief_share",
    "power", "type_one", "participants_to_settle",
    "settle_low", "settle_high", "settled_wrongly", "settled_wrongly_error",
    "settled_for_nothing",
    "settled_here", "settled_here_error", "wrong_here", "wrong_here_error", "people_here",
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
    return verdict(asked.run, asked.made("trial"), asked.made("blinding"), _reason(asked))


def uncovered(compound: str, why: str) -> Verdict:
    """No verdict on what the trial model was not measured for, by name and with the reason."""
    text = (
        f"No verdict: the trial model does not cover {compound} as given here, {words.stop(why)} What the dose does in the "
        "body, who must not take it, whether it is lawful and what trials found are below."
    )
    silent = dict.fromkeys((*EMPTY, "prior", "posterior", "share_of_prior"))
    return Verdict(no_verdict=why, paragraph=text, data=[], layers_note="", **silent, **SILENT, **SETTLE)


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


def verdict(run: Run, trial: ExpectedTrial | None, blinding: Blinding, reason: str | None) -> Verdict:
    """The verdict; `reason` says why there is none, or why a part of it is missing."""
    prior, data, posterior = _knowledge(run)
    base = pool.evidence(run.belief)
    common = SETTLE | {
        "no_verdict": reason,
        "prior": prior,
        "data": data,
        "posterior": posterior,
        "share_of_prior": run.belief.sd / run.belief.prior_sd,
        "layers_note": LAYERS_NOTE,
        "evidence": base,
    }
    empty: dict[str, Any] = dict.fromkeys(EMPTY)
    if trial is None:
        text = f"No verdict, because {reason} What the dose does in the body, whether it is noticed and who would guess are below."
        part = boxes.without_scores(run, blinding)
        shown = SILENT | {"decides": part.decides, "numbers": part.numbers, "facts": part.facts}
        return Verdict(paragraph=text, **empty, **shown, **common)
    numbers: dict[str, Any] = empty | (_day(run, trial) if trial.weekly is None else _weekly(run, trial))
    said = boxes.said(run, blinding, trial, numbers, base)
    known = _chances(run, numbers, trial)
    first = first_words(known)
    paragraph = standing(first, known)
    return Verdict(
        first_words=first,
        paragraph=" ".join([paragraph, *([words.sentence(reason)] if reason else [])]),
        decides=said.decides,
        unknown=[*said.unknown, *([] if trial.weekly is None else [pool.regimen(base)])],
        numbers=said.numbers,
        facts=said.facts,
        beside=reported_beside(run),
        worth=_worth(run, trial),
        **numbers,
        **common,
    )


def _weekly(run: Run, trial: ExpectedTrial) -> dict:
    """The numbers of a trial whose primary outcome is a weekly scale."""
    assert trial.weekly is not None
    mcid = run.plan.mcid
    by_markers, per_delta = (_of(run, part).draws for part in effects(run))
    split = of_difference(run)
    steep = np.maximum(per_delta, 1e-9)
    numbers: dict = {
        "p_above_mcid": None if mcid is None else averaged(run.belief.above((mcid - by_markers) / steep)),
        "p_above_zero": averaged(run.belief.above(0.0 if run.mediated is None else -by_markers / steep)),
        "drug_effect": of_parameters(_drug_effect(run), "points"),
    }
    if split is None:
        return numbers
    by_belief, by_drug = split.channels["belief"], split.channels["drug"]
    # A share of a difference near zero, or of parts with opposite signs, says nothing.
    clear = abs(by_belief.mean) + abs(by_drug.mean) > 0.05 and by_belief.mean * by_drug.mean >= 0
    numbers |= {
        "difference": of_parameters(split.total, "points"),
        "difference_drug": of_parameters(by_drug, "points"),
        "difference_belief": of_parameters(by_belief, "points"),
        "belief_share": by_belief.mean / split.total.mean if clear else None,
        "power": None if trial.weekly.type_one is None else trial.weekly.scenarios[-1].favourable,
        "type_one": trial.weekly.type_one,
    }
    return numbers | _settled(run, per_delta)


def _day(run: Run, trial: ExpectedTrial) -> dict:
    """The numbers of a trial whose primary outcome is rated on dosing days."""
    belief, drug, both = day_parts(run)
    reported = trial.dose_day
    assert reported is not None
    return {
        "p_above_zero": share(drug.draws > 0),
        "drug_effect": of_parameters(drug, "points"),
        "difference": of_parameters(both, "points"),
        "difference_drug": of_parameters(drug, "points"),
        "difference_belief": of_parameters(belief, "points"),
        "belief_share": belief.mean / both.mean,
        "power": reported.scenarios[-1].favourable,
        "type_one": reported.type_one,
    }


def _chances(run: Run, n: dict, trial: ExpectedTrial) -> Chances:
    """What each prior makes of the question. A rating of the day has no smallest difference that matters, and whether it
    helps anybody is open whatever it shows."""
    bars, left = _bars(run, trial), run.belief.sd / run.belief.prior_sd
    if trial.weekly is None:
        return Chances((0.0, 1.0), bars=bars)
    others = run.belief.sensitivity[:2]
    zero = (n["p_above_zero"].value, *(o.above_zero for o in others))
    mcid = run.plan.mcid
    if mcid is None:
        return Chances(zero, bars=bars, left=left)
    by_markers, per_delta = (float(np.median(_of(run, part).draws)) for part in effects(run))
    least = (mcid - by_markers) / max(per_delta, 1e-9)
    matters = tuple(float(ndtr((o.mean - least) / o.sd)) for o in others)
    return Chances(zero, (n["p_above_mcid"].value, *matters), bars, left)


def _bars(run: Run, trial: ExpectedTrial) -> tuple[str, ...]:
    """What keeps the trial from telling the drug from the rest."""
    found = []
    if run.plan.control is None:
        found.append("without a control arm, what the drug does is mixed with everything else that changes.")
    elif (trial.weekly or trial.dose_day).type_one is None:  # type: ignore[union-attr]
        found.append("no simulated trial of this size could be analysed.")
    _, own = boxes.comparator(run)
    return (*found, *(["what the drug is compared with has an effect of its own."] if own else []))


def _worth(run: Run, trial: ExpectedTrial) -> list[Worth]:
    if trial.weekly is None:
        return []
    columns = {name: run.draws[name] for name in used(run.draws, run.plan)}
    columns |= {"drug_effect.prior.delta": run.belief.delta}
    return [Worth.like(g) for g in gains(_drug_effect(run).draws, columns)]


def _settled(run: Run, per_delta: np.ndarray) -> dict:
    """How large a trial would settle the question, how often one of the protocol's own size does, and both over the size."""
    on = weekly_scenario(run, AS_BELIEVED)
    asked = question(run, on)
    if asked is None:
        return {}

    def of_size(size: int) -> TrialSize:
        found = settle.settled_by(asked, size)
        s = asked.se * np.sqrt(asked.people / size)
        critical = ndtri(1 - run.plan.alpha / run.plan.sided)
        power = float(np.mean(ndtr((0.4 * per_delta + asked.belief) / s - critical)))
        return TrialSize(people=size, settles=found.chance, false_benefit=found.false_benefit, power=power)

    (chance, error), (wrong, wrong_error), _ = settled_here(run, on, asked)
    numbers: dict = {
        "people_here": asked.people,
        "settled_here": chance,
        "settled_here_error": error,
        "wrong_here": wrong,
        "wrong_here_error": wrong_error,
        "sizes": [of_size(size) for size in SIZES],
    }
    enough = settle.smallest(asked)
    if enough is None:
        return numbers
    found = enough.found
    return numbers | {
        "participants_to_settle": found.people,
        "settle_low": enough.low,
        "settle_high": enough.high,
        "settled_wrongly": found.wrong,
        "settled_wrongly_error": found.wrong_error,
        "settled_for_nothing": found.false_benefit,
    }


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
