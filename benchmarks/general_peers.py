"""General simulators of systems biology and electrophysiology with Python front ends; both step with SUNDIALS."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from benchmarks.problem import AMOUNT, DOSES, GAP, NAMES, table

STATES = ("A", "P", "T", "X1", "X2", "X3", "X4")
# `problem.field` as text; both languages write powers with ^. An amount may step a little below zero, hence the floor.
SLOPES = {
    "A": "-ka * A",
    "P": "ka * A - cl / v * P",
    "T": "k_tol * O * (1 - T) - k_T * T",
    **{f"X{i}": f"k{i} * (E - X{i})" for i in range(1, 5)},
}
RELATIVE, ABSOLUTE = 1e-6, 1e-9


def signals(concentration: str) -> dict[str, str]:
    return {
        "ch": f"{concentration}^h",
        "O": "omax * ch / (ch + ec50^h)",
        "E": "O / (O + K * (1 + s * T))",
    }


def antimony_model() -> str:
    """The problem in Antimony, which becomes SBML."""
    lines = [
        "model microdose",
        *(f"  {name} = 1" for name in NAMES),
        *(f"  {name} = 0" for name in STATES),
        *(f"  {name} := {right}" for name, right in signals("max(P / v, 1e-300)").items()),
        *(f"  {name}' = {right}" for name, right in SLOPES.items()),
        "end",
    ]
    return "\n".join(lines)


def libroadrunner(threads: int = 1) -> Callable[[dict[str, Any]], np.ndarray]:
    """libRoadRunner with CVODE: SBML compiled by LLVM, one loaded model whose parameters are set for each person."""
    import antimony
    import roadrunner

    if antimony.loadAntimonyString(antimony_model()) < 0:
        raise ValueError(antimony.getLastError())
    runner = roadrunner.RoadRunner(antimony.getSBMLString("microdose"))
    runner.integrator.relative_tolerance = RELATIVE
    runner.integrator.absolute_tolerance = ABSOLUTE
    runner.timeCourseSelections = list(STATES[2:])
    ids = list(runner.model.getGlobalParameterIds())
    where = [ids.index(name) for name in (*NAMES, *STATES)]
    gut = [ids.index("A")]

    def run(p: dict[str, Any]) -> np.ndarray:
        model = runner.model
        out = np.empty((len(p["cl"]), DOSES, 5))
        for person, row in zip(out, table(p), strict=True):
            runner.reset()
            model.setGlobalParameterValues(where, np.concatenate([row, np.zeros(len(STATES))]))
            for j in range(DOSES):
                model.setGlobalParameterValues(gut, model.getGlobalParameterValues(gut) + AMOUNT)
                person[j] = runner.simulate(0, GAP, 2)[-1]  # the equations do not read the clock
        return out

    return run


def myokit_model() -> str:
    """The problem in Myokit's own language."""
    lines = [
        "[[model]]",
        *(f"c.{name} = 0" for name in STATES),
        "[c]",
        "t = 0 bind time",
        *(f"{name} = 1" for name in NAMES),
        *(f"{name} = {right}" for name, right in signals("if(P > 0, P / v, 1e-300)").items()),
        *(f"dot({name}) = {right}" for name, right in SLOPES.items()),
    ]
    return "\n".join(lines)


def myokit(threads: int = 1) -> Callable[[dict[str, Any]], np.ndarray]:
    """Myokit with CVODES: the model compiled to C once, constants set for each person."""
    import myokit

    simulation = myokit.Simulation(myokit.parse_model(myokit_model()))
    simulation.set_tolerance(ABSOLUTE, RELATIVE)

    def run(p: dict[str, Any]) -> np.ndarray:
        out = np.empty((len(p["cl"]), DOSES, 5))
        for person, row in zip(out, table(p), strict=True):
            for name, value in zip(NAMES, row, strict=True):
                simulation.set_constant(f"c.{name}", value)
            state = [0.0] * len(STATES)
            for j in range(DOSES):
                state[0] += AMOUNT
                simulation.set_time(0)
                simulation.set_state(state)
                simulation.run(GAP, log=myokit.LOG_NONE)
                state = simulation.state()
                person[j] = state[2:]
        return out

    return run
