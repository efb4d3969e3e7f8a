"""A population on a protocol's doses: quantiles of exposure streamed through fixed bins, or every trajectory on disk."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import polars as pl
from jaxtyping import Array, Float, Int, Shaped

from limen.design.operate import draw_parameters
from limen.engine.declare import Values
from limen.engine.kept import kept
from limen.engine.kinetics import from_dose_to_dose, modes
from limen.engine.runs import Histograms, in_stream, padded
from limen.files import atomic
from limen.parameters import Draws, ParameterSet
from limen.pharmacology.chain import OCCUPANCY, ORAL
from limen.results import Result
from limen.trial.allocate import allocated
from limen.trial.curves import ROWS, Cohort, sample
from limen.trial.plan import Plan
from limen.trial.roll import Seats
from limen.trial.setting import calendar

AT_ONCE = 4096  # people met at a time
INNER = 128  # of them side by side, so that their curves stay in a core's own cache
DRAWS = 500
HOURS_A_DAY = np.array([0.0, 1.0, 2.0, 3.0, 4.0, 6.0, 8.0, 12.0])
QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
UNITS = {"plasma": "ng/mL", "effect": "ng/mL", "occupancy": "fraction"}
# Bins of a concentration: 128 to each doubling from LEAST on, read off the bits of the number; the first is nothing.
PER_OCTAVE, LEAST, OCTAVES = 128, -20, 31
CONCENTRATIONS = np.concatenate(
    [
        [0.0],
        (
            2.0 ** np.arange(LEAST, LEAST + OCTAVES)[:, None] * (1 + np.arange(PER_OCTAVE) / PER_OCTAVE)
        ).ravel(),
    ]
)
FRACTIONS = np.linspace(0.0, 1.0, 2001)
BINS = {"plasma": CONCENTRATIONS, "effect": CONCENTRATIONS, "occupancy": FRACTIONS, "cmax": CONCENTRATIONS}

Tick = Callable[[int], None]


@dataclass(frozen=True)
class Crowd:
    """People of one arm, met a block at a time, each the first participant of the arm in a trial of their own."""

    plan: Plan
    draws: Draws
    arm: int
    people: int
    seed: int

    @property
    def block(self) -> int:
        return min(AT_ONCE, -(-self.people // INNER) * INNER)

    def met(self, start: int) -> Cohort:
        """The block that starts here; a short last one repeats its last person."""
        place = 0 if self.plan.crossover else int(np.flatnonzero(self.plan.arm_of == self.arm)[0])
        who = np.minimum(np.arange(start, start + self.block), self.people - 1)
        placed = np.full_like(who, place)
        draw = who % self.draws.count
        seats = Seats(draw, who, placed, self.number(who, place))
        return sample(self.draws, self.plan, self.seed, self.arm, seats, padded(len(who), ROWS))

    def number(self, trial: Int[np.ndarray, " people"], place: int) -> Int[np.ndarray, " people"] | None:
        """In which order the one who sits at a place came to each trial, where a scheme of allocation asks who they are."""
        first = int(trial[0])
        draw: Int[np.ndarray, " trials"] = np.arange(first, int(trial[-1]) + 1) % self.draws.count
        found = allocated(self.plan, self.draws, draw, self.seed, first)
        return None if found is None else found.number[trial - first, place]

    def counted(
        self,
        what: str,
        look: Callable[[Cohort], Any],
        count: Callable[[Histograms, Any, int], None],
        tick: Tick | None,
    ) -> Histograms:
        """What a look at everybody counts; after it was ended, the same command goes on where it stood."""
        decides = what, repr(self.plan), dict(self.draws.columns), self.arm, self.people, self.seed
        return in_stream(
            lambda start: look(self.met(start)), count, self.people, self.block, tick, kept(*decides)
        )


def crowds(plan: Plan, parameters: ParameterSet, people: int, seed: int) -> Iterator[tuple[str, Crowd]]:
    """Every arm that gives the drug, by its name, and its people."""
    draws = draw_parameters(parameters, min(DRAWS, max(20, people)), seed)
    for index, arm in enumerate(plan.arms):
        if arm.levels:
            yield arm.name, Crowd(plan, draws, index, people, seed)


@dataclass(frozen=True)
class PopulationSummary(Result):
    """`summary`: one row per arm, series and hour with quantiles; `headline`: a few numbers per arm; `people` per arm."""

    summary: pl.DataFrame
    headline: list[dict[str, Any]]
    people: int
    warnings: tuple[str, ...]

    def rows(self) -> list[dict[str, Any]]:
        return self.summary.to_dicts()

    def document(self) -> dict[str, Any]:
        return {
            "schema_version": 1,
            "people": self.people,
            "arms": self.headline,
            "warnings": list(self.warnings),
        }

    def lines(self) -> list[str]:
        said = [f"{row['arm']}: " + "; ".join(f"{name} {text}" for name, text in row["text"].items())
                for row in self.headline]  # fmt: skip
        return [*said, *(f"note: {note}" for note in self.warnings)]


def hours(plan: Plan) -> Float[np.ndarray, " times"]:
    """Times of the output: eight a day over the weeks of dosing, hours from baseline."""
    days = np.arange(7 * plan.dosing_weeks)
    return (24.0 * days[:, None] + HOURS_A_DAY).ravel()


def simulate(
    plan: Plan, parameters: ParameterSet, people: int, seed: int, tick: Tick | None = None
) -> PopulationSummary:
    """Quantiles over people and parameters, in memory that does not grow with `people`.

    Quantiles come from fixed fine bins (at most 0.8% apart for concentrations, 0.0005 for occupancy), so blocks can be
    added up. Each is the first participant of the arm in a trial of their own: everybody has a parameter draw, a batch
    and missed doses of their own, and is the person whom a trial of that number meets.
    """
    at = hours(plan)
    rows: list[pl.DataFrame] = []
    headline: list[dict[str, Any]] = []
    for arm, crowd in crowds(plan, parameters, people, seed):
        counts = crowd.counted("exposure", partial(_look, plan=plan, hours=at, binned=True), _count, tick)
        found = {name: _quantiles(count, BINS[name]) for name, count in counts.items()}
        rows += [_rows(arm, name, at, found[name]) for name in UNITS if name in found]
        headline.append(_headline(arm, found, people))
    return PopulationSummary(pl.concat(rows), headline, people, tuple(plan.warnings))


def write_trajectories(
    plan: Plan, parameters: ParameterSet, people: int, seed: int, store: Path, tick: Tick | None = None
) -> None:
    """Every person's series as one Zarr store, block by block: variables `plasma`, `effect`, `occupancy` over
    (person, hour), arm as a coordinate. The store appears under its name only when whole."""
    import xarray as xr

    at = hours(plan)
    start = 0
    with atomic(store) as partial_store:
        for _, crowd in crowds(plan, parameters, people, seed):
            for begin in range(0, people, crowd.block):
                seen = _look(crowd.met(begin), plan, at, binned=False)
                count = min(crowd.block, people - begin)
                data = xr.Dataset(
                    {
                        n: (("person", "hour"), _people_first(v, count), {"unit": UNITS[n]})
                        for n, v in seen.items()
                    },
                    coords={
                        "hour": at,
                        "person": np.arange(start, start + count),
                        "arm": ("person", np.full(count, crowd.arm)),
                    },
                    attrs={"arms": [a.name for a in plan.arms], "compound": plan.compound},
                )
                how: dict[str, Any] = {"append_dim": "person"} if start else {"mode": "w"}
                # xarray leaves a mapping among the arguments without types
                data.to_zarr(partial_store, zarr_format=2, **how)  # pyright: ignore[reportUnknownMemberType]
                start += count
                if tick is not None:
                    tick(count)


def _people_first(value: Array, count: int) -> Float[np.ndarray, "people times"]:
    inner = np.asarray(value)  # blocks, times, people
    return np.moveaxis(inner, 1, 2).reshape(-1, inner.shape[1])[:count].astype(np.float32)


def _look(who: Cohort, plan: Plan, hours: np.ndarray, binned: bool) -> dict[str, Array]:
    """The series of a block that the compound's record allows: no occupancy where nobody measured its constants."""
    given_at = np.asarray(calendar(plan).day) * 24.0
    found = _curves(who, tuple(given_at.tolist()), tuple(hours.tolist()), binned)
    return {n: v for n, v in found.items() if n != "occupancy" or not np.isnan(np.asarray(who.omax)).all()}


