"""One phrase about conditions taken apart: what is named, who has it, what is denied, and which words nobody read.

A denial reaches from its word over the words of `fill` to the conditions it names and ends there; anything else between
them (`no insight into`, `no medication for`) leaves the condition affirmed. Two denials on one condition deny nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from limen.safety.reading import words
from limen.safety.reading.items import (
    AFTER,
    CODE,
    DEGREES,
    DENY,
    FILL,
    FIRST,
    HARMLESS,
    MENTIONS,
    NAMED,
    NOISE,
    NOW,
    NUMBER,
    ONCE,
    OR,
    PATIENT,
    PERSON,
    QUERY,
    REVIEWED,
    UNPLACED,
    WORD,
    Item,
    items,
)

TWICE = "denied twice over"
UNSURE = "denied, and not surely"
BRACKETS = "in brackets behind what is denied"
BY_ANOTHER = "denied by somebody else"
_ORGAN = re.compile(
    r"valv|mitral|tricuspid|aortic|glaucoma|aneurysm|stroke volume|thyroid|liver|kidney|renal"
)
_NORMAL = re.compile(r"normale?|normaal|unremarkable|unauffallig")
_SLASHED = re.compile(r"(?<=[a-z]{2})[/&](?=[a-z]{2})")
_FIRM = re.compile(
    r"ruled out|(?:was )?excluded|negative|absent|not found|ausgeschlossen|descartad[oa]|exclue?|uitgesloten|exclui?d[oa]|esclus[oa]"
)

# "anfallsfrei" names an illness and its absence
_FREE = re.compile(r"\w(?:frei|free|vrij)$")
# "no serious illness" denies illness; "no serious suicide attempt" leaves another
_UMBRELLA = re.compile(r"disease|illness|disorder|problem|condition|histor|allerg|surger|operation|depress")
_NEGATIVE = re.compile(r"neg(?:ativ\w*)?")


@dataclass(frozen=True)
class Claim:
    """One mention: what it means, whose it is, whether it is denied, and why that is in doubt."""

    item: Item
    who: str
    denied: bool = False
    doubt: str = ""


def claims(text: str, inherited: str = PATIENT) -> tuple[list[Claim], list[str], str]:
    """What a folded phrase claims, the words nobody read, and whose the next phrase is if it names nobody.

    `inherited`: whose conditions the phrase before spoke of under a heading such as `family history:`.
    """
    text = _SLASHED.sub(" / ", text)
    headed = words.people("heading").match(text)
    if headed:
        inherited, text = FIRST, text[headed.end() :].lstrip(" :-")
    parts = items(text)
    found = []
    query = any(i.kind == QUERY for i in parts)
    for segment, denials in _segments(parts):
        mentions = [i for i in segment if i.kind in MENTIONS]
        denied, doubt = _denied(segment, denials)
        asked = denied and text[max(denials[-1].start - 2, 0) : denials[-1].start] == " ?"  # "epilepsy ?no"
        if asked or (
            denied
            and any(
                words.denial_pattern("unsure").fullmatch(i.text) and i.start > denials[-1].start
                for i in parts
            )
        ):
            denied, doubt = False, UNSURE
        normal = any(_NORMAL.fullmatch(i.text) for i in denials)
        told = denied and _told_by_another(parts, denials[0])
        for item in mentions:
            who = PATIENT if told else _whose(text, item, parts, inherited)
            # "negative for mania (bipolar)": what stands in brackets may be the reason, or a gloss
            bracketed = item is not mentions[0] and text[: item.start].rstrip().endswith("(")
            found.append(
                Claim(
                    item,
                    who,
                    denied and not told and not bracketed and not (normal and item.kind == HARMLESS),
                    doubt
                    or (BY_ANOTHER if told else "")
                    or (BRACKETS if bracketed and denied else "")
                    or ("only suspected" if query and not denied else ""),
                )
            )
    if not found and any(i.kind == NUMBER or i.text in words.noise("content") for i in parts):
        return found, [text], inherited
    unread = [i.text for i in parts if i.kind == WORD]
    if _results(text, parts, found) or _unsettled(text, parts, found):
        unread = [text]
    named = [i for i in parts if i.kind == PERSON]
    carried = inherited if headed or not named else PATIENT
    return found, unread, carried


def _told_by_another(parts: list[Item], denial: Item) -> bool:
    """Whether a relative or a friend is the one who denies: `mother denies psychosis in the patient`."""
    before = parts[: parts.index(denial)]
    verb = words.denial_pattern("verbs").fullmatch(denial.text)
    return bool(verb and before and before[-1].kind == PERSON and before[-1].who != PATIENT)


def _unsettled(text: str, parts: list[Item], found: list[Claim]) -> bool:
    """Whether a harmless illness is said to be severe, or acute now: which keeps people out of trials, whatever it is."""
    said = [c.item.text for c in found if c.item.kind == HARMLESS and not c.denied]
    grave = any(words.listed("harmless", "unsettled").fullmatch(i.text) for i in parts)
    grave &= not any(
        i.kind in (DENY, AFTER) for i in parts
    )  # "no severe asthma" leaves asthma, which is harmless
    dated = any(i.kind == NUMBER for i in parts) or words.listed("harmless", "over").search(text)
    past = dated and not words.listed("harmless", "lately").search(text)
    return grave and not past and any(not words.listed("harmless", "slight").match(one) for one in said)


def _results(text: str, parts: list[Item], found: list[Claim]) -> bool:
    """Whether a number stands beside a test (a result, and not read; a year may stand beside a normal one), or days or
    weeks beside an operation, of which nobody said that it has healed."""
    harmless = [c.item.text for c in found if c.item.kind == HARMLESS]
    tests, operations = words.listed("harmless", "tests"), words.listed("harmless", "operations")
    normal = any(_NORMAL.fullmatch(i.text) for i in parts)
    numbers = [i.text for i in parts if i.kind == NUMBER]
    result = any(not (normal and re.fullmatch(r"(?:19|20)\d\d", n)) for n in numbers)
    result |= bool(words.listed("harmless", "degrees").search(text))
    lately = words.listed("harmless", "lately").search(text)
    return bool(result and any(map(tests.fullmatch, harmless))) or bool(
        lately and any(map(operations.fullmatch, harmless))
    )


def _segments(parts: list[Item]) -> Iterator[tuple[list[Item], list[Item]]]:
    """Stretches of a phrase, each with the words of denial that stand before it, or after it at the phrase's end."""
    starts = [n for n, i in enumerate(parts) if i.kind in (DENY, AFTER)]
    if not starts:
        yield parts, []
        return
    last = starts[-1]
    tail = parts[last + 1 :]
    # "ruled out by his doctor" closes with words nobody read, and stays in doubt
    firm = _FIRM.fullmatch(parts[last].text)
    lasting = firm or _NORMAL.fullmatch(parts[last].text)
    between = any(i.kind in MENTIONS for n in starts[:-1] for i in parts[n + 1 : last])
    # "no pregnancy excluded": a firm word that closes what was denied already denies the denial
    if firm and between and not any(i.kind in MENTIONS for i in tail):
        yield parts, [parts[n] for n in starts]
        return
    blocking = (
        *(() if lasting else (NOISE,)),
        NAMED,
        REVIEWED,
        CODE,
        UNPLACED,
        PERSON,
        *(() if firm else (WORD, NOW, NUMBER)),
    )
    closes = _after(parts[last]) and not any(i.kind in blocking for i in tail)
    if closes and any(i.kind in MENTIONS for i in parts[:last]) and not between:
        yield [*parts[:last], *(i for i in tail if i.kind in (WORD, ONCE))], [parts[n] for n in starts]
        return
    # "negative symptoms of": a word that closes a denial denies what follows only after a colon
    starts = [
        n
        for n in starts
        if not _NEGATIVE.fullmatch(parts[n].text) or (parts[n + 1 : n + 2] and parts[n + 1].text == ":")
    ]
    if not starts:
        yield parts, []
        return
    yield parts[: starts[0]], []
    denials: list[Item] = []
    for n, start in enumerate(starts):
        stop = starts[n + 1] if n + 1 < len(starts) else len(parts)
        denials.append(parts[start])
        # "ya no": what was so once may be said before the denial as well
        earlier = [i for i in parts[max(start - 1, 0) : start] if i.kind == ONCE]
        segment = [*parts[start + 1 : stop], *earlier]
        if any(i.kind in (*MENTIONS, WORD) for i in segment):
            yield segment, denials
            denials = []


