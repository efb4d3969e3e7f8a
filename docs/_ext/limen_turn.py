"""The front door of the site: the page of one turned protocol, from what `limen turn` wrote and `docs/turn.json` keeps.

Its command, its parameters and its protocol are named in the file; `make turned` writes it anew.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

from limen.turn import page

KEPT = Path(__file__).parents[1] / "turn.json"


@cache
def kept() -> dict[str, Any]:
    """What the page is made of."""
    return json.loads(KEPT.read_text(encoding="utf-8"))


def reported() -> str:
    """How often trials of a drug that does nothing say that it works, for the protocol as written."""
    own = kept()["own"]
    cell = kept()["cells"][own["dose"]][own["told"]][own["against"]][own["people"]]
    return kept()["texts"][cell["say"][-1]]


def write(app: Any, failed: Exception | None) -> None:
    if failed is None and app.builder.format == "html":
        (Path(app.outdir) / "turn.html").write_text(page.html(kept()), encoding="utf-8")


def setup(app: Any) -> dict[str, bool]:
    app.connect("build-finished", write)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
