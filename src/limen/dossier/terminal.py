"""The answer on a terminal: what the first screen of the page says, in eighty columns."""

from __future__ import annotations

import textwrap

from limen.dossier import words
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
    for title, name, texts in (
        ("What your protocol decides", "decides", answer.verdict.decides),
        ("What nobody knows", "unknown", answer.verdict.unknown),
    ):
        join = " " if name == "decides" else ": "
        shown = [f"{x.said}{join}{x.what} ({x.error})." for x in answer.verdict.numbers if x.box == name]
        if shown or texts:
            lines += [
                title,
                "-" * len(title),
                *(line for text in (*shown, *texts) for line in _wrap(words.sentence(text))),
                "",
            ]
    rows = [row for found in said["summary"] for row in found or ()]
    width = max((len(name) for name, _ in rows if len(name) <= LABEL), default=0)
    for name, text in rows:
        fits = len(name) <= LABEL
        lines += textwrap.wrap(
            text if fits else f"{name}: {text}",
            WIDTH,
            initial_indent=f"{name:<{width}}  " if fits else "",
            subsequent_indent=" " * (width + 2),
        )
    for text in (text for found in said["remarks"] for text in found or ()):
        lines += ["", *_wrap(text)]
    for note in answer.warnings:
        lines += ["", *_wrap(f"Note: {note}.")]
    return "\n".join(lines)


def _wrap(text: str) -> list[str]:
    return textwrap.wrap(text, WIDTH)
