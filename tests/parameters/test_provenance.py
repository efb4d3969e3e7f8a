"""Every number of the model has value, unit, spread, status and source, or it is refused."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from limen import facts
from limen.errors import ParameterError
from limen.parameters import draw, load, quantile
from limen.parameters.load import read_parameter

GOOD = {"value": 1.0, "gsd": 1.2, "unit": "h", "text": "a time", "status": "measured", "source": "holze2019"}


def test_the_shipped_set_loads_and_each_parameter_is_labelled():
    parameters = load()
    assert len(parameters) > 150
    for p in parameters.parameters.values():
        assert p.status in ("measured", "translated", "assumption")
        assert p.unit
        assert p.source or p.status == "assumption", p.name
        assert all(key in facts.bibliography() for key in p.source)


@pytest.mark.parametrize(
    "broken",
    [{"status": "measured", "source": ""}, {"unit": ""}, {"text": ""}, {"status": "guess"}, {"gsd": None}, {"sd": 1.0},
     {"source": "nobody1999"}, {"colour": "red"}, {"value": None}],
)  # fmt: skip
def test_a_number_without_provenance_is_refused(broken):
    table = {k: v for k, v in (GOOD | broken).items() if v is not None}
    with pytest.raises(ParameterError, match="a_time"):
        read_parameter("a_time", table, "parameters/test.toml")


def test_a_number_that_disagrees_with_the_facts_is_refused():
    table = {"from": "mechanism/model_priors:k_tol", "value": 0.3}
    with pytest.raises(ParameterError, match="keep one"):
        read_parameter("k_tol", table, "parameters/test.toml")


def test_numbers_taken_from_facts_equal_the_facts():
    for p in load().parameters.values():
        if p.origin.startswith("mechanism/model_priors:"):
            row = facts.read("mechanism/model_priors").row(p.origin.split(":")[1])
            assert p.unit == row["unit"]
            if row["distribution"] in ("lognormal", "normal"):
                assert p.value == row.number("p1")
                # The printed median is that of the untruncated prior.
                if not row["lower_bound"] or (
                    row["distribution"] == "lognormal" and row["lower_bound"] == "0"
                ):
                    assert float(quantile(p, 0.5)) == pytest.approx(row.number("median"), rel=1e-3)


def test_truncated_draws_keep_their_bounds_and_quantiles_are_those_of_the_truncated_law():
    p = load()["receptor.tolerance.gamma"]
    assert p.low == 1
    assert quantile(p, np.array([1e-9, 0.5])).min() >= 1.0
    sample = quantile(p, np.random.default_rng(0).random(200_000))
    assert np.quantile(sample, 0.5) == pytest.approx(float(quantile(p, 0.5)), rel=0.01)


@given(st.integers(0, 2**31), st.integers(2, 60))
def test_a_draw_does_not_depend_on_which_others_are_drawn(seed, count):
    parameters = load()
    name = "receptor.tolerance.k_tol"
    alone = draw(parameters, count, seed, [name])[name]
    together = draw(parameters, count, seed, ["belief.update.learn", name])[name]
    assert np.array_equal(alone, together)


def test_draws_fill_every_stratum():
    parameters = load()
    p = parameters["drug_effect.prior.delta"]
    column = draw(parameters, 100, 1, [p.name])[p.name]
    edges = quantile(p, np.arange(101) / 100)
    assert np.array_equal(np.histogram(column, edges)[0], np.ones(100))
