"""The guard over tables of facts: the shipped ones, and the rows a user adds to them.

What each table promises stands in `schema.toml`; this module reads it and says where a row breaks it.
"""

from __future__ import annotations

import math
import re
import tomllib
from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import date
from functools import cache
from importlib.resources import files
from itertools import pairwise
from typing import Any

from limen.errors import FactsError, Place
from limen.facts.read import Table, bibliography, read

MARKS = ("seen", "recalled", "derived", "not_found")
ANIMALS = ("rat", "mouse", "pig")

_NUMBER = re.compile(r"(?<![\w.])(\d+(?:\.\d+)?)")
_MASS = re.compile(r"\s*(ug|µg|μg|mcg|mg|g)(?:\s*(?:/|per\b)\s*(70\s?kg|kg))?(?![\w/])")
_DOSE_IN_WORDS = re.compile(
    r"(\d+(?:\.\d+)?)\s*((?:ug|µg|μg|mcg|mg|g)(?:\s*(?:/|per\b)\s*(?:70\s?)?kg)?)(?![\w/])"
)

Complaint = tuple[str | None, str, str]  # column, what is wrong, what would be right


@cache
def declarations() -> Mapping[str, Mapping[str, Any]]:
    """`schema.toml`: one declaration a table, with `doses` and `gaps` beside them."""
    return tomllib.loads(files("limen.facts").joinpath("schema.toml").read_text(encoding="utf-8"))


def words(table: str, item: str) -> tuple[str, ...]:
    """A list of columns declared for `table`, such as its `key` or its `number` columns."""
    return tuple(declarations()[table].get(item, "").split())


def check_table(table: Table) -> list[FactsError]:
    """Every broken promise of a shipped table, in file order; empty when it keeps them all."""
    if table.name not in declarations():
        return [FactsError(f"table {table.name!r} has no declaration", remedy="add one to facts/schema.toml")]
    errors: list[FactsError] = []
    seen: dict[tuple[str, ...], int] = {}
    keys, remedy = words(table.name, "key"), "say that limen's search to a day found no record of it"
    for number, row in enumerate(table, start=2):
        place = Place(file=f"{table.name}.csv", row=number)
        errors += check_row(table.name, row, place)
        errors += [_error((column, f"says of the world: {said}", remedy), place)
                   for column, text in row.items() if (said := undated(text))]  # fmt: skip
        name = tuple(row[column] for column in keys)
        if keys and all(name) and name in seen:
            twin = (keys[0], f"{'/'.join(name)} also names row {seen[name]}", "give each row its own name")
            errors.append(_error(twin, Place(file=f"{table.name}.csv", row=number)))
        seen[name] = number
    return errors


def check_row(
    table: str,
    cells: Mapping[str, str],
    where: Place,
    studies: Collection[str] = (),
    references: Collection[str] = (),
) -> list[FactsError]:
    """Every broken promise of one row. `where` carries file and row (1 is the header line).

    `studies` and `references` are known beside the shipped ones: what a user's overlay already holds.
    """
    checks: tuple[Callable[..., Iterator[Complaint]], ...] = (_cells, _relations, _doses, _spread)
    complaints = [complaint for check in checks for complaint in check(table, cells)]
    complaints += _provenance(table, cells, studies, references)
    return [_error(complaint, where) for complaint in complaints]


def _error(complaint: Complaint, where: Place) -> FactsError:
    column, what, remedy = complaint
    return FactsError(what, Place(where.file, where.line, where.field, where.row, column), remedy)