@partial(jax.jit, static_argnums=(1, 2, 3))
def _curves(
    who: Cohort, given_at: tuple[float, ...], hours: tuple[float, ...], binned: bool
) -> dict[str, Float[Array, "blocks times inner"] | Int[Array, "blocks times inner"]]:
    """Plasma and effect-site ng/mL and occupancy, or the bin each falls in, and of the latter also the highest plasma
    concentration after one dose."""
    p = who.people
    columns = {name: getattr(p, name) for name in ("cl", "v", "ka", "ke0", "tlag")}
    columns |= {"omax": who.omax, "ec50": who.ec50, "given": who.doses.given}

    def cut(array: Shaped[Array, "*times people"]) -> Shaped[Array, "blocks *times inner"]:
        return jnp.moveaxis(array.reshape(*array.shape[:-1], -1, INNER), -2, 0)

    def one(block: dict[str, Shaped[Array, "*times inner"]]) -> dict[str, Shaped[Array, "times inner"]]:
        found = modes(ORAL, Values(block))
        at = from_dose_to_dose(found, block["tlag"], block["amount"], np.array(given_at), np.array(hours))
        occupancy = OCCUPANCY.value(Values(block | at))
        series = {"plasma": at["C"], "effect": at["Ce"], "occupancy": occupancy}
        if not binned:
            return series
        peak = jnp.log(block["ka"] * block["v"] / block["cl"]) / (block["ka"] - block["cl"] / block["v"])
        series["cmax"] = block["given"] * found.unit("C", peak[None])
        return {name: _bin(value, name == "occupancy") for name, value in series.items()}

    return jax.lax.map(one, jax.tree.map(cut, columns | {"amount": who.doses.amount}))


