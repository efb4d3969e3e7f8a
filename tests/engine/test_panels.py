"""The panel integrator against references, over models, schedules and extremes."""

from __future__ import annotations

from dataclasses import replace

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from limen.engine.declare import (
    Emax,
    Hill,
    Jump,
    Model,
    OneCompartment,
    Signal,
    State,
    Turnover,
    TwoCompartment,
    Values,
    effect_compartment,
    slow_binding,
    transit,
)  # fmt: skip
from limen.engine.elementary import decay_weights, gauss, log
from limen.engine.kinetics import concentration, from_dose_to_dose, modes
from limen.engine.reference import by_ode, by_quadrature
from limen.engine.schedule import Timetable
from limen.engine.solve import solve
from limen.errors import DataError, ParameterError

PERSON = {
    "cl": 6.9, "v": 26.8, "ka": 2.2, "q": 4.0, "v2": 30.0, "ke0": 0.9, "ec50": 0.6, "h": 1.3, "k_tol": 0.25,
    "k_T": 0.029, "K": 0.3, "s": 8.0, "k1": 0.116, "k2": 0.004, "koff": 0.7, "delay": 96.0, "lagged": 0.3, "smax": 0.15,
    "fast": 7.9,
}  # fmt: skip
TOLERANCE = State("T", lambda x: x.k_tol * x.O, lambda x: x.k_tol * x.O + x.k_T)
SHIFTED = Signal("E", lambda x: x.O / (x.O + x.K * (1 + x.s * x.T)))
MODELS = {
    "turnover": Model(OneCompartment(), (Hill("O", slope="h"), Turnover("X", "O", "k1"), Turnover("Y", "O", "k2"))),
    "tolerance chain": Model(
        OneCompartment(), (Hill("O", slope="h"), TOLERANCE, SHIFTED, Turnover("X", "E", "k1"), Turnover("Y", "E", "k2"))
    ),
    "two compartments": Model(TwoCompartment(), (Emax("O"), Turnover("X", "O", "k1"))),
    "effect site": Model(OneCompartment(effect="ke0"), (Hill("O", of="Ce", slope="h"), Turnover("X", "O", "k1"))),
    "bolus": Model(OneCompartment(absorption=None), (Emax("O"), Turnover("X", "O", "k1"))),
    "transit": Model(OneCompartment(), (Emax("O"), *transit("X", "O", 3, "delay"))),
    "slow binding": Model(OneCompartment(), (slow_binding("B", "C", "ec50", "koff"), Turnover("X", "B", "k1"))),
    "effect of a drive": Model(OneCompartment(), (Emax("O"), effect_compartment("Z", "O", "fast"), Turnover("X", "Z", "k1"))),
    "jumps": Model(
        OneCompartment(lag="lagged"),
        (Emax("O"), Turnover("A", 0.0, "k1"), Turnover("S", lambda x: x.A, "k2")),
        (Jump("A", lambda x: 0.1 * (1 - x.before.S / x.smax)),),
    ),
    "held": Model(
        OneCompartment(),
        (Emax("O"), TOLERANCE, Signal("E", lambda x: x.O / (x.O + x.K * (1 + x.s * x.before.T))), Turnover("X", "E", "k1")),
    ),
}  # fmt: skip
SCHEDULES = {
    "every third day": Timetable(
        np.arange(4) * 72.0, np.full(4, 10.0), np.array([5.0, 72.0, 100.0, 216.0, 300.0])
    ),
    "daily, high": Timetable(np.arange(4) * 24.0, np.full(4, 200.0), np.array([24.0, 50.0, 96.0, 168.0])),
    "irregular": Timetable(
        np.array([3.0, 20.5, 21.0, 90.0, 155.5]),
        np.array([10.0, 5.0, 20.0, 0.0, 10.0]),
        np.array([0.0, 10, 21, 95, 200]),
    ),
}
EXTREMES = {
    "typical": {},
    "slow, steep": {"cl": 3.0, "h": 3.0, "ec50": 0.15, "ka": 1.0},
    "fast, flat": {"cl": 14.0, "h": 0.6, "ec50": 2.4, "ka": 6.0},
    "flip-flop, equal rates": {"ka": 6.9 / 26.8, "h": 1.7},
}  # fmt: skip


def _error(value, truth):
    return np.abs(value - truth) / (np.abs(truth) + 1e-3 * np.abs(truth).max() + 1e-9)


