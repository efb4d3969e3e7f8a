"""The walk for one block of participants: from a dose to recorded scores, in one compiled program."""

from __future__ import annotations

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jax.scipy.special import logit, ndtr, ndtri
from jaxtyping import Array, Float, Int

from limen.engine import streams
from limen.engine.runs import padded
from limen.people import DRAWS_PER_PERSON, Population, recruit
from limen.pharmacology.expose import Exposure, Receptor, expose
from limen.pharmacology.kinetics import modes
from limen.trial import guess, perceive
from limen.trial.follow import Channels, Severity, Start, follow, select
from limen.trial.leave import Leaving, leave
from limen.trial.plan import ACTIVE_PLACEBO, OPEN, Plan

ONCE = (
    *DRAWS_PER_PERSON,
    "level",
    "baseline",
    "trait",
    "state0",
    "error0",
    "improvement",
    "day_person",
    "day_before",
)
PER_TRIAL = ("trial course", "trial false alarm", "trial bias", "trial kappa", "trial batch")
PER_WEEK = ("state", "error")
WEEKLY_LUCK = ("dropout", "adverse", "stop", "rescue", "guess")
PER_DAY = ("dose day",)
DAILY_LUCK = ("taken", "noticed", "capsule", "adverse event")


class Setting(eqx.Module):
    """A plan as padded arrays. `dose_days` and `gaps` [doses], `real` marks doses that exist, `week_of` [weeks, doses];
    arms on the first axis of `levels`, `cumulative`, `batch`, `kind`, `adverse`, `event` and `agent` (the last three by
    draw). `mediated`: points a week that a named scenario lets markers add to the drug's part; None without one."""

    dose_days: Float[Array, " doses"]
    gaps: Float[Array, " doses"]
    real: Float[Array, " doses"]
    week_of: Float[Array, "weeks doses"]
    dosing: Float[Array, " weeks"]
    levels: Float[Array, "arms levels"]
    cumulative: Float[Array, "arms levels"]
    batch: Float[Array, " arms"]
    kind: Int[Array, " arms"]
    adverse: Float[Array, "arms draws"]
    event: Float[Array, "arms draws"]
    agent: Float[Array, "arms draws"]
    adherence: Float[Array, ""]
    told: Float[Array, ""]
    entry_low: Float[Array, ""]
    entry_high: Float[Array, ""]
    low: Float[Array, ""]
    high: Float[Array, ""]
    primary_week: Int[Array, ""]
    visits: Int[Array, " visits"]
    day_low: Float[Array, ""]
    day_high: Float[Array, ""]
    mediated: Float[Array, "weeks arms draws"] | None = None


class Scenarios(eqx.Module):
    """What is varied over the same people: standardised effect [scenarios, draws] and channel switches [scenarios]."""

    delta: Float[Array, "scenarios draws"]
    course: Float[Array, " scenarios"]
    belief: Float[Array, " scenarios"]
    drug: Float[Array, " scenarios"]


class Records(eqx.Module):
    """People on the first axis. Scores are severities (higher worse); scenario 0 is the one recorded in full.
    Visits are baseline and the end of every week."""

    baseline: Float[Array, " people"]
    scores: Float[Array, "people weeks"]
    at_visits: Float[Array, "people scenarios visits"]
    primary: Float[Array, "people scenarios"]
    before_leaving: Float[Array, "people scenarios"]
    latent: Float[Array, "people scenarios"]
    belief: Float[Array, "people weeks"]
    guess: Float[Array, "people guesses"]
    peak: Float[Array, "people doses"]
    fold: Float[Array, "people doses"]
    p_notice: Float[Array, "people doses"]
    noticed: Float[Array, "people doses"]
    capsule: Float[Array, "people doses"]
    signal_ratio: Float[Array, " people"]
    dose: Float[Array, " people"]
    day_before: Float[Array, " people"]
    day: Float[Array, "people four"]
    left_for_effects: Float[Array, " people"]
    present: Float[Array, "people weeks"]
    stopped: Float[Array, " people"]
    rescued: Float[Array, " people"]
    takes: Float[Array, "people classes"]
    ill_days: Float[Array, "people guesses"]


