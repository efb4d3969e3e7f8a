"""A chart as a file a journal takes: SVG, PDF or PNG by the ending, drawn offline, written whole or not at
all."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from limen.errors import OutputError, Place
from limen.figures import theme

ENDINGS = (".svg", ".pdf", ".png")


def save(chart: Any, path: Path | str) -> Path:
    """Draw `chart` to `path`. Raises OutputError for another ending or a place that cannot be written to."""
    path = Path(path)
    if path.suffix.lower() not in ENDINGS:
        raise OutputError(
            f"{path.suffix or 'no ending'!r} is no figure", Place(file=path), f"use {', '.join(ENDINGS)}"
        )
    if path.suffix.lower() == ".png":
        content = theme.png(chart)
    else:
        drawn = theme.svg(chart, "figure")
        content = drawn.encode() if path.suffix.lower() == ".svg" else _pdf(drawn)
    part = path.with_name(f".{path.name}.part")
    try:
        part.write_bytes(content)
        os.replace(part, path)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise OutputError(
            f"cannot be written ({error.strerror})", Place(file=path), "check the folder"
        ) from None
    return path


def _pdf(drawn: str) -> bytes:
    import vl_convert

    return vl_convert.svg_to_pdf(drawn)
