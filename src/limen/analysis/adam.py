"""A basic data structure of CDISC ADaM (ADQS and its like) is known by its variables, and is analysed without being told what
they are."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from limen.analysis.roles import CONTROL
from limen.analysis.sheet import Sheet
from limen.analysis.visits import canonical
from limen.cells import is_missing
from limen.protocol.outcomes import OUTCOMES

MARKS = frozenset({"USUBJID", "PARAMCD", "AVAL"})
# Where the standard allows several, the first that is there: the treatment of the record, or of the only period.
TREATMENT = ("TRTP", "TRTA", "TRT01P", "TRT01A")
VISIT = ("AVISIT", "AVISITN", "ADY", "ADT")


def is_bds(sheet: Sheet) -> bool:
    """Whether it is a basic data structure, as far as its variables say."""
    return set(sheet.columns) >= MARKS


def records(sheet: Sheet) -> Sheet:
    """The records that are analysed: those of ANL01FL where there is such a flag, else those that were not derived (DTYPE)."""
    if not is_bds(sheet):
        return sheet
    said, kept = "", [True] * len(sheet.rows)
    if "ANL01FL" in sheet.columns:
        said, kept = "those with ANL01FL = Y", [cell == "Y" for cell in sheet.cells("ANL01FL")]
    elif "DTYPE" in sheet.columns:
        said, kept = "those that were not derived (DTYPE is empty)", [is_missing(cell) for cell in sheet.cells("DTYPE")]  # fmt: skip
    gone = kept.count(False)
    if not gone or not any(kept):
        return sheet
    return replace(
        sheet.keep(kept), read_as=f"{sheet.read_as}; of {len(kept)} records {said}, {gone} are not analysed"
    )


def bds_analysis(sheet: Sheet) -> dict[str, Any]:
    """Roles, scale and method: AVAL of one parameter adjusted for BASE, visits in the order of AVISITN, baseline records left
    out; within people where the treatment changes with APERIOD. Empty for any other file. Raises DataError where several
    studies or parameters stand in one analysis."""
    if not is_bds(sheet) or not sheet.rows:
        return {}
    for column, several in (("STUDYID", "studies"), ("PARAMCD", "parameters")):
        met = list(dict.fromkeys(sheet.cells(column))) if column in sheet.columns else []
        if len(met) > 1:
            remedy = f"analyse each with --by {column}, or one with --only {column}={met[0]} ({', '.join(met[:8])}{' ...' if met[8:] else ''})"
            raise sheet.error(f"these are {len(met)} {several}", column=column, remedy=remedy)
    arm, visit = _first(sheet, TREATMENT), _first(sheet, VISIT)
    roles = {"id": "USUBJID", "outcome": "AVAL", "visit": visit or "none"}
    baseline = _flagged(sheet, visit)
    told: dict[str, Any] = {"leave_out": baseline, "scale": _scale(sheet.cells("PARAMCD")[0])}
    if "BASE" in sheet.columns:
        roles["baseline"] = "BASE"
    elif len(baseline) == 1:
        told["baseline_visit"] = baseline[0]
    else:
        roles["baseline"] = "none"
    if arm is not None:
        roles["arm"] = arm
        if (control := _control(sheet.cells(arm))) is not None:
            roles["control"] = control
        pairs = {*zip(sheet.cells("USUBJID"), sheet.cells(arm), strict=True)}
        if len(pairs) > len(set(sheet.cells("USUBJID"))):
            told["method"] = "mixed"
            named = {"period": "APERIOD", "sequence": "TRTSEQP"}
            roles |= {role: column for role, column in named.items() if column in sheet.columns}
    if visit == "AVISIT" and "AVISITN" in sheet.columns:
        told["visit_time"] = "AVISITN"
    return told | {"roles": roles}


def _first(sheet: Sheet, names: Sequence[str]) -> str | None:
    return next((name for name in names if name in sheet.columns), None)


def _flagged(sheet: Sheet, visit: str | None) -> tuple[str, ...]:
    """Visits of which every record is a baseline record."""
    if visit is None or "ABLFL" not in sheet.columns:
        return ()
    labels = [canonical(cell) for cell in sheet.cells(visit)]
    flags = sheet.cells("ABLFL")
    others = {label for label, flag in zip(labels, flags, strict=True) if flag != "Y"}
    return tuple(dict.fromkeys(label for label in labels if label not in others and label))


def _scale(code: str) -> str | None:
    """The registered outcome whose name, in letters and digits alone, a parameter code is or begins."""
    short = {re.sub(r"[^A-Z0-9]", "", name.upper())[:8]: name for name in reversed(list(OUTCOMES))}
    return short.get(code.upper())


def _control(arms: Sequence[str]) -> str | None:
    met = list(dict.fromkeys(cell for cell in arms if not is_missing(cell)))
    found = [arm for arm in met if re.search(rf"\b(?:{CONTROL})\b", arm, re.IGNORECASE)]
    return found[0] if len(found) == 1 else None
