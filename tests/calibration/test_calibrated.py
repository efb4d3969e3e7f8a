"""What the model was calibrated to comes out: exposure, the placebo course, capsule guesses."""

import numpy as np
import pytest

from limen import facts
from limen.calibration.course import placebo_course
from limen.calibration.detection import refit
from limen.calibration.pk import single_dose_plan, typical_draws
from limen.trial.curves import typical_cmax


@pytest.mark.parametrize("dose", [5, 10, 20])
def test_a_typical_microdose_peaks_inside_the_published_interval(dose, parameters):
    """Geometric mean and its 95% interval, holze2021micro; psilocin: holze2023pk, where every dose is checked by `limen validate`."""
    (row,) = facts.read("pharmacokinetics/pk_observations").where(
        source="holze2021micro", dose=str(dose), statistic="Cmax"
    )
    plan = single_dose_plan("LSD", "lsd_oral_micro", float(dose))
    peak = 1000 * typical_cmax(typical_draws(parameters), plan, float(dose))[0]
    assert row.number("low") <= peak <= row.number("high")


def test_placebo_course_of_madrs_in_depression(parameters):
    """Week by week as in the outcome notes, section 5 (200 000 simulated there)."""
    c = placebo_course(parameters, "MDD", "madrs", (0.0, 60.0))
    assert c.baseline == pytest.approx(31.3, abs=0.4)
    assert c.baseline_sd == pytest.approx(3.6, abs=0.2)
    at = [0, 1, 3, 5, 7]
    assert c.change[at] == pytest.approx([-3.8, -6.2, -9.0, -10.3, -11.0], abs=0.25)
    assert c.change_sd[at] == pytest.approx([4.6, 6.2, 8.1, 9.1, 9.6], abs=0.15)
    assert 100 * c.responders[at] == pytest.approx([0.4, 6, 21, 29, 32], abs=1.0)
    assert 100 * (1 - c.present[at]) == pytest.approx([5, 9, 15, 20, 25], abs=1.5)


def test_placebo_arm_of_the_adhd_trial(parameters):
    c = placebo_course(parameters, "ADHD", "aisrs", (0.0, 54.0), weeks=6)
    assert c.change[-1] == pytest.approx(-8.9, abs=0.2)
    assert c.change_sd[-1] == pytest.approx(7.7, abs=0.3)


def test_shipped_detection_numbers_are_those_of_the_refit(parameters):
    fit = refit()
    p = parameters.under("perception.detection")
    assert p["theta_lsd"].value == pytest.approx(fit.theta, rel=0.01)
    assert p["theta_lsd"].spread["gsd"] == pytest.approx(fit.theta_gsd, rel=0.01)
    assert p["sigma"].value == pytest.approx(fit.sigma, rel=0.01)
    assert p["sigma"].spread["gsd"] == pytest.approx(fit.sigma_gsd, rel=0.01)
    assert p["lapse"].value == pytest.approx(fit.lapse, abs=0.005)
    assert p["lapse"].spread["logit_sd"] == pytest.approx(fit.lapse_logit_sd, abs=0.01)
    assert p["lapse_slope"].value == pytest.approx(fit.lapse_slope, abs=0.02)
    assert p["false_alarm"].value == pytest.approx(fit.false_alarm, abs=0.002)
    assert np.isfinite(fit.lapse_slope)
