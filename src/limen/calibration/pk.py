"""One dose in healthy people: what a trial of a published size would report of their exposure, and single-dose plans."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from types import MappingProxyType

import numpy as np
from jaxtyping import Float

from limen import facts
from limen.calibration.targets import Target
from limen.compounds import compound, compound_names, mentioned
from limen.engine.runs import padded
from limen.errors import FactsError
from limen.facts import Row
from limen.parameters import Draws, ParameterSet, quantile
from limen.trial.curves import ROWS, Curves, after_one_dose, sample
from limen.trial.plan import ArmPlan, Plan
from limen.trial.roll import Seats

TRIAL_PEOPLE = 24  # where a source does not say how many
TRIALS = 1000  # that are simulated, at least
FINE = np.concatenate([np.arange(0.0, 12.0, 0.1), np.arange(12.0, 72.0, 0.5)])  # h
AT_ONCE = 4096  # people met at a time
KNOWN = ("Cmax", "Tmax", "t_half", "AUCinf")
UG = MappingProxyType({"ug": 1.0, "mg": 1000.0, "mg/kg": 70_000.0, "ug/kg": 70.0, "mg/70 kg": 1000.0})
TIMES = MappingProxyType(
    {"pg/mL": 1000.0, "min": 60.0, "%": 100.0}
)  # published units that limen does not compute in

PerPerson = Float[np.ndarray, " people"]
MEASURED: Mapping[str, Callable[[Curves], PerPerson]] = MappingProxyType(
    {
        "Cmax": lambda c: np.asarray(c.cmax),
        "Tmax": lambda c: np.asarray(c.tmax),
        "half-life": lambda c: np.asarray(c.half_life),
        "AUC": lambda c: np.trapezoid(np.asarray(c.plasma), FINE, axis=0),
        "time of strongest effect": lambda c: FINE[np.asarray(c.effect).argmax(0)],
        "occupancy": lambda c: np.asarray(c.occupancy).max(0),
    }
)
WHOLE_CURVE = ("AUC", "time of strongest effect", "occupancy")
OVER_PEOPLE: Mapping[str, Callable[[Float[np.ndarray, "trials people"]], Float[np.ndarray, " trials"]]] = MappingProxyType(
    {
        "mean over people": lambda x: x.mean(1),
        "geometric mean over people": lambda x: np.exp(np.log(x).mean(1)),
        "median over people": lambda x: np.median(x, axis=1),
        "highest over people": lambda x: x.max(1),
    }
)  # fmt: skip


def exposure_forecast(target: Target, draws: Draws, seed: int) -> Float[np.ndarray, " trials"]:
    """What trials of the target's size would report, each under a draw of the parameters: of its people, their mean.

    Of several doses everybody takes each; where the highest of people is asked for, they share the doses out.
    """
    row, n, doses = target.row, target.people or TRIAL_PEOPLE, doses_of(target)
    each = n // len(doses) if target.estimator.startswith("highest") else n
    trials = draws.count * max(1, round(TRIALS / draws.count))
    seen = [_measured(target.quantity, _plan(row, dose, each), draws, seed, (trials, each)) for dose in doses]
    return OVER_PEOPLE[target.estimator](np.concatenate(seen, axis=1)) * TIMES.get(row["unit"], 1.0)


def _measured(
    quantity: str, plan: Plan, draws: Draws, seed: int, shape: tuple[int, int]
) -> Float[np.ndarray, "trials people"]:
    """A quantity in whole trials of people who take the one dose of a plan, everybody in a trial under one draw."""
    measure, at = MEASURED[quantity], FINE if quantity in WHOLE_CURVE else np.array([1.0])
    trial, place = (index.ravel() for index in np.indices(shape))
    found = [
        measure(
            after_one_dose(
                sample(draws, plan, seed, 0, Seats(t % draws.count, t, p), padded(len(t), ROWS)), at
            )
        )
        for t, p in zip(*(np.split(x, range(AT_ONCE, len(x), AT_ONCE)) for x in (trial, place)), strict=True)
    ]
    return np.concatenate(found).reshape(shape)


def _plan(row: Row, dose: float, people: int) -> Plan:
    given = next(compound(name) for name in compound_names() if mentioned(row["compound"], name))
    route = row["route"] if row.get("route") in given.routes else "oral"
    return single_dose_plan(given.name, given.kinetic_set(route, dose / given.ug_per_unit).name, dose, people)


def doses_of(target: Target) -> list[float]:
    """Doses in ug of base, of the target or its row. Raises FactsError where they are not stated."""
    row = target.row
    found = _doses(target.dose or row["dose"], row["dose_unit"])
    if not found:
        raise FactsError(f"{target.fact!r} states no dose", target.place, "give the target a dose")
    return found


def _doses(text: str, unit: str) -> list[float]:
    numbers = [float(x) for x in re.split(r"[|-]", text) if re.fullmatch(r"[\d.]+", x)]
    return [x * UG[unit] for x in numbers] if unit in UG else []


def why_not_compared(row: Row) -> str:
    """Why a row of observed exposure is no target; empty where nothing speaks against it."""
    if row["statistic"] not in KNOWN:
        return f"limen does not simulate {row['statistic']}"
    given = compound(row["compound"])
    if row["analyte"].removesuffix(" (unconjugated)") != given.analyte:
        return f"limen does not simulate {row['analyte']}"
    if row["route"] == "intravenous":
        return "the walk simulates oral and sublingual doses only"
    if row.number("central_value") is None:
        return "the row gives a range and no value"
    if "single" in row["central_type"]:
        return "one person is not a population"
    return "" if _doses(row["dose"], row["dose_unit"]) else "the dose is not stated"


def not_compared() -> dict[str, str]:
    """Every `seen` row of observed exposure that cannot be a target, and why."""
    rows = facts.read("pharmacokinetics/pk_observations").where(verification="seen")
    return {row.key: why for row in rows if (why := why_not_compared(row))}


def single_dose_plan(compound: str, kinetics: str, dose: float, people: int = 1) -> Plan:
    """A plan that gives one dose: what the curves need to know of a protocol."""
    arm = ArmPlan("single dose", 0, people, (dose,), (1.0,), 0.0, None)
    return Plan(
        compound=compound, kinetics=kinetics, indication="healthy", arms=(arm,), days=(0,), adherence=1.0, weeks=1,
        visit_weeks=(0,), outcome="madrs", low=0.0, high=60.0, better=False, mcid=None, primary_week=1,
        model=None, dose_day="vas_mood", entry=(None, None), told=0.5, alpha=0.05,
    )  # fmt: skip


def typical_draws(parameters: ParameterSet, count: int = 1) -> Draws:
    """Every parameter at its median: one typical model, without parameter uncertainty."""
    return Draws({name: np.full(count, float(quantile(p, 0.5))) for name, p in parameters.items()}, count)
