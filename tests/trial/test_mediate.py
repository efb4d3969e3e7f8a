"""Markers move symptoms only where a protocol names the scenario; without one they are not even an input."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import get_args

import numpy as np
import pytest

from limen.design.operate import Given, operate
from limen.dossier.compose import result_digest
from limen.dossier.sections.verdict.build import effects
from limen.errors import ProtocolErrors
from limen.parameters import Draws
from limen.protocol import load, loads
from limen.protocol.model import Scenario
from limen.response.coupling import SCENARIOS, carriers
from limen.trial.mediate import mediated
from limen.trial.plan import lay_out


@pytest.fixture(scope="module")
def plan(examples, parameters):
    return lay_out(load(examples / "lsddep2.yaml"), parameters)


@pytest.fixture(scope="module")
def off(plan, parameters):
    return operate(plan, parameters, draws=20, people=178, seed=5)


@pytest.fixture(scope="module")
def on(plan, parameters):
    return operate(replace(plan, scenario="inflammation-mediated"), parameters, draws=20, people=178, seed=5)


def test_the_protocol_and_the_response_name_the_same_scenarios():
    assert set(get_args(Scenario)) == set(SCENARIOS)
    assert all(carriers(s) for s in SCENARIOS)
    assert "bdnf" not in {m.id for s in SCENARIOS for m in carriers(s)}


def test_an_unknown_scenario_is_refused_with_the_choices(examples):
    text = (examples / "lsddep2.yaml").read_text() + "\nscenario: inflamation-mediated\n"
    with pytest.raises(ProtocolErrors) as caught:
        loads(text)
    assert "did you mean 'inflammation-mediated'" in str(caught.value)


def test_without_a_scenario_benefit_through_markers_is_exactly_zero(plan, off):
    assert plan.scenario is None
    assert mediated(plan, off.draws, off.theta.scale) is None
    assert off.mediated is None
    assert (effects(off)[0] == 0).all()


def test_with_couplings_of_zero_the_scenario_changes_no_number(plan, off, parameters):
    """The same people with and without the added input, which is zero here."""
    silent = {n: np.zeros(20) if n.startswith("response_coupling") else off.draws[n] for n in off.draws}
    run = operate(
        replace(plan, scenario="inflammation-mediated"), parameters, 20, 178, 5, given=Given(Draws(silent, 20), off.belief.delta)
    )  # fmt: skip
    assert (run.mediated == 0).all()
    assert np.array_equal(run.records.baseline, off.records.baseline)
    assert np.allclose(run.records.latent, off.records.latent, rtol=0, atol=1e-9)


def test_what_was_put_in_comes_out_in_the_drug_channel_and_nowhere_else(plan, off, on):
    """On the latent score: the added points at the primary week, where the drug is on, in the active arm alone."""
    week = plan.primary_week
    gained = {
        w.name: off.under(w.name, off.records.latent) - on.under(w.name, on.records.latent)
        for w in on.what_ifs
    }
    draw = np.repeat(on.draw_of_trial, plan.people)
    for name in ("course", "selection", "course + belief", "belief"):
        assert np.abs(gained[name]).max() < 1e-9
    drug = gained["drug"]
    control = on.arm == plan.control
    assert np.abs(drug[control]).max() < 1e-9
    expected = on.mediated[week - 1, plan.active][draw]
    assert np.allclose(drug[~control], expected[~control], atol=1e-9)
    assert np.abs(expected).max() > 1e-3
    assert result_digest(on) != result_digest(off)


def test_the_size_is_the_correlation_times_the_change_in_sds(plan, off):
    """A fall of IL-6 by one between-person SD is worth r SDs of the scale; sign and size against the definition."""
    found = mediated(replace(plan, scenario="inflammation-mediated"), off.draws, off.theta.scale)
    t = off.theta.scale
    spread = np.sqrt(np.asarray(t.sd_trait**2 + t.sd_ar**2 + t.sd_e**2))
    worth = np.abs(off.draws["response_coupling.il6"]) + np.abs(off.draws["response_coupling.crp"])
    assert (np.abs(found[-1, plan.active]) <= 3 * spread * worth).all()
    falls = (off.draws["response_il6.e_full"] < 0) & (off.draws["response_coupling.il6"] > 0)
    falls &= (off.draws["response_coupling.crp"] > 0) & (off.draws["response_crp.theta"] > 0)
    assert falls.any()
    assert (found[-1, plan.active][falls] > 0).all()
    assert (found[:, plan.control] == 0).all()


def test_the_clock_is_read_and_a_wrong_time_is_named(examples):
    text = (examples / "lsddep2.yaml").read_text()
    clock = loads(text + "\nclock: {dose: 9:30, samples: ['12:00', '08:00']}\n").clock
    assert clock.dose_hour == 9.5
    assert clock.sample_hours == (8.0, 12.0)
    with pytest.raises(ProtocolErrors) as caught:
        loads(text + "\nclock: {dose: '25:00'}\n")
    assert "not a time of day" in str(caught.value)
    assert json.loads(loads(text).model_dump_json())["clock"] == {"dose": None, "samples": []}