def setting(
    plan: Plan,
    arms: dict[str, np.ndarray],
    day_bounds: tuple[float, float],
    mediated: Float[np.ndarray, "weeks arms draws"] | None = None,
) -> Setting:
    """A plan as a Setting, padded to shared sizes so that protocols share compiled programs."""
    count, weeks = len(plan.days), padded(plan.weeks)
    looks = padded(len(plan.visit_weeks), (4, 8, 16, 32, 64))
    doses = padded(count, (16, 32, 64, 128, 256, 512, 1024))
    real = np.arange(doses) < count
    days = np.concatenate([plan.days, np.full(doses - count, plan.days[-1] + 7)]).astype(float)
    week = np.floor(days / 7).astype(int)
    week_of = (np.arange(weeks)[:, None] == week[None, :]) & real
    n_levels, n_arms = (
        padded(max(len(arm.levels) for arm in plan.arms), (8, 32, 256)),
        padded(len(plan.arms), (2, 4, 8, 64)),
    )
    levels, cumulative = np.zeros((n_arms, n_levels)), np.ones((n_arms, n_levels))
    for row, arm in enumerate(plan.arms):
        levels[row, : len(arm.levels)] = arm.levels
        cumulative[row, : len(arm.chances)] = np.cumsum(arm.chances)
    sign = -1.0 if plan.better else 1.0
    bounds = sorted((sign * plan.low, sign * plan.high))
    entry = [None if e is None else sign * e for e in (plan.entry if not plan.better else plan.entry[::-1])]
    grown = n_arms - len(plan.arms)
    return Setting(
        dose_days=jnp.asarray(days),
        gaps=jnp.asarray(np.concatenate([plan.gaps, np.full(doses - count, 7.0)])),
        real=jnp.asarray(real, float),
        week_of=jnp.asarray(week_of, float),
        dosing=jnp.asarray(week_of.any(1), float),
        levels=jnp.asarray(levels),
        cumulative=jnp.asarray(cumulative),
        batch=jnp.asarray([*(arm.batch_log_sd for arm in plan.arms), *([0.0] * grown)]),
        kind=jnp.asarray([*(arm.kind for arm in plan.arms), *([0] * grown)]),
        adverse=jnp.asarray(np.pad(arms["adverse"], ((0, grown), (0, 0)))),
        event=jnp.asarray(np.pad(arms["event"], ((0, grown), (0, 0)))),
        agent=jnp.asarray(np.pad(arms["agent_noticed"], ((0, grown), (0, 0)))),
        adherence=jnp.asarray(plan.adherence),
        told=jnp.asarray(min(max(plan.told, 0.02), 0.98)),
        entry_low=jnp.asarray(-1e6 if entry[0] is None else entry[0]),
        entry_high=jnp.asarray(1e6 if entry[1] is None else entry[1]),
        low=jnp.asarray(bounds[0]),
        high=jnp.asarray(bounds[1]),
        primary_week=jnp.asarray(plan.primary_week or plan.weeks),
        visits=jnp.asarray(np.pad(plan.visit_weeks, (0, looks - len(plan.visit_weeks)), mode="edge")),
        day_low=jnp.asarray(day_bounds[0]),
        day_high=jnp.asarray(day_bounds[1]),
        mediated=None
        if mediated is None
        else jnp.asarray(np.pad(mediated, ((0, weeks - len(mediated)), (0, grown), (0, 0)))),
    )


