"""One patient in, one decision out, with every rule that led to it.

These are facts about who a trial would admit, never advice to start, stop or change a treatment.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from limen.compounds import compound as record
from limen.errors import DataError
from limen.heard import Reading
from limen.results import Result
from limen.safety.reading.conditions import CLINICIAN_JUDGES, Condition, unlikely
from limen.safety.reading.drugs import Drug, dictionary
from limen.safety.reading.names import Medicine
from limen.safety.reading.patient import Patient, heard
from limen.safety.reading.spelling import NO_RULE, vocabulary
from limen.safety.rules.book import RuleBook
from limen.safety.rules.conditions import ConditionHit, assess
from limen.safety.rules.hits import CLINICIAN, ELIGIBLE, NOT_ELIGIBLE, Hit, cleared, held, hits_of, pair_hits
from limen.safety.rules.interactions import SEVERITIES, compound_name
from limen.safety.rules.population import known_population

_GRAVITY = (ELIGIBLE, CLINICIAN, NOT_ELIGIBLE)
FULL_DOSE = (
    "Nearly all interaction evidence was obtained at full doses, not microdoses; "
    "each hit names the dose it comes from."
)
NO_ADVICE = "These are facts about trial eligibility, not advice to start, stop or change any treatment."


@dataclass(frozen=True)
class Unread:
    """A medicine or condition nobody could place: the patient is one for a clinician."""

    text: str
    why: str
    candidates: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True)
class Screening(Result):
    """The decision for one patient, with hits gravest first, and whatever was not understood."""

    patient: str
    compound: str
    decision: str
    hits: tuple[Hit, ...]
    conditions: tuple[ConditionHit, ...]
    unread: tuple[Unread, ...]
    read: tuple[tuple[str, str, str, float], ...]
    ignored: tuple[str, ...] = ()
    reading: Reading = field(default_factory=Reading)
    population: str = ""
    local_rules: tuple[str, ...] = ()
    notes: tuple[str, ...] = (FULL_DOSE, NO_ADVICE)

    @property
    def severity(self) -> str:
        """The gravest severity among the interaction hits, or nothing."""
        return self.hits[0].severity if self.hits else ""

    @property
    def reasons(self) -> tuple[str, ...]:
        """Rule ids (and `unrecognised`) that bear on the decision, gravest first: the rows of a recruitment funnel."""
        ruled = [(h.decides, h.rule_id) for h in self.hits] + [
            (c.decides, c.rule_id) for c in self.conditions
        ]
        ruled += [(CLINICIAN, "unrecognised")] * bool(self.unread)
        return tuple(
            dict.fromkeys(
                rule for wanted in (NOT_ELIGIBLE, CLINICIAN) for decides, rule in ruled if decides == wanted
            )
        )


def screen(
    patient: Patient, compound: str, *, book: RuleBook | None = None, population: str = "", form: str = ""
) -> Screening:
    """Would a trial of `compound` admit this patient?

    `population` (the trial's, such as `MDD` or `healthy`) brings in rules that belong to it; `form` matters to rules
    about mushrooms. Raises DataError for a compound without rules and for a population
    nobody knows.
    """
    compound, book = compound_name(compound), book or _SHIPPED
    known_population(population)
    if record(compound).safety is None:
        raise DataError(
            f"limen has no screening rules for {compound}, and screens nobody by those of another compound",
            remedy="screen by hand; `limen answer` shows the rules that hold for all psychedelics",
        )
    hits: list[Hit] = []
    unread: list[Unread] = []
    taken: list[Drug] = []
    for reading in patient.medications:
        some, doubt = _medicine(reading, compound, book, population)
        hits += some
        unread += doubt
        if not (reading.negated or reading.denied):
            taken += [dictionary()[name] for name in reading.drugs if not cleared(reading, some, name)]
    hits += pair_hits(taken, patient.medications)
    unread += [doubt for c in patient.conditions for doubt in _open(c)]
    unread += [
        Unread(said, "outside what is usual: check the unit, or judge it")
        for said in unlikely(patient.measured)
    ]
    unread += [Unread(heard.words, heard.note) for heard in patient.unread]
    conditions = assess(patient.conditions, patient.measured, compound, population, form, book.choose)
    ordered = sorted(
        hits, key=lambda h: (-_GRAVITY.index(h.decides), SEVERITIES.index(h.severity), h.drug, h.rule_id)
    )
    ordered.sort(key=lambda h: SEVERITIES.index(h.severity))
    votes = (
        [h.decides for h in hits] + [c.decides for c in conditions if c.decides] + [CLINICIAN] * bool(unread)
    )
    return Screening(
        patient=patient.id,
        compound=compound,
        decision=max(votes, key=_GRAVITY.index, default=ELIGIBLE),
        hits=tuple(ordered),
        conditions=conditions,
        unread=tuple(unread),
        read=tuple(
            (r.text, name, r.meaning.how, r.meaning.confidence)
            for r in patient.medications
            if not r.denied
            for name in r.drugs or [n for n, _ in r.meaning.candidates if r.meaning.how == NO_RULE]
        ),
        ignored=patient.ignored,
        reading=heard(patient),
        population=population,
        local_rules=book.changes,
    )


_SHIPPED = RuleBook()


def _open(condition: Condition) -> list[Unread]:
    """What of a condition nobody read, or no rule speaks about."""
    found = [Unread(" ".join(condition.judged), CLINICIAN_JUDGES)] if condition.judged else []
    if condition.unread:
        words = " ".join(condition.unread)
        beside = "" if words == condition.text else f", in {condition.text!r}"
        found.append(Unread(words, f"not read{beside}"))
    return found


def _medicine(
    reading: Medicine, compound: str, book: RuleBook, population: str
) -> tuple[list[Hit], list[Unread]]:
    """The hits of one reading, and the doubts that remain about it."""
    meaning = reading.meaning
    if meaning.how == NO_RULE or reading.denied:
        return [], []
    if meaning.guess:
        said = f"a guess: {', '.join(meaning.guess)}? Nobody is cleared or excluded by a guess"
        found = held(_hits(reading, meaning.guess, compound, book, population))
        return found, [Unread(reading.text, said, meaning.candidates)]
    if not reading.drugs:
        why = {
            "known": "a medicine without a row in the dictionary",
            "abbreviated": "an abbreviation: nobody can be sure what is meant",
            "ambiguous": "more than one medicine is meant by writing like this",
        }.get(meaning.how, "not recognised")
        return [], [Unread(reading.text, why, meaning.candidates)]
    hits = _hits(reading, reading.drugs, compound, book, population)
    names = ", ".join(reading.drugs)
    doubts = []
    if reading.negated:
        doubts.append(Unread(reading.text, f"{names} is mentioned with a no, or as planned: is it taken?"))
        hits = held(hits)
    asks = tuple(vocabulary()["indications"]["past" if reading.stopped else "present"])
    if any(dictionary()[name].atc.startswith(asks) for name in reading.drugs):
        when = " in the past: what was" if reading.stopped else ": what is"
        doubts.append(Unread(reading.text, f"{names}{when} it for?"))
    return hits, doubts


def _hits(
    reading: Medicine, names: Iterable[str], compound: str, book: RuleBook, population: str
) -> list[Hit]:
    return [hit for name in names for hit in hits_of(reading, dictionary()[name], compound, book, population)]
