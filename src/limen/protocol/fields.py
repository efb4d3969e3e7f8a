"""What every part of a protocol shares: a strict base, quantities with units, mistakes with a remedy."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from math import isfinite
from types import MappingProxyType
from typing import Annotated, Any

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    PlainSerializer,
    PlainValidator,
    WithJsonSchema,
)
from pydantic_core import CoreSchema, PydanticCustomError, core_schema
from rapidfuzz import fuzz, process

from limen.errors import UnitError
from limen.units import Quantity, quantity


class Part(BaseModel):
    """A part of a protocol: frozen, and a field it does not know is refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


@dataclass(frozen=True)
class Mistake:
    """One thing wrong with a protocol: the path of the field, what is wrong, and what would be right."""

    path: tuple[str | int, ...]
    what: str
    remedy: str | None = None


def refuse(what: str, remedy: str | None = None) -> PydanticCustomError:
    """An error for one field, carrying its remedy."""
    return refuse_all([Mistake((), what, remedy)])


def refuse_all(mistakes: Iterable[Mistake]) -> PydanticCustomError:
    """One error that carries several mistakes, each with its own path below the place it is raised at."""
    found = tuple(mistakes)
    # The template engine of the error class reads braces; the text travels in the context instead.
    return PydanticCustomError(
        "mistakes", "{text}", {"text": "; ".join(m.what for m in found), "mistakes": found}
    )


def mistakes_of(error: PydanticCustomError) -> tuple[Mistake, ...]:
    """The mistakes that `refuse_all` packed."""
    return tuple((error.context or {})["mistakes"])


@cache
def _plausible() -> Mapping[str, Any]:
    return tomllib.loads(files("limen.protocol").joinpath("plausible.toml").read_text(encoding="utf-8"))


def plausible_range(name: str) -> tuple[float, float, str]:
    """Low, high and unit of one plausible range of `plausible.toml`."""
    entry = _plausible()[name]
    return float(entry["low"]), float(entry["high"]), str(entry["unit"])


def stand_ins() -> Mapping[str, str]:
    """Active placebos, each with the one whose chance of being noticed stands in for its own."""
    return {name: str(of) for name, of in _plausible()["agents"].items() if name not in ("status", "note")}


def agent_names() -> tuple[str, ...]:
    """The active placebos a protocol may name."""
    return tuple(stand_ins())


def assumed_weight() -> tuple[float, float]:
    """Mean and SD of body weights, kg, that stand in where a protocol gives none."""
    return float(_plausible()["body_weight"]["mean"]), float(_plausible()["body_weight"]["sd"])


