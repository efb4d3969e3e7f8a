"""The eight checks of the mechanism notes, and what a reader is shown."""

from __future__ import annotations

import numpy as np
import pytest

from limen import facts
from limen.design.operate import draw_parameters
from limen.engine.declare import Emax, Model, OneCompartment, Turnover, Values
from limen.engine.schedule import Timetable
from limen.engine.solve import solve
from limen.errors import CompoundError, ParameterError
from limen.parameters import draw, load
from limen.pharmacology import classic
from limen.response import MARKERS, sizes, summary
from limen.response.detect import people
from limen.response.markers.cortisol import harmonics, sound, target
from support.courses import followed


@pytest.fixture(scope="module")
def draws():
    return draw(load(), 128, seed=3)


@pytest.fixture(scope="module")
def micro(draws):
    return followed(draws, "LSD", 10.0, np.arange(0, 42, 3.0), "MDD", washout=400.0)


@pytest.fixture(scope="module")
def full(draws):
    return followed(draws, "psilocybin", 25.0, indication="MDD")


@pytest.mark.parametrize("c", [0.5, 1.0, 2.0, 3.0, 8.0, 16.0])
def test_occupancy_by_psilocin(c):
    rows = facts.read("mechanism/receptor").where(verification="derived", parameter="model-implied occupancy")
    row = next(r for r in rows if r.number("dose") == c)
    occupancy = Emax("O", top=0.766, half=1.97).value(Values({"C": c}))
    assert 100 * occupancy == pytest.approx(float(row["value"]), abs=0.06)


def test_daily_full_doses_make_strong_tolerance_that_is_gone_within_days():
    """In every draw the dossier uses: a fold shift of at least 4 before the fifth daily 200 ug, 70% of it gone after three
    days and 90% after five."""
    used = draw_parameters(load(), 64, seed=3)
    shift = classic._shift(used, "lsd_oral_full", 200.0, [1.0, 1.0, 1.0, 1.0, 3.0, 2.0, 1.0], doses=5)
    assert (1 + shift[4] >= 4).all()
    assert (shift[5] <= 0.3 * shift[4]).all()
    assert (shift[6] <= 0.1 * shift[4]).all()


def test_a_microdose_every_third_day_keeps_its_perceptual_signal():
    """Dose 14 of 10 ug every third day is within 15% of dose 1, in every draw the dossier uses."""
    used = draw_parameters(load(), 64, seed=3)
    fold = 1 + classic._shift(used, "lsd_oral_micro", 10.0, [3.0] * 14, doses=14)
    assert (fold[0] / fold[13] >= 0.85).all()


def test_the_typical_worked_example_of_tolerance_comes_out():
    """Notes, section 2, with the priors' medians: strong under daily 200 ug, negligible at 10 ug every third day."""
    p = load()
    middle = draw(p, 1, 0, [])
    names = [n for n in p if n.startswith(classic.READ)]
    typical = {n: np.array([float(np.median(draw(p, 999, 0, [n])[n]))]) for n in names}
    middle = type(middle)(typical, 1)
    fold = 1 + classic._shift(middle, "lsd_oral_full", 200.0, [1.0, 1.0, 1.0, 1.0, 3.0, 2.0, 1.0], doses=5)
    low = 1 + classic._shift(middle, "lsd_oral_micro", 10.0, [3.0] * 14, doses=14)
    assert 3.5 < fold[4, 0] < 6.5
    assert low[13, 0] < 1.25


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
    found = followed(draws, "psilocybin", 3.15)
    assert np.median(np.abs(found.values["cortisol"][0]).max(axis=1)) < 0.05


def test_crp_reaches_half_of_a_step_in_nineteen_hours():
    model = Model(OneCompartment(), (Turnover("crp", 2.0, "kout", start=1.0),))
    person = {"cl": 7.0, "v": 27.0, "ka": 2.0, "kout": 0.0365}
    half = solve(model, person, Timetable(np.zeros(1), np.zeros(1), np.array([19.0]))).values["crp"][0, 0]
    assert half == pytest.approx(1.5, abs=0.005)


