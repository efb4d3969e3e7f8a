"""Time since last intake that a rule requires, with the arithmetic shown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from limen.facts.read import Row, read
from limen.safety.reading.drugs import Drug

HOURS_A_DAY = 24


@dataclass(frozen=True)
class Washout:
    """Days since last intake that trials require, and how the figure comes about."""

    days: float
    arithmetic: str


@cache
def persistence() -> Mapping[tuple[str, str], Row]:
    """Rows of `facts/safety/persistence` by drug and form: what outlasts the dictionary's half-life."""
    return {(row["drug"], row["form"]): row for row in read("safety/persistence")}


def washout(
    drug: Drug, half_lives: float | None, min_days: float | None, basis: str = "", depot: bool = False
) -> Washout | None:
    """Required days = max(min_days, half_lives * half_life_h / 24); None where a rule states neither.

    The dictionary's half-life is that of the longest-lived active substance: of norfluoxetine for fluoxetine. For
    irreversible MAO inhibitors the enzyme has to be made anew, so their half-life is not used. A long-acting injection,
    and a drug whose effect outlasts its level, has a half-life of its own (`persistence`).
    """
    irreversible = drug.has("mao_inhibitor_irreversible")
    counted = None if irreversible else half_lives
    whose = f"{drug.active_metabolite}, active metabolite" if _metabolite_decides(drug) else drug.name
    parts: list[tuple[float, str]] = []
    if min_days is not None:
        parts.append((min_days, f"{min_days:g} d"))
    lasting = persistence().get((drug.name, "depot" if depot else ""))
    half_life = drug.half_life_h if lasting is None else lasting.number("half_life_h")
    if lasting is not None:
        whose = f"{drug.name}, {lasting['basis']}"
    if counted is not None and half_life is not None:
        days = counted * half_life / HOURS_A_DAY
        parts.append((days, f"{counted:g} x {half_life:g} h / 24 = {days:.1f} d ({whose})"))
    if not parts:
        return None
    days = max(part[0] for part in parts)
    text = parts[0][1] if len(parts) == 1 else f"max({', '.join(part[1] for part in parts)}) = {days:.1f} d"
    if irreversible:
        text += "; enzyme regeneration, not half-life"
    elif counted is not None and drug.half_life_h is None:
        text += "; half-life not in the dictionary"
    if drug.half_life_verification != "seen" and counted is not None and drug.half_life_h is not None:
        text += f"; half-life {drug.half_life_verification}"
    return Washout(days, f"{text}{f'; {basis}' if basis else ''}")


def _metabolite_decides(drug: Drug) -> bool:
    return (
        bool(drug.active_metabolite)
        and drug.half_life_h is not None
        and drug.half_life_h == drug.metabolite_half_life_h
        and drug.half_life_h != drug.parent_half_life_h
    )
