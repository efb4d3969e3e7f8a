"""The answer on a terminal: what the first screen of the page says, in eighty columns."""

from __future__ import annotations

import textwrap

from limen.dossier.answer import Answer
from limen.dossier.sections import sections

WIDTH, LABEL = 80, 36


def at_terminal(answer: Answer) -> str:
    """Question, verdict paragraph and the numbers behind it as plain text."""
    q = answer.question
    lines = [*_wrap(q.title), "=" * min(WIDTH, len(q.title)), ""]
    if q.status != "conducted":
        lines += [f"[{q.status}]", ""]
    said = {what: [s.say(what, answer) for s in sections()] for what in ("notice", "summary", "remarks")}
    for text in filter(None, said["notice"]):
        lines += [*_wrap(f"ASSUMED: {text}"), ""]
    lines += [*_wrap(answer.verdict.paragraph), ""]
    rows = [row for found in said["summary"] for row in found or ()]
    width = min(max((len(name) for name, _ in rows), default=0), LABEL)
    for name, text in rows:
        label = name if len(name) <= width else f"{name[: width - 1]}\N{HORIZONTAL ELLIPSIS}"
        lines += textwrap.wrap(
            text, WIDTH, initial_indent=f"{label:<{width}}  ", subsequent_indent=" " * (width + 2)
        )
    for text in (text for found in said["remarks"] for text in found or ()):
        lines += ["", *_wrap(text)]
    for note in answer.warnings:
        lines += ["", *_wrap(f"Note: {note}.")]
    return "\n".join(lines)


def _wrap(text: str) -> list[str]:
    return textwrap.wrap(text, WIDTH)
