"""Leave: who drops out, who stops the drug but is still seen, who starts a rescue antidepressant."""

from __future__ import annotations

from collections.abc import Mapping

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float, Int

from limen.trial.follow import Course, Severity, rate

LUCK = ("dropout", "adverse", "stop", "rescue")


class Leaving(eqx.Module):
    """Hazards, one value per person. `adverse` is the share leaving for acute effects within six weeks of dosing; `h`
    the exponent by which the drug's effect falls faster than its signal once the drug is stopped."""

    d0: Float[Array, " people"]
    d1: Float[Array, " people"]
    d_mnar: Float[Array, " people"]
    scale: Float[Array, " people"]
    adverse: Float[Array, " people"]
    stop: Float[Array, " people"]
    rescue: Float[Array, " people"]
    rescue_slope: Float[Array, " people"]
    rescue_points: Float[Array, " people"]
    h: Float[Array, " people"]


class WeeklyEvents(eqx.Module):
    """Of each week: whether it holds a dosing day, whether one had an adverse event, and the chance of that."""

    dosing: Bool[Array, " weeks"]
    event: Bool[Array, "weeks people"]
    p_event: Float[Array, "weeks people"]


class Observed(eqx.Module):
    """Scores as a trial records them, NaN once a person has left; `whole` are those of everybody, who left included; `stayed`
    those had everybody stayed, off the drug and on a rescue as it happened; and why people left, and the first week whose score
    is of somebody off the drug, or on a rescue antidepressant (0: never), and of either, who left before then included (`changed`)."""

    score: Float[Array, "weeks people"]
    whole: Float[Array, "weeks people"]
    stayed: Float[Array, "weeks people"]
    present: Bool[Array, "weeks people"]
    left_for_effects: Bool[Array, " people"]
    stopped: Int[Array, " people"]
    rescued: Int[Array, " people"]
    changed: Int[Array, " people"]


def leave(
    h: Leaving,
    s: Severity,
    c: Course,
    happened: WeeklyEvents,
    z_error: Float[Array, "weeks people"],
    luck: Mapping[str, Float[Array, "weeks people"]],
    here: Bool[Array, " people"],
) -> Observed:
    """Weekly hazard 1 - exp(-exp(d0 + d1 change_last/SD + d_mnar change_current/SD)), change = score - baseline.

    Adverse exits add 1 - (1 - p)^(1/6) in weeks with doses, all of them in weeks with an adverse event: who leaves has
    noticed something. Once a person stops the drug its effect falls from where it stood, by exp(-h dt/tau), as the
    signal behind it decays; a rescue antidepressant adds its own improvement. Neither makes a score missing: the
    recorded scores are those of treatment as it happened. Who leaves the trial takes no drug from then on either, which
    only `whole` shows; in `stayed` they go on as those still seen. `luck`: uniforms named in LUCK; `here`: who is still there.
    Sources: goldstein2004data, gomeni2009, murphy2023, stone2022.
    """
    change = c.score - c.score[0]
    last, current = change[:-1], change[1:]
    ordinary = -jnp.expm1(-jnp.exp(h.d0 + h.d1 * last / h.scale + h.d_mnar * current / h.scale))
    weekly_adverse = -jnp.expm1(jnp.log1p(-h.adverse) / 6.0) * happened.dosing[:, None]
    adverse_now = happened.event & (luck["adverse"] * happened.p_event < weekly_adverse)
    gone = (jnp.cumsum((luck["dropout"] < ordinary) | adverse_now, axis=0) > 0) | ~here
    first = (jnp.cumsum(gone, axis=0) == 1) & here
    rescue_hazard = h.rescue * jnp.exp(h.rescue_slope * last / h.scale)
    since_rescue = _since(luck["rescue"] < rescue_hazard)
    stop = luck["stop"] < h.stop
    off, on_rescue = _since(stop) > 0, since_rescue > 0
    recorded, stayed = (_treated(h, s, c, ends, since_rescue, z_error) for ends in (stop | gone, stop))
    present = jnp.concatenate([here[None], ~gone])
    return Observed(
        score=jnp.where(present, recorded, jnp.nan),
        whole=recorded,
        stayed=stayed,
        present=present,
        left_for_effects=jnp.any(first & adverse_now, axis=0),
        stopped=_first(off & ~gone),
        rescued=_first(on_rescue & ~gone),
        changed=_first(off | on_rescue),
    )


def _treated(
    h: Leaving,
    s: Severity,
    c: Course,
    off: Bool[Array, "weeks people"],
    since_rescue: Float[Array, "weeks people"],
    z_error: Float[Array, "weeks people"],
) -> Float[Array, "visits people"]:
    """Scores, that at baseline first, of people who are off the drug from the first week of `off` on, and on a rescue."""
    since_stop = _since(off)
    by_drug, stops = c.by_drug[1:], jnp.cumsum(off, axis=0) > 0
    stood = jnp.sum(jnp.where(stops & (since_stop == 0), by_drug, 0.0), axis=0)
    lost = jnp.where(since_stop > 0, by_drug - stood * jnp.exp(-h.h * since_stop / s.tau), 0.0)
    gained = h.rescue_points * -jnp.expm1(-since_rescue / s.tau)
    score = rate(s, c.latent[1:] + lost - gained + s.sd_e * z_error)
    return jnp.concatenate([c.score[:1], score])


def _since(event: Bool[Array, "weeks people"]) -> Float[Array, "weeks people"]:
    """Weeks since the first event, zero until it has happened (the week it happens counts as zero)."""
    happened = jnp.cumsum(event, axis=0) > 0
    return jnp.cumsum(happened, axis=0).astype(float) - happened


def _first(event: Bool[Array, "weeks people"]) -> Int[Array, " people"]:
    """The first week, counted from 1, of an event; 0 where there was none."""
    return jnp.where(jnp.any(event, axis=0), 1 + jnp.argmax(event, axis=0), 0)
