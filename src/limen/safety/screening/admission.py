"""Admission: which comedications a trial lets in, drug by drug, by the rules that screen a person."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from types import MappingProxyType

from limen.protocol import Protocol
from limen.safety.reading.drugs import Drug, dictionary
from limen.safety.reading.names import read_list
from limen.safety.reading.patient import Patient
from limen.safety.rules.book import RuleBook, for_protocol, speaks_of
from limen.safety.rules.hits import CLINICIAN, ELIGIBLE
from limen.safety.screening.bearing import strong_cyp2d6_inhibitors
from limen.safety.screening.screen import Screening, screen

# One antidepressant a person at most; the other medicines are taken independently of it and of each other.
ANTIDEPRESSANTS: tuple[str, ...] = (
    "ssri_inhibitor",
    "ssri",
    "snri",
    "bupropion",
    "blocking",
    "tricyclic",
    "maoi",
)
OTHERS: tuple[str, ...] = ("antipsychotic", "lithium", "stimulant", "inhibitor")
COMEDICATIONS: tuple[str, ...] = (*ANTIDEPRESSANTS, *OTHERS)
LABELS: Mapping[str, str] = MappingProxyType(
    {
        "ssri_inhibitor": "fluoxetine or paroxetine",
        "ssri": "another SSRI",
        "snri": "SNRI",
        "bupropion": "bupropion",
        "blocking": "mirtazapine, mianserin or trazodone",
        "tricyclic": "tricyclic antidepressant",
        "maoi": "MAO inhibitor",
        "antipsychotic": "antipsychotic that blocks 5-HT2A",
        "lithium": "lithium",
        "stimulant": "stimulant",
        "inhibitor": "quinidine or terbinafine",
    }
)
BY_PROTOCOL = "PROTOCOL"
_WORDS_BEFORE = re.compile(r"^((any|all|other|prescribed)\s+)+", re.IGNORECASE)


@dataclass(frozen=True)
class Loss:
    """A rule that keeps people out or holds them for a clinician: share of the class's drugs it is the gravest for."""

    rule: str
    severity: str
    share: float
    held: bool


@dataclass(frozen=True)
class Admitted:
    """One class of comedication: its drugs, the share of them that is let in, and what becomes of the rest."""

    name: str
    drugs: tuple[str, ...]
    let_in: float
    losses: tuple[Loss, ...]

    @property
    def held(self) -> float:
        """Share of the class that a rule leaves to a clinician."""
        return sum((loss.share for loss in self.losses if loss.held), 0.0)


@cache
def members() -> Mapping[str, tuple[str, ...]]:
    """The dictionary's drugs in each class; which drugs inhibit CYP2D6 strongly is a fact of the dictionary."""
    strong, drugs = set(strong_cyp2d6_inhibitors()), dictionary()

    def those(chosen: Callable[[Drug], bool]) -> tuple[str, ...]:
        return tuple(name for name, drug in drugs.items() if chosen(drug))

    return MappingProxyType(
        {
            "ssri_inhibitor": those(lambda d: d.atc.startswith("N06AB") and d.name in strong),
            "ssri": those(lambda d: d.atc.startswith("N06AB") and d.name not in strong),
            "snri": those(lambda d: d.drug_class == "SNRI"),
            "bupropion": ("bupropion",),
            "blocking": ("mirtazapine", "mianserin", "trazodone"),
            "tricyclic": those(lambda d: d.drug_class == "TCA"),
            "maoi": those(lambda d: d.atc.startswith(("N06AF", "N06AG"))),
            "antipsychotic": those(
                lambda d: d.atc.startswith("N05A") and "ht2a_antagonist" in d.flags and d.name != "lithium"
            ),
            "lithium": ("lithium",),
            "stimulant": those(lambda d: d.atc.startswith("N06BA") and "sympathomimetic" in d.flags),
            "inhibitor": those(
                lambda d: d.name in strong and d.atc[:3] not in ("N06", "") and " and " not in d.name
            ),
        }
    )


def plain_words(entry: str) -> str:
    """A protocol's words about medicines without those that name none: `any prescribed psychotropic`."""
    return _WORDS_BEFORE.sub("", entry.strip())


def protocol_book(protocol: Protocol, book: RuleBook | None = None) -> RuleBook:
    """The rules with the protocol's own medication lists."""
    full = for_protocol(protocol, book)
    return replace(
        full,
        permitted=tuple(map(plain_words, full.permitted)),
        excluded=tuple(map(plain_words, full.excluded)),
        _found={},
    )


def takes_antidepressants(protocol: Protocol) -> bool:
    """Whether people of the protocol take antidepressants, by its numbers or its words."""
    said = " ".join(protocol.medication.permitted).casefold()
    return (protocol.population.on_antidepressant or 0) > 0 or "antidepressant" in said


def admission(protocol: Protocol, book: RuleBook | None = None) -> tuple[Admitted, ...]:
    """What the trial of a protocol makes of each class, by screening a person on each of its drugs alone.

    Drugs that meet a contraindicated rule and those the protocol excludes are out. What the protocol permits is in unless it is
    contraindicated; `on_antidepressant` above zero permits antidepressants, zero says that nobody on one takes part.
    What a rule leaves to a clinician stays open here. Drugs of a class count alike (an assumption). Empty for a compound
    that nobody has rules for: its people take nothing besides.
    """
    if protocol.record.safety is None:
        return ()
    rules = protocol_book(protocol, book)
    return tuple(_class(name, drugs, protocol, rules) for name, drugs in members().items())


def _class(name: str, drugs: tuple[str, ...], protocol: Protocol, rules: RuleBook) -> Admitted:
    found: Counter[tuple[str, str, bool] | None] = Counter(_loss(drug, protocol, rules) for drug in drugs)
    losses = [Loss(*loss[:2], n / len(drugs), loss[2]) for loss, n in found.items() if loss is not None]
    return Admitted(name, drugs, found[None] / len(drugs), tuple(losses))


def _loss(name: str, protocol: Protocol, rules: RuleBook) -> tuple[str, str, bool] | None:
    """The gravest rule that keeps a person on this drug out, its severity, and whether a clinician may let them in."""
    drug = dictionary()[name]
    antidepressant = drug.atc.startswith("N06A")
    found = screen(
        Patient(medications=read_list(name)), protocol.compound, book=rules,
        population=protocol.population.indication,
    )  # fmt: skip
    grave = found.severity == "contraindicated"
    if antidepressant and protocol.population.on_antidepressant == 0 and not grave:
        return BY_PROTOCOL, "major", False
    if found.decision == ELIGIBLE or (not grave and _permitted(drug, protocol, rules)):
        return None
    rule = found.reasons[0]
    return rule, _severity(found, rule), found.decision == CLINICIAN and not grave


def _permitted(drug: Drug, protocol: Protocol, rules: RuleBook) -> bool:
    if rules.excludes(drug):
        return False
    named = any(speaks_of(entry, drug) for entry in rules.permitted)
    return named or (drug.atc.startswith("N06A") and takes_antidepressants(protocol))


def _severity(found: Screening, rule: str) -> str:
    return next((hit.severity for hit in found.hits if hit.rule_id == rule), "major")
