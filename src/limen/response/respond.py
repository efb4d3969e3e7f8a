"""From a dosing history to every marker, over parameter draws, with each switch at 0 and at 1."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from limen.engine.declare import Emax, Model, OneCompartment, Signal, State, slow_binding
from limen.engine.schedule import Schedule
from limen.engine.solve import solve
from limen.errors import ParameterError
from limen.response.bdnf import BDNF
from limen.response.cortisol import CORTISOL, harmonics, sound
from limen.response.crp import CRP
from limen.response.dmn import DMN, EEG
from limen.response.il6 import IL6
from limen.response.marker import Marker
from limen.response.synaptic_density import SYNAPTIC_DENSITY
from limen.response.tnf import TNF

MARKERS = (BDNF, SYNAPTIC_DENSITY, DMN, EEG, TNF, IL6, CRP, CORTISOL)
SWITCHES = ("synaptic_on", "cytokine_on", "chronic_on")
ACUTE = np.array([1.0, 2.0, 3.0, 4.0, 6.0, 8.0, 12.0])  # h after the first and last dose
COMPOUNDS = ("lsd", "psilocybin")


@dataclass(frozen=True)
class Markers:
    """Marker courses: `times` h since the first dose; per marker id and switch (0, 1): (draws, times).

    `within_sd` per marker (draws,): month-to-month SD of one person. `baseline` per marker: mean shift of the
    indication against healthy people, in the unit named with it, or None where nobody has measured one.
    """

    times: np.ndarray
    values: Mapping[str, tuple[np.ndarray, np.ndarray]]
    within_sd: Mapping[str, np.ndarray]
    baseline: Mapping[str, np.ndarray | None]
    kept: int


def model(binding: bool = False, markers: tuple[Marker, ...] = MARKERS) -> Model:
    """The response model: occupancy at the effect site, or by slow binding (never both), then every marker.

    O = tracer Omax Ce / (EC50 + Ce), or tracer Omax B with dB/dt = koff ((C / EC50)(1 - B) - B).
    """
    occupancy: tuple[Any, ...] = (Emax("O", of="Ce", top=lambda x: x.tracer * x.omax, half="ec50"),)
    if binding:
        occupancy = (slow_binding("B", "C", "ec50", "koff"), Signal("O", lambda x: x.tracer * x.omax * x.B))
    return Model(
        kinetics=OneCompartment(effect="ke0", lag="tlag"),
        equations=(
            *occupancy,
            State("AUC", lambda x: x.O, 0.0),
            *(eq for m in markers for eq in m.equations),
        ),
        jumps=tuple(jump for m in markers for jump in m.jumps),
        quiet=lambda x: 5 * x.bdnf_tlag,
    )


_MODELS = {binding: model(binding) for binding in (False, True)}
_EXPOSURE = {
    binding: Model(
        m.kinetics, m.equations[: m.equations.index(next(e for e in m.equations if e.name == "AUC")) + 1]
    )
    for binding, m in _MODELS.items()
}


def respond(
    days: np.ndarray,
    dose: np.ndarray | float,
    compound: str,
    indication: str,
    draws: Mapping[str, np.ndarray],
    seed: int,
    *,
    washout_days: float = 28.0,
    tracer: str = "agonist",
    plasticity: str = "occupancy",
    binding: bool = False,
) -> Markers:
    """Every marker over a course of equal doses on `days` (d), one virtual person per draw.

    `dose`: ug LSD base, or mg psilocybin anhydrate, shared or per draw. The size of a full dose's effect is defined at
    25 mg psilocybin; a smaller dose has the ratio of drives, once, where its switch is on. `plasticity`: `occupancy`
    or `concentration` (intracellular drug or direct TrkB binding). `draws` should satisfy the two classic tolerance
    findings (`limen.pharmacology.classic.satisfies_both`); draws whose cortisol rhythm has two peaks or negative
    production are replaced here by the next that has not, and `kept` counts the sound ones. Raises ParameterError.
    """
    if compound not in COMPOUNDS:
        raise ParameterError(f"no kinetics for {compound!r}", remedy=f"compounds are: {', '.join(COMPOUNDS)}")
    p, kept = _parameters(draws, compound, seed)
    count = len(p["cl"])
    scale = 1000.0 if compound == "psilocybin" else 1.0
    amount = np.broadcast_to(np.asarray(dose, float) * scale, (count,))
    p["tracer"] = (
        np.asarray(draws["response_reference.antagonist"]) if tracer == "antagonist" else np.ones(count)
    )
    reference, _ = _parameters(draws, "psilocybin", seed)
    reference["tracer"] = p["tracer"]
    full = _exposure(reference, 1000.0 * np.asarray(draws["response_reference.full_dose"]), binding)
    mine = _exposure(p, amount, binding)
    lsd, _ = _parameters(draws, "lsd", seed)
    lsd["tracer"] = p["tracer"]
    p["o_eeg"] = _exposure(lsd, np.asarray(draws["response_reference.eeg_dose"]), binding)["peak"]
    share = mine["auc"] / full["auc"]
    ratio = share if plasticity == "occupancy" else mine["concentration"] / full["concentration"]
    p |= {"o_full": full["peak"], "auc_full": full["auc"], "plastic_share": np.minimum(ratio, 1.0)}
    # full by dose, not by modelled exposure: a potent draw of EC50 does not turn a microdose into a full dose
    full_from = "psilocin_oral_low" if compound == "psilocybin" else "switch_to_full"
    is_full = amount / scale >= np.asarray(draws[f"pharmacology.range.{full_from}"])
    p["full_dose"] = is_full.astype(float)

    days = np.asarray(days, float)
    last = days[-1] * 24
    times = np.unique(
        np.concatenate([[0.0], ACUTE, np.arange(0, last + 24 * washout_days + 1, 24.0), last + ACUTE])
    )
    schedule = Schedule(days * 24, np.broadcast_to(amount[:, None], (count, len(days))), times)
    found = []
    for on in (0.0, 1.0):
        # a full dose is what the effects were measured at: its switch is never off
        switches = {name: np.where(is_full & (name != "chronic_on"), 1.0, on) for name in SWITCHES}
        found.append(
            solve(_MODELS[binding], p | switches, schedule, observe=tuple(m.reads for m in MARKERS)).values
        )
    values = {m.id: (found[0][m.reads], found[1][m.reads]) for m in MARKERS}
    p["tnf_within_sd"] = p["tnf_between_sd"] * np.sqrt(1 / p["tnf_icc"] - 1)
    p["eeg_within_sd"] = np.ones(count)
    within = {m.id: p[m.within_sd] for m in MARKERS}
    return Markers(times, values, within, {m.id: _shift(m.id, indication, p) for m in MARKERS}, kept)


def _parameters(
    draws: Mapping[str, np.ndarray], compound: str, seed: int
) -> tuple[dict[str, np.ndarray], int]:
    """The model's parameters by their short names, one person per draw, and how many cortisol rhythms were sound."""
    own = "lsd_oral_micro" if compound == "lsd" else "psilocin_oral"
    short = "lsd" if compound == "lsd" else "psi"
    people = "lsd_people" if compound == "lsd" else "psilocin_people"
    p = {k: np.asarray(draws[f"pharmacology.{own}.{k}"], float) for k in ("cl", "v", "ka", "tlag")}
    count = len(p["cl"])
    random = np.random.Generator(np.random.Philox(key=seed))
    cv = {
        k: np.sqrt(np.log1p(np.asarray(draws[f"pharmacology.{people}.cv_{k}"]) ** 2))
        for k in ("f", "cl", "v", "ka")
    }
    eta = {k: random.standard_normal(count) * sd for k, sd in cv.items()}
    p["cl"], p["v"] = p["cl"] * np.exp(eta["cl"] - eta["f"]), p["v"] * np.exp(eta["v"] - eta["f"])
    p["ka"] = p["ka"] * np.exp(eta["ka"])
    p["ke0"] = np.asarray(draws[f"pharmacology.effect_site.ke0_{short}"])
    p["omax"] = np.asarray(draws[f"receptor.occupancy.omax_{short}"])
    p["ec50"] = np.asarray(draws[f"receptor.occupancy.ec50_{short}"])
    p["koff"] = np.asarray(draws["response_reference.koff_lsd"])
    for name in draws:
        group, _, symbol = name.partition(".")
        if group.startswith("response_") and group != "response_reference":
            p[f"{group.removeprefix('response_')}_{symbol}"] = np.asarray(draws[name], float)
    p["cortisol_c50"] = p[f"cortisol_c50_{short}"]
    p["cortisol_clock"] = p["cortisol_dose_clock"]
    rhythm = harmonics(p["cortisol_peak"], p["cortisol_nadir"], p["cortisol_t_peak"], p["cortisol_t_nadir"])
    good = sound(rhythm, p["cortisol_kout"])
    rows = np.flatnonzero(good)
    chosen = rows[np.searchsorted(rows, np.arange(count)) % len(rows)]
    for i, name in enumerate(("a0", "a1", "b1", "a2", "b2")):
        p[f"cortisol_{name}"] = rhythm[i, chosen]
    p["cortisol_kout"] = p["cortisol_kout"][chosen]
    used = {k: v for k, v in p.items() if k not in ("cortisol_c50_psi", "cortisol_c50_lsd")}
    return used, int(good.sum())


