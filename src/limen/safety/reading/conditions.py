"""Conditions as written: which condition keys and ICD-10 codes the words stand for, whose they are, and what is denied."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from limen.heard import Heard, Reading
from limen.safety.reading import words
from limen.safety.reading.clauses import TWICE, Claim, claims
from limen.safety.reading.items import (
    CODE,
    FILL,
    FURTHER,
    HARMLESS,
    MENTIONS,
    OR,
    OTHER,
    PATIENT,
    REVIEWED,
    UNPLACED,
    items,
)
from limen.safety.reading.words import reading_aids

# what a relative's illness stands for in the tables: a family history, and nothing of the patient's own
_OF_FAMILY = {
    "psychosis_personal": ("psychosis_family", "Z81.8"),
    "psychosis_risk": ("psychosis_family", "Z81.8"),
    "bipolar": ("psychosis_family", "Z81.8"),
    "qtc": ("sudden_death_family", "Z82.4"),
    "sudden_death_family": ("sudden_death_family", "Z82.4"),
}
_FAMILY_CODES = (("F20", "F29"), ("F30", "F31"))
CLINICIAN_JUDGES = "outside every rule: a clinician judges"


@dataclass(frozen=True)
class Condition:
    """One thing said of a person: as written, what it means (condition key, ICD-10 code), whose it is, denied or in doubt.

    `unread` holds the words beside it that nobody could place, `judged` those that no rule speaks about and a clinician
    looks at. `days_ago`: days since it ended, where known.
    """

    text: str
    means: tuple[tuple[str, str], ...] = ()
    who: str = PATIENT
    negated: bool = False
    doubt: str = ""
    days_ago: float | None = None
    unread: tuple[str, ...] = ()
    judged: tuple[str, ...] = ()


@dataclass(frozen=True)
class Measurements:
    """Numbers by name (`sbp`, `dbp`, `qtc`, `cssrs`, `alt`, `ast`, `egfr`, `bmi`, `age` ...), units as in the table."""

    values: Mapping[str, float] = field(default_factory=dict)
    sex: str = ""

    def get(self, name: str) -> float | None:
        return self.values.get(name)


def said(
    text: str, code: str = "", days_ago: float | None = None, who: str = PATIENT
) -> tuple[Condition, ...]:
    """Conditions of a phrase, with an ICD-10 code where a record gives one; `who` where a record says whose they are."""
    found = list(_said(" ".join(filter(None, (code, text))), who))
    return tuple(
        Condition(c.text, c.means, c.who, c.negated, c.doubt, days_ago, c.unread, c.judged) for c in found
    )


@lru_cache(maxsize=8192)
def _said(text: str, who: str) -> tuple[Condition, ...]:
    found: list[Condition] = []
    # abbreviations that are common words in small letters ("severe AS"), and answers of a form ("mania: N", "= 0")
    if text != text.upper():
        text = re.sub(reading_aids()["noise"]["capitals"], r"abbreviation \1", text)
    text = re.sub(r"(?i)(?<=[a-z]{3})\s*[:=]\s*(?:n|0)(?![\w./-]|,\d)", " : no", text)
    text = re.sub(r"\[\s*\]|☐", " ? ", text)  # a box: beside which words it stands, nobody can say
    # what an exception (`but`, `apart from`) names is never nothing
    folded = re.sub(
        rf"[,\s]*(?<!\w)(?:{reading_aids()['denial']['split']})(?!\w)[,\s]*", ";+ ", words.fold(text)
    )
    for statement in re.split(r"\s*(?:[;|•]|(?<=[\w)])\.(?=\s|$))\s*", folded):
        excepted, statement = statement.startswith("+"), statement.removeprefix("+").strip()
        carried, head = who, ""
        for part in re.split(r"\s*,(?!\d)\s*", statement):
            if not part.strip(" .:-"):
                continue
            some, unread, carried = claims(_continued(part, head, carried), carried)
            head = _list_head(part, some) or (head if some and _bare(part, head) else "")
            found += _conditions(part, some, unread or [part] * (excepted and not some))
    return tuple(found)


_HEADS = re.compile(
    r"(?:(?:patient|pt|he|she)\s+)?(?:denie[sd]|denying|negative for|no (?:known )?(?:h/o|history of|hx of?)|neither|absent:|verneint|niega|nie|ontkent|nega|keine?|no|sin|pas d[e']|geen|sem|nessuna?)(?!\w)"
)


def _list_head(part: str, some: Iterable[Claim]) -> str:
    """The word of denial that a list such as `denies a, b and c` begins with."""
    head = _HEADS.match(part)
    return head[0] if head and any(c.denied for c in some) else ""


def _bare(part: str, head: str) -> bool:
    return bool(head) and not _HEADS.match(part)


def _continued(part: str, head: str, carried: str) -> str:
    """A later item of a denied list with its denial: all of them after a verb, else only where `or`, `nor` or `and` closes it."""
    if not head or _HEADS.match(part) or words.people("self").search(part):
        return part
    verb = not re.fullmatch(r"(?:no|keine?|sin|pas d[e']|geen|sem|nessuna?)", head)
    closed = re.search(r"\b(?:or|nor|and|oder|und|ou|y|e|of)\b", part)
    mentions = [i for i in items(part) if i.kind in MENTIONS]
    others = [i for i in items(part) if i.kind not in (*MENTIONS, FILL, OR)]
    return f"{head} {part}" if mentions and not others and (verb or closed) else part


def _conditions(part: str, some: list[Claim], unread: list[str]) -> list[Condition]:
    """The claims of a phrase as conditions, one for each person and denial; its unread words go with the first."""
    groups: dict[tuple[str, bool, str], list[Claim]] = {}
    for claim in some:
        groups.setdefault((claim.who, claim.denied, claim.doubt), []).append(claim)
    # "not well", "echo not normal": a denial of health is no news of health
    unwell = [
        c for c in some if c.item.kind == HARMLESS and c.who == PATIENT and (c.denied or c.doubt == TWICE)
    ]
    if any(c.doubt == TWICE or words.listed("harmless", "wellness").fullmatch(c.item.text) for c in unwell):
        unread = [part]
    rest = tuple(unread)
    if not groups:
        return [Condition(part, unread=(part,))] if rest else []
    found = []
    for (who, denied, doubt), of in groups.items():
        means = tuple(pair for c in of for pair in _means(c))
        unplaced = tuple(c.item.text for c in of if c.item.kind == UNPLACED and not denied and who == PATIENT)
        judged = tuple(c.item.text for c in of if c.item.kind == REVIEWED and not denied and who == PATIENT)
        distant = "not a first-degree relative" if who == FURTHER and means else ""
        found.append(Condition(part, means, who, denied, doubt or distant, None, (*rest, *unplaced), judged))
        rest = ()
    return found


def _means(claim: Claim) -> tuple[tuple[str, str], ...]:
    item = claim.item
    if item.kind in (HARMLESS, REVIEWED, UNPLACED):
        return ()
    if claim.who == PATIENT:
        return item.means
    if claim.who == OTHER:
        return ()
    if item.kind == CODE:
        code = item.means[0][1][:3]
        family = any(low <= code <= high for low, high in _FAMILY_CODES)
        return (_OF_FAMILY["bipolar"],) if family else ()
    if words.listed("who", "inherited").search(item.text):
        return (_OF_FAMILY["qtc"],)
    return tuple(_OF_FAMILY[key] for key, _ in item.means if key in _OF_FAMILY)


def unlikely(measured: Measurements) -> tuple[str, ...]:
    """Measurements that look like a slip of unit or typing, such as a QTc in seconds, or that nobody has at rest."""
    ranges = reading_aids()["plausible"]
    return tuple(
        f"{name} {value:g}"
        for name, value in measured.values.items()
        if name in ranges and not ranges[name][0] <= value <= ranges[name][1]
    )


def conditions_heard(conditions: Iterable[Condition], measured: Measurements) -> Reading:
    """What was understood of conditions and measurements, denied, in doubt, and not read."""
    understood, denied, guessed, unread = [], [], [], []
    for c in conditions:
        keys = ", ".join(dict.fromkeys(key.replace("_", " ") or code for key, code in c.means))
        what = Heard("condition", keys or c.text, c.text, "; ".join(filter(None, (c.who, c.doubt))))
        if c.negated:
            denied.append(what)
        elif c.doubt:
            guessed.append(what)
        elif c.means or not (c.unread or c.judged):
            understood.append(what)
        understood += [Heard("condition", word, c.text, CLINICIAN_JUDGES) for word in c.judged]
        unread += [
            Heard("condition", "", " ".join(c.unread), f"in {c.text!r}" if c.text not in c.unread else "")
        ] * bool(c.unread)
    understood += [
        Heard("measurement", f"{name} {value:g}", f"{name} {value:g}")
        for name, value in measured.values.items()
    ]
    return Reading(tuple(understood), tuple(denied), tuple(guessed), tuple(unread))
