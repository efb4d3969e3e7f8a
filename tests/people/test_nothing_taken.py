"""A person who takes nothing meets nothing: no exposure, no tolerance, no effect, and notices by false alarm alone."""

from __future__ import annotations

from dataclasses import replace

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from limen.compounds import compound
from limen.design.operate import draw_parameters, operate
from limen.people import DRAWS_PER_PERSON, individual, typical
from limen.people.comedication import Comedication, comedication, effects
from limen.pharmacology.chain import Receptor
from limen.pharmacology.expose import expose
from limen.pharmacology.kinetics import oral_modes
from limen.safety.screening.admission import COMEDICATIONS
from limen.trial.perceive import notice_probability

PEOPLE = 4
exposed = jax.jit(expose)
normals = st.lists(st.floats(-5, 5), min_size=PEOPLE, max_size=PEOPLE).map(jnp.asarray)
folds = st.lists(st.floats(1, 20), min_size=PEOPLE, max_size=PEOPLE).map(jnp.asarray)
rates = st.lists(st.floats(1e-3, 10), min_size=PEOPLE, max_size=PEOPLE).map(jnp.asarray)
shares = st.lists(st.floats(1e-3, 0.45), min_size=PEOPLE, max_size=PEOPLE).map(jnp.asarray)


@pytest.fixture(scope="module")
def law(parameters):
    """Typical people on LSD who take nothing besides."""
    draws, lsd = draw_parameters(parameters, PEOPLE, 1), compound("LSD")
    return typical(draws, lsd, "lsd_oral_micro", comedication(draws, lsd, "MDD"))


@settings(deadline=None, max_examples=10)
@given(st.data())
def test_who_takes_nothing_besides_is_changed_by_nothing_however_strong(data):
    """The folds of medicines nobody takes reach nobody."""
    law = Comedication(jnp.zeros((len(COMEDICATIONS), PEOPLE)), *(data.draw(folds) for _ in range(5)))
    taken = effects(law, {name: data.draw(normals) for name in DRAWS_PER_PERSON})
    assert not np.any(taken.takes)
    assert not np.any(taken.inhibited)
    assert np.array_equal(taken.ec50, np.ones(PEOPLE))
    assert np.array_equal(taken.transduction, np.ones(PEOPLE))
    assert np.array_equal(taken.threshold, np.zeros(PEOPLE))


@settings(deadline=None, max_examples=10)
@given(z=st.fixed_dictionaries(dict.fromkeys(DRAWS_PER_PERSON, normals)))
def test_who_takes_nothing_besides_has_the_clearance_of_their_genes(z, law):
    """CL/F is the typical one times the person's own factors, divided by the AUC ratio of a poor metaboliser alone."""
    spread = {name: jnp.sqrt(jnp.log1p(cv**2)) for name, cv in (("cl", law.cv_cl), ("f", law.cv_f))}
    own = jnp.exp(spread["cl"] * z["eta_cl"] - spread["f"] * z["eta_f"])
    gene = np.where(z["genotype"] < law.poor_metaboliser_z, law.poor_metaboliser_auc, 1.0)
    assert np.allclose(individual(law, z).cl, law.cl * own / gene, rtol=1e-12)


@settings(deadline=None, max_examples=20)
@given(seed=st.integers(0, 2**32 - 1))
def test_a_body_without_a_dose_meets_nothing_and_keeps_nothing(seed):
    """Whatever its kinetics and receptors are."""
    some = np.random.default_rng(seed)

    def between(low: float, high: float):
        return jnp.asarray(some.uniform(low, high, PEOPLE))

    m = oral_modes(between(5, 20), between(30, 60), between(1, 5), between(6, 9), between(0, 1))
    receptor = Receptor(**{name: between(0.1, 5) for name in Receptor.__dataclass_fields__})
    gaps = jnp.asarray([1.0, 3.0, 10.0])
    found, body = exposed(m, receptor, between(1e-3, 0.1), jnp.zeros((3, PEOPLE)), gaps)
    for name in ("peak", "occupancy", "tolerance", "signal", "accrual", "residue"):
        assert not np.any(getattr(found, name)), name
    assert not any(np.any(left) for left in (body.left, body.tolerance, body.met, body.accrual))


@settings(deadline=None, max_examples=10)
@given(st.data())
def test_without_a_drug_at_the_effect_site_noticing_is_the_false_alarm_whatever_the_threshold(data):
    alarm, lapse = data.draw(shares), data.draw(shares)
    fold = jnp.broadcast_to(data.draw(folds), (2, PEOPLE))
    p = notice_probability(jnp.zeros((2, PEOPLE)), data.draw(normals), fold, data.draw(rates), alarm, lapse)
    assert np.array_equal(p, np.broadcast_to(alarm, (2, PEOPLE)))


@pytest.fixture(scope="module")
def untaken(adhd):
    """The ADHD trial in which nobody swallows what they are given."""
    return operate(replace(adhd.plan, adherence=0.0), adhd.parameters, draws=20, people=530, seed=3)


def test_in_a_trial_the_placebo_arm_and_whoever_swallows_nothing_meet_nothing(adhd, untaken):
    placebo = adhd.arm == adhd.plan.control
    for run, rows in ((adhd, placebo), (untaken, np.ones_like(placebo))):
        r = run.records
        for name in ("peak", "signal", "signal_ratio"):
            assert not np.any(np.asarray(getattr(r, name))[rows]), name
        p = np.asarray(r.p_notice)[rows]
        assert np.array_equal(
            p, np.broadcast_to(p[:, :1], p.shape)
        )  # one false alarm rate, the same every day
        assert np.array_equal(
            run.under("as believed", r.latent)[rows], run.under("course + belief", r.latent)[rows]
        )


def test_an_active_arm_that_swallows_nothing_notices_as_its_trials_placebo_does(untaken):
    p = np.asarray(untaken.records.p_notice)[:, 0].reshape(untaken.trials, -1)
    assert np.array_equal(p, np.broadcast_to(p[:, :1], p.shape))
