"""An Answer as a page: one HTML file that opens with no network, and its figures on request."""

from __future__ import annotations

import base64
import csv
import io
import json
import re
from collections.abc import Iterable
from importlib.resources import files
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from limen.dossier import words
from limen.dossier.answer import Answer, UsedParameter
from limen.dossier.drawers import TOPICS, drawers
from limen.dossier.plates import Plate, plates
from limen.figures import theme

INTENDED_USE = (
    "For research and trial design. It says what a trial would be expected to show; "
    "it is never advice to anybody on taking a drug, or on a dose of one."
)


def figures(answer: Answer) -> dict[str, Any]:
    """The Altair charts of the page by name, drawn for a wide page, ready for a notebook."""
    return {name: plate.draw(False) for name, plate in plates(answer).items()}


def html(answer: Answer) -> str:
    """The whole page as one string: inline styles, inline SVG, no request to anywhere."""
    shown = {name: _shown(plate, i + 1) for i, (name, plate) in enumerate(plates(answer).items())}
    page = _environment().get_template("page.html.j2")
    text = page.render(
        a=answer,
        figures=shown,
        drawers=drawers(answer.provenance),
        topics=TOPICS,
        parameters=sorted(answer.provenance.parameters, key=lambda p: -abs(p.influence)),
        references=_references(answer),
        intended_use=INTENDED_USE,
        light=theme.LIGHT,
        dark=theme.DARK,
        css=Markup(_asset("page.css") + _asset("context.css") + _asset("mechanism.css")),
        script=Markup(_asset("page.js")),
    )
    return re.sub(r"\n\s*\n+", "\n", text)


def write_html(answer: Answer, path: Path | str) -> Path:
    """Write the page. Raises OutputError where the folder cannot be written to; never leaves half a file."""
    return _write(Path(path), html(answer).encode())


def write_figures(answer: Answer, folder: Path | str, formats: Iterable[str] = ("svg", "png")) -> list[Path]:
    """Write every figure of the page as `NAME.svg` and `NAME.png` in the light theme."""
    written = []
    for name, chart in figures(answer).items():
        for kind in formats:
            drawn = theme.png(chart) if kind == "png" else theme.svg(chart, name).encode()
            written.append(_write(Path(folder) / f"{name}.{kind}", drawn))
    return written


def schema() -> dict[str, Any]:
    """The JSON Schema of the dossier's JSON file."""
    from limen.dossier.answer import SCHEMA_VERSION

    described = Answer.model_json_schema(mode="serialization")
    return {"$schema": "https://json-schema.org/draft/2020-12/schema",
            "$id": f"urn:limen:answer:{SCHEMA_VERSION}", **described}  # fmt: skip


def write_schema(path: Path | str) -> Path:
    return _write(Path(path), (json.dumps(schema(), indent=2, ensure_ascii=False) + "\n").encode())


def _shown(plate: Plate, number: int) -> dict[str, Any]:
    wide, narrow = (plate.draw(small) for small in (False, True))
    text = io.StringIO()
    columns = list(dict.fromkeys(key for row in plate.rows for key in row))
    writer = csv.DictWriter(text, columns, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(plate.rows)
    encoded = base64.b64encode(text.getvalue().encode()).decode()
    return {
        "plate": plate,
        "number": number,
        "wide": Markup(theme.svg(wide, plate.name, themed=True)),
        "narrow": Markup(theme.svg(narrow, f"{plate.name}-narrow", themed=True)),
        "csv": f"data:text/csv;charset=utf-8;base64,{encoded}",
        "points": len(plate.rows),
    }


def _references(answer: Answer) -> dict[str, Markup]:
    return {key: linked(text) for key, text in sorted(answer.provenance.references.items())}


def linked(text: str) -> Markup:
    """The text with its DOIs as anchors: the only links out of the page."""
    found = re.search(
        r"(?:https?://(?:dx\.)?doi\.org/|doi:\s*)(10\.\d{4,9}/[^\s\"<>]*[^\s\"<>.,;)])", text, re.I
    )
    if found is None:
        return Markup(escape(text))
    doi = found.group(1)
    link = Markup('<a href="https://doi.org/{0}">doi:{0}</a>').format(doi)
    return Markup(escape(text[: found.start()])) + link + Markup(escape(text[found.end() :]))


def _anchor(parameter: UsedParameter | str) -> str:
    name = parameter if isinstance(parameter, str) else parameter.name
    return "p-" + re.sub(r"[^a-zA-Z0-9]+", "-", name).strip("-")


def _environment() -> Environment:
    environment = Environment(loader=PackageLoader("limen.dossier"), autoescape=True, undefined=StrictUndefined,
                              trim_blocks=True, lstrip_blocks=True)  # fmt: skip
    for name in (
        "about",
        "number",
        "compact",
        "percent",
        "span",
        "value",
        "full",
        "brief",
        "simulated",
        "listed",
        "sentence",
        "stop",
    ):
        environment.filters[name] = getattr(words, name)
    environment.filters.update(linked=linked, anchor=_anchor)
    environment.globals.update(status_words=words.STATUS_WORDS)
    return environment


def _asset(name: str) -> str:
    return (files("limen.dossier") / "templates" / name).read_text()


def _write(path: Path, content: bytes) -> Path:
    from limen.engine.runs import atomic  # loads JAX, which a page as a string does not need

    with atomic(path) as temporary:
        temporary.write_bytes(content)
    return path
