"""One chain, two evaluations: the closed form of trials and the panel engine give one answer, and the algebra of both."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from limen.compounds import compound
from limen.engine.schedule import Timetable
from limen.engine.solve import solve
from limen.parameters import draw
from limen.people import individual, typical
from limen.people.comedication import comedication
from limen.people.recruit import DRAWS_PER_PERSON
from limen.pharmacology.chain import exposure_model
from limen.pharmacology.expose import FOLLOWED, at_days, expose
from limen.pharmacology.kinetics import oral_modes
from limen.trial.reference import of_person, typical_receptor

PEOPLE, AFTER = 200, 10
TAU = 24 * 7 * 4.0  # h
SCHEDULES = {
    "every third day": [0, 3, 6, 9, 12],
    "twice weekly": [0, 3, 7, 10],
    "4-on-3-off": [0, 1, 2, 3, 7, 8],
    "once": [0],
}
_expose = jax.jit(expose)


@pytest.fixture(scope="module")
def draws(parameters):
    return draw(parameters, PEOPLE, 1)


def people(draws, name, kinetics):
    """One person a draw, everybody's deviations drawn: parameters of the engine, and of the closed form."""
    given = compound(name)
    t = typical(draws, given, kinetics, comedication(draws, given, "MDD"))
    random = np.random.default_rng(0)
    z = {n: jnp.asarray(random.standard_normal(PEOPLE)) for n in DRAWS_PER_PERSON}
    person = individual(t, z)
    receptor = of_person(typical_receptor(draws, given, 0.2 * draws["receptor.signal.k_fold"]), person)
    return person, receptor


@pytest.mark.parametrize("schedule", SCHEDULES)
@pytest.mark.parametrize(
    ("name", "kinetics", "dose"),
    [
        ("LSD", "lsd_oral_micro", 10.0),
        ("LSD", "lsd_sublingual", 26.0),
        ("psilocybin", "psilocin_oral", 5000.0),
    ],
)
def test_trials_and_the_engine_agree_to_1e6(draws, name, kinetics, dose, schedule):
    """Tolerance met by each dose, and the accrued signal on every day to ten days after the last, doses missed or not."""
    person, receptor = people(draws, name, kinetics)
    days = np.array(SCHEDULES[schedule])
    taken = np.random.default_rng(1).random((len(days), PEOPLE)) < 0.8
    taken[0] = True
    m = oral_modes(person.cl, person.v, person.ka, person.ke0, person.tlag)
    accrual = jnp.full(PEOPLE, 1 / TAU)
    gaps = jnp.asarray(np.diff([*days, days[-1] + AFTER]).astype(float))
    found, _ = _expose(m, receptor, accrual, jnp.asarray(dose * taken), gaps)
    looks = np.arange(1, days[-1] + AFTER)
    last = np.searchsorted(days, looks) - 1
    seen = at_days(found, accrual, jnp.asarray(last), jnp.asarray(looks - days[last]))
    given = {n: np.asarray(getattr(person, n)) for n in ("cl", "v", "ka", "ke0", "tlag")}
    given |= {n: np.asarray(v) for n, v in vars(receptor).items()} | {"accrual": np.full(PEOPLE, 1 / TAU)}
    at = np.concatenate(
        [24.0 * looks + 0 * given["tlag"][:, None], 24.0 * days + given["tlag"][:, None]], axis=1
    )
    order = np.argsort(at, axis=1)
    plan = Timetable(24.0 * days, (dose * taken).T, np.take_along_axis(at, order, 1))
    sorted_ = solve(exposure_model(), given, plan, observe=("A", "T"), refine=1).values
    back = np.argsort(order, axis=1)
    dense = {n: np.take_along_axis(v, back, 1) for n, v in sorted_.items()}
    assert np.abs(np.asarray(seen).T - dense["A"][:, : len(looks)]).max() < 1e-6
    assert np.abs(np.asarray(found.tolerance).T - dense["T"][:, len(looks) :]).max() < 1e-6
    assert (np.asarray(seen)[-1] > 1e-4).all()


def test_a_dose_of_nothing_is_no_dose(draws):
    """Days without a dose written into the calendar change neither tolerance nor what has accrued."""
    person, receptor = people(draws, "LSD", "lsd_oral_micro")
    m = oral_modes(person.cl, person.v, person.ka, person.ke0, person.tlag)
    accrual = jnp.full(PEOPLE, 1 / TAU)
    two, _ = _expose(m, receptor, accrual, jnp.full((2, PEOPLE), 10.0), jnp.array([3.0, 1.0]))
    daily = jnp.asarray(np.array([10.0, 0, 0, 10.0])[:, None] * np.ones(PEOPLE))
    four, _ = _expose(m, receptor, accrual, daily, jnp.ones(4))
    assert np.allclose(two.tolerance[1], four.tolerance[3], rtol=1e-9)
    assert np.allclose(two.accrual[1], four.accrual[3], rtol=1e-7)
    assert np.allclose(two.signal[1], four.signal[3], rtol=1e-9)


def test_the_accrued_signal_of_one_dose_decays_as_the_course_says(draws):
    person, receptor = people(draws, "LSD", "lsd_oral_micro")
    m = oral_modes(person.cl, person.v, person.ka, person.ke0, person.tlag)
    accrual = jnp.full(PEOPLE, 1 / TAU)
    found, _ = _expose(m, receptor, accrual, jnp.full((1, PEOPLE), 10.0), jnp.ones(1))
    gone = 12 * FOLLOWED  # days after which not even the slowest person has anything left
    late = at_days(found, accrual, jnp.zeros(2, int), jnp.array([gone, gone + 21]))
    assert np.allclose(late[1] / late[0], np.exp(-21 * 24 / TAU), rtol=1e-9)
