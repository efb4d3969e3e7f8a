"""An analysis written down before the data were seen: a YAML file with the names that `limen analyse` has."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from ruamel.yaml import YAML, YAMLError

from limen.analysis.t_law import Alternative
from limen.errors import DataError, Place


class Specification(BaseModel):
    """Every field is optional but the version; what the file leaves out may be said beside it, what it says may not."""

    model_config = ConfigDict(extra="forbid")

    limen_analysis: int = Field(ge=1, le=1, alias="limen-analysis")
    id: str | None = None
    visit: str | None = None
    arm: str | None = None
    control: str | None = None
    outcome: str | None = None
    baseline: str | None = None
    period: str | None = None
    sequence: str | None = None
    event: str | None = None
    covariates: tuple[str, ...] | None = None
    factors: tuple[str, ...] | None = None
    leave_out: tuple[str, ...] | None = None
    wide: tuple[str, ...] | None = None
    wide_as: str | None = None
    order: tuple[str, ...] | None = None
    baseline_visit: str | None = None
    visit_order: tuple[str, ...] | None = None
    visit_time: str | None = None
    visit_of_interest: str | None = None
    scale: str | None = None
    method: str | None = None
    fixed: str | None = None
    random: str | None = None
    covariance: tuple[str, ...] | None = Field(default=None, description="tried in turn")
    covariance_by: str | None = None
    weights: str | None = None
    likelihood: str | None = None
    se_method: str | None = None
    level: float | None = None
    pairs: str | None = None
    contrasts: tuple[str, ...] | None = None
    derive: tuple[str, ...] | None = None
    summary: str | None = None
    margin: float | None = None
    alternative: Alternative | None = None
    multiplicity: str | None = None
    by: str | None = None


ROLES = ("id", "visit", "arm", "control", "outcome", "baseline", "period", "sequence", "event")


def specified(file: Path, told: Mapping[str, Any]) -> dict[str, Any]:
    """What is `told` with what the file says. Raises DataError for a file that cannot be read, a name that means nothing,
    and for anything told that the file says otherwise."""
    said = _read(file)
    roles = {name: value for name, value in said.items() if name in ROLES}
    rest = {name: value for name, value in said.items() if name not in ROLES}
    if "covariance" in rest:
        rest["structure"] = ",".join(rest.pop("covariance"))
    for name, value in (*roles.items(), *rest.items()):
        other = told["roles"].get(name) if name in ROLES else told.get(name)
        if other not in (None, (), [], value):
            raise DataError(f"{name} is {value!r} here, and {other!r} was asked for", Place(file=file, field=name), "an analysis is what was written down before: leave one of them out")  # fmt: skip
    return {**told, **rest, "roles": {**told["roles"], **roles}}


def _read(file: Path) -> dict[str, Any]:
    try:
        content = YAML(typ="safe").load(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(
            f"cannot be read: {getattr(error, 'strerror', error)}", Place(file=file), "name a YAML file"
        ) from None
    except YAMLError as error:
        raise DataError(f"is no YAML: {str(error).splitlines()[0]}", Place(file=file)) from None
    if not isinstance(content, dict):
        raise DataError("holds no names", Place(file=file), "start with limen-analysis: 1")
    plain = {
        name: [str(v) for v in value] if isinstance(value, list) else value for name, value in content.items()
    }
    plain = {
        n: str(v) if n in (*ROLES, "visit_of_interest", "baseline_visit") and v is not None else v
        for n, v in plain.items()
    }
    try:
        found = Specification.model_validate(plain)
    except ValidationError as error:
        first = error.errors()[0]
        place = Place(file=file, field=".".join(map(str, first["loc"])))
        raise DataError(first["msg"], place, f"fields: {', '.join(Specification.model_fields)}") from None
    return found.model_dump(exclude_none=True, exclude={"limen_analysis"})
