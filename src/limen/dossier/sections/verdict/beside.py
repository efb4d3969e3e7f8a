"""Where the trial was done: what it reported, beside what limen predicts for it without its result."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from jaxtyping import Float

from limen.design.operate import Run
from limen.design.report import weekly_scenario
from limen.design.whatifs import AS_BELIEVED
from limen.dossier.noun import Interval
from limen.dossier.sections.verdict.nouns import AsReported
from limen.dossier.summarise import TRIALS, interval
from limen.evidence import contrasts, families, tables

PERCENT = "percent change from baseline"


def reported_beside(run: Run) -> list[AsReported]:
    """Every published figure of the primary outcome at its week, from the reports that the protocol names."""
    if run.plan.model is None:
        return []
    return [found for row in published_rows(run) for found in _beside(run, row)]


def published_rows(run: Run) -> Iterator[tables.Outcome]:
    """Figures of the primary outcome at its week in the reports that the protocol names."""
    week, held = run.plan.primary_week or run.plan.weeks, tables.outcomes()
    own = {row.study_id for row in held if {row.study_id, *row.sources} & {*run.plan.sources}}
    for row in held:
        scale = families.scale_of(row.outcome)
        if (
            row.study_id in own
            and scale
            and scale["scale_id"] == run.plan.outcome
            and contrasts.weeks(row) == week
        ):
            yield row


def _beside(run: Run, row: tables.Outcome) -> Iterator[AsReported]:
    seen = not run.belief.left_out and any({*run.plan.sources} & {*e.result.reports} for e in run.belief.used)
    shared = {"source": row.sources[0] if row.sources else row.study_id, "seen": seen}
    turn = 1.0 if run.plan.better else -1.0
    kind = (row.effect_type or "").lower()
    if kind == "direction only" and run.plan.control is not None:
        estimate = weekly_scenario(run, AS_BELIEVED).estimate
        worse = float(np.mean(estimate < 0)) if estimate.size else float("nan")
        yield AsReported(what="difference between arms", reported="in favour of the control; its size was not given",
                     predicted=None, share_below=worse, inside=None, **shared)  # fmt: skip
    elif kind.startswith(PERCENT) and row.effect is not None and not row.comparator:
        yield _told(f"fall of the mean score, {row.n} people", -row.effect, "%", _fall(run), shared)
    elif row.comparator and row.effect is not None and run.plan.control is not None:
        estimate = weekly_scenario(run, AS_BELIEVED).estimate
        yield _told("difference between arms", turn * row.effect, "points", estimate, shared)
    elif row.change_mean is not None and not row.comparator:
        control = run.plan.control if contrasts.is_control(row) else run.plan.active
        if control is not None:
            counted = f", {row.n} people" if row.n else ""
            what = f"improvement on {run.plan.arms[control].name}{counted}"
            yield _told(what, turn * row.change_mean, "points", _improved(run, control), shared)


def _told(
    what: str, value: float, unit: str, simulated: Float[np.ndarray, " trials"], shared: dict
) -> AsReported:
    found: Interval = interval(simulated, unit, TRIALS, float(np.nanmedian(simulated)))
    inside = found.low <= value <= found.high
    sign = "%" if unit == "%" else ""
    return AsReported(what=what, reported=f"{value:.1f}{sign}".replace("-", "\N{MINUS SIGN}"), predicted=found,
                  share_below=None, inside=inside, **shared)  # fmt: skip


def _seen(
    run: Run, arm: int
) -> tuple[Float[np.ndarray, "trials people"], Float[np.ndarray, "trials people"]]:
    """Baseline and primary severity of those of an arm who are still observed."""
    inside = run.plan.arm_of == arm
    last = run.by_trial(run.under(AS_BELIEVED, run.records.primary))[:, inside].astype(float)
    return np.where(np.isfinite(last), run.by_trial(run.records.baseline)[:, inside], np.nan), last


def _improved(run: Run, arm: int) -> Float[np.ndarray, " trials"]:
    before, last = _seen(run, arm)
    return np.nanmean(before - last, axis=1)


def _fall(run: Run) -> Float[np.ndarray, " trials"]:
    before, last = _seen(run, run.plan.active)
    return 100 * (1 - np.nanmean(last, axis=1) / np.nanmean(before, axis=1))
