"""Is a sentence one of the known claims? Its verdict is given only where it says the same, and withheld with the reason.

A verdict belongs to a sentence, not to its neighbours: polarity, hedging, numbers, years and every word that carries
meaning are compared, and what differs is said. For a quotation the question is first whether anybody said it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from limen.errors import DataError
from limen.evidence import nearest, wording
from limen.evidence.nearest import Near
from limen.evidence.tables import Claim, claims, searched_until
from limen.facts.read import KEYS, Row
from limen.heard import Heard, Reading
from limen.results import Result

SCHEMA_VERSION = 2
CONSIDERED = 8  # claims compared, however few are shown
QUOTATION = "quotation attributed to "
SAME_QUOTATION = 0.5  # share of what a known quotation is about that the words must speak of


@dataclass(frozen=True)
class Compared:
    """A near claim, and in what the sentence differs from it; nothing where it says the same."""

    near: Near
    differs: tuple[str, ...]


@dataclass(frozen=True)
class Checked(Result):
    """`verdict_of` is the known claim whose verdict holds for the sentence; None where it is withheld, for `why`."""

    text: str
    verdict_of: Claim | None
    why: str
    heard: Reading
    quotation: str = ""  # the words quoted; the verdict is then on the quotation
    near: tuple[Compared, ...] = ()
    held: tuple[Row, ...] = ()

    def document(self) -> dict[str, Any]:
        """`verdict` is null where it is withheld, for the reason `why`."""
        known = self.verdict_of
        return {
            "schema_version": SCHEMA_VERSION,
            "text": self.text,
            "verdict": known.verdict if known else None,
            "verdict_of": known.claim_id if known else None,
            "about": "quotation" if self.quotation else "sentence",
            "why": self.why,
            "near": [
                {name: getattr(each.near.claim, name) for name in ("claim_id", "claim", "literature", "verification")}
                | {"distance": round(each.near.distance, 3), "differs": list(each.differs),
                   "sources": list(each.near.claim.sources)}
                | ({} if each.differs else {"verdict": each.near.claim.verdict})
                for each in self.near
            ],
            "held": [{"table": row.table, "row": _name(row), "says": _shown(row), "sources": list(row.sources),
                      "not_in_it": _missing(self.text, row)} for row in self.held],
            "reading": self.heard.as_data(),
        }  # fmt: skip

    def lines(self) -> list[str]:
        """The verdict, or why there is none, first."""
        known, what = self.verdict_of, "quotation" if self.quotation else "this sentence"
        told = [
            f"{what}: {known.verdict} ({known.claim_id})" if known else f"no verdict on {what}: {self.why}"
        ]
        told += [f"  {self.why}"] if known and self.why else []
        for each in self.near:
            claim, which = each.near.claim, "nearest known claim" if each.differs else "known claim"
            told.append(f"{which} {claim.claim_id}: {claim.claim}")
            told += [f"  differs     {difference}" for difference in each.differs]
            told.append(f"  literature  {claim.literature}")
            told.append(f"  sources     {', '.join(claim.sources) or 'none'} ({claim.verification})")
        told += ["what limen holds on these words (no verdict):"] if self.held else []
        for row in self.held:
            missing = ", ".join(_missing(self.text, row))
            note = f" [it does not hold {missing}]" if missing else ""
            told.append(f"  {row.table}, {_name(row)}: {_shown(row)}{note}")
        return told


def check(text: str, count: int = 3) -> Checked:
    """Compare a sentence with the known claims and with what the other tables hold on it."""
    words = wording.quoted(text)
    strange = "" if words else wording.language(text, nearest.vocabulary())
    if strange:
        unread = Reading(unread=(Heard("sentence", "", text, strange),))
        why = f"{strange}: limen reads English sentences, and gives no verdict on this one"
        return Checked(text, None, why, unread)
    said = wording.saying(text)
    if len(said.words) + len(said.numbers) + len(said.years) < 2 and not words:
        unread = Reading(unread=(Heard("sentence", "", text, "too few words"),))
        why = "this is no sentence that can be judged: it says nothing of anything"
        return Checked(text, None, why, unread, held=nearest.held(text))
    if words:
        return _quotation(text, words)
    near = tuple(
        Compared(each, tuple(differences(said, each.claim))) for each in _near(text, max(count, CONSIDERED))
    )
    same = next((each for each in near if not each.differs), None)
    shown = tuple(sorted(near, key=lambda each: each is not same))[:count]
    understood = tuple(Heard("word", stem, word) for stem, word in said.words.items())
    claimed = {word for each in near[:1] for word in _words_of(each.near.claim)}
    unread = tuple(
        Heard("word", "", w, "not in the nearest claim") for s, w in said.words.items() if s not in claimed
    )
    heard = Reading(understood, unread=() if same else unread)
    why = "" if same else _why(shown)
    named = {each.near.claim.claim_id for each in shown}
    held = tuple(row for row in nearest.held(text) if _name(row) not in named)
    return Checked(text, same.near.claim if same else None, why, heard, "", shown, held)


def differences(said: wording.Saying, claim: Claim) -> Iterator[str]:
    """In what a sentence differs from a known claim, most telling first."""
    own, around = wording.saying(claim.claim), _around(claim)
    turned = wording.opposite(said, own)
    if turned is not None:
        yield f"it says the opposite ({turned[0]!r} against {turned[1]!r})"
    if said.denials % 2 != own.denials % 2:
        yield "it says the opposite (one is a denial, the other is not)"
    elif said.denials != own.denials:
        yield "it denies a denial"
    elif wording.turned_round(said, own):
        yield "the same words in another order: who does what may be turned round"
    if said.hedges != own.hedges:
        yield "one says that it may be, the other that it is"
    quantity = wording.saying("" if claim.quantity.startswith("p ") else claim.quantity)
    known = own.numbers.keys() | quantity.numbers.keys() - {0.0}
    for name, mine, theirs, wide in (
        ("year", said.years, own.years | quantity.years, around.years),
        ("number", said.numbers.keys(), known, around.numbers.keys()),
    ):
        written = {**quantity.numbers, **own.numbers, **said.numbers}
        added, left = (
            " and ".join(written.get(value, f"{value:g}") for value in sorted(each)) or "none"
            for each in (mine - theirs - wide, theirs - mine)
        )
        if added != left:
            yield f"another {name}: {added} against {left}"
    every = own.words.keys() | around.words.keys() | quantity.words.keys()
    more = [w for s, w in said.words.items() if s not in every and not wording.is_neutral(s)]
    less = [w for s, w in own.words.items() if s not in said.words and not wording.is_neutral(s)]
    if more:
        yield f"it also says: {', '.join(more)}"
    if less:
        yield f"the known claim also says: {', '.join(less)}"


def _around(claim: Claim) -> wording.Saying:
    """What `that trial` or `do so` in a claim speaks of: the claim it refers to."""
    return wording.saying(next((c.claim for c in claims() if c.claim_id == claim.refers_to), ""))


def _words_of(claim: Claim) -> set[str]:
    return {*wording.saying(f"{claim.claim} {claim.quantity}").words, *_around(claim).words}


def _near(text: str, count: int) -> tuple[Near, ...]:
    try:
        return nearest.nearest(text, count)
    except DataError:
        return ()


def _why(near: tuple[Compared, ...]) -> str:
    if not near:
        return "no known claim comes near; that is no verdict on the sentence"
    claim = near[0].near.claim
    return f"nearest known claim is {claim.claim_id}, which is another sentence: {'; '.join(near[0].differs)}"


def _quotation(text: str, words: str) -> Checked:
    """First whether a source for the words is held; what the words claim gets no verdict here."""
    spoken = set(wording.ranked(words))
    for claim in claims():
        head = claim.claim.lower()
        if not head.startswith(QUOTATION):
            continue
        who, _, about = claim.claim[len(QUOTATION) :].partition(
            " on " if " on " in claim.claim else " about "
        )
        topic = set(wording.ranked(about))
        named = who.split()[-1].lower() in text.lower()
        if named and topic and len(topic & spoken) >= SAME_QUOTATION * len(topic):
            why = "the verdict is on a quotation of this person on this, whose exact words limen does not hold; not on what it says"
            near = (Compared(Near(claim, 0.0), ()),)
            heard = Reading((Heard("quotation", claim.claim_id, words),))
            return Checked(text, claim, why, heard, words, near)
    why = (
        f"a quotation: limen's search to {searched_until()} found no record of these words; "
        "no verdict on the quotation beyond that, and none on what it says"
    )
    unread = Reading(unread=(Heard("quotation", "", words),))
    return Checked(text, None, why, unread, words, held=nearest.held(words))


def _name(row: Row) -> str:
    return row.key if row.table in KEYS else f"line {row.line}"


def _shown(row: Row) -> str:
    columns = wording.lists()["search"][row.table].split()
    return "; ".join(row[column] for column in columns[1:] if row[column])


def _missing(text: str, row: Row) -> list[str]:
    """Numbers of the sentence that a row does not hold."""
    held = wording.saying(" ; ".join(row.values())).numbers
    return [written for value, written in wording.saying(text).numbers.items() if value not in held]
