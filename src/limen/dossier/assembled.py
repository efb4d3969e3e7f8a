"""The answer put together from the sections' own nouns: its type, its JSON Schema, and how it shows itself."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any, get_args

from markupsafe import escape
from pydantic import create_model

from limen.dossier.answer import SCHEMA_VERSION, Answer
from limen.dossier.render import html, write_html
from limen.dossier.sections import sections
from limen.dossier.terminal import at_terminal
from limen.files import json_text, write_text


class Assembled(Answer):
    """An answer with every section there is, that shows itself in a terminal, in a notebook and as a page."""

    def to_json(self) -> str:
        """The dossier's JSON file; a number that is not defined is null."""
        return json_text(self.model_dump(mode="python")) + "\n"

    def write(self, path: Path | str) -> Path:
        """Write the page as one HTML file. Raises OutputError."""
        return write_html(self, path)

    def __str__(self) -> str:
        return at_terminal(self)

    def _repr_html_(self) -> str:
        """The whole page in a frame, so that its styles stay its own."""
        return f'<iframe srcdoc="{escape(html(self))}" style="width:100%;height:40rem;border:0"></iframe>'


@cache
def answer_type() -> type[Assembled]:
    """The type with a field for each section; `answer_type.cache_clear()` after adding a section at run time."""
    fields: dict[str, Any] = {
        s.name: (s.noun, None) if type(None) in get_args(s.noun) else (s.noun, ...)
        for s in sections()
        if s.noun is not None
    }
    return create_model("Answer", __base__=Assembled, __doc__=Answer.__doc__, **fields)


def schema() -> dict[str, Any]:
    """The JSON Schema of the dossier's JSON file."""
    described = answer_type().model_json_schema(mode="serialization")
    return {"$schema": "https://json-schema.org/draft/2020-12/schema",
            "$id": f"urn:limen:answer:{SCHEMA_VERSION}", **described}  # fmt: skip


def write_schema(path: Path | str) -> Path:
    return write_text(path, json.dumps(schema(), indent=2, ensure_ascii=False) + "\n")