def receptor(t: dict[str, Array], person: Population) -> Receptor:
    """Receptor constants; the transduction constant is the typical peak occupancy at 10 ug LSD times its fold. What a
    person takes besides moves the two constants."""
    names = ("omax", "k_tol", "gamma", "recovery", "s_t", "a_perception", "a_other")
    return Receptor(
        **{name: t[name] for name in names},
        ec50=t["ec50"] * person.taken.ec50,
        transduction=t["k_reference"] * t["k_fold"] * person.taken.transduction,
        density=person.density,
    )


def person_exposure(
    person: Population, t: dict[str, Array], dose: Float[Array, "doses people"], gaps
) -> Exposure:
    return expose(
        modes(person.cl, person.v, person.ka, person.ke0, person.tlag),
        receptor(t, person),
        dose,
        gaps,
    )


def average_signal(
    exposure: Exposure, gaps: Float[Array, " doses"], real: Float[Array, " doses"]
) -> Float[Array, " people"]:
    """Time-averaged transduced occupancy over the course of dosing."""
    return real @ exposure.signal / (24.0 * jnp.sum(gaps * real))


@jax.jit
def walk(
    seed_keys: dict[str, Array],
    per_draw: dict[str, Float[Array, " draws"]],
    s: Setting,
    scenarios: Scenarios,
    draw: Int[Array, " people"],
    trial: Int[Array, " people"],
    participant: Int[Array, " people"],
    occasion: Int[Array, " people"],
    arm: Int[Array, " people"],
) -> Records:
    """Everything that happens to one block of participants.

    `participant` is unique over the whole run; `occasion` is the same number, or another one where the same
    participant is met a second time (the second period of a crossover), so that only daily and weekly luck is new.
    """
    # The barriers keep XLA from fusing (and so repeating) the random draws and the gathers inside every consumer.
    t = jax.lax.optimization_barrier({name: column[draw] for name, column in per_draw.items()})
    zero = jnp.zeros(1, int)
    once = dict(zip(ONCE, streams.normals(seed_keys["once"], participant, zero)[:, 0], strict=True))
    trials = dict(zip(PER_TRIAL, streams.normals(seed_keys["trial"], trial, zero)[:, 0], strict=True))
    weeks, days = jnp.arange(1, s.week_of.shape[0] + 1), s.dose_days.astype(int)
    z_week = dict(zip(PER_WEEK, streams.normals(seed_keys["week"], occasion, weeks), strict=True))
    u_week = dict(zip(WEEKLY_LUCK, streams.uniforms(seed_keys["weekly luck"], occasion, weeks), strict=True))
    z_day = dict(zip(PER_DAY, streams.normals(seed_keys["day"], occasion, days), strict=True))
    u_day = dict(zip(DAILY_LUCK, streams.uniforms(seed_keys["daily luck"], occasion, days), strict=True))
    once, trials, z_week, u_week, z_day, u_day = jax.lax.optimization_barrier(
        (once, trials, z_week, u_week, z_day, u_day)
    )
    kind = s.kind[arm]

    person = recruit(t, jnp.stack([once[name] for name in DRAWS_PER_PERSON]))
    level = jnp.sum(ndtr(once["level"])[:, None] > s.cumulative[arm], axis=1)
    level = jnp.minimum(level, s.levels.shape[1] - 1)
    batch = jnp.exp(s.batch[arm] * trials["trial batch"])
    nominal = jnp.take_along_axis(s.levels[arm], level[:, None], axis=1)[:, 0] * batch
    taken = (u_day["taken"] < s.adherence) * s.real[:, None]
    person, nominal, taken = jax.lax.optimization_barrier((person, nominal, taken))
    exposure = jax.lax.optimization_barrier(person_exposure(person, t, nominal * taken, s.gaps))
    ratio = average_signal(exposure, s.gaps, s.real) / t["reference_signal"]

    p_notice, noticed, fold = _perceive(
        t, person, exposure, trials, kind, s.agent[arm, draw], u_day["noticed"], s
    )
    ill = perceive.adverse_event(noticed, p_notice, s.event[arm, draw], u_day["adverse event"])
    evidence = perceive.weekly_evidence(
        noticed, ill, s.week_of, t["assumed_active"], t["assumed_placebo"], t["event_active"], t["event_placebo"],
    )  # fmt: skip
    ill_days = s.week_of @ ill.astype(float)
    p_ill = -jnp.expm1(s.week_of @ jnp.log1p(-jnp.minimum(s.event[arm, draw], p_notice)))
    told = jnp.where(kind == OPEN, t["open_label"], s.told)
    capsule_p = guess.capsule_probability(
        noticed,
        told,
        t["assumed_active"],
        t["assumed_placebo"],
        t["guess_capsule_bias"],
        t["guess_capsule_slope"],
    )
    capsule = (u_day["capsule"] < capsule_p).astype(float)

    severity, start = _severity(t, trials, once, s)
    severity, start, evidence = jax.lax.optimization_barrier((severity, start, evidence))
    hazards = _hazards(t, s.adverse[arm, draw])
    u_leave = jnp.stack([u_week[name] for name in WEEKLY_LUCK[:4]])
    shape = (
        jnp.where(ratio > 0, jnp.where(ratio > 0, ratio, 1.0) ** t["h"], 0.0)
        * person.response
        * t["change_sd"]
    )

    mediated = None if s.mediated is None else s.mediated[:, arm, draw]

    def scenario(delta, course, belief, drug):
        followed = follow(
            severity, start, Channels(course, belief, drug), delta[draw] * shape, person.expectation, told,
            evidence, t["learn"], t["lambda_s"], z_week["state"], z_week["error"], mediated,
        )  # fmt: skip
        return followed, leave(
            hazards, severity, followed, s.dosing > 0, ill_days > 0, p_ill, z_week["error"], u_leave
        )

    followed, observed = jax.vmap(scenario)(
        scenarios.delta, scenarios.course, scenarios.belief, scenarios.drug
    )
    at = s.primary_week
    weekly = guess.weekly_guess(
        followed.belief[0, 1:],
        t["guess_bias"] + t["guess_bias_trial_sd"] * trials["trial bias"],
        t["guess_slope"],
        t["guess_dont_know"],
        u_week["guess"],
    )
    day_before, day = _dose_day(t, once, z_day["dose day"], capsule, taken, shape, s)
    return Records(
        baseline=start.observed,
        scores=observed.score[0].T,
        at_visits=jnp.moveaxis(observed.score[:, s.visits], 2, 0),
        primary=observed.score[:, at].T,
        before_leaving=followed.score[:, at].T,
        latent=followed.latent[:, at].T,
        belief=followed.belief[0].T,
        guess=weekly.T,
        peak=exposure.peak.T,
        fold=fold.T,
        p_notice=p_notice.T,
        noticed=noticed.T.astype(float),
        capsule=capsule.T,
        signal_ratio=ratio,
        dose=nominal,
        day_before=day_before,
        day=day,
        left_for_effects=observed.left_for_effects[0].astype(float),
        present=observed.present[0].T.astype(float),
        stopped=observed.stopped[0].astype(float),
        rescued=observed.rescued[0].astype(float),
        takes=person.taken.takes.T.astype(float),
        ill_days=ill_days.T,
    )


