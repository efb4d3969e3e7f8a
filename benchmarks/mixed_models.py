"""Mixed models of many simulated trials: all at once, one at a time, and by other software, in one run.

    python -m benchmarks.mixed_models [--trials 10000] [--json FILE]

Two arms of 100, five visits, people leaving. Every fit is unstructured with Satterthwaite degrees of freedom but for
statsmodels, which has a random intercept instead, and nlme, which has no such degrees of freedom.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import tempfile
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from limen.analysis.kenward_roger import Inference
from limen.analysis.longitudinal import Longitudinal
from limen.analysis.mmrm import mmrm
from limen.analysis.mmrm_many import ManyFits, mmrm_many
from limen.analysis.sums import Replicates
from limen.design.operate import Given, Run, operate
from limen.design.whatifs import AS_BELIEVED, WHAT_IFS
from limen.engine.runs import cache_compiled_programs
from limen.parameters import load
from limen.protocol.load import loads
from limen.trial.plan import Plan, lay_out

SCRIPT = Path(__file__).with_name("mixed_models.R")
PROTOCOL = """
limen: 1
name: ten thousand trials
status: planned
question: What do ten thousand trials cost?
compound: LSD
population: {indication: MDD}
arms:
  - {name: LSD 10 ug, kind: active, n: 100, form: LSD base, dose: 10 ug}
  - {name: placebo, kind: inert placebo, n: 100}