def _after(item: Item) -> bool:
    return item.kind == AFTER or bool(words.denial_pattern("after").fullmatch(item.text))


def _denied(segment: list[Item], denials: list[Item]) -> tuple[bool, str]:
    """Whether the conditions of a stretch are denied, and what leaves it in doubt."""
    mentions = [i for i in segment if i.kind in MENTIONS]
    if not denials or not mentions:
        return False, ""
    if len(denials) > 1 or any(_FREE.search(i.text) for i in mentions if i.kind == NAMED):
        return False, TWICE
    reach = segment[: segment.index(mentions[-1]) + 1]
    rest = segment[segment.index(mentions[-1]) + 1 :]
    if any(i.kind in (WORD, NOISE, NUMBER) for i in reach):
        return False, ""
    if words.denial_pattern("more").fullmatch(segment[0].text) and mentions[0].kind == NAMED:
        return False, "more of it is denied"
    if _spoken_of_as_had(reach):
        return False, "denied, and called the patient's own"
    if any(words.denial_pattern("graded").fullmatch(i.text) for i in reach) and not _UMBRELLA.search(
        mentions[-1].text
    ):
        return False, "only a grave one is denied"
    if _unlisted(segment):
        return False, "a list without its commas"
    if any(i.kind == WORD for i in rest):
        firm = _FIRM.fullmatch(denials[0].text)
        return (False, "denied, with words nobody read") if firm else (not _qualifies(rest), "")
    # "a seizure-free year" is one word to its writer
    if len(rest) > 1 and rest[0].text == "-" and rest[0].end == rest[1].start:
        return False, TWICE
    beside = next((i for i in rest if i.kind != FILL), None)
    if beside and beside.kind == NOISE and denials[0].start < mentions[0].start:
        return False, ""
    if _NORMAL.fullmatch(denials[0].text) and not all(
        i.kind == HARMLESS or _ORGAN.search(i.text) for i in mentions
    ):
        return False, ""
    state = all(
        key in words.reading_aids()["denial"]["states"] for i in mentions for key, _ in i.means
    ) and any(i.means for i in mentions)
    # "non sente piu voci": the word may stand inside what is named
    once = any(i.kind == ONCE or words.denial_pattern("once").search(i.text) for i in segment)
    if once and not state:
        return False, ""
    if any(i.kind == NOW for i in segment) and not state and any(i.kind != HARMLESS for i in mentions):
        return False, "denied for the present only"
    return True, ""


