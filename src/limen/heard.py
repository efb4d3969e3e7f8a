"""What a reader made of what it was given. Unread never means harmless.

Every reader (medicines, conditions, records, visits, sentences, laws) gives a `Reading`: what was understood and as
what, what was denied, what is only a guess, and what was not read. Whoever decides looks at `complete` first.
"""

from __future__ import annotations

import unicodedata
from dataclasses import asdict, dataclass
from typing import Any

SHOWN = 8


@dataclass(frozen=True)
class Heard:
    """One thing said: of which kind (`medicine`, `condition`, `measurement`, `column` ...), understood as what, from which words.

    `meaning` is empty where nobody could say; `note` says why, or what a guess was near.
    """

    kind: str
    meaning: str
    words: str
    note: str = ""

    def __str__(self) -> str:
        said = repr(printable(self.words))
        same = self.meaning.casefold() == self.words.strip().casefold()
        what = f"{self.meaning}, written {said}" if self.meaning and not same else self.meaning or said
        return f"{what} ({printable(self.note)})" if self.note else what


@dataclass(frozen=True)
class Reading:
    """What was understood, what was denied, what is only guessed, and what was not read, each in the order said."""

    understood: tuple[Heard, ...] = ()
    denied: tuple[Heard, ...] = ()
    guessed: tuple[Heard, ...] = ()
    unread: tuple[Heard, ...] = ()

    def __add__(self, other: Reading) -> Reading:
        return Reading(
            self.understood + other.understood,
            self.denied + other.denied,
            self.guessed + other.guessed,
            self.unread + other.unread,
        )

    @property
    def complete(self) -> bool:
        """Whether nothing was left unread and nothing is only a guess."""
        return not (self.unread or self.guessed)

    def as_text(self, most: int = SHOWN) -> list[str]:
        """One line a group for a person, the unread first; groups longer than `most` say how many more there are."""
        lines = []
        for title, group in (
            ("not read", self.unread),
            ("guessed", self.guessed),
            ("denied", self.denied),
            ("understood", self.understood),
        ):
            said = list(dict.fromkeys(map(str, group)))
            more = f"; and {len(said) - most} more" if len(said) > most else ""
            lines += [f"{title}: {'; '.join(said[:most])}{more}"] if said else []
        return lines

    def as_data(self) -> dict[str, Any]:
        """The whole of it, for programs."""
        return {
            "understood": [asdict(heard) for heard in self.understood],
            "denied": [asdict(heard) for heard in self.denied],
            "guessed": [asdict(heard) for heard in self.guessed],
            "not_read": [asdict(heard) for heard in self.unread],
        }


def printable(text: str) -> str:
    """Text for a terminal: no control characters, no marks that turn its direction."""
    return "".join(" " if unicodedata.category(c)[0] == "C" else c for c in text).strip()