def _perceive(t, person: Population, exposure: Exposure, trials, kind, agent, u, s: Setting):
    """P(notice), what was noticed, and the fold shift met, per dose and person."""
    exposed = jnp.log1p(t["cv_f"] ** 2) + jnp.log1p(t["cv_v"] ** 2)
    rest = jnp.maximum(t["sigma"] ** 2 - exposed, 0.1 * t["sigma"] ** 2)
    threshold = t["threshold"] + jnp.sqrt(rest * t["person_share"]) * person.threshold
    threshold = threshold + person.taken.threshold
    occasion = jnp.sqrt(rest * (1.0 - t["person_share"]))
    alarm = jax.nn.sigmoid(logit(t["false_alarm"]) + t["false_alarm_trial_sd"] * trials["trial false alarm"])
    lapse = jnp.minimum(t["lapse"], 0.98 - alarm)
    fold = 1.0 + t["a_perception"] * t["s_t"] * exposure.tolerance
    p = perceive.notice_probability(exposure.peak, threshold, fold, occasion, alarm, lapse)
    other = perceive.active_placebo_probability(alarm, lapse, agent)
    p = jnp.where(kind == ACTIVE_PLACEBO, other, p)
    return p, (u < p) & (s.real[:, None] > 0), fold


def _severity(t, trials, once, s: Setting) -> tuple[Severity, Start]:
    """The person's severity model, trial-level parts included, and the selected baseline."""
    cut = ndtr(-1.0 / t["kappa_cv"])
    kappa = 1.0 + t["kappa_cv"] * ndtri(
        jnp.clip(cut + ndtr(trials["trial kappa"]) * (1.0 - cut), 1e-12, 1 - 1e-12)
    )
    severity = Severity(
        mu=t["mu"],
        sd_trait=t["sd_trait"],
        sd_ar=t["sd_ar"],
        sd_e=t["sd_e"],
        rho=t["rho"],
        tau=t["tau"],
        improvement=t["p_nonspec"]
        + t["course_trial_sd"] * trials["trial course"]
        + t["sd_p"] * once["improvement"],
        kappa=t["kappa"] * kappa,
        disappointment=t["disappointment"] * t["change_sd"],
        low=s.low,
        high=s.high,
    )
    parts = jnp.stack([once["trait"], once["state0"], once["error0"]])
    return severity, select(severity, (s.entry_low, s.entry_high), ndtr(once["baseline"]), parts)


