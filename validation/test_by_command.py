"""Public data to their printed digits by documented commands alone: what is published, what the command says, digits that agree.

`python -m validation.test_by_command` prints the table of `validation/README.md`.
"""

from __future__ import annotations

import csv
import json
import os
import shlex
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from limen.cli.main import application


@cache
def data() -> Path:
    folder = Path(os.environ.get("LIMEN_REALDATA", ""))
    if not os.environ.get("LIMEN_REALDATA") or not folder.is_dir():
        pytest.skip("LIMEN_REALDATA is not set: the published data are not at hand")
    return folder


@cache
def told(command: str) -> Any:
    """What `limen COMMAND --json` prints, {data} being the folder of public data."""
    words = shlex.split(command.replace("{data}", str(data())))
    done = CliRunner().invoke(application(words[0]), [*words, "--json"])
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


def digits(value: float, published: float, decimals: int) -> int:
    """Decimals to which they agree, up to those published; -1 where the whole part does not."""
    return next((d for d in range(decimals, -1, -1) if round(value, d) == round(published, d)), -1)


@dataclass(frozen=True)
class Number:
    """One published number: where the document holds it, how many decimals are published, and why fewer agree."""

    what: str
    published: float
    decimals: int
    command: str
    of: Callable[[Any], float]
    agree: int | None = None
    why: str = ""

    def found(self) -> float:
        return float(self.of(told(self.command)))


MMRM = ("analyse {data}/01_mmrm_antidepressant/antidepressant_hamd17.csv --id PATIENT --visit VISIT --arm THERAPY --control PLACEBO "
        "--outcome CHANGE --baseline BASVAL")  # fmt: skip
TYPE3 = f'{MMRM} --method mixed --random none --covariance unstructured --fixed "baseline:visit + arm:visit"'
META = "evidence pool {data}/02_meta_analysis/dat_"
RAUDENBUSH = f"{META}raudenbush1985.csv --study author --effect yi --variance vi --normal"
CAPPED = f'{RAUDENBUSH} --derive "capped = min(weeks, 3)" --moderator capped'
HINE = f"{META}hine1989.csv --measure rd --events1 ai --n1 n1i --events2 ci --n2 n2i --scale 100 --normal --method"
NORMAND = (f"{META}normand1999.csv --measure md-pooled --m1 m1i --sd1 sd1i --n1 n1i --m2 m2i --sd2 sd2i --n2 n2i --normal --method")  # fmt: skip
NCA = "nca {data}/03_pk_indomethacin/indomethacin.csv --id subject --time time_h --conc conc_mg_L --dose 25 --bolus --rule"
STOPS = "REML's maximum is at tau² = 0, and the printed fit stopped a little above it"


def expected(folder: str) -> Any:
    return json.loads((data() / folder / "expected.json").read_text())


def line(document: Any, visit: str, field: str) -> float:
    return next(one[field] for one in document["estimates"] if one["visit"] == visit)


def mean(document: Any, arm: str, visit: str, field: str) -> float:
    return next(one[field] for one in document["means"] if (one["contrast"], one["visit"]) == (arm, visit))


def numbers() -> Iterator[Number]:
    yield from _mmrm()
    yield from _meta()
    yield from _kinetics()
    yield Number(
        "power, d 1, 30 an arm",
        0.967708258242517,
        10,
        "power two-sample --effect 1 --sd 1 --n 60",
        lambda d: d["power"],
    )
    yield Number(
        "power, d 0.1, 20 an arm",
        0.06095912465411235,
        10,
        "power two-sample --effect 0.1 --sd 1 --n 40",
        lambda d: d["power"],
    )


def _mmrm() -> Iterator[Number]:
    want = expected("01_mmrm_antidepressant")
    yield Number("-2 restricted log likelihood", want["minus2_res_loglik"], 4, MMRM, lambda d: d["minus2"])
    yield Number("AIC", want["aic"], 1, MMRM, lambda d: d["aic"])
    yield Number("BIC", want["bic"], 1, MMRM, lambda d: d["bic"])
    for visit, one in want["difference_DRUG_minus_PLACEBO"].items():
        for name, field, decimals in (
            ("est", "estimate", 4),
            ("se_kr", "se", 4),
            ("df", "df", 0),
            ("p", "p", 4),
        ):
            yield Number(
                f"visit {visit}, {field}",
                one[name],
                decimals,
                MMRM,
                lambda d, v=visit, f=field: line(d, v, f),
            )
    for arm, visits in want["lsmeans"].items():
        for visit, pair in visits.items():
            for value, field in zip(pair, ("estimate", "se"), strict=True):
                yield Number(
                    f"mean of {arm} at {visit}, {field}",
                    value,
                    4,
                    MMRM,
                    lambda d, a=arm, v=visit, f=field: mean(d, a, v, f),
                )
    for i, row in enumerate(want["cov_UN_visits_4_5_6_7"]):
        for j, value in enumerate(row):
            yield Number(f"covariance of visits {4 + i} and {4 + j}", value, 4, MMRM, lambda d, i=i, j=j: d["covariance"][i][j], 3, "the last digit only; -2 log likelihood agrees at every printed one")  # fmt: skip
    for term, name in (("BASVAL*VISIT", "baseline:visit"), ("VISIT*THERAPY", "arm:visit")):
        for field, key, decimals in (("f", "F", 2), ("numerator_df", "ndf", 0), ("denominator_df", "ddf", 0)):
            yield Number(f"type 3 test of {term}, {key}", want["type3"][term][key], decimals, TYPE3,
                         lambda d, n=name, f=field: next(t[f] for t in d["tests"] if t["term"] == n))  # fmt: skip