schedule: {pattern: {every: 3 d}, duration: 5 wk}
visits: {every: 1 wk, until: 5 wk}
outcomes: [{id: madrs, primary: true, at: 5 wk}]
blinding: double
design: parallel
analysis: {method: mmrm}
"""
LAST, FEW = 4, 5


@dataclass(frozen=True)
class Row:
    """Milliseconds of processor a fit, how many fits were timed, and the largest difference in the estimate from the fits at once."""

    name: str
    ms: float
    fits: int
    apart: float | None
    note: str


def simulated(plan: Plan, trials: int) -> Run:
    """Whole trials of one scenario, from a hundred draws of the parameters."""
    draws = min(100, trials)
    given = Given(what_ifs=tuple(w for w in WHAT_IFS if w.name == AS_BELIEVED), whole=False)
    return operate(plan, load(), draws, plan.people * trials // draws, given=given)


def replicates(run: Run) -> Replicates:
    data = run.data()
    after = data.weeks > 0
    columns = (
        data.by_trial(x) for x in (data.score[:, after], (data.arm == data.active).astype(int), data.baseline)
    )
    return Replicates(*columns, 2)


def timed(work: Callable[[], Any]) -> tuple[float, float, Any]:
    """Wall and processor seconds."""
    wall, used = time.perf_counter(), time.process_time()
    found = work()
    return time.perf_counter() - wall, time.process_time() - used, found


def single(data: Replicates, number: int) -> Longitudinal:
    people, visits = data.outcome.shape[1:]
    names = tuple(map(str, range(people))), tuple(map(str, range(visits))), ("0", "1")
    return Longitudinal(
        *names, data.outcome[number], data.arm[number], data.baseline[number], np.zeros((people, 0))
    )


def by_limen(data: Replicates, number: int) -> float:
    fit = mmrm(single(data, number))
    row = fit.difference(str(LAST), "1", "0")
    return float(Inference(fit, "satterthwaite").contrast(row, 1).estimate[0])


def long(data: Replicates, number: int) -> dict[str, np.ndarray]:
    people, visits = data.outcome.shape[1:]
    person, visit = np.divmod(np.arange(people * visits), visits)
    columns = {"person": person, "visit": visit, "arm": data.arm[number][person]}
    columns |= {"baseline": data.baseline[number][person], "score": data.outcome[number].ravel()}
    keep = np.isfinite(columns["score"]) & np.isfinite(columns["baseline"])
    return {name: column[keep] for name, column in columns.items()}


def by_statsmodels(data: Replicates, number: int) -> float:
    import pandas as pd
    from statsmodels.formula.api import mixedlm

    frame = pd.DataFrame(long(data, number))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = mixedlm(
            f"score ~ C(visit, Treatment({LAST})) * (arm + baseline)", frame, groups="person"
        ).fit()
    return float(found.params["arm"])


def one_by_one(
    name: str,
    fit: Callable[[Replicates, int], float],
    data: Replicates,
    many: ManyFits,
    note: str,
    same: bool,
) -> Row:
    fit(data, 0)
    _, used, found = timed(lambda: [fit(data, number) for number in range(FEW)])
    apart = float(np.abs(np.array(found) - many.estimate[:FEW, 0]).max()) if same else None
    return Row(name, 1e3 * used / FEW, FEW, apart, note)


def by_r(data: Replicates, many: ManyFits) -> list[Row]:
    if shutil.which("Rscript") is None:
        return [Row("R", float("nan"), 0, None, "not installed")]
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "replicates.csv"
        lines = ["replicate,person,visit,arm,baseline,score"]
        for number in range(FEW):
            rows = zip(*(column.tolist() for column in long(data, number).values()), strict=True)
            lines += [",".join(map(repr, (number, *row))) for row in rows]
        file.write_text("\n".join(lines))
        done = subprocess.run(
            ["Rscript", "--vanilla", str(SCRIPT), str(file), str(LAST)],
            capture_output=True,
            text=True,
            check=False,
        )
    found: dict[str, list[tuple[float, float]]] = {}
    for line in done.stdout.splitlines():
        package, version, number, seconds, value = line.split()
        estimate = float("nan") if value == "NA" else float(value)
        apart = abs(estimate - many.estimate[int(number), 0])
        found.setdefault(f"R {package} {version}", []).append((1e3 * float(seconds), apart))
    rows = [
        Row(name, float(np.mean([ms for ms, _ in each])), len(each), float(np.nanmax([a for _, a in each])), "unstructured")
        for name, each in found.items()
    ]  # fmt: skip
    absent = [name for name in ("nlme", "mmrm") if not any(name in row.name for row in rows)]
    return [*rows, *(Row(f"R {name}", float("nan"), 0, None, "not installed") for name in absent)]


def measured(trials: int) -> tuple[list[Row], dict[str, float]]:
    """A row for each way to fit, and seconds of a whole run of trials, simulated and analysed, compiling left out."""
    cache_compiled_programs()
    plan = lay_out(loads(PROTOCOL), load())
    simulated(plan, 100)
    walking, walked, run = timed(lambda: simulated(plan, trials))
    reading, read, data = timed(lambda: replicates(run))
    fitting, used, many = timed(lambda: mmrm_many(data, LAST, se_method="satterthwaite"))
    whole = {
        "trials": float(trials), "simulated_s": walking, "simulated_cpu_s": walked, "analysed_s": reading + fitting, "analysed_cpu_s": read + used,
        "fitted": float(many.fitted.sum()), "seen_at_last_visit": float(np.isfinite(data.outcome[..., LAST]).mean()),
    }  # fmt: skip
    rows = [
        Row("limen, all at once", 1e3 * used / trials, trials, 0.0, "unstructured"),
        one_by_one("limen, one at a time", by_limen, data, many, "unstructured", True),
        one_by_one("statsmodels MixedLM", by_statsmodels, data, many, "random intercept", False),
        *by_r(data, many),
    ]
    return rows, whole


def text(rows: list[Row], whole: dict[str, float]) -> str:
    first = rows[0].ms
    lines = [
        "| fit | ms of processor a fit | times all at once | fits timed | largest difference | |",
        "|---|--:|--:|--:|--:|---|",
    ]
    for row in rows:
        apart = "" if row.apart is None else f"{row.apart:.0e}"
        ms, ratio = (f"{row.ms:.3g}", f"{row.ms / first:.3g}") if row.fits else ("", "")
        lines.append(f"| {row.name} | {ms} | {ratio} | {row.fits or ''} | {apart} | {row.note} |")
    return "\n".join([
        *lines, "",
        f"{whole['trials']:.0f} trials of 200 on two workers, compiling left out: simulated in {whole['simulated_s']:.1f} s"
        f" ({whole['simulated_cpu_s']:.1f} of processor), analysed in {whole['analysed_s']:.1f} s ({whole['analysed_cpu_s']:.1f});"
        f" {whole['fitted']:.0f} fitted; {100 * whole['seen_at_last_visit']:.0f}% seen at the last visit.",
    ])  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--trials", type=int, default=10_000)
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write everything measured to FILE")
    asked = parser.parse_args()
    rows, whole = measured(asked.trials)
    print(text(rows, whole))
    if asked.json:
        asked.json.write_text(
            json.dumps({"rows": [vars(row) for row in rows], "whole": whole}, indent=1) + "\n"
        )


if __name__ == "__main__":
    main()
