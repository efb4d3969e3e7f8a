"""Five protocols side by side: what each answer rests on, how much of it is borrowed, and what the protocol decides.

python -m validation.side_by_side [FILE]  # rewrites validation/side_by_side.md
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import limen

HERE = Path(__file__).with_suffix(".md")
PROTOCOLS = ("lsddep2", "adhd_20ug", "claimed_lsd_trd", "claimed_psilocybin_gad", "healthy_10ug")
DRAWS, PEOPLE, SEED, DAY = 200, 200, 1, "2026-11-27"
Answer = dict[str, Any]
EXPLAINED = f"""# Five protocols side by side

`python -m validation.side_by_side` writes this page: {DRAWS} parameter draws, {PEOPLE} people, seed {SEED}. Compound and illness decide
which trials speak of the drug and how far the others are borrowed from; dose and schedule decide how much of an effect shows, who
notices and how often a drug that does nothing would look alive. A trial that is in the evidence base is answered without itself.
"""


def answers() -> dict[str, Answer]:
    """The JSON behind each page."""
    found: dict[str, Answer] = {}
    for name in PROTOCOLS:
        dossier = limen.answer(
            limen.load(name), draws=DRAWS, people=PEOPLE, seed=SEED, on=date.fromisoformat(DAY)
        )
        found[name] = dossier.answer.model_dump(mode="json")
    return found


def _interval(one: Answer | None) -> str:
    return "-" if one is None else f"{one['value']:.2f} ({one['low']:.2f} to {one['high']:.2f})"


def _law(one: Answer) -> str:
    return f"{one['mean']:.2f} (SD {one['sd']:.2f})"


def _share(one: Answer) -> str:
    return f"{one['value']:.1%} +/- {one['monte_carlo_se']:.1%}"


def _base(answer: Answer) -> Answer:
    return answer["verdict"]["evidence"] or {}


ROWS: dict[str, Callable[[Answer], str]] = {
    "compound, illness": lambda a: f"{_base(a)['compound']}, {_base(a)['indication']}",
    "primary outcome": lambda a: a["question"]["primary_name"],
    "in words": lambda a: " ".join(a["verdict"]["unknown"]),
    "first words": lambda a: a["verdict"]["first_words"],
    "chance that the drug moves the primary outcome at all": lambda a: _share(a["verdict"]["p_above_zero"]),
    "effect on weekly scales, SD: prior": lambda a: _law(a["verdict"]["prior"]),
    "effect on weekly scales, SD: after all trials": lambda a: _law(a["verdict"]["posterior"]),
    "its own trials": lambda a: str(_base(a)["own"]),
    "trials borrowed from": lambda a: str(_base(a)["borrowed"]),
    "left out, being the trial itself": lambda a: ", ".join(_base(a)["left_out"]) or "-",
    "how much of the prior's spread is left": lambda a: f"{a['verdict']['share_of_prior']:.0%}",
    "effect of this regimen over 10 ug of LSD every third day": lambda a: f"{_base(a)['regimen']:.2f}",
    "trials that move the mean, SD": lambda a: "; ".join(
        f"{s['study']} {s['moves']:+.3f}" for s in _base(a)["studies"] if s["moves"] and abs(s["moves"]) >= 0.005
    ) or "-",
    "difference from the control, points": lambda a: _interval(a["verdict"]["difference"]),
    "of it belief": lambda a: _interval(a["verdict"]["difference_belief"]),
    "trials of a drug that does nothing that would report a benefit": lambda a: _share(a["verdict"]["type_one"]),
}  # fmt: skip


def page(found: dict[str, Answer]) -> str:
    """The answers as one Markdown table, a column for each protocol."""
    head = f"| | {' | '.join(found)} |\n|---|{'---|' * len(found)}\n"
    rows = (f"| {what} | {' | '.join(said(a) for a in found.values())} |" for what, said in ROWS.items())
    return EXPLAINED + "\n" + head + "\n".join(rows) + "\n"


if __name__ == "__main__":
    (Path(sys.argv[1]) if len(sys.argv) > 1 else HERE).write_text(page(answers()))
