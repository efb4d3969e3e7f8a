"""Meta-analysis against published values, metafor 3.8-1 (R 4.2.2), statsmodels, and the Bayesian model
against a grid.

Reference values of metafor are written by `r/meta_analysis.R` into `references/metafor.json`.
"""

from __future__ import annotations

import csv
import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from limen.evidence import asymmetry, effects, few
from limen.evidence.pool import METHODS, cumulative, leave_one_out, pool

METAFOR = json.loads((Path(__file__).parent / "references" / "metafor.json").read_text())
CASES = [(name, fit) for name, data in METAFOR["sets"].items() for fit in data["fits"]]


@pytest.fixture
def reference() -> Path:
    folder = Path(os.environ.get("LIMEN_REALDATA", "")) / "02_meta_analysis"
    if not os.environ.get("LIMEN_REALDATA") or not folder.is_dir():
        pytest.skip(
            "LIMEN_REALDATA is not set or has no 02_meta_analysis: the published data are not at hand"
        )
    return folder


def table(folder: Path, name: str) -> list[dict[str, str]]:
    with (folder / f"dat_{name}.csv").open() as stream:
        return list(csv.DictReader(stream))


def expected(folder: Path, name: str) -> Any:
    return json.loads((folder / "expected.json").read_text())[name]


def printed(value: float, reference: float) -> bool:
    """Equal at every digit that the reference prints (4 decimals, trailing zeros dropped)."""
    return f"{value:.4f}" == f"{reference:.4f}"


def test_raudenbush_and_bryk_1985(reference: Path) -> None:
    rows, told = table(reference, "raudenbush1985"), expected(reference, "raudenbush1985")
    y, v = [float(r["yi"]) for r in rows], [float(r["vi"]) for r in rows]
    fit = pool(y, v, hartung_knapp=False)
    found = {"est": fit.estimate, "tau2": fit.tau2, "z": float(fit.statistic[0]), "Q": fit.q}
    assert all(printed(found[name], value) for name, value in told["RE_REML"].items())
    fit = pool(y, v, hartung_knapp=False, moderators=[min(float(r["weeks"]), 3) for r in rows])
    told = told["meta_regression_REML_on_weeks_capped_at_3"]
    assert printed(fit.tau2, told["tau2"])
    assert printed(fit.q, told["QE"])
    assert all(printed(a, b) for a, b in zip(fit.beta, told["coef"], strict=True))
    assert all(f"{a:.3f}" == f"{b:.3f}" for a, b in zip(fit.statistic, told["z"], strict=True))


def test_hine_1989_as_normand_1999_has_it(reference: Path) -> None:
    rows, told = table(reference, "hine1989"), expected(reference, "hine1989")
    sizes = [effects.risk_difference(*(float(r[c]) for c in ("ai", "n1i", "ci", "n2i"))) for r in rows]
    y, v = [100 * s.y for s in sizes], [1e4 * s.v for s in sizes]
    assert all(printed(a, b) for a, b in zip(y, told["yi_values"], strict=True))
    assert all(printed(a, b) for a, b in zip(v, told["vi_values"], strict=True))
    told = told["EE_and_RE_REML_and_DL"]
    for method in ("EE", "REML", "DL"):
        fit = pool(y, v, method=method, hartung_knapp=False)
        values = (fit.estimate, fit.interval[0].low, fit.interval[0].high, fit.tau2)
        assert all(
            printed(a, b) for a, b in zip(values, (told["est"], *told["ci"], told["tau2"]), strict=True)
        )


def test_normand_1999(reference: Path) -> None:
    rows, told = table(reference, "normand1999"), expected(reference, "normand1999")
    columns = ("m1i", "sd1i", "n1i", "m2i", "sd2i", "n2i")
    sizes = [effects.mean_difference(*(float(r[c]) for c in columns), pooled=True) for r in rows]
    y, v = [s.y for s in sizes], [s.v for s in sizes]
    assert y == told["yi_values"]
    assert all(printed(a, b) for a, b in zip(v, told["vi_values"], strict=True))
    for method, name in (("EE", "EE"), ("DL", "RE_DL"), ("REML", "RE_REML")):
        fit = pool(y, v, method=method, hartung_knapp=False)
        values = (fit.estimate, fit.interval[0].low, fit.interval[0].high)
        assert all(printed(a, b) for a, b in zip(values, (told[name]["est"], *told[name]["ci"]), strict=True))
        assert method == "EE" or printed(fit.tau2, told[name]["tau2"])


@pytest.mark.parametrize(("name", "label"), CASES)
def test_metafor(name: str, label: str) -> None:
    data = METAFOR["sets"][name]
    told = data["fits"][label]
    fit = pool(data["y"], data["v"], method=told["method"], hartung_knapp=told["test"] == "adhoc")
    found = {
        "est": fit.estimate, "se": float(fit.se[0]), "low": fit.interval[0].low, "high": fit.interval[0].high,
        "p": float(fit.p[0]), "tau2": fit.tau2, "q": fit.q, "q_p": fit.q_p, "i2": fit.i2, "h2": fit.h2,
    }  # fmt: skip
    for key, value in found.items():
        assert value == pytest.approx(told[key], rel=1e-9, abs=1e-10), key
    if fit.tau2_interval is not None and told["tau2_low"] is not None:
        assert fit.tau2_interval.low == pytest.approx(told["tau2_low"], rel=1e-9, abs=1e-10)
        assert fit.tau2_interval.high == pytest.approx(told["tau2_high"], rel=1e-9, abs=1e-10)
    if fit.prediction is not None:
        assert fit.prediction.low == pytest.approx(told["pi_low"], rel=1e-9)
        assert fit.prediction.high == pytest.approx(told["pi_high"], rel=1e-9)


