"""What is already known that bears on a protocol, as the dossier says it. Loads no JAX."""

from __future__ import annotations

from typing import TYPE_CHECKING

from limen.dossier.sections.known.nouns import (
    AlsoAsking,
    Effect,
    ForestLine,
    ForestPicture,
    Known,
    KnownClaim,
    KnownStudy,
    Refused,
)
from limen.evidence import bearing
from limen.evidence.bearing import OtherTrial
from limen.evidence.meta import Meta
from limen.evidence.tables import Study
from limen.figures import forest_lines
from limen.protocol import Protocol

ENDED = ("completed", "primary reported", "withdrawn", "terminated")
SPOKEN = {
    "adhd": "ADHD",
    "ptsd": "PTSD",
    "healthy": "healthy people",
}  # the tables' words, as a reader writes them

if TYPE_CHECKING:
    from limen.dossier.asked import Asked


def build(asked: Asked) -> Known:
    return known(asked.protocol)


def known(protocol: Protocol) -> Known:
    """Studies, the pooled effect or why there is none, claims, and who else is asking."""
    found = bearing.known_for(protocol)
    meta = found.meta
    asked = {near.claim.claim_id for near in found.asked}
    # Closest first; among equals those still under way, since those would answer the same question.
    others = sorted(map(_asking, found.others), key=lambda o: (-len(o.alike), not o.under_way))
    return Known(
        outcome=_spoken(found.construct),
        dose_class=found.dose_class,
        condition=_spoken(protocol.population.ill.condition),
        studies=[_study(study) for study in found.studies],
        pooling="nothing" if meta is None else meta.verdict,
        pooled=_pooled(meta),
        absence=_absence(found),
        cautions=list(meta.cautions) if meta is not None else [],
        refused=[Refused.like(r, study=r.study_id) for r in meta.gathered.refused]
        if meta is not None
        else [],
        forest=_forest(meta),
        claims=[
            KnownClaim.like(claim, id=claim.claim_id, asked=claim.claim_id in asked) for claim in found.claims
        ],
        others=others,
    )


def _spoken(name: str) -> str:
    return SPOKEN.get(name, name)


def cited(known: Known) -> list[str]:
    """Every citation key the section shows."""
    return [key for part in (*known.studies, *known.claims, *known.others) for key in part.sources]


def _study(study: Study) -> KnownStudy:
    amount = f"{study.doses} {study.dose_unit}" if study.doses else "dose not stated"
    return KnownStudy.like(
        study,
        study=study.study_id,
        dose=f"{study.compound}, {amount}".strip(", "),
        people=study.population,
        n=study.n_analysed or study.n_randomised,
        result=study.headline_result,
    )


def _asking(other: OtherTrial) -> AlsoAsking:
    row = other.row
    low, high = row["dose_low"], row["dose_high"]
    amount = low if low == high or not high else f"{low} to {high}"
    return AlsoAsking(
        trial=row["acronym"] or row["registry_id"] or f"{row['sponsor']}, {row['country']}",
        registry_id=row["registry_id"],
        sponsor=row["sponsor"],
        country=row["country"],
        dose=f"{row['compound']}, {amount} {row['dose_unit']}"
        if amount
        else f"{row['compound']}, dose not stated",
        regimen=row["regimen"],
        comparator=row["comparator"],
        population=row["population"]
        if row["indication"].startswith("none")
        else f"{row['indication']}: {row['population']}",
        n=f"{row['n']} {row['n_type']}".strip(),
        status=row["status"],
        under_way=not row["status"].startswith(ENDED),
        result=row["result_summary"],
        alike=[_spoken(name) for name in other.alike],
        sources=list(row.sources),
        verification=row["verification"],
    )


def _absence(found: bearing.Known) -> str:
    """Why there is no diamond, in a sentence."""
    meta, kind, outcome = found.meta, found.dose_class or "microdose", _spoken(found.construct)
    if meta is None:
        return f"No result on {outcome} at any dose is recorded, so there is nothing to pool."
    if meta.verdict == "pooled":
        return ""
    if meta.verdict == "nothing":
        return f"limen's tables hold no {kind} trial that reports {outcome} with a control and a spread: nothing to pool."
    only = meta.effects[0].study_id
    return (
        f"One independent {kind} trial ({only}) reports {outcome}. One trial is not a meta-analysis: "
        "no pooled effect is given."
    )


def _pooled(meta: Meta | None) -> Effect | None:
    if meta is None or meta.pooled is None:
        return None
    fit = meta.pooled
    span = fit.interval[0]
    name = f"{fit.k} trials, random effects ({fit.method}{', Hartung-Knapp' if fit.test == 't' else ''})"
    return Effect(value=float(fit.estimate), low=float(span.low), high=float(span.high), of=name)


def _forest(meta: Meta | None) -> ForestPicture | None:
    if meta is None or not meta.effects:
        return None
    lines = forest_lines.table(meta)
    kinds, outcome, first = (
        " and ".join(meta.gathered.dose_classes),
        _spoken(meta.gathered.construct),
        lines[0],
    )
    return ForestPicture(
        title=f"{outcome[:1].upper()}{outcome[1:]}: {kinds} against control",
        subtitle=first["subtitle"] if meta.pooled is not None else "One trial",
        axis=first["axis"],
        left=first["left"],
        right=first["right"],
        lines=[ForestLine(**{name: line[name] for name in ForestLine.model_fields}) for line in lines],
        footnotes=first["notes"],
    )