def test_crp_lags_il6(micro):
    """After the last dose has been felt, IL-6 turns back before CRP does."""
    il6, crp = (np.abs(micro.values[m][1]).argmax(axis=1) for m in ("il6", "crp"))
    assert np.mean(crp >= il6) > 0.95


def test_a_full_dose_has_the_effect_that_defines_it(draws, full):
    peak = full.values["il6"][1]
    biggest = np.take_along_axis(peak, np.abs(peak).argmax(axis=1)[:, None], 1)[:, 0]
    slow = draws["response_il6.tau"] > 6  # daily samples miss a faster peak by more than two per cent
    assert np.allclose(biggest[slow], draws["response_il6.e_full"][slow], rtol=0.05)


def test_every_marker_is_shown_with_label_band_and_both_switches(micro):
    rows = summary(micro)
    assert {row["id"] for row in rows} == set(micro.values) == {m.id for m in MARKERS}
    for row in rows:
        assert row["label"] in ("measured", "translated", "assumption")
        for z in ("0", "1"):
            band = row["bands"][z]
            assert len(band["median"]) == len(band["q05"]) == len(row["times"])
            assert all(a <= b for a, b in zip(band["q05"], band["q95"], strict=True))


def test_a_tenth_of_il6_needs_hundreds_per_arm():
    """A 10% fall against the published month-to-month SD of 0.33 to 0.5, one sample before and one after."""
    low, high = (people(np.array([np.log(0.9)]), np.array([sd]))[0] for sd in (0.33, 0.5))
    assert 280 < low < 330
    assert 650 < high < 730


def test_il6_needs_hundreds_at_a_full_dose_thousands_if_the_link_holds_and_tens_of_thousands_as_expected(
    micro, full
):
    """What is expected is the mean change over the prior, the link being there with probability 0.25."""
    assert micro.probability["il6"] == pytest.approx(0.25)
    found = {size.what: size for size in sizes(micro, "il6", full)}
    assert 100 < found["full dose"].per_arm < 1000
    assert 1000 < found["if the link holds"].per_arm < 10_000
    assert 10_000 < found["expected"].per_arm < 100_000
    assert found["expected"].change < 0  # a fall, as the full-dose trial found
    assert found["one dose, own share"].per_arm > found["if the link holds"].per_arm


def test_with_the_switch_off_there_is_nothing_to_see(micro):
    off = {m: (value[0], value[0]) for m, value in micro.values.items()}
    silent = type(micro)(**{**vars(micro), "values": off})
    assert all(size.per_arm is None for size in sizes(silent, "il6"))


def test_depression_shifts_baselines_where_it_was_measured(micro):
    assert micro.baseline["bdnf"].shift is None
    assert micro.baseline["crp"].status == "measured"
    assert np.median(micro.baseline["crp"].shift) == pytest.approx(0.4 * 0.85, rel=0.15)


def test_a_shift_nobody_measured_is_none_or_said_to_be_borrowed(draws):
    """The facts hold no row of PTSD or bipolar depression: the first has no shift, the second borrows and says so."""
    rows = [row for t in ("inflammation", "hpa") for row in facts.read(f"mechanism/{t}")]
    assert not any(
        "ptsd" in r["population"].casefold() or "bipolar" in r["population"].casefold() for r in rows
    )
    ptsd = followed(draws, "LSD", 10.0, indication="PTSD").baseline
    assert all(b.shift is None and "PTSD" in b.said for b in ptsd.values())
    bipolar = followed(draws, "LSD", 10.0, indication="bipolar depression").baseline
    for marker in ("tnf", "il6", "crp", "cortisol"):
        assert bipolar[marker].status == "assumption"
        assert "Borrowed from MDD" in bipolar[marker].said
    gad = followed(draws, "LSD", 10.0, indication="GAD").baseline
    assert np.median(gad["crp"].shift) == pytest.approx(0.38 * 0.85, rel=0.15)
    assert gad["il6"].shift is None


def test_what_a_record_lacks_and_an_unknown_structure_are_named(draws):
    with pytest.raises(CompoundError, match="mescaline lacks omax"):
        followed(draws, "mescaline", 10.0)
    with pytest.raises(ParameterError, match="inverse"):
        followed(draws, "LSD", 10.0, structure={"tracer": "inverse"})