def _spoken_of_as_had(reach: list[Item]) -> bool:
    """Whether what is denied is called somebody's: `denies her diagnosis of`, not `no history in her family of`."""
    return any(
        (words.denial_pattern("own").fullmatch(a.text) and b.kind != PERSON and b.text != "family")
        or (a.text == "the" and b.text == "diagnosis")
        for a, b in pairwise(reach)
    )


def _unlisted(segment: list[Item]) -> bool:
    """Whether two conditions stand side by side: `no allergies bipolar` need not deny the second."""
    return any(
        a.kind in MENTIONS
        and b.kind in (NAMED, CODE, UNPLACED)
        and a.end < b.start
        # "valvular heart disease" is one thing: both are of one chapter of the ICD
        and not {code[:1] for _, code in a.means} & {code[:1] for _, code in b.means}
        for a, b in pairwise(segment)
    )


def _qualifies(rest: list[Item]) -> bool:
    """Whether unread words go on about the condition (`no epilepsy tablets`) instead of naming another after `or`."""
    return next((i.kind for i in rest if i.kind != FILL), "") != OR


def _whose(text: str, item: Item, parts: list[Item], inherited: str) -> str:
    """Whose a mention is: the nearest person before it, unless one follows it in so many words."""
    if m := re.match(r"[\s,]*\(?\s*", text[item.end :]):
        behind = text[item.end + m.end() :]
        if words.people("after").match(behind):
            return FIRST
        if m[0].strip() == "(":
            for name, who in DEGREES:
                if words.people(name).match(behind):
                    return who
    named = [i for i in parts if i.kind == PERSON and i.end <= item.start]
    if not named:
        return inherited
    nearest = named[-1]
    if nearest.who != PATIENT and len(named) > 1 and any(i.who == PATIENT for i in named[:-1]):
        between = text[named[-2].end : nearest.start]
        if re.fullmatch(
            rf"[\s,]*{words.reading_aids()['who']['together']}\s+(?:(?:his|her|my|the)\s+)?", between
        ):
            return PATIENT
    # "wife is pregnant and has epilepsy": who has it is anybody's guess, so it counts as the patient's
    if nearest.who != PATIENT and re.search(
        r"\b(?:and|&)\s+(?:has|had|is|was|suffers)\b", text[nearest.end : item.start]
    ):
        return PATIENT
    return nearest.who
