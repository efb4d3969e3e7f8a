"""Medication lists as people type them, read into drugs.

Whatever is not understood stays in sight: a reading without drugs makes the patient one for a clinician.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from functools import cache

from limen.facts.read import read
from limen.safety.reading import taken
from limen.safety.reading.spelling import (
    NO_RULE,
    UNRECOGNISED,
    Meaning,
    index,
    key,
    meaning,
    plain,
    vocabulary,
)
from limen.safety.reading.stops import stop

_SEPARATOR = re.compile(r"[\n\r;|\t•·]+|(?<!\d),|,(?!\d)|(?:(?<=\s)|^)[-*](?=\s)|(?:^|(?<=\s))\d{1,2}[.)]\s")
_JOIN = re.compile(r"\s[+&]\s|\s*[+&]\s*|/|\b(?:and|plus|und|et|con)\b")
_AMOUNT = re.compile(r"[x~]?\d[\d.,/x%-]*(?:[a-z]{1,5})?|[x/%.,+&]+|x\d+")
_NEGATION = re.compile(r"\b(?:no|not|never|denies|without|allergic to|intoleran(?:t|ce))\b")
_DEPOT = re.compile(
    r"\b(?:depot|dec|deca|decanoate?|en[ao]nt(?:h)?ate?|palmitate?|pamoate?|embonate?|inj|injections?|im|i\.m|implant|lai|lar"
    r"|monthly|(?:q|every )\d+ ?(?:w|wk|wks|weeks|m|mo|months)|depotspritze|spritze"
    r"|consta|maintena|asimtufii|sustenna|trinza|hafyera|xeplion|trevicta|byannli|zypadhera|sublocade|vivitrol|buvidal|perseris|okedi|uzedy|relprevv|aristada)\b"
)
# "Nurofen Plus" and "Zyrtec-D" are other products than the bare name, mostly combinations
_SORT = re.compile(
    r"(?<=\w)(?<!\bvitamin)(?<!\bvit)[ -](?:DM?|(?i:plus|forte|duo|extra|comp(?:ositum)?))(?=\s*(?:\d[^a-z]*(?:mg|g)?)?\s*$)"
)
_BARE = re.compile(r"(?<![^\W\d])(?:mg|mcg|ug|g|ml|iu|units?)\b")
# "10 mg/mL" is one strength, and no joint between two medicines
_PER = re.compile(
    r"(?i)(?<=\d)(\s*(?:mg|mcg|µg|ug|g|unt|units?|iu|meq|%))\s*/\s*(?:\d+\s*)?(?:ml|actuat|hr|h|l|g|dose|day)\b"
)
LONGEST = 6


@dataclass(frozen=True)
class Medicine:
    """One medicine as understood. `text` is what was written; `drugs` is empty where nobody could say.

    `stopped_days`: days since last intake where the text says so; `stopped` without days means the time is not known.
    `denied` says why it does not count (not taken, or somebody else's); `negated` that a no stands near it.
    """

    text: str
    meaning: Meaning
    stopped: bool = False
    stopped_days: float | None = None
    negated: bool = False
    depot: bool = False
    denied: str = ""

    @property
    def drugs(self) -> tuple[str, ...]:
        return self.meaning.drugs


@cache
def _noise() -> dict[str, frozenset[str]]:
    words = vocabulary()["noise"]
    return {kind: frozenset(plain(words[kind]).split()) for kind in words if kind != "nothing"}


@cache
def _nothing() -> frozenset[str]:
    return frozenset(key(part) for part in vocabulary()["noise"]["nothing"].replace("\n", "").split("|"))


@cache
def _longest() -> int:
    return min(LONGEST, max(len(name.split()) for name in index()))


def read_list(text: str, today: date | None = None) -> tuple[Medicine, ...]:
    """A typed medication list as readings, in order; an empty list, or one that says there is nothing, gives none.

    `today` turns a written stop date into days since last intake.
    """
    # "#3" is a strength that names another product, not an amount
    text = re.sub(r"#\s*(?=\d)|(?<=[a-z]{4} )(?=III?\s*(?:[,;\n]|$))", "# strength ", text)
    # "Nil. OTC ibuprofen": a nothing that ends its sentence stands for itself
    text = re.sub(r"(?i)(?<!\w)(nil|none)((?: regular)?)\.(?=\s)", r"\1\2;", text)
    text = re.sub(r"[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]", "", text)
    readings: list[Medicine] = []
    latest: list[Medicine] = []
    for first, chunk in _chunks(text):
        chunk = chunk.strip(" .\u00a0")
        if not key(chunk):
            # a question mark or a picture stands for something; a dash does not
            if any(c == "?" or unicodedata.category(c)[0] == "S" for c in chunk):
                readings.append(Medicine(chunk, UNRECOGNISED))
            continue
        chunk = taken.of_patient(chunk)
        if key(chunk) in _nothing():
            continue
        if denied := _denied(chunk):
            readings, latest = [*readings, *denied], []
            continue
        found = _local(chunk) or _read_chunk(chunk, bool(readings))
        # "Zyrtec + ???", and after a semicolon "100 mg" of something
        if readings and first and not re.search(r"[^\W\d]{2}", _BARE.sub(" ", plain(chunk))):
            readings.append(Medicine(chunk, UNRECOGNISED))
            continue
        found += [Medicine("?", UNRECOGNISED)] * bool(re.search(r"(?:^|[\s+&,])\?+(?=\s|$)", chunk))
        # "Prozac 20 mg, stopped 6 weeks ago": a chunk without a medicine speaks of the one before it
        if not found and len(latest) == 1:
            readings[-1:] = latest = [_timed(readings[-1], chunk, today, alone=True)]
            continue
        latest = [_timed(found[0], chunk, today)] if len(found) == 1 else _untimed(found, chunk)
        readings += latest
    return tuple(readings)


def _chunks(text: str) -> Iterator[tuple[bool, str]]:
    """The phrases of a list, each with whether a semicolon stands before it."""
    for block in text.split(";"):
        yield from ((n == 0, chunk) for n, chunk in enumerate(_SEPARATOR.split(block)))


def _denied(chunk: str) -> list[Medicine]:
    """Medicines a phrase says are not taken, where every word of it is a medicine or a class of them."""
    said = taken.denial(chunk)
    if said is None:
        return []
    found: list[Medicine] = []
    for name in re.split(r"\s*(?:,|/|\b(?:or|nor|and|oder|und|ou|et|ni|e|y|o)\b)\s*", said.names.strip(" .")):
        # every word counts: "not only lithium" and "not stopped lithium" deny nothing
        bare = [w for w in plain(name).split() if not _AMOUNT.fullmatch(w) and w not in _noise()["units"]]
        a_class = not taken.classes().sub("", " ".join(bare)).strip()
        meanings = [] if a_class else [Medicine(name, meaning(key(" ".join(bare))))]
        if any(m.meaning.how not in ("exact", "synonym", "variant", "known", NO_RULE) for m in meanings):
            return []
        found += [replace(m, text=chunk, denied=said.how) for m in meanings or [Medicine(name, UNRECOGNISED)]]
    return [replace(m, text=chunk, denied=said.how) for m in found]


def _local(chunk: str) -> list[Medicine]:
    """A medicine in a form that stays where it is put, and that bears on nothing else there."""
    forms, names = taken.local()
    words = plain(chunk)
    if not forms.search(words) or not names.search(words):
        return []
    noise = _noise()
    quiet = frozenset().union(*noise.values())
    rest = [
        w
        for w in names.sub(" ", forms.sub(" ", words)).split()
        if w not in quiet and not _AMOUNT.fullmatch(w)
    ]
    name = key(names.findall(words)[0])
    called = " + ".join(index()[name].drugs) if name in index() else ""
    return [] if rest else [Medicine(chunk, Meaning((), NO_RULE, 1.0, ((called or name, 1.0),)))]


def _timed(reading: Medicine, chunk: str, today: date | None, alone: bool = False) -> Medicine:
    """A reading with what a phrase says of its stop. `alone`: the phrase holds no medicine and speaks of the one before."""
    said, words = stop(chunk, today), plain(chunk)
    stopped, days = reading.stopped or said.stopped, said.days
    if said.taken:
        stopped, days = False, None
    elif alone and reading.stopped and not said.stopped:
        # "stopped 40 days ago; 400 mg daily": nobody can say whether it is taken
        days = None if any(c.isdigit() for c in words) else reading.stopped_days
    elif alone and reading.stopped_days not in (None, days):
        days = None
    return replace(
        reading,
        stopped=stopped,
        stopped_days=days,
        negated=reading.negated or (bool(_NEGATION.search(words)) and not (said.stopped or said.taken)),
        depot=reading.depot or is_depot(words),
    )


@cache
def _depot_brands() -> re.Pattern[str]:
    """Brands that exist only as a long-acting injection."""
    brands = [b.strip() for row in read("safety/persistence") for b in row["written"].split(";") if b.strip()]
    return re.compile(rf"\b(?:{'|'.join(map(re.escape, map(plain, brands)))})\b")


def is_depot(words: str) -> bool:
    """Whether plain words speak of a long-acting injection."""
    return bool(_DEPOT.search(words) or _depot_brands().search(words))


def _untimed(readings: list[Medicine], chunk: str) -> list[Medicine]:
    """Several medicines in one phrase: nobody can say which of them a stop belongs to, so all count as taken.

    Beside words that nobody can read a stop is a stop without a date.
    """
    words, alone = plain(chunk), sum(bool(reading.drugs) for reading in readings) == 1
    negated, depot = bool(_NEGATION.search(words)), is_depot(words)
    return [
        replace(_timed(reading, chunk, None), stopped_days=None)
        if alone and reading.drugs
        else replace(reading, negated=negated, depot=depot)
        for reading in readings
    ]


def _read_chunk(chunk: str, follows: bool) -> list[Medicine]:
    if whole := written_exactly(chunk):
        return [Medicine(chunk, whole)]
    readings: list[Medicine] = []
    if (sort := _SORT.search(chunk)) and not written_exactly(chunk[: sort.end()]):
        readings.append(Medicine(chunk[: sort.end()], replace(UNRECOGNISED, how="ambiguous")))
    for segment in _consume(chunk):
        readings.extend(_read_segment(chunk, segment, follows or bool(readings)))
    # "folic acid and methotrexate": two without a row are two
    unique = {r.drugs or (r.text, r.meaning): r for r in reversed(readings)}
    return list(unique.values())[::-1]


def written_exactly(text: str) -> Meaning | None:
    """The filed meaning of a name, without guessing. A name that is also a common word counts only as it is filed."""
    name = key(text)
    words = vocabulary()["common_words"]
    if name in words and not any(written in text for written in words[name]):
        return None
    return index().get(name)


def _consume(chunk: str) -> list[list[str | Meaning]]:
    """Segments between joiners, each a mixture of words and the meanings of names found exactly."""
    tokens = [
        token
        for written in re.split(r"\s+|([+&/()\[\]])", _PER.sub(r"\1", chunk))
        for token in _unglued(written or "")
        if key(token) or token in ("+", "&", "/")
    ]
    segments: list[list[str | Meaning]] = [[]]
    at = 0
    while at < len(tokens):
        for length in range(min(_longest(), len(tokens) - at), 0, -1):
            found = written_exactly(" ".join(tokens[at : at + length]))
            # "sodium" or "nitrate" alone is the salt of something else, not a medicine
            if found and not (length == 1 and key(tokens[at]) in _noise()["salts"]):
                segments[-1].append(found)
                at += length
                break
        else:
            if _JOIN.fullmatch(plain(tokens[at])):
                segments.append([])
            else:
                segments[-1] += [word.strip(".,%/+&") for word in plain(tokens[at]).split()]
            at += 1
    return segments


def _unglued(written: str) -> list[str]:
    """`sertraline50mg` and `tramadolHCl50mg` in parts; a name that holds a number (`LiCO3`) stays whole."""
    if key(written) in index():
        return [written]
    return re.sub(
        r"(?<=[a-z]{4})(?=(?:HC[Ll]|HBr|XR|XL|SR|CR|MR|LP|ER)(?:\d|$))|(?<=[^\W\d_]{4})(?=\d)", " ", written
    ).split()


def _read_segment(chunk: str, segment: list[str | Meaning], follows: bool) -> list[Medicine]:
    noise = _noise()
    quiet = noise["units"] | noise["frequency"] | noise["function"] | noise["elsewhere"]
    readings = [Medicine(chunk, part) for part in segment if isinstance(part, Meaning)]
    runs: list[list[str]] = [[]]
    for part in segment:
        if isinstance(part, Meaning):
            runs.append([])
        elif part and not _AMOUNT.fullmatch(part) and part not in quiet:
            runs[-1].append(part)
    found, left = [], []
    for run in runs:
        some, rest = _guess(chunk, run)
        found += some
        left += rest
    readings += found
    ignorable = (
        noise["salts"] | noise["topic"] | noise["forms"] | noise["makers"] if readings else frozenset()
    )
    if (
        not readings
        and follows
        and any(_AMOUNT.fullmatch(p) or p in quiet for p in segment if isinstance(p, str))
    ):
        ignorable = (
            noise["forms"] - noise["devices"]
        )  # "…, 2 tablets at night": the rest of the medicine before it
    unread = [word for word in left if word not in ignorable]
    if unread:
        bare = [word for word in unread if word not in noise["forms"] | noise["makers"] | noise["salts"]]
        guess = meaning(key(" ".join(bare or unread)))
        readings.append(
            Medicine(
                " ".join(unread),
                replace(
                    guess, drugs=(), guess=(), how="ambiguous" if guess.drugs or guess.guess else guess.how
                ),
            )
        )
    elif not readings and not follows:
        readings.append(Medicine(chunk, UNRECOGNISED))
    return readings


def _guess(chunk: str, run: list[str]) -> tuple[list[Medicine], list[str]]:
    """Names by likeness in a run of words, longest first; and the words that stay unread."""
    noise = _noise()
    silent = noise["salts"] | noise["forms"] | noise["topic"] | noise["makers"]
    for settled in (True, False):  # a name that resolves anywhere comes before one that is only like several
        for length in range(min(3, len(run)), 0, -1):
            for at in range(len(run) - length + 1):
                words = run[at : at + length]
                if " ".join(words) in vocabulary()["common_words"]:
                    continue
                if words[-1] in silent - noise["salts"] or all(word in silent for word in words):
                    continue
                guess = meaning(key(" ".join(words)))
                if (guess.drugs or guess.guess) if settled else guess.how in ("ambiguous", "known"):
                    before, after = _guess(chunk, run[:at]), _guess(chunk, run[at + length :])
                    here = Medicine(" ".join(words), guess)
                    return [*before[0], here, *after[0]], [*before[1], *after[1]]
    return [], run
