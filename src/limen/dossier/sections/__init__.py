"""The sections of the dossier in the order of the page. A folder that the list does not name comes before the last."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from pkgutil import iter_modules

from limen.dossier.section import Section

ORDER = (
    "verdict", "claimed", "question", "exposure", "blinding", "trial", "report", "harms", "safety", "mechanism",
    "known", "law", "moves", "provenance",
)  # fmt: skip


@cache
def sections() -> tuple[Section, ...]:
    """Every section there is a folder of; `sections.cache_clear()` after adding one at run time."""
    found = [module.name for module in iter_modules(__path__) if module.ispkg]
    others = sorted(set(found) - set(ORDER))
    order = [*ORDER[:-1], *others, ORDER[-1]]
    return tuple(import_module(f"{__name__}.{name}").SECTION for name in order)