@pytest.mark.parametrize("name", ["tolerance chain", "jumps"])
def test_agrees_with_the_reference_solver(name):
    """Error at most 1e-6 by default and 1e-9 with one more refinement; validation/ has the whole grid."""
    schedule = SCHEDULES["irregular"]
    truth = by_ode(MODELS[name], PERSON, schedule)
    for refine, limit in ((0, 1e-6), (1, 1e-9)):
        found = solve(MODELS[name], PERSON, schedule, refine=refine, errors=refine == 0)
        for state, value in truth.items():
            assert _error(found.values[state][0], value).max() < limit
            if found.errors is not None:
                assert (found.errors[state][0] >= np.abs(found.values[state][0] - value) / 3).all()


def test_a_state_that_falls_towards_a_constant_stays_there_however_long_nobody_looks():
    model = Model(OneCompartment(), (Emax("O"), Turnover("Y", 1.0, "k1", start=1.0)))
    found = solve(model, PERSON, Timetable(np.zeros(1), np.array([10.0]), np.array([24.0 * 132])))
    assert found.values["Y"][0, 0] == pytest.approx(1.0, abs=1e-12)


def test_quadrature_agrees_where_a_solver_struggles():
    """A Hill exponent of one half at zero concentration."""
    person = PERSON | {"h": 0.5}
    schedule = SCHEDULES["every third day"]
    truth = by_quadrature(MODELS["turnover"], person, schedule, "X")
    assert _error(solve(MODELS["turnover"], person, schedule).values["X"][0], truth).max() < 1e-6
    assert _error(solve(MODELS["turnover"], person, schedule, refine=1).values["X"][0], truth).max() < 1e-9


def test_people_with_their_own_histories_are_the_same_alone():
    people = {"cl": np.array([5.0, 7.0, 9.0])} | {k: v for k, v in PERSON.items() if k != "cl"}
    times = np.array([[0.0, 70.0, 130.0], [5.0, 80.0, 150.0], [0.0, 60.5, 140.0]])
    doses = np.array([[10.0, 0.0, 20.0], [10.0, 10.0, 10.0], [5.0, 10.0, 15.0]])
    outputs = np.array([24.0, 100.0, 200.0])
    model = MODELS["tolerance chain"]
    together = solve(model, people, Timetable(times, doses, outputs), observe=("X", "T", "C", "E"))
    for i in range(3):
        alone = solve(
            model,
            PERSON | {"cl": people["cl"][i]},
            Timetable(times[i], doses[i], outputs),
            ("X", "T", "C", "E"),
        )
        for name in alone.values:
            # the two cut time at different places, so they agree to the tolerance and not to the bit
            assert np.allclose(together.values[name][i], alone.values[name][0], rtol=2e-6, atol=1e-9)


def test_variants_are_the_same_people_followed_apart():
    """Whatever the lags of people whose doses are given together, and for however many looks."""
    lagged = replace(MODELS["tolerance chain"], kinetics=OneCompartment(lag="lagged"))
    people = PERSON | {"lagged": np.array([0.0, 0.4, 1.6]), "cl": np.array([5.0, 7.0, 9.0])}
    schedule = Timetable(
        np.arange(3) * 72.0, np.array([10.0, 0.0, 10.0]), np.array([0.0, 1, 2, 24, 30, *range(72, 260, 12)])
    )
    seen = ("X", "T", "C", "E")
    both = solve(lagged, people, schedule, seen, variants={"s": np.array([[0.0], [8.0]])}, pad=True).values
    for i, s in enumerate((0.0, 8.0)):
        for j in range(3):
            alone = {k: v[j] if np.ndim(v) else v for k, v in people.items()} | {"s": s}
            for name, value in solve(lagged, alone, schedule, seen).values.items():
                assert np.allclose(both[name][i, j], value[0], rtol=2e-6, atol=1e-9)


def test_a_course_carried_from_dose_to_dose_is_the_superposition():
    times, amounts = np.array([3.0, 20.5, 40.0, 90.0]), np.array([10.0, 5.0, 0.0, 20.0])
    at, p = np.linspace(0.0, 120.0, 97), {k: jnp.full(1, v) for k, v in PERSON.items()}
    kinetics = OneCompartment(effect="ke0", lag="lagged")
    found = from_dose_to_dose(
        modes(kinetics, Values(p)), p["lagged"], jnp.asarray(amounts)[:, None], times, at
    )
    for name, value in found.items():
        truth = concentration(kinetics, PERSON, amounts, times, at, name)
        assert np.allclose(value[:, 0], truth[0], rtol=1e-10, atol=1e-12)


