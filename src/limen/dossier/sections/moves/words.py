"""What would change the answer, in words."""

from __future__ import annotations

from limen.dossier import words
from limen.dossier.sections.verdict.nouns import Verdict


def worth(v: Verdict) -> str:
    """Which part of what is not known would change the answer most, if it were known; only beyond luck."""
    clear = [w for w in v.worth if w.points > w.luck and w.points >= 0.005]
    if not clear:
        return "Of nothing that is not known can this run tell that knowing it would change the choice: every gain is within luck."
    first, rest = clear[0], clear[1:]
    text = f"Knowing {first.part} would change the choice most: it is worth {words.number(first.points, 2)} points per patient. "
    text += (
        f"Next: {words.listed(f'{w.part}, {words.number(w.points, 2)}' for w in rest)}."
        if rest
        else "No other part can be told from luck."
    )
    if v.participants_to_settle:
        text += (
            f" A trial like this one would settle it with {words.number(v.participants_to_settle, 0)} people."
        )
    return text
