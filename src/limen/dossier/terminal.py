"""The answer on a terminal: what the first screen of the page says, in eighty columns."""

from __future__ import annotations

import textwrap

from limen.dossier import words
from limen.dossier.answer import Answer

WIDTH, LABEL = 80, 36


def summary(answer: Answer) -> str:
    """Question, verdict paragraph and the numbers behind it as plain text."""
    q, v = answer.question, answer.verdict
    lines = [*_wrap(q.title), "=" * min(WIDTH, len(q.title)), ""]
    if q.status != "conducted":
        lines += [f"[{q.status}]", ""]
    if answer.mechanism is not None and answer.mechanism.assumes is not None:
        lines += [*_wrap(f"ASSUMED: {answer.mechanism.assumes}"), ""]
    lines += [*_wrap(v.paragraph), ""]
    rows: list[tuple[str, str]] = []
    for arm in answer.exposure.arms:
        first = arm.dosing_days[0].noticed
        rows.append((f"Cmax, {arm.arm}", words.full(arm.cmax)))
        rows.append((f"noticed, {arm.arm}", f"{words.percent(first.value)} of first doses"))
    if v.p_above_mcid is not None:
        rows.append(("P(effect exceeds what matters)", words.percent(v.p_above_mcid.value)))
    if v.difference is not None and v.difference_drug is not None and v.difference_belief is not None:
        rows.append(("expected difference", words.full(v.difference)))
        rows.append(("  of it drug", words.brief(v.difference_drug)))
        rows.append(("  of it belief", words.brief(v.difference_belief)))
    if v.type_one is not None and v.power is not None:
        rows.append(("significant with no drug effect", words.percent(v.type_one.value)))
        rows.append(("significant benefit as believed", words.percent(v.power.value)))
        size = v.participants_to_settle
        if answer.question.mcid is not None:
            rows.append(
                (
                    "participants to settle it",
                    words.number(size, 0) if size else f"more than {v.settle_limit}",
                )
            )
    width = min(max((len(name) for name, _ in rows), default=0), LABEL)
    for name, text in rows:
        label = name if len(name) <= width else f"{name[: width - 1]}…"
        lines += textwrap.wrap(
            text, WIDTH, initial_indent=f"{label:<{width}}  ", subsequent_indent=" " * (width + 2)
        )
    if answer.claimed is not None:
        lines += ["", *_wrap(answer.claimed.sentence)]
    for note in answer.warnings:
        lines += ["", *_wrap(f"Note: {note}.")]
    return "\n".join(lines)


def _wrap(text: str) -> list[str]:
    return textwrap.wrap(text, WIDTH)
