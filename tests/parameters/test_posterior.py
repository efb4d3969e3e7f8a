"""Simulations draw from the posterior that ships, a conducted trial from the one that has not seen it, and never silently from priors."""

from dataclasses import replace

import numpy as np
import pytest

import limen
from limen.design.influence import met_by_exposure
from limen.design.operate import draw_parameters
from limen.errors import FactsError, ParameterError
from limen.parameters import draw, load, parameters_for, posterior, priors
from limen.parameters.posterior import RECORD, TABLE, drawn_from, read_posterior
from limen.protocol import examples
from limen.protocol import load as read
from limen.trial.plan import lay_out

SEEN = {"adhd_20ug": "mueller2025", "self_blinding": "szigeti2021data"}


@pytest.fixture
def lost(monkeypatch):
    """A limen whose posterior was altered."""

    def altered():
        raise FactsError("was altered", remedy=posterior.REMEDY)

    monkeypatch.setattr(posterior, "_shipped", altered)


def test_a_draw_is_one_row_of_the_posterior_and_no_row_comes_twice():
    parameters = parameters_for()
    assert parameters.joint is not None
    rows = parameters.joint.columns
    size = len(rows["belief.guess.bias"])
    drawn = draw(parameters, size + 20, 3)
    table, taken = (np.stack([x[name] for name in rows], 1) for x in (rows, drawn))
    assert {*map(tuple, taken[:size])} == {*map(tuple, table)}
    assert (taken[size:] == taken[:20]).all()
    assert all((draw(parameters, 20, 3)[name] == drawn[name][:20]).all() for name in rows)


def test_what_is_not_fitted_is_the_same_draw_with_and_without_a_posterior():
    parameters = parameters_for()
    assert parameters.joint is not None
    with_rows, without = draw(parameters, 30, 1), draw(load(), 30, 1)
    other = {name for name in without if not np.array_equal(with_rows[name], without[name])}
    assert other == {*parameters.joint.columns}


@pytest.mark.parametrize("file", sorted(examples().glob("*.yaml")), ids=lambda file: file.stem)
def test_a_conducted_trial_is_drawn_by_what_has_not_seen_it(file):
    protocol = read(file)
    found = parameters_for(protocol)
    assert found.joint is not None
    assert found.joint.without == SEEN.get(file.stem, "")
    if protocol.status == "conducted":
        assert {*protocol.source}.isdisjoint({*found.joint.of} - {found.joint.without})
        counted = [p for p in found.values() if p.origin.startswith("safety/adverse_events")]
        other = load().without(*protocol.source)
        assert [p.spread for p in counted] == [other[p.name].spread for p in counted]
        return
    assert found.digest == parameters_for().digest


def test_rows_without_a_study_are_other_rows_and_say_so():
    whole, own = parameters_for(), parameters_for(read(examples() / "adhd_20ug.yaml"))
    name = "outcomes.ADHD.aisrs.p_nonspec"
    assert draw(own, 400, 1)[name].std() > 1.2 * draw(whole, 400, 1)[name].std()
    assert "without mueller2025" in drawn_from(own)
    assert own.joint is not None
    assert f"given {own.joint.values} published" in drawn_from(own)


def test_two_studies_that_were_fitted_cannot_both_be_left_out():
    with pytest.raises(ParameterError, match="leaves out both") as raised:
        parameters_for().without("mueller2025", "szigeti2021data")
    assert "--prior" in str(raised.value)


def test_a_parameter_stays_at_its_prior_by_one_rule():
    shipped = read_posterior()
    one = next(f for f in shipped.fitted if not f.stays)
    assert replace(one, r_hat=1.02).stays
    assert replace(one, ess=300.0).stays
    assert replace(one, learned=0.04).stays
    fitted = tuple(replace(f, r_hat=1.02) if f == one else f for f in shipped.fitted)
    assert one.name in shipped.joint.columns
    assert one.name not in replace(shipped, fitted=fitted).joint.columns
    assert {f.name for f in shipped.fitted if f.stays}.isdisjoint(shipped.joint.columns)


def test_nothing_is_drawn_from_a_posterior_whose_sampler_diverged():
    shipped = read_posterior()
    sampled = tuple(replace(s, divergences=2) for s in shipped.sampled)
    with pytest.raises(FactsError, match="diverged"):
        assert replace(shipped, sampled=sampled).joint


@pytest.mark.parametrize("file", [TABLE, RECORD])
def test_one_altered_number_of_either_file_is_seen(tmp_path, file):
    from limen.calibration.posterior import read_calibrated, write_calibrated

    write_calibrated(read_calibrated(), tmp_path)
    altered = tmp_path / file
    altered.write_text(altered.read_text().replace("0.1", "0.2", 1))
    with pytest.raises(FactsError, match="altered") as raised:
        read_posterior(tmp_path)
    assert "make calibrate" in str(raised.value)
    assert "--prior" in str(raised.value)


def test_a_prior_that_was_changed_after_the_fit_is_an_error(monkeypatch):
    known = load()
    p = known["belief.guess.bias"]
    other = replace(known, parameters={**known.parameters, p.name: replace(p, value=0.1)})
    monkeypatch.setattr(posterior, "load", lambda: other)
    with pytest.raises(FactsError, match="other priors"):
        posterior._shipped.__wrapped__()


@pytest.mark.parametrize(
    "simulated",
    [
        lambda protocol: limen.answer(protocol, draws=20, people=60),
        lambda protocol: limen.design(protocol, ["n=40"], trials=50),
        lambda protocol: limen.trial(protocol),
        lambda protocol: limen.turn(protocol, trials=50),
        lambda protocol: limen.validate(["trials"]),
    ],
    ids=["answer", "design", "trial", "turn", "validate"],
)
def test_nothing_is_simulated_from_priors_because_the_posterior_is_gone(lost, simulated):
    with pytest.raises(FactsError) as raised:
        simulated(limen.load("adhd_20ug"))
    assert "make calibrate" in str(raised.value)


def test_priors_are_drawn_where_they_are_asked_for(lost):
    with limen.priors():
        found = limen.trial(limen.load("adhd_20ug"))
    assert found.run.parameters.joint is None
    assert found.run.parameters.digest == load().without("mueller2025").digest
    assert drawn_from(found.run.parameters) in found.lines()
    with pytest.raises(FactsError):
        parameters_for()
    with priors(asked=False), pytest.raises(FactsError):
        parameters_for()


@pytest.mark.parametrize("name", ["lsddep2", "healthy_10ug"])
def test_exposure_reads_nothing_that_is_fitted(name):
    """So `limen simulate`, whose numbers would be the same, has no such switch."""
    parameters = parameters_for()
    assert parameters.joint is not None
    plan = lay_out(read(examples() / f"{name}.yaml"), parameters)
    assert {*parameters.joint.columns}.isdisjoint(met_by_exposure(draw_parameters(parameters, 20, 1), plan))