def _hazards(t, adverse) -> Leaving:
    return Leaving(
        d0=t["d0"], d1=t["d1"], d_mnar=t["d_mnar"], scale=t["dropout_scale"], adverse=adverse, stop=t["go_stop_drug"],
        rescue=t["go_rescue"], rescue_slope=t["go_rescue_slope"], rescue_points=t["rescue_effect"] * t["change_sd"],
    )  # fmt: skip


def _dose_day(t, once, z, capsule, taken, shape, s: Setting):
    """A rating before treatment, and the mean rating over dose days with belief and drug on or off [people, 4]:
    both, belief only, neither, drug only.  y = mean + person + b guess + d ratio^h + day; benefit positive."""
    usual = t["day_mean"] + t["day_sd_person"] * once["day_person"]
    before = jnp.clip(usual + t["day_sd_day"] * once["day_before"], s.day_low, s.day_high)
    drug = t["day_drug"] * jnp.where(t["change_sd"] > 0, shape / t["change_sd"], 0.0)
    days = jnp.sum(s.real)

    def mean(belief, on):
        rating = usual + belief * t["day_guess"] * capsule + on * drug * taken + t["day_sd_day"] * z
        return jnp.sum(jnp.clip(rating, s.day_low, s.day_high) * s.real[:, None], 0) / days

    return before, jnp.stack([mean(1.0, 1.0), mean(1.0, 0.0), mean(0.0, 0.0), mean(0.0, 1.0)], -1)


def seed_keys(seed: int) -> dict[str, Array]:
    """Keys of every named draw under a seed."""
    groups = {
        "once": ONCE, "trial": PER_TRIAL, "week": PER_WEEK, "weekly luck": WEEKLY_LUCK, "day": PER_DAY,
        "daily luck": DAILY_LUCK,
    }  # fmt: skip
    return {name: streams.keys(group, seed) for name, group in groups.items()}


__all__ = [
    "Records",
    "Scenarios",
    "Setting",
    "person_exposure",
    "receptor",
    "seed_keys",
    "setting",
    "walk",
]
