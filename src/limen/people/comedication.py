"""Comedication: how common each class is among those who come and among those let in, and what it does to a dose."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jax.scipy.special import ndtr
from jaxtyping import Array, Bool, Float

from limen.compounds import Compound
from limen.parameters import Draws
from limen.people.columns import PerDraw, per_draw
from limen.protocol.indications import indication as known
from limen.safety.screening.admission import ANTIDEPRESSANTS, COMEDICATIONS, OTHERS, Admitted

INHIBITORS: tuple[str, ...] = ("ssri_inhibitor", "bupropion", "inhibitor")
REUPTAKE: tuple[str, ...] = ("ssri_inhibitor", "ssri", "snri")
# Names of the normals that decide, one a slot: which antidepressant, and each other medicine.
SLOTS = ("antidepressant", *OTHERS)


@dataclass(frozen=True)
class Prevalence:
    """Shares of people per class, [classes, draws], in the order of COMEDICATIONS: of those who `come` to the trial, and of
    those `inside` it after the screen. `out` is the share of a class that does not get in, [classes, draws]."""

    come: Float[np.ndarray, "classes draws"]
    inside: Float[np.ndarray, "classes draws"]
    out: Float[np.ndarray, "classes draws"]


def prevalence(
    draws: Draws, indication: str, admitted: Sequence[Admitted], on_antidepressant: float | None
) -> Prevalence:
    """The law of comedication before and after the screen, in closed form, so that nobody is drawn and thrown away.

    Class k of the antidepressants comes with p w_k / sum w; a share a_k of it is let in, drugs left to a clinician with
    a drawn chance. Inside, P(k) = p w_k a_k / (1 - p + p a), a = sum w_k a_k / sum w. Where the protocol says which share
    q of its people takes one, P(k) = q w_k a_k / (sum w a), and p = q / (q + a (1 - q)) is what must have come.
    """
    by_name, ill = {a.name: a for a in admitted}, known(indication).takes
    admits = draws["comedication.shared.clinician_admits"] if any(a.held for a in admitted) else 0.0
    pass_ = {n: by_name[n].let_in + by_name[n].held * admits + np.zeros(draws.count) for n in COMEDICATIONS}
    weight = np.stack([draws[f"comedication.class.{n}"] for n in ANTIDEPRESSANTS])
    weight = weight / weight.sum(0)
    among = np.stack([pass_[n] for n in ANTIDEPRESSANTS])
    let_in = (weight * among).sum(0)
    q = on_antidepressant
    if q and let_in.all():
        p = q / (q + let_in * (1.0 - q))
        share = q * weight * among / let_in
    else:
        p = draws[f"comedication.{ill}.antidepressant"]
        share = p * weight * among / (1.0 - p + p * let_in)
    come, inside = list(p * weight), list(share)
    for name in OTHERS:
        table = "shared" if name == "inhibitor" else ill
        p = draws[f"comedication.{table}.{name}"]
        come.append(p)
        inside.append(p * pass_[name] / (1.0 - p + p * pass_[name]))
    out = np.stack([1.0 - pass_[name] for name in COMEDICATIONS])
    return Prevalence(np.stack(come), np.stack(inside), out)


class Comedication(eqx.Module):
    """What `effects` reads: `takes` the share of each class [classes, draws], and the fold each mechanism shifts by."""

    takes: Float[Array, "classes people"]
    inhibitor_auc: PerDraw
    sert_perception: PerDraw
    sert_signal: PerDraw
    ratio_antipsychotic: PerDraw
    ratio_antidepressant: PerDraw


def comedication(
    draws: Draws,
    compound: Compound,
    indication: str,
    admitted: Sequence[Admitted] = (),
    on_antidepressant: float | None = None,
) -> Comedication:
    """The law of comedication in a trial. Without `admitted` nobody takes anything; a fold that nobody meets is 1 and
    its parameter is not read."""
    inside = (
        prevalence(draws, indication, admitted, on_antidepressant).inside
        if admitted
        else np.zeros((len(COMEDICATIONS), draws.count))
    )
    share = dict(zip(COMEDICATIONS, inside, strict=True))
    one = np.ones(draws.count)

    def met(names: Sequence[str]) -> bool:
        return any(share[name].any() for name in names)

    def ratio(name: str, classes: Sequence[str]) -> Float[np.ndarray, " draws"]:
        return 1.0 / (1.0 - draws[f"comedication.blunting.{name}_occupancy"]) if met(classes) else one

    def blunting(name: str) -> Float[np.ndarray, " draws"]:
        return draws[f"comedication.blunting.sert_{name}"] if met(REUPTAKE) else one

    slows = met(INHIBITORS) and compound.applies("inhibitor_auc")
    return Comedication(
        takes=per_draw(inside),
        inhibitor_auc=per_draw(draws[compound.need("inhibitor_auc")] if slows else one),
        sert_perception=per_draw(blunting("perception")),
        sert_signal=per_draw(blunting("signal")),
        ratio_antipsychotic=per_draw(ratio("antipsychotic", ["antipsychotic"])),
        ratio_antidepressant=per_draw(ratio("antidepressant", ["blocking"])),
    )


class Taken(eqx.Module):
    """What each person takes [classes, people], and what follows: `inhibited`, the folds by which `ec50` and the
    `transduction` constant rise, and `threshold`, the rise of the noticing threshold in ln units."""

    takes: Bool[Array, "classes people"]
    inhibited: Bool[Array, " people"]
    ec50: Float[Array, " people"]
    transduction: Float[Array, " people"]
    threshold: Float[Array, " people"]


def effects(t: Comedication, draw: Mapping[str, Float[Array, " people"]]) -> Taken:
    """Comedication of each person from the normals named in SLOTS, and its effects.

    SSRI or SNRI: threshold theta x a, transduction constant K x b. 5-HT2A blockers, competitive antagonism:
    r = 1 / (1 - antagonist occupancy), EC50 x r and theta x r, so that r times the concentration does the same; of two
    blockers the stronger counts. Sources: gukasyan2023, becker2025, vollenweider1998, holze2021dose (full doses).
    """
    chance = {name: ndtr(draw[name]) for name in SLOTS}
    share = dict(zip(COMEDICATIONS, t.takes, strict=True))
    takes: list[Bool[Array, " people"]] = []
    reached = jnp.zeros_like(draw["antidepressant"])
    for name in ANTIDEPRESSANTS:
        u, top = chance["antidepressant"], reached + share[name]
        takes.append((u >= reached) & (u < top))
        reached = top
    takes += [chance[name] < share[name] for name in OTHERS]
    on = dict(zip(COMEDICATIONS, takes, strict=True))

    def any_of(names: tuple[str, ...]) -> Bool[Array, " people"]:
        return jnp.any(jnp.stack([on[name] for name in names]), axis=0)

    reuptake = any_of(REUPTAKE)
    ratio = jnp.maximum(
        jnp.where(on["blocking"], t.ratio_antidepressant, 1.0),
        jnp.where(on["antipsychotic"], t.ratio_antipsychotic, 1.0),
    )
    return Taken(
        takes=jnp.stack(takes),
        inhibited=any_of(INHIBITORS),
        ec50=ratio,
        transduction=jnp.where(reuptake, t.sert_signal, 1.0),
        threshold=jnp.where(reuptake, jnp.log(t.sert_perception), 0.0) + jnp.log(ratio),
    )