def _meta() -> Iterator[Number]:
    want = expected("02_meta_analysis")
    one = want["raudenbush1985"]["RE_REML"]
    for name, of in (("est", "effect"), ("z", "statistic")):
        yield Number(
            f"Raudenbush, {name}", one[name], 4, RAUDENBUSH, lambda d, f=of: d["coefficients"]["pooled"][f]
        )
    yield Number("Raudenbush, tau²", one["tau2"], 4, RAUDENBUSH, lambda d: d["tau2"])
    yield Number("Raudenbush, Q", one["Q"], 4, RAUDENBUSH, lambda d: d["q"])
    one = want["raudenbush1985"]["meta_regression_REML_on_weeks_capped_at_3"]
    for name, coefficient, z in zip(("intercept", "capped"), one["coef"], one["z"], strict=True):
        yield Number(
            f"Raudenbush on weeks, {name}",
            coefficient,
            4,
            CAPPED,
            lambda d, n=name: d["coefficients"][n]["effect"],
        )
        yield Number(
            f"Raudenbush on weeks, z of {name}",
            z,
            4,
            CAPPED,
            lambda d, n=name: d["coefficients"][n]["statistic"],
            3,
            STOPS,
        )
    yield Number("Raudenbush on weeks, QE", one["QE"], 4, CAPPED, lambda d: d["q"])
    for method in ("EE", "REML", "DL"):
        one = want["hine1989"]["EE_and_RE_REML_and_DL"]
        yield from _pooled(f"Hine, {method}", one, f"{HINE} {method}")
        name = method if method == "EE" else f"RE_{method}"
        yield from _pooled(f"Normand, {method}", want["normand1999"][name], f"{NORMAND} {method}")


def _pooled(what: str, one: Any, command: str) -> Iterator[Number]:
    fields = (("effect", one["est"]), ("ci_low", one["ci"][0]), ("ci_high", one["ci"][1]))
    for field, value in fields:
        yield Number(f"{what}, {field}", value, 4, command, lambda d, f=field: d["coefficients"]["pooled"][f])
    if "tau2" in one:
        yield Number(f"{what}, tau²", one["tau2"], 4, command, lambda d: d["tau2"])


WINNONLIN = {
    "cmax": "Cmax", "tmax": "Tmax", "c0": "C0", "auc_last": "AUClast", "aumc_last": "AUMClast", "lambda_z": "Lambda_z",
    "points_lambda_z": "No_points_lambda_z", "r2_adjusted": "Rsq_adjusted", "half_life": "HL_Lambda_z", "auc_inf": "AUCINF_obs",
    "extrapolated": "AUC_%Extrap_obs", "mrt": "MRTINF_obs", "cl": "Cl_obs", "vz": "Vz_obs", "vss": "Vss_obs",
}  # fmt: skip


def _kinetics() -> Iterator[Number]:
    for rule in ("linear", "log"):
        with (data() / "03_pk_indomethacin" / f"expected_nca_winnonlin_{rule}.csv").open() as stream:
            for row in csv.DictReader(stream):
                for ours, theirs in WINNONLIN.items():
                    yield Number(f"subject {row['Subject']}, {theirs}, {rule}", float(row[theirs]), 10, f"{NCA} {rule}",
                                 lambda d, who=row["Subject"], f=ours: next(x[f] for x in d["people"] if x["id"] == who))  # fmt: skip


def test_every_published_number_comes_out_by_a_documented_command() -> None:
    off = list[str]()
    for one in numbers():
        agree, wanted = digits(one.found(), one.published, one.decimals), one.agree or one.decimals
        if agree < wanted:
            off.append(
                f"{one.what}: {one.found()!r}, published {one.published}, {agree} decimals agree; limen {one.command}"
            )
    assert not off, "\n".join(off)


def test_counts_of_guesses_come_out_by_a_documented_command(tmp_path: Path) -> None:
    want = expected("04_blinding_index_crisp")
    rows = [f"{arm},{guess},{n}" for guess, both in zip(("drug", "placebo", "dk"), want["counts"], strict=True)
            for arm, n in zip(("drug", "placebo"), both, strict=True)]  # fmt: skip
    file = tmp_path / "crisp.csv"
    file.write_text("\n".join(["arm,guess,n", *rows]) + "\n")
    table = told(f"blinding {file} --arm arm --control placebo --guess guess --count n")["table"]
    found = {(x["arm"], x["quantity"]): x for x in table}
    for key, one in ((("drug", "James"), want["james"]), (("drug", "Bang"), want["bang"]["treatment"]), (("placebo", "Bang"), want["bang"]["placebo"])):  # fmt: skip
        x, ends = found[key], one.get("ci95") or one["ci95_two_sided"]
        values = (x["estimate"], x["ci_low"], x["ci_high"])
        assert [f"{v:.4f}" for v in values] == [f"{v:.4f}" for v in (one["index"], *ends)]
        assert abs(x["se"] - one["se"]) < 6e-6


def table() -> Iterator[str]:
    yield "| command | published numbers | agree at every printed digit | the others, and why |"
    yield "|---|---|---|---|"
    by_command = dict[str, list[Number]]()
    for one in numbers():
        by_command.setdefault(one.command, []).append(one)
    for command, mine in by_command.items():
        less = [one for one in mine if digits(one.found(), one.published, one.decimals) < one.decimals]
        others = "; ".join(
            f"{x.what}: {x.found():.{x.decimals}f} here, {x.published} published ({x.why})" for x in less
        )
        yield f"| `limen {command.replace('{data}/', '')}` | {len(mine)} | {len(mine) - len(less)} | {others or '-'} |"


if __name__ == "__main__":
    print("\n".join(table()))
