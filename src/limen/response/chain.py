"""What stands before every marker: the person's kinetics, occupancy, and the exposure that a dose makes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, reduce
from typing import Any

import jax.numpy as jnp
import numpy as np

from limen.engine.declare import (
    Emax,
    Model,
    OneCompartment,
    Signal,
    State,
    TwoCompartment,
    evaluate,
    slow_binding,
)
from limen.engine.elementary import gauss
from limen.engine.schedule import Schedule
from limen.engine.solve import solve
from limen.errors import ParameterError
from limen.parameters import Draws
from limen.response.marker import Marker

COMPOUNDS = ("lsd", "psilocybin")
KINETICS = {"lsd": "lsd_oral_micro", "psilocybin": "psilocin_oral"}
PER_UNIT = {"lsd": 1.0, "psilocybin": 1000.0}  # ug in the unit a dose is given in: ug LSD, mg psilocybin
_READ = ("cl", "v", "ka", "ke0", "tlag", "omax", "ec50", "koff", "tracer")


@dataclass(frozen=True)
class Structure:
    """What no measurement decides about the chain. `tracer`: `agonist` or `antagonist`, whose occupancy is read;
    `plasticity`: its drive, `occupancy` or `concentration` (intracellular drug, or direct binding to TrkB);
    `binding`: LSD reaches the receptor by slow binding instead of an effect compartment, never by both;
    `peripheral`: two compartments, for which the draws must hold `q` and `v2` of the kinetics (none are shipped)."""

    tracer: str = "agonist"
    plasticity: str = "occupancy"
    binding: bool = False
    peripheral: bool = False

    def __post_init__(self) -> None:
        for given, known in ((self.tracer, ("agonist", "antagonist")),
                             (self.plasticity, ("occupancy", "concentration"))):  # fmt: skip
            if given not in known:
                raise ParameterError(f"no structure {given!r}", remedy=f"choices are: {', '.join(known)}")


def _bound(x: Any) -> Any:
    """Rounding can leave a binding that has ended just below zero, where a Hill drive of it has no value."""
    return x.tracer * x.omax * jnp.maximum(x.B, 1e-300)


@cache
def model(
    markers: tuple[Marker, ...] = (),
    binding: bool = False,
    peripheral: bool = False,
    totals: tuple[str, ...] = (),
) -> Model:
    """The response model: occupancy at the effect site or by slow binding, its area, then every marker.

    O = tracer Omax Ce / (EC50 + Ce), or tracer Omax B with dB/dt = koff ((C / EC50)(1 - B) - B).
    `totals` names what is also integrated over time, as `<name>_total`, for means over a stretch of it.
    """
    occupancy: tuple[Any, ...] = (Emax("O", of="Ce", top=lambda x: x.tracer * x.omax, half="ec50"),)
    if binding:
        occupancy = (slow_binding("B", "C", "ec50", "koff"), Signal("O", _bound))
    quiet = [m.quiet for m in markers if m.quiet is not None]
    return Model(
        kinetics=(TwoCompartment if peripheral else OneCompartment)(effect="ke0", lag="tlag"),
        equations=(
            *occupancy,
            State("AUC", lambda x: x.O, 0.0),
            *(eq for m in markers for eq in m.equations),
            *(State(f"{name}_total", name, 0.0) for name in totals),
        ),
        jumps=tuple(jump for m in markers for jump in m.jumps),
        longest=min((m.longest for m in markers), default=None),
        quiet=(lambda x: reduce(jnp.maximum, [evaluate(q, x) for q in quiet])) if quiet else None,
    )


def person(
    draws: Draws | Mapping[str, np.ndarray],
    kinetics: str,
    seed: int,
    structure: Structure,
    typical: bool = False,
    participants: Any = None,
) -> dict[str, np.ndarray]:
    """Kinetics and receptor of one person per draw (of the typical person with `typical`, or of the `participants` of a
    trial, genotype and comedication included), and every number of the markers under the name the equations use.
    Raises ParameterError for kinetics that were not drawn."""
    lsd = kinetics.startswith("lsd")
    short, people = ("lsd", "lsd_people") if lsd else ("psi", "psilocin_people")
    names = ("cl", "v", "ka", "tlag", *(("q", "v2") if structure.peripheral else ()))
    missing = [n for k in names if (n := f"pharmacology.{kinetics}.{k}") not in draws]
    if missing:
        raise ParameterError(
            f"the draws hold no {', '.join(missing)}",
            remedy="join a TOML with them to the parameters before drawing (docs, A marker of your own)",
        )
    p = {k: np.asarray(draws[f"pharmacology.{kinetics}.{k}"], float) for k in names}
    count = len(p["cl"])
    random = np.random.Generator(np.random.Philox(key=seed))
    cv = {
        k: np.sqrt(np.log1p(np.asarray(draws[f"pharmacology.{people}.cv_{k}"]) ** 2))
        for k in ("f", "cl", "v", "ka")
    }
    eta = {k: random.standard_normal(count) * sd * (not typical) for k, sd in cv.items()}
    p["cl"], p["v"] = p["cl"] * np.exp(eta["cl"] - eta["f"]), p["v"] * np.exp(eta["v"] - eta["f"])
    p["ka"] = p["ka"] * np.exp(eta["ka"])
    p["ke0"] = np.asarray(draws[f"pharmacology.effect_site.ke0_{short}"])
    p["omax"] = np.asarray(draws[f"receptor.occupancy.omax_{short}"])
    p["ec50"] = np.asarray(draws[f"receptor.occupancy.ec50_{short}"])
    p["koff"] = np.asarray(draws["response_reference.koff_lsd"])
    if participants is not None:
        p |= {k: np.asarray(getattr(participants, k)) for k in ("cl", "v", "ka", "tlag", "ke0")}
        p["ec50"] = p["ec50"] * np.asarray(participants.taken.ec50)
    agonist = structure.tracer == "agonist"
    p["tracer"] = np.ones(count) if agonist else np.asarray(draws["response_reference.antagonist"])
    for name in draws:
        group, _, symbol = name.partition(".")
        if group.startswith("response_"):
            symbol = f"{group.removeprefix('response_')}_{symbol}"
            other = "_psi" if lsd else "_lsd"
            if not symbol.endswith(other):
                p[symbol.removesuffix(f"_{short}")] = np.asarray(draws[name], float)
    return p


_EDGES = np.array(
    [0, 0.25, 0.5, 1, 1.5, 2, 3, 4, 6, 8, 12, 18, 24, 36, 48, 72, 96, 120.0]
)  # h after it arrives
_NODES, _WEIGHTS, *_ = gauss(8)
HOURS = (_EDGES[:-1, None] + np.diff(_EDGES)[:, None] * _NODES).ravel()
_HOURS_EACH = (np.diff(_EDGES)[:, None] * _WEIGHTS).ravel()


def exposure(p: dict[str, np.ndarray], dose: np.ndarray, structure: Structure) -> dict[str, np.ndarray]:
    """One dose (ug, per person): peak and area (h) of occupancy, and the area of the concentration (ug h / L)."""
    keys = (*_READ, "q", "v2") if structure.peripheral else _READ
    chain = model((), structure.binding, structure.peripheral)
    arriving = {k: p[k] for k in keys} | {"tlag": 0.0}  # when it arrives moves neither peak nor area
    given = np.broadcast_to(dose, p["cl"].shape)[:, None]
    seen = solve(chain, arriving, Schedule(np.zeros(1), given, HOURS), observe=("O",)).values["O"]
    return {"peak": seen.max(axis=1), "auc": seen @ _HOURS_EACH, "concentration": dose / p["cl"]}