def test_observed_concentration_is_the_closed_form():
    schedule = SCHEDULES["irregular"]
    seen = solve(MODELS["turnover"], PERSON, schedule, observe=("C", "O"))
    truth = concentration(OneCompartment(), PERSON, schedule.doses, schedule.times, schedule.outputs)
    assert np.allclose(seen.values["C"], truth, rtol=1e-12, atol=1e-15)


def test_linear_drive_superposes():
    model = Model(OneCompartment(), (Turnover("X", "C", "k1"),))
    outputs = np.array([30.0, 90.0, 150.0])
    a = solve(model, PERSON, Timetable(np.array([0.0]), np.array([10.0]), outputs)).values["X"]
    b = solve(model, PERSON, Timetable(np.array([48.0]), np.array([5.0]), outputs)).values["X"]
    both = solve(model, PERSON, Timetable(np.array([0.0, 48.0]), np.array([10.0, 5.0]), outputs)).values["X"]
    assert np.allclose(a + b, both, rtol=1e-6)


def test_mass_balance_of_a_turnover():
    """k int X dt = int target dt once all has washed out: a state that only collects what another loses."""
    model = Model(OneCompartment(), (Emax("O"), Turnover("X", "O", "k1"), State("lost", lambda x: x.k1 * x.X, 0.0),
                                     State("gained", lambda x: x.k1 * x.O, 0.0)))  # fmt: skip
    end = solve(model, PERSON, Timetable(np.zeros(1), np.array([10.0]), np.array([600.0]))).values
    assert end["lost"] == pytest.approx(end["gained"], rel=1e-6)


def test_gradients_pass_through():
    def plasma(ka):
        return modes(
            OneCompartment(), Values({"ka": ka, "cl": jnp.full(1, 6.9), "v": jnp.full(1, 26.8)})
        ).unit("C", jnp.full((1, 1), 2.0))[0, 0]

    ka = jnp.full(1, 2.2)
    numeric = (plasma(ka + 1e-6) - plasma(ka - 1e-6)) / 2e-6
    assert jax.grad(plasma)(ka)[0] == pytest.approx(float(numeric), rel=1e-6)


def test_single_precision_states_its_error():
    single = {k: np.float32(v) for k, v in PERSON.items()}
    schedule = SCHEDULES["every third day"]
    low = solve(MODELS["tolerance chain"], single, schedule).values["X"]
    assert low.dtype == np.float32
    assert np.allclose(
        low, solve(MODELS["tolerance chain"], PERSON, schedule).values["X"], rtol=1e-4, atol=1e-6
    )


def test_logarithm_is_exact_to_rounding():
    x = np.exp(np.random.default_rng(0).uniform(-690, 690, 5000))
    assert np.allclose(np.asarray(log(x)), np.log(x), rtol=1e-15, atol=2e-16)


@pytest.mark.parametrize("z", [1e-6, 0.3, 5.0, 39.0, 41.0, 400.0])
def test_decay_weights_integrate_polynomials_exactly(z):
    xi, *_ = gauss(10)
    weights = np.asarray(decay_weights(jnp.asarray(z), 10))
    fine, w, *_ = gauss(200)
    for power in range(10):
        truth = np.sum(w * np.exp(-z * (1 - fine)) * fine**power)
        assert weights @ xi**power == pytest.approx(truth, rel=1e-10)


def test_mistakes_are_named():
    with pytest.raises(ParameterError, match="two things"):
        Model(OneCompartment(), (Turnover("C", 1.0, "k1"),))
    with pytest.raises(ParameterError, match="nothing"):
        solve(Model(OneCompartment(), (Signal("O", lambda x: x.nothing),)), PERSON, SCHEDULES["irregular"])
    with pytest.raises(DataError, match="ascend"):
        Timetable(np.array([2.0, 1.0]), np.ones(2), np.ones(1))
    with pytest.raises(DataError, match="participants"):
        solve(MODELS["bolus"], PERSON | {"cl": np.ones(3), "v": np.ones(2)}, SCHEDULES["irregular"])
