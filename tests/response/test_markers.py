"""The eight checks of the mechanism notes, and what a reader is shown."""

from __future__ import annotations

import numpy as np
import pytest

from limen import facts
from limen.engine.declare import Emax, Model, OneCompartment, Turnover, Values
from limen.engine.schedule import Schedule
from limen.engine.solve import solve
from limen.parameters import draw, load
from limen.response import respond, summary
from limen.response.cortisol import harmonics, sound, target
from limen.response.summary import detectable


@pytest.fixture(scope="module")
def draws():
    return draw(load(), 128, seed=3)


@pytest.fixture(scope="module")
def micro(draws):
    return respond(np.arange(0, 42, 3.0), 10.0, "lsd", "mdd", draws, seed=1, washout_days=400.0)


@pytest.mark.parametrize("c", [0.5, 1.0, 2.0, 3.0, 8.0, 16.0])
def test_occupancy_by_psilocin(c):
    rows = facts.read("mechanism/receptor").where(verification="derived", parameter="model-implied occupancy")
    row = next(r for r in rows if r.number("dose") == c)
    occupancy = Emax("O", top=0.766, half=1.97).value(Values({"C": c}))
    assert 100 * occupancy == pytest.approx(float(row["value"]), abs=0.06)


def test_bdnf_share_of_the_prior_inside_the_published_interval(draws):
    """The note asks for 80% inside -0.16 to 0.26; the shipped prior gives 77%. Reported, not tuned."""
    share = np.mean(np.abs(draws["response_bdnf.delta"] - 0.05) < 0.21)
    assert share == pytest.approx(0.766, abs=0.02)


def test_every_marker_returns_to_baseline_with_its_switch_off(micro):
    for marker, (off, _) in micro.values.items():
        assert np.abs(off[:, -1]).max() < 1e-6, marker


def test_switches_at_zero_leave_density_and_cytokines_untouched(micro):
    for marker in ("synaptic_density", "tnf", "il6", "crp"):
        off, on = micro.values[marker]
        assert np.abs(off).max() < 1e-9
        assert np.abs(on).max() > 1e-4


def test_drug_free_cortisol_has_one_peak_and_positive_production():
    rhythm = harmonics(15.5, 2.0, 8 + 32 / 60, 18 / 60)
    assert rhythm[:, 0] == pytest.approx([1.7170, -0.7567, 0.3330, -0.2614, -0.2395], abs=1e-3)
    clock = np.arange(0, 24, 1 / 60)[:, None]
    level = np.asarray(target(rhythm, clock)[0])[:, 0]
    assert clock[level.argmax(), 0] == pytest.approx(8 + 32 / 60, abs=0.02)
    assert clock[level.argmin(), 0] == pytest.approx(18 / 60, abs=0.02)
    assert sound(rhythm, np.array([0.63])).all()


def test_low_psilocybin_moves_peak_cortisol_by_less_than_five_per_cent(draws):
    """45 ug/kg at 70 kg, for the typical person: median over draws."""
    found = respond(np.zeros(1), 3.15, "psilocybin", "healthy", draws, seed=1)
    assert np.median(np.abs(found.values["cortisol"][0]).max(axis=1)) < 0.05


def test_crp_reaches_half_of_a_step_in_nineteen_hours():
    model = Model(OneCompartment(), (Turnover("C", 2.0, "kout", start=1.0),))
    person = {"cl": 7.0, "v": 27.0, "ka": 2.0, "kout": 0.0365}
    half = solve(model, person, Schedule(np.zeros(1), np.zeros(1), np.array([19.0]))).values["C"][0, 0]
    assert half == pytest.approx(1.5, abs=0.005)


def test_crp_lags_il6(micro):
    """After the last dose has been felt, IL-6 turns back before CRP does."""
    il6, crp = (np.abs(micro.values[m][1]).argmax(axis=1) for m in ("il6", "crp"))
    assert np.mean(crp >= il6) > 0.95


def test_a_full_dose_has_the_effect_that_defines_it(draws):
    found = respond(np.zeros(1), 25.0, "psilocybin", "healthy", draws, seed=1)
    peak = found.values["il6"][1]
    biggest = np.take_along_axis(peak, np.abs(peak).argmax(axis=1)[:, None], 1)[:, 0]
    slow = draws["response_il6.tau"] > 6  # daily samples miss a faster peak by more than two per cent
    assert np.allclose(biggest[slow], draws["response_il6.e_full"][slow], rtol=0.05)


def test_every_marker_is_shown_with_label_band_and_both_switches(micro):
    rows = summary(micro)
    assert {row["id"] for row in rows} == set(micro.values)
    for row in rows:
        assert row["label"] in ("measured", "translated", "assumption")
        for z in ("0", "1"):
            band = row["bands"][z]
            assert len(band["median"]) == len(band["q05"]) == len(row["times"])
            assert all(a <= b for a, b in zip(band["q05"], band["q95"], strict=True))


def test_il6_needs_hundreds_for_a_tenth_and_thousands_for_a_microdose(micro):
    tenth = [detectable(np.array([[np.log(0.9)]]), np.array([sd])) for sd in (0.33, 0.5)]
    assert tenth[0] is not None
    assert 280 < tenth[0]["median"] < 330
    assert tenth[1] is not None
    assert 650 < tenth[1]["median"] < 730
    il6 = next(row for row in summary(micro) if row["id"] == "il6")
    assert il6["per_arm"]["0"] is None
    assert il6["per_arm"]["1"]["median"] > 1000


def test_depression_shifts_baselines_where_it_was_measured(micro):
    assert micro.baseline["bdnf"] is None
    assert np.median(micro.baseline["crp"]) == pytest.approx(0.4 * 0.85, rel=0.15)
