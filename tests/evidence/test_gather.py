"""What may be pooled, what may not, and why; and the honest absence of a pool."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from limen.errors import FactsError
from limen.evidence import dose_classes, fairness, few, tables
from limen.evidence.gather import gather
from limen.evidence.meta import meta_analysis


def test_depression_has_one_independent_microdose_trial_and_no_diamond() -> None:
    found = meta_analysis("depression")
    assert found.verdict == "too few to pool"
    assert found.pooled is None
    assert [e.study_id for e in found.effects] == ["szigeti2021"]
    assert found.too_few is not None
    assert found.too_few.second[0].width < found.too_few.second[0].width_now


def test_a_direction_without_a_number_is_refused_with_the_reason() -> None:
    refused = {r.study_id: r.reason for r in gather("depression").refused}
    assert "direction only" in refused["lsddep2"]
    assert "lsddep2" not in {e.study_id for e in gather("depression").effects}


def test_an_uncontrolled_change_is_no_effect() -> None:
    reasons = [r.reason for r in gather("depression").refused if r.study_id == "lsddep1"]
    assert reasons
    assert all("control" in reason for reason in reasons)


@pytest.mark.parametrize("construct", tables.constructs())
def test_one_effect_a_set_of_participants_and_one_dose_class(construct: str) -> None:
    for measure in ("smd", "md"):
        effects = gather(construct, measure=measure).effects
        assert len({e.participants for e in effects}) == len(effects)
        assert {e.dose_class for e in effects} <= {"microdose"}
        assert all(e.v > 0 for e in effects)


def test_reports_of_the_same_people_share_one_name() -> None:
    for one, other in (("murphy2023", "allen2024"), ("hutten2020", "ramaekers2021"), ("szigeti2021", "szigeti2023"),
                       ("mueller2025", "haijenneuro"), ("hutten2024", "cavarra_pain")):  # fmt: skip
        assert tables.participants_of(one) == tables.participants_of(other)
    assert tables.participants_of("cavanna2022") != tables.participants_of("szigeti2021")


def test_low_doses_stay_apart_until_asked_for() -> None:
    refused = [r for r in gather("anxiety").refused if r.study_id == "robison2025"]
    assert refused
    assert all("--dose-class" in r.reason for r in refused)


def test_the_adhd_trial_favours_placebo() -> None:
    (effect,) = gather("adhd").effects
    assert effect.study_id == "mueller2025"
    assert effect.y < 0
    (raw,) = gather("adhd", measure="md").effects
    assert (round(raw.y, 1), round(raw.se, 2)) == (1.8, 2.22)


def test_two_trials_pool_with_a_caution() -> None:
    found = meta_analysis("anxiety")
    assert found.pooled is not None
    assert found.pooled.k == 2
    assert any("2 trials" in caution for caution in found.cautions)
    assert found.pooled.prediction is None


def test_an_outcome_nobody_recorded_is_refused_with_those_recorded() -> None:
    with pytest.raises(FactsError) as refusal:
        gather("baldness")
    assert "depression" in (refusal.value.remedy or "")


def test_waiting_lists_and_active_controls_stand_beside_nothing() -> None:
    judged = {b.comparator.comparator_id: b for b in fairness.beside("depression")}
    assert judged["mdd_ad_cipriani"].fair
    assert not judged["mdd_cbt"].fair
    assert "waiting" in judged["mdd_cbt"].reason
    assert not judged["mdd_raison_d43"].fair
    assert all(b.reason for b in judged.values())
    assert all(b.y is not None for b in judged.values() if b.fair)


def test_favouring_active_is_above_zero_whatever_the_row_calls_positive() -> None:
    (rtms,) = [b for b in fairness.beside("depression") if b.comparator.comparator_id == "mdd_rtms"]
    assert (rtms.y, rtms.low, rtms.high) == (0.54, 0.41, 0.68)


@pytest.mark.parametrize(
    ("dose", "unit", "compound", "form", "expected"),
    [
        (26, "ug", "LSD", "tartrate", "microdose"),
        (25, "ug", "LSD", "base", "low dose comparator"),
        (100, "ug", "LSD", "base", "full dose"),
        (3, "mg", "psilocybin", "", "microdose"),
        (25, "mg", "psilocybin", "", "full dose"),
        (0.3, "g dried", "psilocybin mushroom", "", "microdose"),
    ],
)
def test_dose_classes_follow_the_registered_trials(
    dose: float, unit: str, compound: str, form: str, expected: str
) -> None:
    assert dose_classes.dose_class(dose, unit, compound, form) == expected


@given(st.floats(-2, 2), st.floats(0.01, 0.5))
@settings(deadline=None, max_examples=25)
def test_a_prior_pulls_towards_zero_and_data_narrow_it(y: float, v: float) -> None:
    prior = few.prior()
    found = few.posterior([y], [v], prior)
    assert abs(found.mean) <= abs(y) + 1e-9
    assert found.sd < prior.sd
    assert found.low < found.mean < found.high


def test_the_grid_posterior_is_the_conjugate_one_without_heterogeneity() -> None:
    y, v = 0.3, 0.04
    found = few.posterior([y], [v], few.common(few.prior()))
    precision = 1 / v + 1
    assert found.mean == pytest.approx(y / v / precision)
    assert found.sd == pytest.approx(precision**-0.5)
    assert found.high == pytest.approx(found.mean + 1.959964 * found.sd, abs=1e-5)


def test_what_a_second_trial_adds_is_what_simulating_it_gives() -> None:
    prior = few.common(few.prior())
    y, v, n = 0.2, 0.04, 100
    told = few.second_trial(y, v, n, 1.0, prior)
    rng = np.random.default_rng(5)
    theta = rng.normal(y / v / (1 / v + 1), (1 / v + 1) ** -0.5, 40_000)
    y2 = rng.normal(theta, (2 / n) ** 0.5)
    precision = 1 / v + n / 2 + 1
    mean = (y / v + y2 * n / 2) / precision
    excludes = np.abs(mean) > 1.959964 * precision**-0.5
    assert told.excludes_zero == pytest.approx(excludes.mean(), abs=0.012)
    assert told.sign_change == pytest.approx((mean < 0).mean(), abs=0.012)
