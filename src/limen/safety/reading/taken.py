"""Whether a phrase says that its medicines are not taken, or are somebody else's.

A denial denies the medicines and nothing after them: it counts only where every other word of the phrase is a medicine's
name or a class of medicines. Anything else (`denies stopping lithium`) is no denial.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from limen.safety.reading import words
from limen.safety.reading.spelling import vocabulary

NOT_TAKEN, ANOTHERS = "not taken", "taken by somebody else"


@dataclass(frozen=True)
class Denial:
    """What is said not to be taken (`names`), and in which way."""

    names: str
    how: str


@cache
def _said(name: str) -> str:
    return vocabulary()["taking"][name].replace("\n", "")


@cache
def _head() -> re.Pattern[str]:
    verbs, fill = _said("verbs"), _said("fill")
    no = words.denial_pattern("before").pattern
    me = rf"(?:(?:{words.reading_aids()['who']['self']})\s+)?"
    return re.compile(
        rf"{me}(?:(?:{verbs})\s+)*(?!(?:no|nil|none|not)\s*:|none(?! of)\b)(?:{no})(?:[\s:]+(?:{verbs}|{fill})(?!\w))*[\s:]+(?!(?:and|plus|but|und|et|y|e)\b)(?P<names>[^\s(].*)"
    )


@cache
def _tail() -> re.Pattern[str]:
    return re.compile(
        rf"(?P<names>.+?)(?:\s*[:–-]\s*(?:{words.reading_aids()['denial']['after']})|\s+(?:denied|never(?: taken)?))"
    )


@cache
def _other() -> re.Pattern[str]:
    who = "|".join(words.reading_aids()["who"][name] for name in ("other", "first", "further"))
    return re.compile(
        rf"(?:(?:his|her|my|the)\s+)?(?:{who})\s+(?:is\s+|was\s+)?(?:{_said('verbs')})\s+(?P<names>\S.*)"
    )


@cache
def _self() -> re.Pattern[str]:
    return re.compile(rf"(?:patient|pt|he|she|self|own)\s*:?\s+(?:(?:{_said('verbs')})\s+)?")


def denial(text: str) -> Denial | None:
    """The medicines a phrase denies or gives to somebody else; None where it does neither."""
    folded = words.fold(text)
    if found := _other().fullmatch(folded):
        return Denial(found["names"], ANOTHERS)
    found = _head().fullmatch(folded) or _tail().fullmatch(folded)
    return Denial(found["names"], NOT_TAKEN) if found else None


def of_patient(text: str) -> str:
    """A phrase without the words that say it is the patient's (`patient takes ...`)."""
    return _self().sub("", words.fold(text), count=1) if _self().match(words.fold(text)) else text


@cache
def classes() -> re.Pattern[str]:
    """Classes of medicines as people name them: enough to deny, never enough to know what is taken."""
    return words.whole(_said("classes"))


@cache
def local() -> tuple[re.Pattern[str], re.Pattern[str]]:
    """(forms that stay where they are put, medicines that do nothing elsewhere in such a form)."""
    table = vocabulary()["local"]
    return words.whole(table["forms"]), words.whole(table["names"].replace("\n", ""))
