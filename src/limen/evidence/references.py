"""BibTeX of a user's own: read by a library, refused where it cannot be read whole, written again in one form."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from limen.errors import FactsError, Place
from limen.heard import Heard, Reading

References = Mapping[str, Mapping[str, str]]


def without_tex(text: str) -> str:
    """TeX as the letters it stands for."""
    if "\\" not in text and "{" not in text:
        return text
    from pylatexenc.latex2text import LatexNodes2Text

    return LatexNodes2Text().latex_to_text(text)


def read_entries(path: Path, text: str) -> tuple[References, Reading]:
    """Citation key to fields (`ENTRYTYPE` included), and what stood between the entries and is not kept.

    Raises FactsError naming the line of the first entry that is broken or has the key of another one.
    """
    from bibtexparser.entrypoint import parse_string
    from bibtexparser.model import (
        DuplicateBlockKeyBlock,
        DuplicateFieldKeyBlock,
        ExplicitComment,
        ImplicitComment,
        Preamble,
    )

    logging.getLogger("bibtexparser.splitter").setLevel(
        logging.CRITICAL
    )  # what is broken is said below, with its line
    library = parse_string(text)
    for block in library.failed_blocks:
        what = "an entry cannot be read"
        if isinstance(block, DuplicateBlockKeyBlock):
            what = "an entry has the key of one before it"
        elif isinstance(block, DuplicateFieldKeyBlock):
            what = "an entry gives a field twice"
        line = None if block.start_line is None else block.start_line + 1
        raise FactsError(what, Place(file=path, line=line), "mend or remove it; nothing was added")
    unread = [
        Heard(type(block).__name__.lower(), "", (block.raw or "").strip(), "not an entry, not kept")
        for block in library.blocks
        if isinstance(block, ExplicitComment | ImplicitComment | Preamble)
    ]
    entries: dict[str, Mapping[str, str]] = {}
    for entry in library.entries:
        fields = {field.key.lower(): str(field.value).strip() for field in entry.fields}
        entries[entry.key] = MappingProxyType({"ENTRYTYPE": entry.entry_type.lower(), **fields})
    understood = tuple(Heard("reference", key, fields.get("title", key)) for key, fields in entries.items())
    return MappingProxyType(entries), Reading(understood, unread=tuple(unread))


def bibtex(entries: References) -> str:
    """Entries as BibTeX, each closing on a line of its own."""
    return "\n\n".join(
        f"@{entry['ENTRYTYPE']}{{{key},\n"
        + ",\n".join(f"  {name} = {{{value}}}" for name, value in entry.items() if name != "ENTRYTYPE")
        + "\n}"
        for key, entry in entries.items()
    )


def doi(text: str) -> str:
    """A DOI in one form: lower case, without resolver or prefix."""
    found = text.strip().lower()
    for head in ("https://", "http://", "dx.", "doi.org/", "doi:"):
        found = found.removeprefix(head)
    return found.strip(" .")
