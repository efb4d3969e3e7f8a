"""Dose: what each person is given and takes; one law for `simulate`, the trial and the page."""

from __future__ import annotations

import equinox as eqx
import jax.numpy as jnp
from jax.scipy.special import ndtr
from jaxtyping import Array, Bool, Float, Int

from limen.engine.stored import stored
from limen.people import Roll
from limen.trial.setting import Calendar, Levels


class Doses(eqx.Module):
    """`given`: ug of base in a scheduled dose of a person at its highest, its batch included; `batch`: content over the label
    of the trial's batch; `share`: what each capsule holds of `given`; `taken`: which were."""

    given: Float[Array, " people"]
    batch: Float[Array, " people"]
    share: Float[Array, "doses people"]
    taken: Bool[Array, "doses people"]

    @property
    def amount(self) -> Float[Array, "doses people"]:
        """ug of base taken on each dosing day; 0 where missed."""
        return _amount(self.given, self.share, self.taken)


@stored
def _amount(
    given: Float[Array, " people"], share: Float[Array, "doses people"], taken: Bool[Array, "doses people"]
) -> Float[Array, "doses people"]:
    return given * share * taken


def dose(
    levels: Levels,
    when: Calendar,
    roll: Roll,
    arm: Int[Array, " people"],
    start: Int[Array, ""],
) -> Doses:
    """Doses of people in their `arm`, on a calendar whose day 0 is study day `start`.

    A level is drawn once a person with the arm's chances (the highest, of which capsules hold a share, where doses move), a batch once a trial: exp(SD z); each scheduled dose is taken
    with the adherence. Study days name the draws, so a dose missed by one person moves nobody else's.
    """
    u = ndtr(roll.who.once(("level",))["level"])
    level = jnp.minimum(jnp.sum(u[:, None] > levels.cumulative[arm], axis=1), levels.dose.shape[1] - 1)
    label = jnp.take_along_axis(levels.dose[arm], level[:, None], axis=1)[:, 0]
    if levels.moves is not None:
        label = jnp.where(levels.moves.by[arm], levels.dose[arm].max(axis=1), label)
    batch = jnp.exp(levels.batch[arm] * roll.where.once(("trial batch",))["trial batch"])
    luck = roll.who.uniforms(("taken",), start + when.day.astype(int))["taken"]
    share = levels.share[arm].T
    return Doses(label * batch, batch, share, (luck < levels.adherence) & (when.real[:, None] > 0))
