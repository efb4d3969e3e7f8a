"""A record of ClinicalTrials.gov in the shape of its API, version 2: the fields limen reads, and the names of those it does not."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic.alias_generators import to_camel

from limen.errors import DataError, Place

MAX_BYTES = 5_000_000
SHAPE = "save the record itself: https://clinicaltrials.gov/api/v2/studies/NCT..., or 'Download' as JSON on its page"


class _Section(BaseModel):
    model_config = ConfigDict(
        extra="allow", frozen=True, alias_generator=to_camel, populate_by_name=True, hide_input_in_errors=True
    )


class Identification(_Section):
    nct_id: str = Field(pattern=r"^NCT\d{8}$")
    brief_title: str = ""
    official_title: str = ""
    acronym: str = ""


class Progress(_Section):
    overall_status: str = ""


class Description(_Section):
    brief_summary: str = ""
    detailed_description: str = ""


class Conditions(_Section):
    conditions: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()


class Masking(_Section):
    masking: str = ""
    masking_description: str = ""
    who_masked: tuple[str, ...] = ()


class DesignInfo(_Section):
    allocation: str = ""
    intervention_model: str = ""
    intervention_model_description: str = ""
    masking_info: Masking = Masking()


class Enrolment(_Section):
    count: int | None = None


class DesignModule(_Section):
    study_type: str = ""
    design_info: DesignInfo = DesignInfo()
    enrollment_info: Enrolment = Enrolment()


class ArmGroup(_Section):
    label: str = ""
    type: str = ""
    description: str = ""
    intervention_names: tuple[str, ...] = ()


class Intervention(_Section):
    type: str = ""
    name: str = ""
    description: str = ""
    arm_group_labels: tuple[str, ...] = ()
    other_names: tuple[str, ...] = ()


class Arms(_Section):
    arm_groups: tuple[ArmGroup, ...] = ()
    interventions: tuple[Intervention, ...] = ()


class Listed(_Section):
    measure: str = ""
    description: str = ""
    time_frame: str = ""


class Outcomes(_Section):
    primary_outcomes: tuple[Listed, ...] = ()
    secondary_outcomes: tuple[Listed, ...] = ()
    other_outcomes: tuple[Listed, ...] = ()


class Eligibility(_Section):
    eligibility_criteria: str = ""
    healthy_volunteers: bool = False
    minimum_age: str = ""
    maximum_age: str = ""
    sex: str = ""


class Location(_Section):
    country: str = ""
    state: str = ""


class Locations(_Section):
    locations: tuple[Location, ...] = ()


class Record(_Section):
    """The protocol section of a record."""

    identification_module: Identification
    status_module: Progress = Progress()
    description_module: Description = Description()
    conditions_module: Conditions = Conditions()
    design_module: DesignModule = DesignModule()
    arms_interventions_module: Arms = Arms()
    outcomes_module: Outcomes = Outcomes()
    eligibility_module: Eligibility = Eligibility()
    contacts_locations_module: Locations = Locations()

    @property
    def narrative(self) -> str:
        """What it says in sentences, outside its arms."""
        design, said = self.design_module.design_info, self.description_module
        parts = (
            design.intervention_model_description, design.masking_info.masking_description, said.brief_summary,
            self.identification_module.official_title, said.detailed_description,
        )  # fmt: skip
        return "\n".join(part for part in parts if part)

    def unread(self) -> tuple[str, ...]:
        """The fields of the record that limen has no use for, by name; whole modules where nothing of them is read."""
        return tuple(dict.fromkeys(_beside(self)))


def _beside(part: Any, before: str = "") -> Iterator[str]:
    if isinstance(part, tuple):
        for one in cast("tuple[Any, ...]", part):
            yield from _beside(one, before)
    elif isinstance(part, _Section):
        yield from (f"{before}{name}" for name in part.model_extra or {})
        for name, field in type(part).model_fields.items():
            yield from _beside(getattr(part, name), f"{before}{field.alias or name}.")


def read_record(file: Path | str, study: str | None = None) -> Record:
    """The record of a JSON file: one study, or the one called `study` of several. Raises DataError for anything else."""
    path = Path(file)
    studies = _studies(json_of(path, SHAPE), path)
    named = {_nct(one): one for one in studies}
    if study is not None and study not in named:
        raise DataError(
            f"holds no study {study}", Place(file=path), f"it holds: {', '.join(map(str, named)) or 'none'}"
        )
    if study is None and len(studies) != 1:
        held = ", ".join(list(map(str, named))[:10])
        raise DataError(f"holds {len(studies)} studies", Place(file=path), f"say which with --study: {held}")
    try:
        return Record.model_validate(named[study] if study is not None else studies[0])
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        field = "protocolSection." + ".".join(map(str, first["loc"]))
        raise DataError(
            f"is not a record as its API gives it: {first['msg']}", Place(file=path, field=field), SHAPE
        ) from None


def json_of(path: Path, shape: str) -> Any:
    """What a JSON file holds. Raises DataError with `shape` as its remedy."""
    try:
        if path.is_file() and path.stat().st_size > MAX_BYTES:
            raise DataError("is larger than 5 MB, which no record is", Place(file=path), shape)
        return json.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise DataError(f"cannot be read: {error.strerror or error}", Place(file=path), shape) from None
    except (ValueError, RecursionError):
        raise DataError("is not JSON", Place(file=path), shape) from None


def _studies(value: Any, path: Path) -> list[dict[str, Any]]:
    """The protocol sections of a file: one study, several under `studies`, or a plain list."""
    held = _mapping(value).get("studies", [value]) if isinstance(value, dict) else value
    listed = cast("list[Any]", held) if isinstance(held, list) else []
    found = [_mapping(one).get("protocolSection") for one in listed]
    if not found or any(not isinstance(one, dict) for one in found):
        raise DataError("has no protocolSection", Place(file=path), SHAPE)
    return [_mapping(one) for one in found]


def _mapping(value: Any) -> dict[str, Any]:
    return cast("dict[str, Any]", value) if isinstance(value, dict) else {}


def _nct(section: dict[str, Any]) -> Any:
    return _mapping(section.get("identificationModule")).get("nctId")