def _bin(value: Float[Array, "*shape"], fraction: bool) -> Int[Array, "*shape"]:
    """The bin of each value. A float is its exponent and its mantissa, so its leading bits count bins that share out each
    doubling evenly."""
    if fraction:
        return jnp.clip(value * (len(FRACTIONS) - 1), 0, len(FRACTIONS) - 2).astype(jnp.int16)
    bits = jax.lax.bitcast_convert_type(value.astype(jnp.float32), jnp.int32) >> 16  # sign, exponent, 7 bits
    return jnp.clip(bits - (127 + LEAST) * PER_OCTAVE + 1, 0, len(CONCENTRATIONS) - 2).astype(jnp.int16)


def _count(counts: Histograms, binned: dict[str, Array], people: int) -> None:
    for name, found in binned.items():
        where, bins = np.asarray(found), len(BINS[name]) - 1  # blocks, times, people
        rows = np.moveaxis(where, 0, 1).reshape(where.shape[1], -1)[:, :people]
        total = counts.setdefault(name, np.zeros((len(rows), bins), np.int64))
        for row, at in zip(total, rows, strict=True):
            row += np.bincount(at, minlength=bins)


def _quantiles(
    counts: Int[np.ndarray, "times bins"], bins: np.ndarray
) -> Float[np.ndarray, "quantiles times"]:
    """The middle of the bin each quantile falls in."""
    cumulative = counts.cumsum(1) / counts.sum(1, keepdims=True)
    middle = 0.5 * (bins[:-1] + bins[1:])
    return np.stack([middle[(cumulative < q).sum(1)] for q in QUANTILES])


def _rows(arm: str, series: str, at: np.ndarray, q: np.ndarray) -> pl.DataFrame:
    names = [f"q{round(100 * p):02d}" for p in QUANTILES]
    columns = dict(zip(names, q, strict=True))
    return pl.DataFrame(
        {"arm": [arm] * len(at), "series": series, "unit": UNITS[series], "hour": at} | columns
    )


def _headline(arm: str, found: dict[str, np.ndarray], people: int) -> dict[str, Any]:
    cmax = found["cmax"][:, 0]
    text = {"Cmax": f"{cmax[2]:.3g} ng/mL (90% of people {cmax[0]:.3g} to {cmax[4]:.3g})"}
    shown = {"cmax_ng_ml": cmax}
    if "occupancy" in found:
        top = found["occupancy"][:, found["occupancy"][2].argmax()]
        said = f"{100 * top[2]:.0f}% (90% of people {100 * top[0]:.0f} to {100 * top[4]:.0f})"
        text["peak 5-HT2A occupancy"], shown["peak_occupancy"] = said, top
    numbers = {
        key: {"median": float(q[2]), "q05": float(q[0]), "q95": float(q[4])} for key, q in shown.items()
    }
    return {"arm": arm, "people": people, **numbers, "text": text}
