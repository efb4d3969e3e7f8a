"""A table that `limen trial` wrote is known by its columns, and is analysed without being told what they are."""

from __future__ import annotations

from typing import Any

from limen.analysis.sheet import Sheet
from limen.cells import is_missing

MARKS = frozenset(
    {"trial", "participant", "arm", "arm_kind", "period", "sequence", "visit", "planned_day", "rating"}
)


def is_own(sheet: Sheet) -> bool:
    """Whether `limen trial` wrote it, as far as its columns say."""
    return set(sheet.columns) >= MARKS


def own_analysis(sheet: Sheet) -> dict[str, Any]:
    """Roles and method of a simulated table; empty for any other file.

    The score where one was simulated, else the mean dose-day rating of a period; within people where they cross over;
    change from baseline where there is no control. Raises DataError where several trials stand in one analysis.
    """
    if not is_own(sheet) or not sheet.rows:
        return {}
    trials = dict.fromkeys(sheet.cells("trial"))
    if len(trials) > 1:
        raise sheet.error(f"these are {len(trials)} simulated trials", column="trial", remedy="analyse each with --by trial, or one with --only trial=1")  # fmt: skip
    kinds = dict(zip(sheet.cells("arm"), sheet.cells("arm_kind"), strict=True))
    control = next((arm for arm, kind in kinds.items() if "placebo" in kind), None)
    outcome, baseline = ("score", "baseline") if "score" in sheet.columns else ("rating", "rating_before")
    crossover = len(set(sheet.cells("period"))) > 1
    roles = {"id": "participant", "visit": "visit", "arm": "arm", "control": control or "none", "outcome": outcome, "baseline": baseline}  # fmt: skip
    if crossover:
        roles |= {"period": "period", "sequence": "sequence"}
    seen = {v for v, s in zip(sheet.cells("visit"), sheet.cells(outcome), strict=True) if not is_missing(s)}
    unseen = [visit for visit in dict.fromkeys(sheet.cells("visit")) if visit not in seen or visit == "0"]
    method = (
        "change" if control is None else "mixed" if crossover else "mmrm" if outcome == "score" else "ancova"
    )
    return {"roles": roles, "leave_out": tuple(unseen), "method": method}
