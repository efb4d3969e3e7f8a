"""The answer as data: what the dossier shows and what its JSON file holds, assembled from the sections' own nouns.

A section whose room is not built, or that the protocol does not call for, is None and is absent from the page. Benefit
is always positive: a difference in favour of the active arm is above zero.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, get_args

from pydantic import create_model

from limen.dossier.noun import Noun
from limen.dossier.sections import sections

SCHEMA_VERSION = 1


class Reproduce(Noun):
    """What gives the same numbers again."""

    version: str
    command: str
    seed: int
    draws: int
    people: int
    trials: int
    protocol_hash: str
    parameter_hash: str
    result_digest: str
    software: dict[str, str]


class Answer(Noun):
    """What every answer has; `answer_type()` adds one field a section."""

    schema_version: Literal[1] = SCHEMA_VERSION
    reproduce: Reproduce
    warnings: list[str]

    if TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any: ...

    def to_json(self) -> str:
        """The dossier's JSON: a number that is not defined is null."""
        return self.model_dump_json(indent=1) + "\n"

    def write(self, path: Path | str) -> Path:
        """Write the page as one HTML file."""
        from limen.dossier.render import write_html

        return write_html(self, path)

    def __str__(self) -> str:
        from limen.dossier.terminal import summary

        return summary(self)

    def _repr_html_(self) -> str:
        """The whole page in a frame of its own, so that its styles stay its own."""
        from markupsafe import escape

        from limen.dossier.render import html

        return f'<iframe srcdoc="{escape(html(self))}" style="width:100%;height:40rem;border:0"></iframe>'


@cache
def answer_type() -> type[Answer]:
    """The answer with every section there is. Call `answer_type.cache_clear()` after adding a section at run time."""
    fields: dict[str, Any] = {
        s.name: (s.noun, None) if type(None) in get_args(s.noun) else (s.noun, ...)
        for s in sections()
        if s.noun is not None
    }
    return create_model("Answer", __base__=Answer, __doc__=Answer.__doc__, **fields)
