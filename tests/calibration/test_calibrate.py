"""The posterior that ships: whole, fitted to what limen publishes now, clean, and never asked about what it has seen."""

import json

import numpy as np
import pytest
from typer.testing import CliRunner

from limen.calibration import words
from limen.calibration.block import block, participant_sets, valued, widened
from limen.calibration.emulate import emulate, features, off_scale, on_scale
from limen.calibration.posterior import read_calibrated, write_calibrated
from limen.calibration.targets import PREDICTED, targets
from limen.cli.main import application
from limen.errors import FactsError
from limen.parameters.joint import EVERYTHING
from limen.parameters.posterior import RECORD, TABLE


@pytest.fixture(scope="module")
def shipped():
    return read_calibrated()


def test_the_sampler_had_nothing_to_say_against_any_posterior(shipped):
    assert all(s.r_hat < 1.01 and s.divergences == 0 and s.ess > 1000 for s in shipped.sampled)
    assert {s.without for s in shipped.sampled} == {EVERYTHING, *(s.source for s in participant_sets())}


def test_draws_are_finite_and_within_the_support_of_their_priors(shipped, parameters):
    for columns in shipped.draws.values():
        for p in block().priors(parameters):
            x = columns[p.name]
            assert np.isfinite(x).all()
            assert len(np.unique(x)) > 0.9 * len(x)
            assert p.low is None or x.min() >= p.low
            assert p.high is None or x.max() <= p.high
            assert p.dist not in ("lognormal", "logitnormal") or x.min() > 0
            assert p.dist != "logitnormal" or x.max() < 1


def test_a_study_is_predicted_by_a_posterior_that_is_not_that_of_everything(shipped):
    for v in shipped.values:
        own, every = shipped.of(v.source), shipped.of(EVERYTHING)
        assert any(not np.array_equal(own[name], every[name]) for name in own)
        assert v.left_out != v.fitted
    with pytest.raises(FactsError, match="no posterior leaves out"):
        shipped.of("bakish2015")


def test_only_a_study_s_own_values_move_its_parameter(shipped, parameters):
    """Without the one trial of a scale, the course of that scale is its prior again."""
    for source, name in (
        ("mueller2025", "outcomes.ADHD.aisrs.p_nonspec"),
        ("bakish2014", "outcomes.MDD.madrs.p_nonspec"),
    ):
        (prior,) = (p for p in block().priors(parameters) if p.name == name)
        x = shipped.of(source)[name]
        assert x.std() == pytest.approx(prior.spread["sd"], rel=0.2)
        assert x.mean() == pytest.approx(prior.value, abs=0.2 * prior.spread["sd"])


def test_nothing_that_is_predicted_is_fitted():
    fitted = {t.name for s in participant_sets() for t in s.targets}
    assert fitted.isdisjoint(t.name for t in targets() if t.role == PREDICTED)
    unused = [t for t in targets() if t.role != PREDICTED and t.name not in fitted]
    assert all(block().why_not(t) for t in unused)


@pytest.mark.parametrize("change", ["missing", "altered", "record", "inputs"])
def test_a_missing_or_altered_file_is_an_error_that_says_what_to_do(shipped, tmp_path, change):
    write_calibrated(shipped, tmp_path)
    assert read_calibrated(tmp_path) == shipped
    table, record = tmp_path / TABLE, tmp_path / RECORD
    told = json.loads(record.read_text())
    match change:
        case "missing":
            table.unlink()
        case "altered":
            table.write_text(table.read_text().replace("0.1", "0.2", 1))
        case "record":
            record.write_text("{}")
        case _:
            record.write_text(json.dumps({**told, "inputs": "0"}))
    with pytest.raises(FactsError) as raised:
        read_calibrated(tmp_path)
    assert "make calibrate" in str(raised.value)


def test_the_command_checks_what_ships(shipped):
    found = CliRunner().invoke(application("calibrate"), ["calibrate", "--check"])
    assert found.exit_code == 0
    assert "R-hat below 1.01 and no divergence" in found.output
    assert words.USED in found.output
    assert all(v.name in found.output for v in shipped.values)


def test_a_quadratic_is_found_again_with_the_spread_that_was_put_in():
    (of, *_) = (s for s in participant_sets() if len(s.targets) == 1)
    random = np.random.default_rng(1)
    z = random.standard_normal((800, 3))
    truth = np.array([[1.0, 0.5, 0, 0, 0, 0.3, 0, 0, 0, 0]])
    y = features(z) @ truth.T + 0.2 * random.standard_normal((800, 1))
    y[7] = np.nan
    (found,) = emulate([of], z, {of.name: y}, {of.name: np.ones(3, bool)})
    assert found.weights == pytest.approx(truth, abs=0.03)
    assert found.root[0, 0] == pytest.approx(0.2, rel=0.1)
    assert found.inflation[0] > 0


@pytest.mark.parametrize(
    ("quantity", "value"), [("share who left", 26.0), ("SD of change", 6.1), ("change from baseline", -8.9)]
)
def test_scales_go_there_and_back(quantity, value):
    assert off_scale(quantity, on_scale(quantity, np.array([value]))) == pytest.approx([value])


def test_a_wider_prior_has_the_same_centre(parameters):
    p = parameters["perception.detection.lapse"]
    wide = widened(p, 3.0)
    x = valued([p, wide], np.array([[0.0, 0.0], [1.0, 1.0], [3.0, 1.0]]))
    both = x[p.name]
    assert both[0] == pytest.approx(p.value)
    assert both[2] == pytest.approx(valued([p], np.array([[3.0]]))[p.name][0])
    with pytest.raises(FactsError, match="spread"):
        widened(parameters["outcomes.MDD.madrs.change_sd"], 2.0)
