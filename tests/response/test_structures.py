"""What no measurement decides about the chain can be switched, and each switch does what it says."""

from __future__ import annotations

import numpy as np
import pytest

from limen.compounds import compound
from limen.errors import CompoundError, ParameterError
from limen.parameters import Draws, draw, load
from limen.response.chain import Structure, exposure, numbers
from support.courses import followed

DAYS = np.arange(0, 12, 3.0)


@pytest.fixture(scope="module")
def draws():
    return draw(load(), 32, seed=5)


def peak(found, marker, on=1):
    return np.abs(found.values[marker][on]).max(axis=1)


def test_the_antagonist_tracer_reads_less_occupancy(draws):
    """Occupancy by the antagonist tracer is the agonist tracer's times its ratio, so EEG, which is stated at a reference
    dose read by the same tracer, does not change, and default-mode integrity, which is not, moves less."""
    agonist = followed(draws, "LSD", 10.0, DAYS)
    antagonist = followed(draws, "LSD", 10.0, DAYS, structure={"tracer": "antagonist"})
    assert np.allclose(peak(agonist, "eeg"), peak(antagonist, "eeg"), rtol=1e-6)
    assert (peak(antagonist, "dmn") < peak(agonist, "dmn")).all()
    given, dose = compound("LSD"), np.full(32, 10.0)
    p, other = (
        numbers(draws, given, "lsd_oral_micro", Structure(tracer=t)) for t in ("agonist", "antagonist")
    )
    ratio = exposure(other, dose, Structure())["peak"] / exposure(p, dose, Structure())["peak"]
    assert np.allclose(ratio, draws["response_reference.antagonist"], rtol=1e-9)


def test_plasticity_may_be_driven_by_concentration(draws):
    """Concentration does not saturate, so of a full dose's drive a low dose of psilocybin has exactly its share of dose."""
    by_occupancy = followed(draws, "psilocybin", 2.5, DAYS)
    by_concentration = followed(draws, "psilocybin", 2.5, DAYS, structure={"plasticity": "concentration"})
    assert (peak(by_concentration, "synaptic_density") < peak(by_occupancy, "synaptic_density")).all()
    for marker in ("dmn", "il6", "cortisol"):
        assert np.allclose(peak(by_concentration, marker), peak(by_occupancy, marker)), marker
    one = followed(draws, "psilocybin", 2.5, structure={"plasticity": "concentration"})
    ten = followed(draws, "psilocybin", 25.0, structure={"plasticity": "concentration"})
    assert np.allclose(
        10 * peak(one, "synaptic_density"), peak(ten, "synaptic_density"), rtol=1e-4
    )  # a single dose meets no ceiling


def test_slow_binding_replaces_the_effect_compartment_of_lsd(draws):
    slow = followed(draws, "LSD", 10.0, DAYS, structure={"binding": True})
    usual = followed(draws, "LSD", 10.0, DAYS)
    assert not np.allclose(peak(slow, "dmn"), peak(usual, "dmn"), rtol=0.01)
    assert np.allclose(peak(slow, "cortisol", 0), peak(usual, "cortisol", 0))  # driven by plasma
    with pytest.raises(CompoundError, match="of LSD"):
        followed(draws, "psilocybin", 3.0, DAYS, structure={"binding": True})


def test_fast_binding_is_equilibrium_with_plasma(draws):
    """dB/dt = koff ((C / EC50)(1 - B) - B) with a fast koff is C / (EC50 + C), and so is a fast effect compartment."""
    fast = Draws(dict(draws.columns) | {"response_reference.koff_lsd": np.full(32, 300.0)}, 32)
    quick = Draws(dict(draws.columns) | {"pharmacology.effect_site.ke0_lsd": np.full(32, 300.0)}, 32)
    bound = followed(fast, "LSD", 10.0, DAYS, structure={"binding": True})
    effect = followed(quick, "LSD", 10.0, DAYS)
    assert np.allclose(bound.values["dmn"][1], effect.values["dmn"][1], rtol=0.03, atol=1e-4)


def test_two_compartments_need_their_numbers_and_leave_a_slow_phase(draws):
    with pytest.raises(ParameterError, match=r"pharmacology\.psilocin_oral\.q"):
        followed(draws, "psilocybin", 3.0, DAYS, structure={"peripheral": True})
    toml = """
    q = { value = 60.0, gsd = 1.3, unit = "L/h", text = "exchange with tissue", status = "assumption" }
    v2 = { value = 900.0, gsd = 1.3, unit = "L", text = "volume of tissue", status = "assumption" }
    """
    wider = draw(load().joined("pharmacology.psilocin_oral", toml), 32, seed=5)
    one = followed(wider, "psilocybin", 3.0, DAYS)
    two = followed(wider, "psilocybin", 3.0, DAYS, structure={"peripheral": True})
    late = np.searchsorted(one.times, 24.0)
    assert (np.abs(two.values["dmn"][1][:, late]) > np.abs(one.values["dmn"][1][:, late])).all()
    assert (peak(two, "dmn") <= peak(one, "dmn") + 1e-6).all()
