"""The register of indications: what people of a trial have, by any of its names, and where each stands in for another."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Annotated, Any

from pydantic import BeforeValidator

from limen.protocol.fields import Choice, abridged, nearest, refuse

OTHER = "other"


@dataclass(frozen=True)
class Indication:
    """One indication. `condition` is the word of evidence for it, found in texts by any of `about`; `scale` what the
    construct of its scales contains; `takes` the indication whose comedication it borrows, its own where it is the same."""

    name: str
    words: tuple[str, ...]
    condition: str
    about: tuple[str, ...]
    scale: str
    takes: str


@cache
def _register() -> Mapping[str, Indication]:
    text = files("limen.protocol").joinpath("indications.toml").read_text(encoding="utf-8")
    found = {
        name: Indication(
            name,
            tuple(row["words"]),
            row["condition"],
            tuple(row.get("about", ())),
            row["scale"],
            row["takes"],
        )
        for name, row in tomllib.loads(text).items()
    }
    return MappingProxyType(found)


def indication_names() -> tuple[str, ...]:
    """The indications limen knows, by their own names."""
    return tuple(_register())


def indication(name: str) -> Indication:
    """The entry of an indication by its own name."""
    return _register()[name]


@cache
def words_about(condition: str) -> tuple[str, ...]:
    """What texts about a condition contain, where its own word alone would not find them; () where it does."""
    return next((one.about for one in _register().values() if one.condition == condition), ())


def indications_in(text: str) -> list[str]:
    """The indications whose names a text speaks of, by their own names, those of longer words first."""
    low, found = f" {' '.join(text.casefold().replace('-', ' ').split())} ", dict[str, None]()
    for word, name in sorted(_called().items(), key=lambda pair: -len(pair[0])):
        plain = re.escape(word.replace("-", " "))
        if name != OTHER and re.search(rf"(?<!\w){plain}(?!\w)", low):
            low = re.sub(rf"(?<!\w){plain}(?!\w)", " ", low)
            found[name] = None
    return list(found)


@cache
def _called() -> Mapping[str, str]:
    words = {word.casefold(): one.name for one in _register().values() for word in one.words}
    return MappingProxyType(words | {name.casefold(): name for name in _register()})


def _named(value: Any) -> Any:
    """The indication's own name for any of its names. Raises with the nearest of all names, and how to write another."""
    if not isinstance(value, str) or value in _register():
        return value
    found = _called().get(" ".join(value.casefold().split()))
    if found is None:
        near = dict.fromkeys(_called()[word] for word in nearest(value.casefold(), _called(), 3))
        hint = f"did you mean {' or '.join(map(repr, near))}? " if near else ""
        told = f"{hint}else write indication: other, and description: what the people have; known are: {'; '.join(_register())}"
        raise refuse(f"limen has no indication {abridged(value)}", told)
    return found


IndicationName = Annotated[str, Choice(indication_names), BeforeValidator(_named)]
