"""Concentrations in closed form: laws, published values, and an independent integration."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import solve_ivp

from limen.pharmacology.chain import Receptor
from limen.pharmacology.expose import expose
from limen.pharmacology.kinetics import oral_modes, single_dose_peak, superpose

ONE = jnp.ones(1)
exposed = jax.jit(expose)  # traced once for every example
SLOW = ONE / (24 * 28)  # accrual of the drug's effect, 1/h
MICRO = oral_modes(6.9 * ONE, 26.8 * ONE, 2.2 * ONE, 0.92 * ONE, 0.0 * ONE)
FULL = oral_modes(7.0 * ONE, 36.5 * ONE, 1.35 * ONE, 0.92 * ONE, 0.0 * ONE)


def receptor(ec50=0.6, k_tol=0.25, gamma=1.5, s_t=8.0):
    return Receptor(0.764 * ONE, ec50 * ONE, k_tol * ONE, gamma * ONE, np.log(2) / 24 * ONE, s_t * ONE, 0.82 * ONE,
                    0.5 * ONE, 0.2 * ONE, ONE)  # fmt: skip


def test_typical_ten_micrograms_peaks_where_the_notes_say():
    cmax, tmax = single_dose_peak(MICRO, 10.0)
    assert float(cmax[0]) == pytest.approx(0.2808, abs=5e-5)
    assert float(tmax[0]) == pytest.approx(1.104, abs=5e-4)


def test_typical_peak_at_the_effect_site_comes_at_two_and_a_half_hours():
    hours = jnp.linspace(0.01, 12, 4000)
    _, effect = superpose(MICRO, 10.0 * jnp.ones((1, 1)), jnp.zeros(1), hours)
    assert float(hours[effect[:, 0].argmax()]) == pytest.approx(2.5, abs=0.01)
    assert float(effect.max()) == pytest.approx(0.220, abs=5e-4)


@settings(deadline=None, max_examples=30)
@given(st.floats(0.1, 400), st.floats(0.1, 400), st.integers(1, 10), st.floats(0.2, 200))
def test_superposition_and_proportionality(first, second, gap, hour):
    both = superpose(MICRO, jnp.array([[first], [second]]), jnp.array([0.0, gap]), jnp.array([hour]))[0]
    alone = superpose(MICRO, jnp.array([[first]]), jnp.array([0.0]), jnp.array([hour]))[0]
    later = superpose(MICRO, jnp.array([[second]]), jnp.array([float(gap)]), jnp.array([hour]))[0]
    assert np.allclose(both, alone + later, rtol=1e-12, atol=1e-300)
    double = superpose(MICRO, jnp.array([[2 * first]]), jnp.array([0.0]), jnp.array([hour]))[0]
    assert np.allclose(double, 2 * alone, rtol=1e-12)


def test_mass_balance_the_area_is_dose_over_clearance():
    hours = np.linspace(0, 300, 300_001)
    plasma, effect = superpose(MICRO, 10.0 * jnp.ones((1, 1)), jnp.zeros(1), jnp.asarray(hours))
    assert np.trapezoid(plasma[:, 0], hours) == pytest.approx(10 / 6.9, rel=1e-6)
    assert np.trapezoid(effect[:, 0], hours) == pytest.approx(10 / 6.9, rel=1e-6)


def test_equal_rates_are_no_singularity():
    nearly = oral_modes(6.9 * ONE, 26.8 * ONE, 6.9 / 26.8 * ONE, 6.9 / 26.8 * ONE, 0.0 * ONE)
    apart = oral_modes(6.9 * ONE, 26.8 * ONE, 6.9 / 26.8 * 1.001 * ONE, 6.9 / 26.8 * 0.999 * ONE, 0.0 * ONE)
    hours = jnp.linspace(0.5, 24, 48)
    one, other = (superpose(m, 10.0 * jnp.ones((1, 1)), jnp.zeros(1), hours)[1] for m in (nearly, apart))
    assert np.allclose(one, other, rtol=5e-3)


def test_tolerance_agrees_with_an_ode_solver():
    times = np.linspace(0, 96, 60_001)
    _, effect = superpose(FULL, 200.0 * jnp.ones((4, 1)), jnp.arange(4.0), jnp.asarray(times))
    occupancy = 0.764 * effect[:, 0] / (0.6 + effect[:, 0])
    drive = 0.25 * np.maximum(np.asarray(occupancy), 0) ** 1.5

    def slope(t, y):
        return np.interp(t, times, drive) * (1 - y) - np.log(2) / 24 * y

    solved = solve_ivp(slope, (0, 96), [0.0], rtol=1e-9, atol=1e-12, max_step=0.05).y[0, -1]
    walked = exposed(FULL, receptor(), SLOW, 200.0 * jnp.ones((5, 1)), jnp.ones(5))[0].tolerance[4, 0]
    assert float(walked) == pytest.approx(solved, rel=2e-5)


def test_a_missed_dose_has_no_peak_and_leaves_no_tolerance():
    doses = jnp.array([[0.0], [10.0], [0.0]])
    e = exposed(MICRO, receptor(), SLOW, doses, jnp.array([3.0, 3.0, 3.0]))[0]
    assert float(e.peak[0, 0]) == 0
    assert float(e.signal[0, 0]) == 0
    assert float(e.tolerance[1, 0]) == 0
    assert float(e.tolerance[2, 0]) > 0


@settings(deadline=None, max_examples=20)
@given(st.floats(1, 100), st.floats(1.01, 4))
def test_more_drug_is_more_peak_signal_and_tolerance(dose, factor):
    gaps = jnp.full(4, 2.0)
    less = exposed(MICRO, receptor(), SLOW, dose * jnp.ones((4, 1)), gaps)[0]
    more = exposed(MICRO, receptor(), SLOW, factor * dose * jnp.ones((4, 1)), gaps)[0]
    assert (np.asarray(more.peak) > np.asarray(less.peak)).all()
    assert (np.asarray(more.tolerance[1:]) > np.asarray(less.tolerance[1:])).all()
    assert float(more.signal[0, 0]) > float(less.signal[0, 0])
