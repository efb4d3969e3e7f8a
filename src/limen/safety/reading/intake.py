"""Patients from files: a text list, a CSV of many, or a FHIR R4 Bundle. Nothing is kept or logged."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

from limen.errors import DataError, Place
from limen.heard import Heard
from limen.safety.reading.conditions import Condition, Measurements, said
from limen.safety.reading.lines import LONGEST_TEXT, number, rows
from limen.safety.reading.names import read_list
from limen.safety.reading.patient import Patient
from limen.safety.reading.words import reading_aids

_PRESSURE = re.compile(
    r"(?:\b(?:bp|blood pressure)\b|^)\s*[:=]?\s*(\d{2,3})\s*/\s*(\d{2,3})\b(?:\s*mm ?hg\b)?", re.IGNORECASE
)
_MEASURE = re.compile(
    r"([a-z][a-z-]{1,9})\s*[:=]?\s*(?:of\s+)?([<>]?)\s*(\d+(?:\.\d+)?)(?:\s*(?:ms|msec|years|y|u/l|iu/l|kg|%))?(?!\w|\s*/\s*\d)",
    re.IGNORECASE,
)
COLUMNS = {
    "id": ("id", "patient", "patient_id", "subject", "usubjid", "participant"),
    "sex": ("sex", "gender"),
}
# columns about the visit and not the person's health; any other that nobody reads goes to a clinician
ABOUT = re.compile(
    r"(?:site|cent(?:re|er)|visit|date|day|screen(?:ed|ing)?|number|no|row|name|first|last|initials|dob|birth(?:day)?|consent(?:ed)?|arm|group|country|language|post ?code|phone|email|"
    r"recruit(?:ed|er|ment)?|source|status|timestamp|height)(?:[ _](?:name|date|id|no|number|code|of|birth|cm))*"
)
# every column that sounds like it is read: `medication_2` and `concomitant` hold medicines as well as `medications` does
SOUNDS = {
    "conditions": re.compile(r"condition|diagnos|history|icd|comorbid|problem|illness|disease"),
    "medications": re.compile(
        r"med(?:s|ic|\b|_|\d)|drug|comed|con ?med|concomitant|prescri|supplement|\botc\b|pharmac|treatment|substance"
    ),
}


def parse_conditions(text: str) -> tuple[tuple[Condition, ...], Measurements]:
    """Conditions and measurements as written: `F31.9; epilepsy; BP 150/95; QTc 460; age 70; female; pregnant`."""
    names, values, sex = reading_aids()["measures"]["names"], dict[str, float](), ""
    left: list[str] = []
    for part in re.split(r"([;\n|]|,(?!\d))", text):
        if part.strip().casefold() in ("male", "female", "m", "f"):
            sex = part.strip().casefold()[0]
            continue
        for pressure in _PRESSURE.finditer(part):
            # of several the highest counts
            values["sbp"] = max(float(pressure[1]), values.get("sbp", 0.0))
            values["dbp"] = max(float(pressure[2]), values.get("dbp", 0.0))
        rest = _PRESSURE.sub(" ", part)
        for measure in _MEASURE.finditer(rest):
            name = names.get(measure[1].casefold(), "")
            # "eGFR > 90" is as good as 90; "QTc > 450" is no number
            # a second value of one measure stays unread: nobody can say which is meant
            if name and values.get(name, float(measure[3])) != float(measure[3]):
                continue
            if name and measure[2] in ("", reading_aids()["measures"]["better"].get(name)):
                values[name] = float(measure[3])
                rest = rest.replace(measure[0], " ")
        # what stands beside a number is a condition like any other
        left.append(rest)
    return said("".join(left).replace("\n", "; ")), Measurements(values, sex)


def patient(medications: str, conditions: str = "", id: str = "", today: date | None = None) -> Patient:
    """A patient from a typed medication list and typed conditions."""
    found, measured = parse_conditions(conditions)
    return Patient(id, read_list(medications, today), found, measured)


def patients(path: Path, today: date | None = None) -> Iterator[Patient]:
    """Patients of a CSV, one a row, streamed. Columns: id, medications, conditions, sex, and measures by name.

    Several columns may hold medicines (`medication_1`, `concomitant`) or conditions (`diagnoses`, `history`).

    Raises DataError naming the row for a file that is no CSV, lacks `medications`, or holds a number that is none.
    """
    reader = rows(path)
    measures = reading_aids()["measures"]["names"]
    header = next(reader, None)
    if not header:
        raise DataError(
            "the file is empty", Place(file=path), "give a header line with a column `medications`"
        )
    names = [name.strip().casefold() for name in header]
    at = {key: [i for i, n in enumerate(names) if n in options][:1] for key, options in COLUMNS.items()}
    for key, sounds in SOUNDS.items():
        taken = {i for places in at.values() for i in places}
        at[key] = [i for i, n in enumerate(names) if sounds.search(n) and i not in taken]
    if not at["medications"]:
        raise DataError(
            "there is no column `medications`",
            Place(file=path, row=1),
            f"the first line must name the columns; it has {len(names)}, none of them for medicines",
        )
    numeric = [(i, measures[name]) for i, name in enumerate(names) if name in measures]
    known = {i for places in at.values() for i in places} | {i for i, _ in numeric}
    unread = [(i, n) for i, n in enumerate(names) if i not in known and not ABOUT.fullmatch(n)]
    seen: set[str] = set()
    for row, cells in enumerate(reader, 2):
        if not any(cell.strip() for cell in cells):
            continue
        person = _from_cells(cells, at, numeric, Place(file=path, row=row), today, row)
        if person.id in seen:
            raise DataError(
                "a patient id occurs a second time",
                Place(file=path, row=row),
                "one row a patient: all medications in one cell, with semicolons between them",
            )
        seen.add(person.id)
        said = [
            Heard("column", "", cells[i], f"column {n!r} is not read") for i, n in unread if cells[i].strip()
        ]
        yield replace(person, unread=(*person.unread, *said))


def _from_cells(
    cells: list[str],
    at: dict[str, list[int]],
    numeric: list[tuple[int, str]],
    place: Place,
    today: date | None,
    row: int,
) -> Patient:
    def cell(key: str) -> str:
        text = "; ".join(cells[index] for index in at[key] if cells[index].strip())
        if len(text) > LONGEST_TEXT:
            raise DataError(f"{key} longer than {LONGEST_TEXT} characters", place, "give one patient a row")
        return text

    found, measured = parse_conditions(cell("conditions"))
    values, twice = dict(measured.values), list[Heard]()
    for index, name in numeric:
        if cells[index].strip():
            value = number(
                cells[index], place, f"{name} is not a number", "leave a missing measurement empty"
            )
            if values.setdefault(name, value) != value:
                words = f"{name} {values[name]:g}, {name} {value:g}"
                twice.append(Heard("measurement", "", words, "two values of one measure"))
    sex = cell("sex").strip().casefold()[:1] or measured.sex
    return Patient(
        cell("id").strip() or f"row {row}",
        read_list(cell("medications"), today),
        found,
        Measurements(values, sex),
        unread=tuple(twice),
    )
