"""A USDM document as the draft of a protocol, with what limen itself wrote beside its places."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from limen.errors import DataError, Place
from limen.exchange.beside import LISTED, put_back
from limen.exchange.draft import Draft, Sheet, drafted
from limen.exchange.node import Node
from limen.exchange.read_usdm import SHAPE, fields_of
from limen.exchange.record import json_of
from limen.exchange.usdm import to_usdm
from limen.protocol.paths import FieldPath

_ORDER = (
    "limen", "name", "question", "status", "source", "claim", "registry", "jurisdiction", "left_open", "compound", "population",
    "medication", "arms", "schedule", "visits", "composites", "measures", "outcomes", "allocation", "blinding", "design", "analysis",
    "gate", "sites", "clusters", "alongside", "conduct", "clock", "scenario",
)  # fmt: skip


def from_usdm(file: Path | str) -> Draft:
    """A USDM document (JSON of version 3 or 4) as the draft of a protocol: as it was, where limen wrote it; else every guess
    marked, everything to fill in listed, and what no field holds named. Raises DataError for a file that is no such document."""
    path = Path(file)
    root = Node(json_of(path, SHAPE))
    try:
        sheet = fields_of(root)
    except DataError as error:
        raise DataError(error.what, Place(file=path), error.remedy) from None
    written = _written_by_limen(sheet, root)
    beyond = _ORDER + tuple(name for name in sheet.fields if name not in _ORDER)
    sheet.fields = {
        name: sheet.fields[name] for name in beyond if sheet.fields.get(name) not in (None, [], {})
    }
    unread = root.unread()
    name = re.sub(r"\.(usdm\.)?json$", "", path.name)
    draft = drafted(name, f"the USDM document {path.name}", [], sheet)
    if written and draft.complete:
        again = Node(to_usdm(draft.protocol).content)
        anew = fields_of(again)
        _written_by_limen(anew, again)
        unread = [one for one in unread if one not in again.unread()]
        sheet.opened = [one for one in sheet.opened if one not in anew.opened]
    if unread:
        sheet.unread(
            (),
            f"fields that limen has no use for: {', '.join(one.removeprefix('study.versions.') for one in unread)}",
        )
    head = [
        f"A protocol from the USDM document {path.name}",
        *(["guess: what it does not say, or not in numbers. fill: what only you can. unread: what went into no field."] if sheet.opened else []),
    ]  # fmt: skip
    return drafted(name, f"the USDM document {path.name}", head, sheet)


def _written_by_limen(sheet: Sheet, root: Node) -> bool:
    """Put the extension attributes of limen's back into the fields; whether there were any."""
    design = root.node("study").nodes("versions", "studyVersions")[0].nodes("studyDesigns")[0]
    ends = [
        end
        for one in design.nodes("objectives", "studyObjectives")
        for end in one.nodes("endpoints", "objectiveEndpoints")
    ]
    homes: list[tuple[FieldPath, Node, Any]] = [((), design, sheet.fields)]
    for name, nodes in zip(LISTED, (design.nodes("arms", "studyArms"), ends), strict=True):
        rows: list[Any] = sheet.fields.get(name, [])
        if len(rows) == len(nodes):
            homes += [((name, number), node, rows[number]) for number, node in enumerate(nodes)]
    found = False
    for before, node, fields in homes:
        for one in node.nodes("extensionAttributes"):
            put = put_back(fields, one.text("url"), one.text("valueString"))
            if put is None:
                sheet.unread(before, f"the extension attribute {one.text('url') or 'without an address'}")
                continue
            found = True
            whole = (*before, *put[0])
            sheet.opened = [note for note in sheet.opened if note.path[: len(whole)] != whole]
            if not put[1]:
                sheet.guess(whole, "changed in USDM since limen wrote it; what USDM says now is taken")
    return found
