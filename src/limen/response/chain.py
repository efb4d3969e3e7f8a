"""What stands before every marker: the one chain, each person's numbers in it, and the exposure that a dose makes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache, reduce

import jax.numpy as jnp
import numpy as np

from limen.compounds import Compound, compound, compound_names
from limen.engine.declare import Model, State, evaluate
from limen.engine.elementary import gauss
from limen.engine.schedule import Timetable
from limen.engine.solve import solve
from limen.errors import ParameterError
from limen.parameters import Draws
from limen.people import Participants
from limen.pharmacology.chain import BINDING, OCCUPANCY, ORAL, WIDER
from limen.response.marker import Column, Marker

KINETICS = ("cl", "v", "ka", "ke0", "tlag")


@dataclass(frozen=True)
class Structure:
    """What no measurement decides about the chain. `tracer`: `agonist` or `antagonist`, whose occupancy is read;
    `plasticity`: its drive, `occupancy` or `concentration` (intracellular drug, or direct binding to TrkB);
    `binding`: the drug reaches the receptor by slow binding instead of an effect compartment, never by both;
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


@cache
def model(
    markers: tuple[Marker, ...] = (),
    binding: bool = False,
    peripheral: bool = False,
    totals: tuple[str, ...] = (),
) -> Model:
    """The one chain as far as occupancy O, or with slow `binding`, then every marker.

    `totals` names what is also integrated over time, as `<name>_total`, for means over a stretch of it.
    """
    quiet = [m.quiet for m in markers if m.quiet is not None]
    return Model(
        kinetics=WIDER if peripheral else ORAL,
        equations=(
            *(BINDING if binding else (OCCUPANCY,)),
            *(eq for m in markers for eq in m.equations),
            *(State(f"{name}_total", name, 0.0) for name in totals),
        ),
        jumps=tuple(jump for m in markers for jump in m.jumps),
        longest=min((m.longest for m in markers), default=None),
        quiet=(lambda x: reduce(jnp.maximum, [evaluate(q, x) for q in quiet])) if quiet else None,
    )


def numbers(
    draws: Draws, given: Compound, kinetics: str, structure: Structure, who: Participants | None = None
) -> dict[str, Column]:
    """Kinetics and receptor of each of the participants, genotype and comedication included, or of the typical person of
    each draw who takes nothing besides; and every number of the markers under the name the equations use.

    Raises CompoundError for what the record lacks, ParameterError for kinetics that were not drawn."""
    mine = slice(None) if who is None else np.asarray(who.draw)
    stem = given.set_named(kinetics).parameters
    named = {
        k: f"{stem}.{k}" for k in ("cl", "v", "ka", "tlag", *(("q", "v2") if structure.peripheral else ()))
    }
    named |= {k: given.need(k) for k in ("ke0", "omax", "ec50", *(("koff",) if structure.binding else ()))}
    if missing := [name for name in named.values() if name not in draws]:
        raise ParameterError(
            f"the draws hold no {', '.join(missing)}",
            remedy="join a TOML with them to the parameters before drawing (docs, A marker of your own)",
        )
    others = {compound(name).marker_suffix for name in compound_names()} - {given.marker_suffix}
    for name in draws:
        group, _, symbol = name.partition(".")
        if group.startswith("response_") and symbol.rpartition("_")[2] not in others:
            symbol = symbol.removesuffix(f"_{given.marker_suffix}")
            named[f"{group.removeprefix('response_')}_{symbol}"] = name
    p = {symbol: np.asarray(draws[name], float)[mine] for symbol, name in named.items()}
    if who is not None:
        p |= {k: np.asarray(getattr(who, k)) for k in KINETICS}
        p["ec50"] = p["ec50"] * np.asarray(who.taken.ec50)
    if structure.tracer == "antagonist":
        p["omax"] = p["omax"] * p["reference_antagonist"]
    return p


_EDGES = np.array(
    [0, 0.25, 0.5, 1, 1.5, 2, 3, 4, 6, 8, 12, 18, 24, 36, 48, 72, 96, 120.0]
)  # h after it arrives
_NODES, _WEIGHTS, *_ = gauss(8)
HOURS = (_EDGES[:-1, None] + np.diff(_EDGES)[:, None] * _NODES).ravel()
_HOURS_EACH = (np.diff(_EDGES)[:, None] * _WEIGHTS).ravel()


def exposure(p: Mapping[str, Column], dose: Column, structure: Structure) -> dict[str, Column]:
    """One dose (ug, per person): peak and area (h) of occupancy, and the area of the concentration (ug h / L)."""
    read = (*KINETICS, "omax", "ec50", "koff", "q", "v2")
    arriving = {k: p[k] for k in read if k in p} | {
        "tlag": 0.0
    }  # when it arrives moves neither peak nor area
    given = np.broadcast_to(dose, p["cl"].shape)[:, None]
    chain = model((), structure.binding, structure.peripheral)
    seen = solve(chain, arriving, Timetable(np.zeros(1), given, HOURS), observe=("O",)).values["O"]
    return {"peak": seen.max(axis=1), "auc": seen @ _HOURS_EACH, "concentration": dose / p["cl"]}


def reference(draws: Draws, name: str, dose: Column, structure: Structure) -> dict[str, Column]:
    """`exposure` to one oral dose of a compound, in its own unit, of the typical person of each draw: what the size of an
    effect that was measured at some dose refers to."""
    given = compound(name)
    structure = structure_of(structure, given)
    kinetics = given.kinetic_set("oral", float(np.max(dose))).name
    return exposure(numbers(draws, given, kinetics, structure), given.ug_per_unit * dose, structure)


def structure_of(structure: Structure, other: Compound) -> Structure:
    """The structure as it is for a reference: bound slowly only where that has a meaning, and in one compartment."""
    return replace(structure, binding=structure.binding and "koff" in other.parameters, peripheral=False)
