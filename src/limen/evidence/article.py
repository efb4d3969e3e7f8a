"""A popular article beside the literature: the statements limen holds of one, or any text, sentence by sentence.

Words stand in quotation marks only where they are the article's own, and then it is named, dated and linked. limen keeps no
copy of an article: what it holds of one is in its own words, and says so.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

from limen.errors import FactsError, Place
from limen.evidence import sheet, wording
from limen.evidence.check import Checked, check
from limen.evidence.tables import Claim, claims, searched_until
from limen.results import Result

SCHEMA_VERSION = 1
VERDICTS = ("contradicted", "not found", "partly supported", "supported", "opinion")
WITHHELD = "no verdict"
MEANS = {
    "contradicted": "what was published says otherwise",
    "not found": "limen looked for what is said to exist, to the day named below, and did not find it; a record would change the verdict",
    "partly supported": "true of something narrower, or with a condition that was left out",
    "supported": "what was published says the same",
    "opinion": "a judgement or a forecast, which no publication can settle",
    WITHHELD: "limen holds no statement that says the same; what comes nearest stands beside it, and is another statement",
}
MOST = 1000  # sentences of one text
_END = re.compile(r"(?<=[.!?…])[\"'”’»)]*\s+(?=[\"'“‘«(]?[A-Z0-9ÄÖÜÉ])")
_SHORT = re.compile(r"(?:\b(?:Dr|Prof|Mr|Mrs|Ms|St|vs|cf|approx|No|Fig|al|e\.g|i\.e|[A-Z])\.)$")


@dataclass(frozen=True)
class Named:
    """What a quotation carries: whose words they are, when they were published and where they can be read."""

    title: str
    published: date
    link: str


@dataclass(frozen=True)
class NearStatement:
    """A known statement that comes near a sentence and differs from it in `differs`: its verdict is not the sentence's."""

    claim_id: str
    words: str
    literature: str
    sources: tuple[str, ...]
    differs: tuple[str, ...]


@dataclass(frozen=True)
class Statement:
    """One sentence and what the literature holds of it; `verdict` is withheld for the reason `why` where there is none."""

    number: int
    words: str
    verbatim: bool
    verdict: str
    why: str = ""
    claim_id: str = ""
    claimed: str = ""  # the quantity that was named, where the words do not hold it
    of: int | None = None  # the statement that `that trial` speaks of
    literature: str = ""
    sources: tuple[str, ...] = ()
    recalled: bool = False
    near: tuple[NearStatement, ...] = ()


@dataclass(frozen=True)
class Article(Result):
    """Every statement in the order of the article; `named` where they are its own words."""

    statements: tuple[Statement, ...]
    named: Named | None
    searched: str

    @property
    def counts(self) -> tuple[tuple[str, int], ...]:
        """How many statements have each verdict, those to be mended first."""
        found = Counter(s.verdict for s in self.statements)
        return tuple((verdict, found[verdict]) for verdict in (*VERDICTS, WITHHELD) if found[verdict])

    def having(self, verdict: str) -> tuple[Statement, ...]:
        return tuple(s for s in self.statements if s.verdict == verdict)

    @property
    def sources(self) -> tuple[str, ...]:
        """Every source named, once."""
        parts = [key for s in self.statements for each in (s, *s.near) for key in each.sources]
        return tuple(dict.fromkeys(parts))

    def document(self) -> dict[str, Any]:
        named = None if self.named is None else asdict(self.named) | {"published": str(self.named.published)}
        return {
            "schema_version": SCHEMA_VERSION,
            "article": named,
            "searched": self.searched,
            "counts": dict(self.counts),
            "statements": [asdict(s) for s in self.statements],
        }

    def rows(self) -> list[dict[str, Any]]:
        return [{"number": s.number, "words": s.words, "verdict": s.verdict, "literature": s.literature,
                 "sources": ";".join(s.sources)} for s in self.statements]  # fmt: skip

    def lines(self) -> list[str]:
        told = [", ".join(f"{count} {verdict}" for verdict, count in self.counts)]
        for s in self.statements:
            words = f'"{s.words}"' if s.verbatim else s.words
            told.append(f"{s.number}  {words}" + (f": {s.claimed}" if s.claimed else ""))
            told.append(f"    {s.verdict}" + (f": {s.why}" if s.why else ""))
            told += [f"    literature  {s.literature}"] if s.literature else []
            told += [f"    sources     {', '.join(s.sources)}"] if s.sources else []
            told += [f"    beside it   {b.claim_id}: {b.words} ({'; '.join(b.differs)})" for b in s.near]
        return told


