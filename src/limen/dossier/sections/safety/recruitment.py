"""Recruitment: whom the rules on comedication keep out, and what the people in the trial take."""

from __future__ import annotations

import numpy as np

from limen.compounds import compound
from limen.design.operate import Enrolled, Run
from limen.dossier.sections.safety.nouns import Carried, Lost, Recruitment
from limen.dossier.summarise import PARAMETER, by_draw, interval
from limen.people.comedication import INHIBITORS, REUPTAKE, prevalence
from limen.protocol import Protocol
from limen.safety.rules.interactions import SEVERITIES
from limen.safety.screening.admission import ANTIDEPRESSANTS, BY_PROTOCOL, COMEDICATIONS, LABELS, OTHERS

SLOTS = (ANTIDEPRESSANTS, *((name,) for name in OTHERS))
ENOUGH = 100  # people on a class, over all simulated ones, before a share of them is shown
GROUPS = (
    ("fluoxetine or paroxetine", ("ssri_inhibitor",)),
    ("another SSRI, or an SNRI", ("ssri", "snri")),
    ("mirtazapine, mianserin or trazodone", ("blocking",)),
    ("bupropion", ("bupropion",)),
    ("tricyclic antidepressant", ("tricyclic",)),
    ("MAO inhibitor", ("maoi",)),
    ("lithium", ("lithium",)),
    ("antipsychotic that blocks 5-HT2A", ("antipsychotic",)),
    ("stimulant", ("stimulant",)),
    ("quinidine or terbinafine", ("inhibitor",)),
)


def recruitment(run: Enrolled, protocol: Protocol) -> Recruitment | None:
    """Losses in the order of gravity, exact per parameter draw: with l_s(r) the share that rule r takes from the users of
    slot s, and slots independent, prod_s (1 - sum of l_s over the rules so far) is what is left after each rule."""
    plan = run.plan
    if not plan.admission:
        return None
    come = prevalence(run.draws, plan.indication, plan.admission, plan.on_antidepressant).come
    kept_out = 1.0 - run.draws["comedication.shared.clinician_admits"]
    taken: dict[tuple[int, bool, str], np.ndarray] = {}
    classes: dict[tuple[int, bool, str], list[str]] = {}
    for slot, names in enumerate(SLOTS):
        for admitted in plan.admission:
            if admitted.name not in names:
                continue
            users = come[COMEDICATIONS.index(admitted.name)]
            for loss in admitted.losses:
                key = (SEVERITIES.index(loss.severity), loss.held, loss.rule)
                shares = taken.setdefault(key, np.zeros((len(SLOTS), run.draws.count)))
                shares[slot] += users * loss.share * (kept_out if loss.held else 1.0)
                named = classes.setdefault(key, [])
                named += [] if LABELS[admitted.name] in named else [LABELS[admitted.name]]
    lost, left, steps = np.zeros((len(SLOTS), run.draws.count)), np.ones(run.draws.count), []
    for key in sorted(taken):
        lost = lost + taken[key]
        after = np.prod(1.0 - lost, axis=0)
        severity, held, rule = key
        steps.append(
            Lost(
                rule="the protocol" if rule == BY_PROTOCOL else rule,
                severity=SEVERITIES[severity],
                classes=classes[key],
                held=held,
                lost=interval(100 * (left - after), "per 100", PARAMETER),
                touched=interval(100 * (1 - np.prod(1.0 - taken[key], axis=0)), "per 100", PARAMETER),
                left=float(100 * after.mean()),
            )
        )
        left = after
    return Recruitment(
        indication=plan.indication, steps=steps, let_in=interval(100 * left, "per 100", PARAMETER),
        note=_note(protocol),
    )  # fmt: skip


def _note(protocol: Protocol) -> str:
    share = protocol.population.on_antidepressant
    said = (
        f"that {share:.0%} of those in the trial take an antidepressant is the protocol's own number, and how many must "
        "have come follows from it; other prevalences"
        if share
        else "prevalences"
    )
    return (
        f"No source in the facts counts what people who come to such a trial take: {said} are assumptions with a wide "
        "spread, and so is the share a clinician lets in. Only the medicines named are counted; conditions, measurements "
        "and the entry score keep out more people, and for those the facts hold no prevalence"
    )


def carried(run: Run) -> list[Carried]:
    """What the people in the trial take, and how many of them notice the first dose of the active arm."""
    plan, takes = run.plan, np.asarray(run.records.takes) > 0
    if not plan.admission:
        return []
    inside = prevalence(run.draws, plan.indication, plan.admission, plan.on_antidepressant).inside
    rows = [
        _carried(run, "nothing of these", ~np.max(takes, axis=1), _without(inside), "none: the dose alone")
    ]
    for label, names in GROUPS:
        at = [COMEDICATIONS.index(name) for name in names]
        share = inside[at].sum(0)
        if share.mean() > 5e-4:
            rows.append(_carried(run, label, np.max(takes[:, at], axis=1), share, _effect(run, names)))
    return rows


def _without(inside: np.ndarray) -> np.ndarray:
    slots = [[COMEDICATIONS.index(name) for name in names] for names in SLOTS]
    return np.prod([1.0 - inside[at].sum(0) for at in slots], axis=0)


def _carried(run: Run, label: str, on: np.ndarray, share: np.ndarray, effect: str) -> Carried:
    active = on & (run.arm == run.plan.active)
    drawn = np.repeat(run.draw_of_trial, run.plan.people)[active]
    first = np.asarray(run.records.p_notice)[active, run.plan.first_dose]
    noticed = interval(by_draw(first, drawn, run.draws.count), "fraction", PARAMETER)
    return Carried(
        classes=label,
        per_100=interval(100 * share, "per 100", PARAMETER),
        effect=effect,
        noticed=noticed if active.sum() >= ENOUGH else None,
    )


def _effect(run: Run, names: tuple[str, ...]) -> str:
    """What the model makes of a class, with the median of each fold."""

    def fold(name: str) -> str:
        return f"{float(np.median(run.draws[f'comedication.{name}'])):.2g}-fold"

    said = []
    given = compound(run.plan.compound)
    if set(names) & set(INHIBITORS) and "inhibitor_auc" in given.parameters:
        said.append(f"{given.analyte} exposure {fold('exposure.inhibitor_auc')}")
    if set(names) & set(REUPTAKE):
        said.append(f"threshold of noticing {fold('blunting.sert_perception')}")
        said.append(f"constant of the signal {fold('blunting.sert_signal')}")
    for name, kind in (("blocking", "antidepressant"), ("antipsychotic", "antipsychotic")):
        if name in names:
            held = float(np.median(run.draws[f"comedication.blunting.{kind}_occupancy"]))
            said.append(
                f"{held:.0%} of 5-HT2A receptors held, so {1 / (1 - held):.2g} times the concentration is needed"
            )
    return "; ".join(said) or "none is modelled"
