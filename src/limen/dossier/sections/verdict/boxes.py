"""The two boxes of the first screen, never mixed: what the protocol decides, and what nobody knows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import isnan
from typing import Any

from limen.design import settle
from limen.design.operate import Run
from limen.dossier import cause, words
from limen.dossier.noun import Interval, Share
from limen.dossier.sections.blinding.nouns import ArmBlinding, Blinding
from limen.dossier.sections.trial.nouns import ExpectedTrial, Reported
from limen.dossier.sections.verdict.nouns import EvidenceBase, Fact, Headline
from limen.evidence import tables
from limen.safety.reading.drugs import dictionary
from limen.trial.plan import ACTIVE_PLACEBO

PEOPLE = {"healthy": "healthy people"}


@dataclass(frozen=True)
class Said:
    """Both boxes of a protocol: sentences, at most four numbers, and the rest as facts."""

    decides: list[str]
    unknown: list[str]
    numbers: list[Headline]
    facts: list[Fact]


def said(run: Run, blinding: Blinding, trial: ExpectedTrial, n: dict[str, Any], base: EvidenceBase) -> Said:
    """The boxes of a protocol whose trials were simulated."""
    decides, numbers, facts = _decides(run, blinding, trial, n)
    unknown, more, rest = _of_the_day(n) if trial.weekly is None else _unknown(run, n, base)
    return Said(decides, unknown, numbers + more, facts + rest)


def without_scores(run: Run, blinding: Blinding) -> Said:
    """The boxes where no score is modelled: who notices and who guesses are decided all the same."""
    sentences, numbers = _noticed(run, blinding)
    return Said(sentences, [], numbers, _guessed(run, blinding))


def comparator(run: Run) -> tuple[str | None, bool]:
    """What is left out of a comparator that does something itself, and whether it is known to; none where it is inert."""
    control = None if run.plan.control is None else run.plan.arms[run.plan.control]
    if control is None or control.kind != ACTIVE_PLACEBO or not control.agent:
        return None, False
    agent, illness = control.called or control.agent, run.plan.indication
    known = dictionary().get(agent.lower())
    classed = ["antidepressants"] if known is not None and known.atc.startswith("N06A") else []
    held = [c for name in (agent.lower(), *classed) for c in tables.comparators()
            if c.condition.startswith(illness) and c.intervention.lower().startswith(name) and c.effect is not None]  # fmt: skip
    if not held:
        return (
            f"What {agent} itself does to the outcome is taken to be nothing: limen's tables hold no effect of it in {illness}. If it has "
            "one, the difference between arms is not the drug's alone."
        ), False
    c = held[0]
    size = f"{c.effect_type} {words.number(abs(c.effect or 0.0), 2)}"
    return (
        f"{agent} has an effect of its own in {illness} ({size}, {c.sources[0]}), which is left out here: the difference between arms "
        "cannot be read as the drug's."
    ), True


def _decides(
    run: Run, blinding: Blinding, trial: ExpectedTrial, n: dict[str, Any]
) -> tuple[list[str], list[Headline], list[Fact]]:
    sentences, numbers = _noticed(run, blinding)
    facts: list[Fact] = []
    reported = trial.weekly if trial.weekly is not None and trial.weekly.type_one else trial.dose_day
    if reported is not None and reported.type_one is not None and run.plan.control is not None:
        numbers.append(_dead_drug(reported))
        sentences.append(cause.alive(reported.by_belief))
        day = None if trial.dose_day is None or reported is trial.dose_day else trial.dose_day.by_belief
        sentences += filter(None, [cause.on_the_day(day, reported.by_belief)])
    facts += _reports(trial.weekly, trial.dose_day)
    facts += _stops(trial.weekly)
    facts += _guessed(run, blinding)
    if n["settled_here"] is not None:
        sentences.append(_size(n))
        facts.append(_fact("decides", f"Settled by {n['people_here']} people", _here(n)))
        facts.append(_fact("decides", "People needed to settle it", _to_settle(n)))
    if trial.control_free_note is not None:
        sentences.append(trial.control_free_note)
    note, _ = comparator(run)
    return [*sentences, *([note] if note else [])], numbers, facts


def _noticed(run: Run, blinding: Blinding) -> tuple[list[str], list[Headline]]:
    active, control = _arms(run, blinding)
    if active.noticed is None:
        return [], []
    felt = {arm.arm: arm.noticed for arm in blinding.arms if arm.noticed is not None}
    return [_who_notices(active, control)], [_noticing(felt, None if control is None else control.arm)]


def _guessed(run: Run, blinding: Blinding) -> list[Fact]:
    if run.plan.control is None or isnan(blinding.correct.value):
        return []
    what = f"Who guess their arm right at week {blinding.week:g}, of those who guess"
    return [_fact("decides", what, words.full(blinding.correct, share=True))]


def _stops(weekly: Reported | None) -> list[Fact]:
    """Where interim looks end a trial of a drug that does nothing."""
    if weekly is None or weekly.stopping is None:
        return []
    s = weekly.stopping
    what = f"A drug that does nothing, looked at after {words.listed(words.percent(at) for at in s.at)} of the people"
    text = f"stops before the end in {_with_error(s.early)}, with {words.number(s.people.value, 0)} people on average"
    return [_fact("decides", what, f"{text} ({s.spending} bounds)")]


def _arms(run: Run, blinding: Blinding) -> tuple[ArmBlinding, ArmBlinding | None]:
    control = None if run.plan.control is None else blinding.arms[run.plan.control]
    return blinding.arms[run.plan.active], control


def _fact(box: Any, what: str, text: str) -> Fact:
    return Fact(box=box, what=what, said=text)


def _noticing(felt: dict[str, Interval], control: str | None) -> Headline:
    """Every arm in which noticing is known, against the control."""
    taken = [arm for arm in felt if arm != control]
    ends = [control] if control in felt else []

    def compared(say: Callable[[str], str]) -> str:
        return words.against([words.listed(map(say, taken)), *map(say, ends)])

    spans = [f"{words.span_of_100(felt[arm])} on {arm}" for arm in (*taken, *ends)]
    return Headline(
        box="decides", what=f"of 100 people notice something on the first dosing day: {compared(str)}",
        said=compared(lambda arm: words.of_100(felt[arm].value)), error=f"90% interval {words.listed(spans)}", drawer="false_positive",
    )  # fmt: skip


def _who_notices(active: ArmBlinding, control: ArmBlinding | None) -> str:
    """Whether noticing tells the arms apart, beyond both intervals."""
    if control is None or control.noticed is None or active.noticed is None:
        return "Everybody knows what they take: there is nothing to guess."
    apart = active.noticed.low > control.noticed.high or active.noticed.high < control.noticed.low
    if not apart:
        return f"Whether somebody notices something tells {active.arm} from {control.arm} hardly or not at all: the intervals overlap."
    more = "more" if active.noticed.value > control.noticed.value else "fewer"
    return f"Clearly {more} people notice something on {active.arm} than on {control.arm}."


def _dead_drug(reported: Reported) -> Headline:
    on, off = reported.type_one, reported.type_one_blind
    assert on is not None
    off_text = "" if off is None else f"; with belief switched off {words.of_100(off.value)}"
    where = "" if reported.timing == "weekly" else f", on the {reported.outcome_name} of a dosing day"
    return Headline(
        box="decides", what=f"of 100 such trials of a drug that does nothing {_claim(reported)}{where}{off_text}",
        said=words.of_100(on.value), error=f"Monte Carlo error {words.per_100(on.monte_carlo_se)}", drawer="false_positive",
    )  # fmt: skip


def _claim(reported: Reported) -> str:
    """What counts as a result, the verb of many trials."""
    if reported.stopping is None:
        return f"report p < {reported.alpha:g}"
    return f"cross a bound at one of {words.counted(len(reported.stopping.at))} looks ({100 * reported.alpha:g}% over all)"


def _reports(weekly: Reported | None, day: Reported | None) -> list[Fact]:
    """What trials report on the weekly scale and on the rating of the dosing day, line by line."""
    lines = [_lines(o) if o is not None and o.type_one is not None else {} for o in (weekly, day)]
    whats = list(dict.fromkeys(what for line in lines for what in line))
    return [
        Fact(box="decides", what=what, said=lines[0].get(what, ""), on_the_day=lines[1].get(what, ""))
        for what in whats
    ]


def _lines(outcome: Reported) -> dict[str, str]:
    pair, off = outcome.by_belief, outcome.type_one_blind
    reaches = (
        f"reaches p < {outcome.alpha:g}"
        if outcome.stopping is None
        else "crosses a bound at one of the looks"
    )
    found = {f"A drug that does nothing {reaches}": _with_error(outcome.type_one)}
    found["The same with belief switched off"] = _with_error(off)
    if pair is not None:
        error = words.per_100(pair.monte_carlo_se).removesuffix(" of 100")
        found["What belief adds, on the same trials"] = f"{words.signed_percent(pair.value)} (error {error})"
    for s in outcome.scenarios:
        if s.delta != 0.0:
            found[f"A benefit is reported, {_effect(s.delta)}"] = _with_error(s.favourable)
    return found


def _effect(delta: float | None) -> str:
    return "the effect as believed now" if delta is None else f"an effect of {delta:g} SD"


def _with_error(share: Share | None) -> str:
    if share is None:
        return ""
    return f"{words.of_100(share.value)} of 100 (error {words.number(100 * share.monte_carlo_se, 1)})"


def _size(n: dict[str, Any]) -> str:
    away = n["settled_here"] - settle.ASSURANCE
    verb = "is large enough" if away > 0 else "is too small"
    if abs(away) < 2 * n["settled_here_error"]:
        verb = "may be large enough"
    return f"A trial of {n['people_here']} people {verb} to settle whether the drug helps by what matters."


def _here(n: dict[str, Any]) -> str:
    wrongly = (
        f"; {words.percent(n['wrong_here'])} of that wrongly (error {words.percent(n['wrong_here_error'])})"
    )
    return (
        f"{words.of_100(n['settled_here'])} of 100 trials (error {words.number(100 * n['settled_here_error'], 1)})"
        + (wrongly if n["settled_here"] > 0 else "")
    )


def told(low: int, high: int | None) -> str:
    """Between which sizes the simulation can tell."""
    upper = f"more than {words.number(settle.LIMIT, 0)}" if high is None else words.number(high, 0)
    return f"the simulation tells it to {words.number(low, 0)} to {upper}"


def _to_settle(n: dict[str, Any]) -> str:
    size = n["participants_to_settle"]
    if not size:
        return f"more than {words.number(settle.LIMIT, 0)}"
    return (
        f"{words.number(size, 0)} in all ({told(n['settle_low'], n['settle_high'])}); "
        f"{words.percent(n['settled_wrongly'])} of what it settles is settled wrongly (Monte Carlo error "
        f"{words.percent(n['settled_wrongly_error'])}), and it finds a "
        f"benefit of a drug that does nothing in {words.percent(n['settled_for_nothing'])}"
    )


def _unknown(run: Run, n: dict[str, Any], base: EvidenceBase) -> tuple[list[str], list[Headline], list[Fact]]:
    effect: Interval = n["drug_effect"]
    others = [r.above_zero for r in base.sensitivity]
    helps = n["p_above_zero"].value
    low, high = min([helps, *others]), max([helps, *others])
    where = "" if run.mediated is None else f", in the scenario {run.plan.scenario}"
    numbers = [
        Headline(box="unknown", what=f"what the drug itself does to the primary outcome{where}", said=words.better(effect),
                 error=f"{effect.level:.0%} interval: {words.better_span(effect)}", drawer="effect"),
        Headline(box="unknown", what="the chance that it helps at all", said=words.percent(helps),
                 error=f"{words.percent(low)} to {words.percent(high)} under other priors and with any one trial left out",
                 drawer="effect"),
    ]  # fmt: skip
    facts = []
    if n["p_above_mcid"] is not None:
        facts.append(_fact("unknown", f"The chance that it helps by the {run.plan.mcid:g} points that matter to patients",
                           f"{words.percent(n['p_above_mcid'].value)} (Monte Carlo error {words.percent(n['p_above_mcid'].monte_carlo_se)})"))  # fmt: skip
    facts.append(
        _fact(
            "unknown",
            "How much of the prior's spread is left",
            words.percent(run.belief.sd / run.belief.prior_sd),
        )
    )
    return [from_trials(base, run.belief.sd / run.belief.prior_sd)], numbers, facts


def _of_the_day(n: dict[str, Any]) -> tuple[list[str], list[Headline], list[Fact]]:
    """A rating of the dosing day rests on what single doses did to such ratings, not on the base of weekly scales."""
    effect: Interval = n["drug_effect"]
    number = Headline(box="unknown", what="what the drug itself does to the rating of a dosing day", said=words.better(effect),
                      error=f"{effect.level:.0%} interval: {words.better_span(effect)}", drawer="effect")  # fmt: skip
    text = "It rests on what single doses did to such ratings. Whether a better day helps anybody is not known from it."
    return [text], [number], []


def from_trials(base: EvidenceBase, left: float) -> str:
    """Which trials it rests on, and how much of it is what was assumed before any of them."""
    where = PEOPLE.get(base.indication, base.indication)
    mine = f"{words.counted(base.own)} trial{'s' if base.own != 1 else ''} of {base.compound} in {where}"
    other = (
        f"{words.counted(base.borrowed)} of other illnesses or compounds"
        if base.borrowed
        else "no other trial"
    )
    text = f"Whether it helps rests on {mine}, {other} and a prior centred on no effect; "
    text += "the trials add almost nothing to the prior." if left > 0.9 else (
        "most of it is still the prior." if left > 0.5 else "the trials outweigh the prior.")  # fmt: skip
    if base.left_out:
        text += " This trial's own result is left out of it, so that it is predicted and not repeated."
    return text
