"""Titrate: doses that move by what a person notices, up and down a ladder of levels, reviewed at set times."""

from __future__ import annotations

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float, Int

from limen.people import Participants
from limen.pharmacology.expose import Body, Exposure, expose
from limen.pharmacology.kinetics import oral_modes
from limen.trial.dosing import Doses, dose
from limen.trial.perceive import perceive
from limen.trial.reference import of_person
from limen.trial.setting import Assigned, Calendar, Levels, Moves
from limen.trial.theta import WalkParameters


class Dosed(eqx.Module):
    """What people took, what they met of it, and the body they are left with."""

    doses: Doses
    exposure: Exposure
    body: Body


def meet(
    t: WalkParameters,
    people: Participants,
    assigned: Assigned,
    arm: Int[Array, " people"],
    levels: Levels,
    when: Calendar,
    body: Body | None,
    first: Int[Array, ""],
) -> Dosed:
    """Doses of one period from study day `first` on, and their exposure.

    Where doses move by what is noticed, a dose hangs on what was met of those before, and on nothing after it. So everything is
    met again until it stays: after k rounds the doses of the first k + 1 reviews are what they will be.
    """
    m = oral_modes(people.cl, people.v, people.ka, people.ke0, people.tlag)
    receptor = of_person(t.receptor, people)

    def met(doses: Doses) -> tuple[Exposure, Body]:
        return expose(m, receptor, t.scale.accrual, doses.amount, when.gap, body, when.follow)

    doses = dose(levels, when, people.roll, arm, first)
    moves = levels.moves
    if moves is not None:

        def again(_: Int[Array, ""], share: Float[Array, "doses people"]) -> Float[Array, "doses people"]:
            exposure = met(_of(doses, share))[0]
            felt = perceive(t, people, exposure, assigned, when, first).noticed
            return ladder(moves, arm, doses.share, felt)

        begin = ladder(moves, arm, doses.share, jnp.zeros(doses.share.shape, bool))
        share = jax.lax.fori_loop(0, moves.reviews, again, begin)
        highest = jnp.where(moves.by[arm], share.max(axis=0), 1.0)
        doses = Doses(doses.given * highest, doses.batch, share / highest, doses.taken)
    return Dosed(doses, *met(doses))


def _of(doses: Doses, share: Float[Array, "doses people"]) -> Doses:
    return Doses(doses.given, doses.batch, share, doses.taken)


def ladder(
    moves: Moves,
    arm: Int[Array, " people"],
    held: Float[Array, "doses people"],
    felt: Bool[Array, "doses people"],
) -> Float[Array, "doses people"]:
    """What each capsule holds over the highest dose, from what was `felt` on the days before; `held` where an arm does not move.

    On rung i a dose is low + i step. At each review i moves by `felt` rungs if something was noticed on a day with drug since the
    last, else by `unfelt`, and stays on the ladder.
    """
    titrated = moves.by[arm]

    def day(
        carry: tuple[Float[Array, " people"], Bool[Array, " people"]],
        now: tuple[Float[Array, " arms"], Float[Array, " people"], Bool[Array, " people"]],
    ):
        rung, since = carry
        review, holds, noticed = now
        due = review[arm] > 0
        moved = rung + jnp.where(since, moves.felt[arm], moves.unfelt[arm])
        rung = jnp.where(due, jnp.clip(moved, 0.0, moves.top[arm]), rung)
        since = (since & ~due) | (noticed & (holds > 0))
        share = holds * (moves.low[arm] + rung * moves.step[arm])
        return (rung, since), jnp.where(titrated, share, holds)

    start = moves.start[arm]
    _, share = jax.lax.scan(day, (start, jnp.zeros(start.shape, bool)), (moves.review, held, felt))
    return share