def _exposure(p: dict[str, np.ndarray], dose: np.ndarray, binding: bool) -> dict[str, np.ndarray]:
    """Occupancy after one dose: its peak, its area (h), and the area of the concentration (ug h / L)."""
    hours = np.arange(0.25, 24.0, 0.25)
    schedule = Schedule(np.zeros(1), np.broadcast_to(dose, p["cl"].shape)[:, None], np.append(hours, 120.0))
    keys = ("cl", "v", "ka", "ke0", "tlag", "omax", "ec50", "koff", "tracer")
    seen = solve(_EXPOSURE[binding], {k: p[k] for k in keys}, schedule, observe=("O", "AUC")).values
    return {"peak": seen["O"].max(axis=1), "auc": seen["AUC"][:, -1], "concentration": dose / p["cl"]}


def _shift(marker: str, indication: str, p: dict[str, np.ndarray]) -> np.ndarray | None:
    """Baseline shift of an indication, in the marker's unit (standardised shift times the between-person SD)."""
    depressed = indication.lower() in ("mdd", "trd", "bipolar_depression", "bipolar depression")
    anxious = indication.lower() == "gad"
    if depressed and marker in ("tnf", "il6", "crp"):
        return p[f"{marker}_d_mdd"] * p[f"{marker}_between_sd"]
    if anxious and marker == "crp":
        return p["crp_d_gad"] * p["crp_between_sd"]
    if depressed and marker == "cortisol":
        return p["cortisol_d_mdd"] * p["cortisol_within_sd"]
    return None