def abridged(value: Any) -> str:
    """A value as a message may show it."""
    text = ascii(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


def nearest(word: str, words: Iterable[str], count: int = 1) -> list[str]:
    """The words most like a word, near enough to be meant by it."""
    # Partial matching serves "tartrate"; for a letter or two it would match anything.
    scorer = fuzz.WRatio if len(word) > 3 else fuzz.ratio
    found = process.extract(word[:200], list(words), scorer=scorer, limit=count, score_cutoff=60)
    return [match for match, _, _ in found]


def meant(word: str, words: Iterable[str], count: int = 1) -> str:
    """The remedy for a word nobody knows: the nearest, else the whole list."""
    words = list(words)
    found = nearest(word, words, count)
    return f"did you mean {' or '.join(map(repr, found))}?" if found else f"known are: {', '.join(words)}"


def no_choice(value: Any, choices: Sequence[str]) -> Mistake:
    """What is said of a word that is not one of the choices."""
    near = _beginning(value, choices) or nearest(value, choices) if isinstance(value, str) else []
    hint = f"did you mean {' or '.join(map(repr, near))}? " if near else ""
    remedy = f"{hint}choices are: {'; '.join(choices)}"
    return Mistake((), f"{abridged(value)} is not one of the choices", remedy)


def _beginning(word: str, choices: Sequence[str]) -> list[str]:
    """The choices that begin with a whole word: forms of LSD for 'LSD', never another compound whose name holds it."""
    return [one for one in choices if one.casefold().startswith(f"{word.strip().casefold()} ")]


@dataclass(frozen=True)
class Choice:
    """One word of a list that is read when it is needed, since records may be added while limen runs."""

    known: Callable[[], Sequence[str]]

    def check(self, value: Any) -> str:
        known = self.known()
        if not isinstance(value, str) or value not in known:
            same = [
                one for one in known if isinstance(value, str) and one.casefold() == value.strip().casefold()
            ]
            if len(same) != 1:
                raise refuse_all([no_choice(value, known)])
            return same[0]
        return value

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(
            self.check, serialization=core_schema.to_string_ser_schema()
        )

    def __get_pydantic_json_schema__(self, core: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {"enum": list(self.known()), "type": "string"}


def measured(kind: str, positive: bool) -> Callable[[Any], Quantity]:
    """A validator of texts such as '10 ug': finite, and above zero (or zero or more)."""

    def validate(value: Any) -> Quantity:
        if isinstance(value, Quantity):
            found = value
        else:
            if isinstance(value, bool) or not isinstance(value, str | int | float):
                raise refuse(f"expected a {kind} with its unit", f"write it as {EXAMPLES[kind]!r}")
            try:
                found = quantity(str(value), kind)
            except UnitError as error:
                if kind == "mass" and _RANGE.fullmatch(str(value)):
                    raise refuse(f"{value!r} is a range, not a dose", OF_A_RANGE) from None
                said = None if kind == "time" and "number with a unit" in error.what else error.remedy
                raise refuse(error.what, said or f"write it as {EXAMPLES[kind]!r}") from None
        if not isfinite(found.value):
            raise refuse(f"{value!r} is not a finite number", f"write it as {EXAMPLES[kind]!r}")
        if found.value < 0 or (positive and found.value == 0):
            raise refuse(f"a {kind} of {found} is not {'above zero' if positive else 'zero or more'}")
        return found

    return validate


def written(found: Quantity) -> str:
    """A quantity as a protocol would write it, with every digit kept."""
    return f"{found.value:.17g} {found.unit}" if float(f"{found.value:g}") != found.value else str(found)


_RANGE = re.compile(r"\s*\d[\d.]*\s*\w*\s*(?:-|–|to)\s*\d[\d.]*\s*\w+\s*")
OF_A_RANGE = (
    "write the doses people get: {levels: [5 ug, 10 ug]} where one is drawn a person, {steps: ...} over time, or {titrate: {start, "
    "min, max, step, rule}}"
)
_SINCE = re.compile(r"(?:at )?(?:study )?(day|week|hour|wk|[dw])\s*(\d+(?:\.\d+)?)", re.IGNORECASE)


def when(value: Any) -> Any:
    """A time since the first visit as a quantity's text where it is written as registries do ('Day 28', 'week 6', 'baseline');
    whatever else as it is."""
    if not isinstance(value, str):
        return value
    text = value.strip()
    found = _SINCE.fullmatch(text)
    return f"{found[2]} {found[1].lower()}" if found else "0 wk" if text.casefold() == "baseline" else value


EXAMPLES: Mapping[str, str] = MappingProxyType({"mass": "10 ug", "time": "6 wk", "content": "10 mg/g"})


def as_text(kind: str) -> WithJsonSchema:
    """How an editor is told of a quantity that is written as text."""
    return WithJsonSchema(
        {"type": "string", "description": f"a {kind} with its unit", "examples": [EXAMPLES[kind]]}
    )


Mass = Annotated[
    Quantity, PlainValidator(measured("mass", True)), PlainSerializer(written, str), as_text("mass")
]
Duration = Annotated[
    Quantity, PlainValidator(measured("time", True)), PlainSerializer(written, str), as_text("time")
]
Since = Annotated[
    Quantity,
    PlainValidator(lambda value: measured("time", True)(when(value))),
    PlainSerializer(written, str),
    as_text("time"),
]
Content = Annotated[
    Quantity, PlainValidator(measured("content", True)), PlainSerializer(written, str), as_text("content")
]
Number = Annotated[float, Field(strict=True, allow_inf_nan=False)]
Whole = Annotated[int, Field(strict=True)]


def _filled(value: str) -> str:
    if not value.strip():
        raise refuse("is empty", "write a text, or leave the field out")
    return value


Filled = Annotated[str, BeforeValidator(lambda value: _filled(value) if isinstance(value, str) else value)]
