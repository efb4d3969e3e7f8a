"""Published exposure beside simulated exposure, row by row, every one of them, whatever comes out."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np

from limen import facts
from limen.compounds import compound, compound_names
from limen.facts import Row
from limen.parameters import Draws, ParameterSet
from limen.trial.curves import Cohort, after_one_dose, sample
from limen.trial.plan import ArmPlan, Plan

PEOPLE, TRIAL_PEOPLE = 4000, 24
MEASURED = {"Cmax": "cmax", "Tmax": "tmax", "t_half": "half_life", "AUCinf": "auc"}
# Causes are given only where the facts themselves state them.
CAUSES = {
    "PKO006": "sublingual liquid at a labelled dose; the sublingual set is fitted to this trial",
    "PKO012": "nominal dose: later work by the same group puts actual content near 70-80% of it",
    "PKO015": "nominal dose: later work by the same group puts actual content near 70-80% of it",
    "PKO020": "nominal dose; the same data re-analysed gave 3.1 ng/mL",
    "PKO024": "nominal dose: later work by the same group puts actual content near 70-80% of it",
    "PKO025": "nominal dose: later work by the same group puts actual content near 70-80% of it",
    "PKO047": "24 h sampling sees a second, slow phase that one compartment leaves out",
    "PKO049": "24 h sampling sees a second, slow phase that one compartment leaves out",
}


@dataclass(frozen=True)
class Compared:
    """One published exposure and what limen simulates: geometric mean (arithmetic where the source used it), the 95%
    interval of that mean in a new sample of the published size, and the 90% interval over people.

    `inside`: the published central value lies within that interval, or, where the source gives a confidence interval,
    the simulated mean lies within the published one. None where nothing can be compared, with `why`.
    """

    obs_id: str
    what: str
    dose: str
    published: float | None
    published_interval: tuple[float, float] | None
    simulated: float | None
    of_mean: tuple[float, float] | None
    people: tuple[float, float] | None
    unit: str
    inside: bool | None
    why: str
    source: str


def compare(draws: Draws, seed: int = 1) -> list[Compared]:
    """Every `seen` row of pharmacokinetics/pk_observations, in file order."""
    return [
        _compared(row, draws, seed)
        for row in facts.read("pharmacokinetics/pk_observations").where(verification="seen")
    ]


def _compared(row: Row, draws: Draws, seed: int) -> Compared:
    doses, why = _doses(row)
    centre = row.number("central_value")
    interval = (row.number("low"), row.number("high"))
    published = None if interval[0] is None or interval[1] is None else (interval[0], interval[1])
    blank = Compared(
        row["obs_id"], row["statistic"], f"{row['dose']} {row['dose_unit']} {row['compound']}, {row['route']}", centre,
        published, None, None, None, row["unit"], None, why, row["source"],
    )  # fmt: skip
    if why:
        return blank
    values = np.concatenate([_simulate(row, dose, draws, seed) for dose in doses]) * _factor(row["unit"])
    n = int(re.match(r"\d+", row["n"]).group()) if re.match(r"\d+", row["n"]) else TRIAL_PEOPLE  # type: ignore[union-attr]
    geometric = row["central_type"] != "mean"
    scale = np.log(values) if geometric else values
    back = np.exp if geometric else (lambda x: x)
    middle, error = scale.mean(), scale.std() / np.sqrt(n)
    simulated = float(back(middle))
    of_mean = (float(back(middle - 1.96 * error)), float(back(middle + 1.96 * error)))
    low, high = np.quantile(values, [0.05, 0.95])
    people = (float(low), float(high))
    confidence = row["interval_type"] == "95CI"
    if confidence and published is not None:
        inside = published[0] <= simulated <= published[1]
    elif centre is not None:
        inside = of_mean[0] <= centre <= of_mean[1]
    else:
        assert published is not None
        inside = published[0] <= simulated <= published[1]
    cause = "" if inside else CAUSES.get(row["obs_id"], "unexplained")
    return Compared(blank.obs_id, blank.what, blank.dose, centre, published, simulated, of_mean, people, row["unit"],
                    inside, cause, row["source"])  # type: ignore[arg-type]  # fmt: skip


def _doses(row: Row) -> tuple[list[float], str]:
    """Doses in ug, or why the row has none to compare."""
    if row["statistic"] not in MEASURED:
        return [], f"limen does not simulate {row['statistic']}"
    given = compound(row["compound"])
    if not given.simulated or row["analyte"].removesuffix(" (unconjugated)") != given.analyte:
        return [], f"limen does not simulate {row['analyte']}"
    if row["route"] == "intravenous":
        return [], "the walk simulates oral and sublingual doses only"
    if row.number("central_value") is None and row.number("low") is None:
        return [], "the row has no number"
    if "single" in row["central_type"]:
        return [], "one person is not a population"
    unit = {"ug": 1.0, "mg": 1000.0, "mg/kg": 70_000.0, "ug/kg": 70.0}.get(row["dose_unit"])
    numbers = [float(x) for x in re.split(r"[|-]", row["dose"]) if re.fullmatch(r"[\d.]+", x)]
    if unit is None or not numbers:
        return [], "the dose is not stated"
    return [x * unit for x in numbers], ""


def _factor(unit: str) -> float:
    return {"pg/mL": 1000.0, "min": 60.0}.get(unit, 1.0)


def _simulate(row: Row, dose: float, draws: Draws, seed: int) -> np.ndarray:
    given = compound(row["compound"])
    route = row["route"] if row["route"] in given.routes else "oral"
    kinetics = given.kinetic_set(route, dose / given.ug_per_unit).name
    what = MEASURED[row["statistic"]]
    met = _met(draws, single_dose_plan(given.name, kinetics, dose), seed)
    c = after_one_dose(met, np.array([1.0]))
    if what == "auc":
        # AUC of one compartment is D / (CL/F): Cmax, half-life and Tmax carry V/F and k, so take it from a fine curve.
        hours = np.arange(0.0, 72.0, 0.1)
        return np.trapezoid(np.asarray(after_one_dose(met, hours).plasma), hours, axis=0)
    return np.asarray(getattr(c, what))


def _met(draws: Draws, plan: Plan, seed: int) -> Cohort:
    """People who take the one dose of a plan, each with the next parameter draw."""
    who = np.arange(PEOPLE)
    return sample(draws, plan, seed, 0, who % draws.count, who, np.zeros_like(who))


def single_dose_plan(compound: str, kinetics: str, dose: float) -> Plan:
    """A plan that gives one dose: what the curves need to know of a protocol."""
    arm = ArmPlan("single dose", 0, 1, (dose,), (1.0,), 0.0, None)
    return Plan(
        compound=compound, kinetics=kinetics, indication="healthy", arms=(arm,), days=(0,), adherence=1.0, weeks=1,
        visit_weeks=(0,), outcome="madrs", low=0.0, high=60.0, better=False, mcid=None, primary_week=1,
        model=None, dose_day="vas_mood", entry=(None, None), told=0.5, alpha=0.05,
    )  # fmt: skip


def geometric_mean_cmax(draws: Draws, kinetics: str, dose: float, seed: int = 1) -> float:
    """Geometric-mean Cmax, ng/mL, of one dose in ug."""
    given = next(
        one for n in compound_names() for one in [compound(n)] if kinetics in [k.name for k in one.kinetics]
    )
    plan = single_dose_plan(given.name, kinetics, dose)
    c = after_one_dose(_met(draws, plan, seed), np.array([1.0]))
    return float(np.exp(np.log(np.asarray(c.cmax)).mean()))


def typical_draws(parameters: ParameterSet, count: int = 1) -> Draws:
    """Every parameter at its median: one typical model, without parameter uncertainty."""
    from limen.parameters import quantile

    return Draws({name: np.full(count, float(quantile(p, 0.5))) for name, p in parameters.items()}, count)
