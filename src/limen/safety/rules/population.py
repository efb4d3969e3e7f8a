"""Which populations a trial may say it is about: those of protocols, and those that rules belong to."""

from __future__ import annotations

import re
from functools import cache

from limen.errors import DataError
from limen.safety.rules import conditions, interactions


@cache
def populations() -> tuple[str, ...]:
    """Every population a rule or a protocol knows, as written."""
    from limen.protocol.indications import indication_names  # nobody waits for it who names no population

    ruled = {
        *interactions.interaction_aids()["only_in"].values(),
        *conditions.condition_aids()["reading"]["only_in"].values(),
    }
    return tuple(sorted({*indication_names(), *ruled, "women"}, key=str.casefold))


@cache
def known_population(text: str) -> str:
    """The population as given. Raises DataError with the list where a part of it is none that is known."""
    if not text:
        return text
    known = "|".join(re.escape(p.casefold()) for p in sorted(populations(), key=len, reverse=True))
    rest = re.sub(rf"\b(?:{known})\b|[\s,;/]|\band\b", "", text.casefold())
    if rest:
        raise DataError(
            f"{text!r} is not a population limen knows", remedy=f"known are: {', '.join(populations())}"
        )
    return text