def _number(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def _cells(table: str, cells: Mapping[str, str]) -> Iterator[Complaint]:
    """Types, ranges and allowed texts, one cell at a time."""
    declared = declarations()[table]
    for column in words(table, "required"):
        if not cells.get(column, ""):
            yield column, "is empty", "every row needs it"
    for kind in ("number", "whole", "positive"):
        for column in words(table, kind):
            text = cells.get(column, "")
            value = _number(text)
            if text and value is None:
                yield column, f"{text!r} is not a number", "write a plain number, or leave the cell empty"
            elif value is not None and kind == "whole" and (value < 0 or value != int(value)):
                yield column, f"{text} is not a count", "write a whole number that is not negative"
            elif value is not None and kind == "positive" and value <= 0:
                yield (column, f"{text} is not above zero", "a spread is greater than zero; empty if unknown")
    for column, allowed in declared.get("choice", {}).items():
        if cells.get(column, "") and cells[column] not in allowed:
            yield column, f"{cells[column]!r} is not one of its words", f"use one of: {', '.join(allowed)}"
    for column, (low, high) in declared.get("within", {}).items():
        value = _number(cells.get(column, ""))
        if value is not None and not low <= value <= high:
            yield column, f"{value:g} is outside {low:g} to {high:g}", "check the digits and the unit"


def _relations(table: str, cells: Mapping[str, str]) -> Iterator[Complaint]:
    """What one row says in several cells must agree: interval ends, dates and their precision."""
    for group in declarations()[table].get("ordered", ()):
        columns = [column for column in group.split() if _number(cells.get(column, "")) is not None]
        for left, right in pairwise(columns):
            if float(cells[left]) > float(cells[right]):
                yield left, f"{left} {cells[left]} is above {right} {cells[right]}", "are the bounds swapped?"
    column = declarations()[table].get("date")
    if column is not None:
        precision, text = cells.get("date_precision", ""), cells[column]
        parts = {"day": 3, "month": 2, "year": 1, "none": 0}.get(precision)
        if parts is None or (len(text.split("-")) if text else 0) != parts or not _is_date(text):
            yield (
                column,
                f"{text!r} is not a date known to the {precision}",
                "write YYYY-MM-DD, YYYY-MM or YYYY",
            )


def _is_date(text: str) -> bool:
    try:
        return not text or bool(date(*(int(part) for part in [*text.split("-"), "1", "1"][:3])))
    except (ValueError, TypeError):
        return False


def undated(text: str) -> str:
    """The first sentence that says of the world that a thing is not there, instead of who searched and until when."""
    rule = declarations()["absence"]
    for sentence in re.split(r"(?<=[.;:!?])\s+", text):
        claimed = any(
            re.search(each.replace("WORD", rule["word"]), sentence, re.I) for each in rule["claims"]
        )
        if claimed and not re.search(rule["said"], sentence):
            return sentence
    return ""


def counted(unit: str, what: str = "people events share") -> bool:
    """Whether a unit counts people or events, or is a share of people: `participants`, `n of patients`, `%`."""
    said = re.findall(r"[a-z]+|%", unit.lower())
    names = [name for kind in what.split() for name in declarations()["counts"][kind].split()]
    return any(word in (name, f"{name}s") for word in said for name in names)


def mass_unit(text: str) -> str | None:
    """The mass unit at the head of a `dose_unit` cell: `mg/kg oral` is mg/kg; None where it is no mass."""
    match = _MASS.match(text)
    if match is None or " or " in text or "/mL" in text or "/L" in text:
        return None
    unit, per = match.groups()
    unit = {"µg": "ug", "μg": "ug", "mcg": "ug"}.get(unit, unit)
    return f"{unit}/{per.replace(' ', '')}" if per else unit


def doses_in_words(text: str) -> list[tuple[float, str]]:
    """Every dose a text names, with its unit: `LSD 10 ug`, `psilocybin 0.17 mg/kg`, `20 mg per 70 kg`."""
    return [(float(digits), unit) for digits, unit in _DOSE_IN_WORDS.findall(text)]


def substance(compound: str, unit: str | None) -> str | None:
    """LSD, psilocybin or fungus (material weighed, not assayed), by the first of `[substances]` that fits; else None."""
    text = compound.lower()
    for rule in declarations()["substances"]["rules"]:
        named = any(word in text for word in rule["any"])
        if (
            named
            and not any(word in text for word in rule.get("without", ()))
            and rule.get("unit", unit) == unit
        ):
            return rule["is"] or None
    return None


def implausible_value(compound: str, value: float, unit: str, species: str = "") -> str | None:
    """Why a dose cannot be right, or None. A unit nobody uses for that compound is implausible too."""
    mass, kind = mass_unit(unit), None
    if mass is not None:
        kind = substance(compound, mass)
    if mass is None or kind is None or value == 0:
        return None
    host = "animal" if any(name in species.lower().split() for name in ANIMALS) else "human"
    limits = declarations()["doses"][host][kind]
    if mass not in limits:
        return f"{kind} is not dosed in {mass}; use {', '.join(limits)}"
    low, high = limits[mass]
    if low <= value <= high:
        return None
    return f"{value:g} {mass} of {kind} is outside {low:g} to {high:g} {mass}; check unit and decimals"


def _doses(table: str, cells: Mapping[str, str]) -> Iterator[Complaint]:
    column = declarations()[table].get("dose")
    compound = cells.get("compound") or cells.get("psychedelic") or ""
    if column is not None and cells.get(column, ""):
        if not cells.get("dose_unit", ""):
            yield "dose_unit", "a dose without a unit", "write the unit, such as ug, mg or g dried"
        plain = [(float(digits), cells.get("dose_unit", "")) for digits in _NUMBER.findall(cells[column])]
        for dose, unit in doses_in_words(cells[column]) or plain:  # a unit in the cell itself wins
            why = implausible_value(compound, dose, unit, cells.get("species", ""))
            if why is not None:
                yield column, f"implausible dose: {why.split('; ')[0]}", why.split("; ")[1]
                break
    column = declarations()[table].get("dose_text")
    if column is not None:
        for dose, unit in doses_in_words(cells.get(column, "")):
            why = implausible_value(cells[column], dose, unit)
            if why is not None:
                yield column, f"implausible dose: {why.split('; ')[0]}", why.split("; ")[1]


def _spread(table: str, cells: Mapping[str, str]) -> Iterator[Complaint]:
    """An extraction row with a number but no spread cannot be pooled; new gaps are refused."""
    if not declarations()[table].get("extraction"):
        return
    if cells.get("study_id") in declarations()["gaps"].get(table, "").split():
        return
    if cells.get("mean") and not cells.get("sd") and not counted(cells.get("unit", "")):
        yield ("sd", "a mean without its SD", "add the SD, or only the direction in effect_type")
    if cells.get("change_mean") and not (cells.get("change_sd") or cells.get("change_ci_low")):
        yield (
            "change_sd",
            "a mean change without SD or interval",
            "add change_sd, or change_ci_low and change_ci_high",
        )
    if cells.get("effect") and not (cells.get("effect_se") or (cells.get("ci_low") and cells.get("ci_high"))):
        yield (
            "effect_se",
            "an effect without its standard error",
            "add effect_se, or ci_low, ci_high and ci_level",
        )


def _provenance(
    table: str, cells: Mapping[str, str], studies: Collection[str], references: Collection[str]
) -> Iterator[Complaint]:
    if "verification" in cells and cells["verification"] not in MARKS:
        yield "verification", f"{cells['verification']!r} is not a mark", f"use one of: {', '.join(MARKS)}"
    column = "source" if "source" in cells else "sources"
    keys = [key for key in re.split(r"[;,\s]+", cells.get(column, "")) if key and key != "none"]
    for key in keys:
        if key not in bibliography() and key not in references:
            yield (
                column,
                f"{key!r} is not in references.bib",
                "add the reference first (`limen evidence add FILE.bib`)",
            )
    # A search that found nothing was `seen` to find nothing: there is no page to point at.
    empty_search = "search_only" in declarations()[table] and not keys and cells["verification"] == "seen"
    if (
        cells.get("verification") == "seen"
        and "locator" in cells
        and not cells["locator"]
        and not empty_search
    ):
        yield (
            "locator",
            "a row marked `seen` without a locator",
            "say where it was read: abstract, Table 2, p. 14",
        )
    column = declarations()[table].get("known_study")
    if column is not None and not cells.get("group", "").startswith("comparator"):
        study = cells.get(column, "")
        known = study in studies or study in {row["study_id"] for row in read("clinical/studies")}
        if study and not known and study not in bibliography() and study not in references:
            yield (
                column,
                f"unknown study {study!r}",
                "add its row to clinical/studies first (`limen evidence add`)",
            )