def test_the_grid_of_compared_cases_has_not_shrunk() -> None:
    assert len(CASES) == 3 * (len(METHODS) + len(METHODS) - 1)


def test_regression_asymmetry_and_the_rest_of_metafor() -> None:
    data, told = METAFOR["sets"]["spread"], METAFOR["regression"]
    y, v = data["y"], data["v"]
    fit = pool(y, v, hartung_knapp=False, moderators=told["x"])
    assert fit.beta == pytest.approx(told["beta"], rel=1e-9)
    assert fit.se == pytest.approx(told["se"], rel=1e-9)
    assert fit.tau2 == pytest.approx(told["tau2"], rel=1e-9)
    assert fit.q == pytest.approx(told["qe"], rel=1e-9)
    told = METAFOR["asymmetry"]
    egger, rank = asymmetry.egger(y, v), asymmetry.rank_test(y, v)
    assert (egger.statistic, egger.p) == pytest.approx((told["egger"], told["egger_p"]), rel=1e-8)
    assert (rank.statistic, rank.p) == pytest.approx((told["rank"], told["rank_p"]), rel=1e-8)
    plain = {"method": "DL", "hartung_knapp": False}
    assert [f.estimate for f in leave_one_out(y, v, **plain)] == pytest.approx(
        METAFOR["leave_one_out"], rel=1e-9
    )
    assert [f.estimate for f in cumulative(y, v, **plain)] == pytest.approx(METAFOR["cumulative"], rel=1e-9)


def test_effect_sizes_of_metafor() -> None:
    told = METAFOR["sizes"]
    arms = (18.2, 8.1, 24, 22.9, 9.4, 21)
    change = effects.sd_of_change(8.1, 9.4, 0.6)
    found = {
        "smd": effects.hedges_g(*arms),
        "md": effects.mean_difference(*arms),
        "rr": effects.log_risk_ratio(7, 40, 3, 38),
        "or": effects.log_odds_ratio(7, 40, 3, 38),
        "or_zero": effects.log_odds_ratio(4, 40, 0, 38),
        "rd": effects.risk_difference(7, 40, 3, 38),
        "smcc": effects.standardised_change(18.2 - 22.9, change, 30),
    }
    assert set(found) == set(told)
    for name, size in found.items():
        assert (size.y, size.v) == pytest.approx(tuple(told[name]), rel=1e-9), name


def test_statsmodels_where_it_has_the_method() -> None:
    from statsmodels.stats.meta_analysis import combine_effects

    data = METAFOR["sets"]["spread"]
    y, v = np.array(data["y"]), np.array(data["v"])
    for method, name in (("DL", "chi2"), ("PM", "iterated")):
        theirs = combine_effects(y, v, method_re=name, **({"atol": 1e-12} if name == "iterated" else {}))
        ours = pool(y, v, method=method, hartung_knapp=False)
        assert ours.tau2 == pytest.approx(theirs.tau2, rel=1e-6)
        assert ours.estimate == pytest.approx(theirs.mean_effect_re, rel=1e-7)
        # Their Hartung-Knapp has no guard; with this spread the guard does not bite where q > 1.
        unguarded = theirs.sd_eff_w_re_hksj
        assert pool(y, v, method=method).se[0] == pytest.approx(max(unguarded, theirs.sd_eff_w_re), rel=1e-6)
    assert pool(y, v, method="EE").estimate == pytest.approx(theirs.mean_effect_fe, rel=1e-12)


@pytest.mark.parametrize("name", ["spread", "agreeing", "two"])
def test_the_sampled_posterior_is_the_one_on_the_grid(name: str) -> None:
    """NUTS and the grid compute the same model; Monte Carlo error is all that may lie between."""
    bayes = pytest.importorskip("limen.evidence.bayes")
    data, prior = METAFOR["sets"][name], few.prior()
    sampled = bayes.random_effects(data["y"], data["v"], prior)
    exact = few.posterior(data["y"], data["v"], prior)
    assert sampled.diagnostics.sound
    error = 4 * sampled.sd / np.sqrt(sampled.diagnostics.ess)
    assert sampled.mean == pytest.approx(exact.mean, abs=error)
    assert sampled.sd == pytest.approx(exact.sd, rel=0.08)
    assert sampled.low == pytest.approx(exact.low, abs=6 * error)
    assert sampled.high == pytest.approx(exact.high, abs=6 * error)


def test_bayes_and_reml_agree_where_they_should() -> None:
    """With a wide prior and many trials the posterior mean is close to REML; with two trials it is not bound
    to be."""
    bayes = pytest.importorskip("limen.evidence.bayes")
    data = METAFOR["sets"]["spread"]
    sampled, fit = bayes.random_effects(data["y"], data["v"], few.prior()), pool(data["y"], data["v"])
    assert sampled.mean == pytest.approx(fit.estimate, abs=0.3 * float(fit.se[0]))
    assert sampled.sd == pytest.approx(float(fit.se[0]), rel=0.25)
    assert fit.tau2_interval is not None
    assert fit.tau2_interval.low**0.5 < sampled.tau_median < fit.tau2_interval.high**0.5
