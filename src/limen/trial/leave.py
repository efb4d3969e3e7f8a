"""Leave: who drops out, who stops the drug but is still seen, who starts a rescue antidepressant."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import equinox as eqx
import jax
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
    weekly_adverse = -jnp.expm1(jnp.log1p(-h.adverse) / 6.0) * happened.dosing[:, None]
    adverse_now = happened.event & (luck["adverse"] * happened.p_event < weekly_adverse)
    weeks = _Week(
        number=jnp.arange(1, len(c.score)),
        last=c.score[:-1],
        current=c.score[1:],
        latent=c.latent[1:],
        by_drug=c.by_drug[1:],
        z_error=z_error,
        adverse=adverse_now,
        luck={name: luck[name] for name in ("dropout", "stop", "rescue")},
    )
    first = _nobody_yet(here)
    left, (score, stayed, there) = jax.lax.scan(partial(_one_week, h, s, c.score[0]), first, weeks)
    present = jnp.concatenate([here[None], there])
    recorded, stayed = (jnp.concatenate([c.score[:1], after]) for after in (score, stayed))
    return Observed(
        score=jnp.where(present, recorded, jnp.nan),
        whole=recorded,
        stayed=stayed,
        present=present,
        left_for_effects=left.for_effects,
        stopped=left.stopped,
        rescued=left.rescued,
        changed=left.changed,
    )


class _Week(eqx.Module):
    """What one week brings: its number, the rating before it and at its end, severity and the drug's part of it."""

    number: Int[Array, "*weeks"]
    last: Float[Array, "*weeks people"]
    current: Float[Array, "*weeks people"]
    latent: Float[Array, "*weeks people"]
    by_drug: Float[Array, "*weeks people"]
    z_error: Float[Array, "*weeks people"]
    adverse: Bool[Array, "*weeks people"]
    luck: dict[str, Float[Array, "*weeks people"]]


class _Off(eqx.Module):
    """Who has `ended` the drug by now, whole weeks `since`, and where the drug's part `stood` then."""

    ended: Bool[Array, " people"]
    since: Float[Array, " people"]
    stood: Float[Array, " people"]


class _Left(eqx.Module):
    """How people stand at the end of a week: `gone`; off the drug, who left included (`off`) and not (`stopped_drug`); `helped`
    by a rescue antidepressant, and whole weeks since; and the last four fields of Observed so far."""

    gone: Bool[Array, " people"]
    off: _Off
    stopped_drug: _Off
    helped: Bool[Array, " people"]
    since_rescue: Float[Array, " people"]
    for_effects: Bool[Array, " people"]
    stopped: Int[Array, " people"]
    rescued: Int[Array, " people"]
    changed: Int[Array, " people"]


def _nobody_yet(here: Bool[Array, " people"]) -> _Left:
    """Before the first week: who is not `here` is gone, and nobody else has left anything."""
    no, zero, never = jnp.zeros_like(here), jnp.zeros(here.shape), jnp.zeros(here.shape, int)
    on = _Off(no, zero, zero)
    return _Left(~here, on, on, no, zero, no, never, never, never)


def _one_week(
    h: Leaving, s: Severity, baseline: Float[Array, " people"], before: _Left, now: _Week
) -> tuple[_Left, tuple[Float[Array, " people"], Float[Array, " people"], Bool[Array, " people"]]]:
    """One week of leaving: how people stand at its end; the score then, that had everybody stayed, and who is there to give it."""
    last, current = now.last - baseline, now.current - baseline
    ordinary = -jnp.expm1(-jnp.exp(h.d0 + h.d1 * last / h.scale + h.d_mnar * current / h.scale))
    gone = before.gone | (now.luck["dropout"] < ordinary) | now.adverse
    stop = now.luck["stop"] < h.stop
    hazard = h.rescue * jnp.exp(h.rescue_slope * last / h.scale)
    since_rescue = jnp.where(before.helped, before.since_rescue + 1.0, 0.0)
    gained = h.rescue_points * -jnp.expm1(-since_rescue / s.tau)
    off, stopped_drug = _ended(before.off, stop | gone, now), _ended(before.stopped_drug, stop, now)

    def score(who: _Off) -> Float[Array, " people"]:
        lost = jnp.where(who.since > 0, now.by_drug - who.stood * jnp.exp(-h.h * who.since / s.tau), 0.0)
        return rate(s, now.latent + lost - gained + s.sd_e * now.z_error)

    def first(so_far: Int[Array, " people"], event: Bool[Array, " people"]) -> Int[Array, " people"]:
        return jnp.where((so_far == 0) & event, now.number, so_far)

    has_stopped, on_rescue = stopped_drug.since > 0, since_rescue > 0
    after = _Left(
        gone=gone,
        off=off,
        stopped_drug=stopped_drug,
        helped=before.helped | (now.luck["rescue"] < hazard),
        since_rescue=since_rescue,
        for_effects=before.for_effects | (gone & ~before.gone & now.adverse),
        stopped=first(before.stopped, has_stopped & ~gone),
        rescued=first(before.rescued, on_rescue & ~gone),
        changed=first(before.changed, has_stopped | on_rescue),
    )
    return after, (score(off), score(stopped_drug), ~gone)


def _ended(before: _Off, ends: Bool[Array, " people"], now: _Week) -> _Off:
    """Off the drug one week on; in the week it ends the drug's part is what it was."""
    return _Off(
        ended=before.ended | ends,
        since=jnp.where(before.ended, before.since + 1.0, 0.0),
        stood=jnp.where(before.ended, before.stood, now.by_drug),
    )
