"""One contract: every estimator, shipped or one's own, compares the same arms and says what it could not analyse."""

from __future__ import annotations

import dataclasses
import subprocess
import sys

import numpy as np
import pytest

from limen.analysis import registry
from limen.analysis.by_visit import by_visit
from limen.analysis.estimator import Estimator, arms_in_order, estimate, longitudinal, options
from limen.errors import DataError
from support.plain import plain
from support.trials import made

NAMES = ("estimate", "se", "df", "ci_low", "ci_high", "p", "n")


@pytest.mark.parametrize("method", registry.methods())
@pytest.mark.parametrize("arms", [("low", "placebo"), ("low", "placebo", "high"), ("placebo", "high", "low")])
def test_many_trials_at_once_and_one_alone_give_the_same_numbers(method, arms):
    """A simulated trial of the dossier, and the same trial as `limen analyse` sees it."""
    data = made(trials=3, arms=arms)
    found = estimate(data, registry.estimator(method))
    how = options(data, 0.95)
    for number in range(3):
        table = by_visit(longitudinal(data.of_trial(number)), method, best=how.best, responder=how.responder)
        assert tuple(line.contrast for line in table.of_interest()) == found.contrasts
        for column, line in enumerate(table.of_interest()):
            both = [(getattr(line, name), float(getattr(found.each, name)[number, column])) for name in NAMES]
            np.testing.assert_allclose(*zip(*both, strict=True), rtol=1e-8)


def test_the_control_is_the_first_placebo_and_the_first_contrast_the_active_arm():
    assert arms_in_order(made(arms=("low", "placebo", "high"))) == ("placebo", "low", "high")
    found = estimate(made(arms=("high", "low", "placebo")), registry.estimator("ancova"))
    assert found.contrasts == ("high - placebo", "low - placebo")


def test_without_a_control_the_estimate_is_the_change_from_baseline():
    data = made(arms=("low",), missing=0.0)
    found = estimate(data, registry.estimator("mmrm"))
    change = data.by_trial(data.score[:, 3] - data.baseline).mean(1)
    np.testing.assert_allclose(np.asarray(found.each.estimate)[:, 0], change, rtol=1e-12)
    assert "change from baseline" in found.contrasts[0]
    assert "change from baseline" in found.method


def crossed(both_orders: bool):
    """Eight people, each under both arms; in the second period everybody scores 5 lower, the drug takes 2 away."""
    data = made(trials=1, each=8, arms=("low", "placebo"), missing=0.0)
    person = np.tile(np.arange(8), 2)
    first = np.where(both_orders & (person < 4), 1, 0)
    period = (data.arm != first).astype(int)
    rng = np.random.default_rng(2)
    last = (
        np.repeat(rng.normal(20, 5, 8)[None], 2, 0).ravel()
        + rng.normal(0, 0.1, 16)
        - 5 * period
        - 2 * (data.arm == 0)
    )
    score = data.score.copy()
    score[:, -1] = last
    return dataclasses.replace(data, participant=person, period=period, score=score, crossover=True)


def test_a_crossover_is_compared_within_participants_whatever_the_order_of_its_rows():
    data = crossed(both_orders=True)
    found = estimate(data, registry.estimator("ancova"))
    assert float(found.each.estimate[0, 0]) == pytest.approx(-2.0, abs=0.3)
    order = np.random.default_rng(0).permutation(16)
    columns = {
        name: value[order]
        for name, value in vars(data).items()
        if isinstance(value, np.ndarray) and name != "weeks"
    }
    again = estimate(dataclasses.replace(data, **columns), registry.estimator("ancova"))
    assert float(again.each.p[0, 0]) == pytest.approx(float(found.each.p[0, 0]), rel=1e-12)


def test_the_period_is_removed_where_both_orders_are_there():
    """Period and drug both lower the score; with half of the people in each order only the drug is left."""
    removed = estimate(crossed(both_orders=True), registry.estimator("ancova"))
    mixed = estimate(crossed(both_orders=False), registry.estimator("ancova"))
    assert float(removed.each.se[0, 0]) < 0.2
    assert float(mixed.each.estimate[0, 0]) == pytest.approx(3.0, abs=0.3)  # -2 of the drug, +5 of the period


@pytest.mark.parametrize("method", registry.methods())
def test_a_trial_that_cannot_be_analysed_is_counted_with_its_reason(method):
    data = made(trials=4, arms=("low", "placebo"))
    gone = (data.trial == 2) & (data.arm == 0)
    score = data.score.copy()
    score[gone, 1:] = np.nan
    found = estimate(dataclasses.replace(data, score=score), registry.estimator(method))
    assert found.analysed.tolist() == [True, True, False, True]
    ((reason, count),) = found.reasons
    assert count == 1
    assert "arm" in reason


def test_an_estimator_of_ones_own_is_one_object_and_serves_simulated_and_real_data():
    with registry.with_estimator(Estimator("raw", "difference in means", plain, most=2)) as own:
        assert "raw" in registry.methods()
        data = made(trials=4, arms=("low", "placebo"), missing=0.0)
        found = estimate(data, own)
        assert found.trials.tolist() == [0, 1]
        last = data.by_trial(data.score[:, 3])
        np.testing.assert_allclose(
            np.asarray(found.each.estimate)[:, 0], last[:2, :20].mean(1) - last[:2, 20:].mean(1), rtol=1e-12
        )
        table = by_visit(longitudinal(data.of_trial(0)), "raw")
        assert table.of_interest()[0].estimate == pytest.approx(float(found.each.estimate[0, 0]))
    with pytest.raises(DataError, match="ancova, mmrm, responders"):
        registry.estimator("raw")


def test_check_refuses_a_method_that_nobody_registered(tmp_path, examples):
    text = (examples / "adhd_20ug.yaml").read_text(encoding="utf-8")
    path = tmp_path / "mine.yaml"
    path.write_text(text.replace("method: mmrm", "method: mmmr"), encoding="utf-8")
    done = subprocess.run([sys.executable, "-m", "limen", "check", str(path)], capture_output=True, text=True)
    assert done.returncode != 0
    assert "analysis.method" in done.stderr
    assert "did you mean 'mmrm'" in done.stderr


def test_names_of_methods_are_known_without_loading_jax():
    code = "import sys; from limen.analysis.registry import method_named; method_named('mmrm'); print('jax' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_a_protocol_is_simulated_with_the_method_it_names(adhd):
    """The ADHD trial names MMRM: its reports are those of MMRM on every one of its trials, and the page says how many."""
    from limen.design.report import weekly_scenario

    reports = weekly_scenario(adhd, "as believed")
    assert adhd.plan.method == "mmrm"
    assert reports.method == registry.estimator("mmrm").words
    assert reports.tried == adhd.trials
    assert f"{reports.tried} simulated trials" in reports.coverage
    data = adhd.data()
    line = by_visit(longitudinal(data.of_trial(0)), "mmrm").of_interest()[0]
    assert reports.estimate[0] == pytest.approx(-line.estimate, rel=1e-9)


def test_an_unknown_method_is_refused_before_anything_is_simulated(adhd, parameters):
    from limen.design.operate import operate

    with pytest.raises(DataError, match="did you mean 'mmrm'"):
        operate(dataclasses.replace(adhd.plan, method="mmmr"), parameters, draws=2, people=60)