def quoted_from(
    text: Path | None, title: str | None, published: str | None, link: str | None
) -> Named | None:
    """What a quotation of a text carries; None without a text. Raises FactsError where title, day or link is missing or odd."""
    given = {"--title": title, "--published": published, "--link": link}
    if text is None:
        if any(given.values()):
            said = " and ".join(name for name, value in given.items() if value)
            raise FactsError(f"{said} without the article", remedy="give its text as a file")
        return None
    missing = [name for name, value in given.items() if not (value or "").strip()]
    if missing:
        what = f"a sentence is quoted only with title, day and link: {' and '.join(missing)} missing"
        raise FactsError(what, Place(file=text), "add them")
    try:
        day = date.fromisoformat(str(published))
    except ValueError:
        raise FactsError(f"--published {published!r} is not a day", remedy="write YYYY-MM-DD") from None
    if not re.fullmatch(r"https?://[^\s<>\"']+", str(link)):
        raise FactsError(f"--link {link!r} is not an address", remedy="begin it with https://")
    return Named(str(title).strip(), day, str(link))


def article_beside(text: Path | None, whose: Named | None) -> Article:
    """What limen holds of a popular article, or a text of which it is said whose it is."""
    return article() if text is None or whose is None else read_article(text, whose)


def article() -> Article:
    """The statements that limen holds of a popular article, in its own words and in the order of the article."""
    numbers = {claim.claim_id: n for n, claim in enumerate(claims(), 1)}
    held = tuple(_held(claim, n, numbers.get(claim.refers_to)) for n, claim in enumerate(claims(), 1))
    return Article(held, None, searched_until())


def read_article(path: Path, named: Named) -> Article:
    """A plain text, each sentence as it stands with what limen holds of it. Raises FactsError for a file that is no text."""
    text, _ = sheet.text_of(path, "text")
    found = list(sentences(text))
    if not found:
        raise FactsError("holds no sentence", Place(file=path), "give the article as plain text")
    if len(found) > MOST:
        raise FactsError(f"holds {len(found)} sentences", Place(file=path), f"give {MOST} or fewer at a time")
    return Article(tuple(_read(words, n) for n, words in enumerate(found, 1)), named, searched_until())


def sentences(text: str) -> Iterator[str]:
    """The sentences of a text as they stand; lines that break in a sentence are joined, empty lines part."""
    for paragraph in re.split(r"\n\s*\n", text.replace("\r\n", "\n").replace("\r", "\n")):
        whole, start = " ".join(paragraph.split()), 0
        for end in _END.finditer(whole):
            if not _SHORT.search(whole[start : end.start()]):
                yield whole[start : end.end()].rstrip()
                start = end.end()
        if whole[start:].strip():
            yield whole[start:]


def _held(claim: Claim, number: int, of: int | None) -> Statement:
    numbers = (
        wording.saying(claim.quantity).numbers.keys() - wording.saying(claim.claim).numbers.keys() - {0.0}
    )
    claimed = claim.quantity if numbers else ""
    return Statement(
        number,
        claim.claim,
        verbatim=False,
        verdict=claim.verdict,
        claim_id=claim.claim_id,
        claimed=claimed,
        of=of,
        literature=claim.literature,
        sources=claim.sources,
        recalled=claim.verification == "recalled",
    )


def _read(words: str, number: int) -> Statement:
    found = check(words, 2)
    known = found.verdict_of
    if known is None:
        near = _beside(found)
        why = f"it differs from what limen holds: {'; '.join(near[0].differs)}" if near else found.why
        return Statement(number, words, verbatim=True, verdict=WITHHELD, why=why, near=near)
    return Statement(
        number,
        words,
        verbatim=True,
        verdict=known.verdict,
        why=found.why,
        claim_id=known.claim_id,
        literature=known.literature,
        sources=known.sources,
        recalled=known.verification == "recalled",
    )


def _beside(found: Checked) -> tuple[NearStatement, ...]:
    return tuple(
        NearStatement(claim.claim_id, claim.claim, claim.literature, claim.sources, differs)
        for claim, differs in ((each.near.claim, each.differs) for each in found.near[:1])
    )
