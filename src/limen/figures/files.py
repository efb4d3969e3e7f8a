"""A chart as a file a journal takes: SVG, PDF or PNG by the ending, drawn offline, written whole or not at all."""

from __future__ import annotations

from pathlib import Path

from limen.errors import OutputError, Place
from limen.figures import theme
from limen.figures.theme import Spec
from limen.files import write_bytes


def save(chart: Spec, path: Path | str) -> Path:
    """Draw `chart` to `path`. Raises OutputError for another ending or a place that cannot be written to."""
    path = Path(path)
    drawn = {".svg": _svg, ".pdf": _pdf, ".png": theme.png}
    if path.suffix.lower() not in drawn:
        raise OutputError(
            f"{path.suffix or 'no ending'!r} is no figure", Place(file=path), f"use {', '.join(drawn)}"
        )
    return write_bytes(path, drawn[path.suffix.lower()](chart))


def _svg(chart: Spec) -> bytes:
    return theme.svg(chart, "figure").encode()


def _pdf(chart: Spec) -> bytes:
    return theme.drawn_by("svg_to_pdf", theme.svg(chart, "figure"))
