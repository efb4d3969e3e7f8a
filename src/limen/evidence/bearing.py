"""What is already known that bears on one protocol: studies, claims, the pooled effect or its honest absence,
and who else is asking. Pure functions of the protocol and the tables."""

from __future__ import annotations

from dataclasses import dataclass

from limen.errors import FactsError
from limen.evidence import dose_classes, tables
from limen.evidence.meta import Meta, meta_analysis
from limen.evidence.nearest import Near, nearest
from limen.evidence.tables import Claim, Study
from limen.facts.read import Row, read
from limen.protocol.model import Protocol
from limen.protocol.outcomes import DOSE_DAY

OF_SCALE = {"depression": "depression", "anxiety": "anxiety", "ptsd": "ptsd", "adhd": "adhd", "stress": "stress",
            "well-being": "well-being"}  # fmt: skip
CLAIMS = 8  # as many as a page holds
ALWAYS = ("C57",)  # full-dose results do not speak for microdoses: true of every protocol here


@dataclass(frozen=True)
class OtherTrial:
    """A registered trial that would answer a like question, and in what it is like."""

    row: Row
    alike: tuple[str, ...]


@dataclass(frozen=True)
class Known:
    """What is known for one protocol. `meta` is None only where limen's tables hold no result on the outcome."""

    construct: str
    dose_class: str
    studies: tuple[Study, ...]
    claims: tuple[Claim, ...]
    asked: tuple[Near, ...]  # claims nearest to the protocol's own claim or question
    meta: Meta | None
    absence: str  # why there is no pooled effect; empty where there is one
    others: tuple[OtherTrial, ...]


def known_for(protocol: Protocol) -> Known:
    """Studies of the compound and condition, claims that bear on it, the meta-analysis of its primary
    outcome."""
    construct, kind = primary_construct(protocol), dose_class_of(protocol)
    meta, absence = None, ""
    try:
        meta = meta_analysis(construct, dose_class=(kind or dose_classes.MICRODOSE,))
        absence = "" if meta.verdict == "pooled" else meta.verdict
    except FactsError:
        absence = f"limen's tables hold no result on {construct}"
    words = protocol.claim or protocol.question or ""
    asked = nearest(words) if words else ()
    return Known(
        construct=construct,
        dose_class=kind,
        studies=_studies(protocol, construct),
        claims=_claims(protocol, construct, asked),
        asked=asked,
        meta=meta,
        absence=absence,
        others=pipeline(protocol),
    )


def primary_construct(protocol: Protocol) -> str:
    """What the primary outcome measures, in the words of the outcome table."""
    primary = protocol.primary.registered
    if primary.timing == DOSE_DAY:
        return primary.construct
    measured = primary.construct or primary.id
    return next((name for word, name in OF_SCALE.items() if word in measured), measured)


def dose_class_of(protocol: Protocol) -> str:
    """The class of the largest dose given, judged in the form and unit it is stated in; empty where
    unknown."""
    classes = [
        dose_classes.dose_class(level.value, level.unit, (arm.given and arm.given.law) or protocol.compound,
                                arm.form or "")
        for arm in protocol.active_arms if arm.dose is not None
        for level, _ in arm.dose.drawn
    ]  # fmt: skip
    return max((c for c in classes if c), key=dose_classes.CLASSES.index, default="")


def pipeline(protocol: Protocol) -> tuple[OtherTrial, ...]:
    """Registered trials of the same dose class that share compound or condition, closest first; itself left
    out."""
    kind, condition = dose_class_of(protocol), protocol.population.ill.condition
    found: list[OtherTrial] = []
    for row in read("regulation/trial_pipeline"):
        if row["registry_id"] and row["registry_id"] == protocol.registry:
            continue
        alike: list[str] = []
        if tables.of_compound(row["compound"], protocol.compound):
            alike.append(protocol.compound)
        about = f"{row['indication']} {row['population'] if condition == 'healthy' else ''}"
        if tables.about(about, condition):
            alike.append(condition)
        if row["dose_class"] == (kind or dose_classes.MICRODOSE) and len(alike) > 0:
            found.append(OtherTrial(row, tuple(alike)))
    return tuple(sorted(found, key=lambda other: (-len(other.alike), other.row["trial_id"])))


def _studies(protocol: Protocol, construct: str) -> tuple[Study, ...]:
    """Studies of the compound that are about the condition or report its outcome, controlled ones first."""
    condition = protocol.population.ill.condition
    measured = {row.study_id for row in tables.select(tables.outcomes(), tables.Filters(outcome=construct))}
    of_compound = [s for s in tables.studies() if tables.of_compound(s.compound, protocol.compound)]
    alike = [s for s in of_compound if s.study_id in measured or tables.about(s.population, condition)]
    return tuple(sorted(alike, key=lambda s: ("rct" not in s.design.lower(), -(s.year or 0), s.study_id)))


def _claims(protocol: Protocol, construct: str, asked: tuple[Near, ...]) -> tuple[Claim, ...]:
    """Claims near the question first, then those that name the compound, condition or outcome, and the
    general ones."""
    every = {claim.claim_id: claim for claim in tables.claims()}
    chosen = {near.claim.claim_id: near.claim for near in asked}
    condition = protocol.population.ill.condition
    for claim in every.values():
        named = tables.about(claim.claim, construct) or tables.about(claim.claim, condition)
        if claim.topic in ("clinical", "safety") and named:
            chosen.setdefault(claim.claim_id, claim)
    for claim in every.values():
        if claim.topic in ("pharmacology", "clinical") and tables.of_compound(claim.claim, protocol.compound):
            chosen.setdefault(claim.claim_id, claim)
    general = {name: every[name] for name in ALWAYS if name in every}
    return tuple([*chosen.values()][: CLAIMS - len(general)]) + tuple(
        claim for name, claim in general.items() if name not in [*chosen][: CLAIMS - len(general)]
    )
