"""One rule on one medicine: how it bears on eligibility, taken now or stopped, and what the protocol adds."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from limen.safety.reading.drugs import Drug, dictionary
from limen.safety.reading.names import Medicine
from limen.safety.rules.book import RuleBook
from limen.safety.rules.interactions import BY_FLAG, LEVELS, Match, interaction_aids, pair_findings
from limen.safety.rules.washout import Washout, persistence, washout

ELIGIBLE, NOT_ELIGIBLE, CLINICIAN = "eligible", "not eligible", "needs a clinician"
PERMITTED = "permitted by the protocol"
PROTOCOL = "PROTOCOL"


@dataclass(frozen=True)
class Hit:
    """One interaction rule on one medicine: as understood, what the rule says, and how it bears on eligibility."""

    drug: str
    drug_class: str
    atc: str
    written: str
    how: str
    confidence: float
    rule_id: str
    match: str
    via: str
    comedication: str
    mechanism: str
    effect: str
    severity: str
    trials: str
    decides: str
    eligibility: str
    washout_days: float | None
    washout_arithmetic: str
    since_last_intake_days: float | None
    evidence_level: str
    evidence_dose: str
    estimate: str
    sources: tuple[str, ...]
    locator: str
    verification: str
    note: str
    merged: tuple[str, ...] = ()
    other_drug: str = ""
    stopped: bool = False
    guessed: bool = False
    local: str = ""


def hits_of(reading: Medicine, drug: Drug, compound: str, book: RuleBook, population: str) -> list[Hit]:
    """Every rule one drug of a reading meets, gravest rule first."""
    matches = book.findings(drug, compound, population)
    own = {m.rule.id: washout(drug, m.rule.half_lives, m.rule.min_days, depot=reading.depot) for m in matches}
    longest = max((w for w in own.values() if w is not None), key=lambda w: w.days, default=None)
    hits = []
    for found in matches:
        if found.rule.after_stopping and not reading.stopped:
            continue
        required = own[found.rule.id]
        stated = required is not None
        if required is None and reading.stopped:
            required = longest or _default(drug, reading.depot)
        decides = _decides(found)
        if reading.stopped:
            decides = _after_stopping(decides, found, required, stated, reading, drug)
        hits.append(_hit(reading, drug, found, required, decides))
    return _by_protocol(hits, reading, drug, book)


def _decides(found: Match) -> str:
    """How a rule bears on eligibility: by its severity, and more softly where only a shared property speaks."""
    if found.shown_only:
        return ELIGIBLE
    if found.rule.severity in ("contraindicated", "major"):
        extrapolated = found.level == BY_FLAG or found.read_across
        return CLINICIAN if extrapolated or found.rule.action.startswith("check") else NOT_ELIGIBLE
    return CLINICIAN if found.rule.severity == "moderate" else ELIGIBLE


def _default(drug: Drug, depot: bool) -> Washout | None:
    aid = interaction_aids()["washout"]
    return washout(drug, aid["default_half_lives"], None, aid["status"], depot)


def _unknown_depot(reading: Medicine, name: str) -> bool:
    """A long-acting injection without a half-life of its own: no time clears it."""
    return reading.depot and (name, "depot") not in persistence()


def _after_stopping(
    decides: str, found: Match, required: Washout | None, stated: bool, reading: Medicine, drug: Drug
) -> str:
    if decides == ELIGIBLE:
        return ELIGIBLE
    if _unknown_depot(reading, drug.name) or reading.stopped_days is None or required is None:
        return CLINICIAN
    if reading.stopped_days < required.days:
        return decides
    return ELIGIBLE if stated or found.rule.severity == "moderate" else CLINICIAN


def _by_protocol(hits: list[Hit], reading: Medicine, drug: Drug, book: RuleBook) -> list[Hit]:
    """What the protocol's own medication rules add: they may exclude, lengthen a washout, or permit what is moderate."""
    if book.permits(drug):
        hits = [
            replace(h, decides=ELIGIBLE, eligibility=f"no bar: {PERMITTED}", local=PERMITTED)
            if h.severity == "moderate"
            else h
            for h in hits
        ]
    days, entry = book.protocol_washout(drug), book.excludes(drug)
    if not entry and days is None:
        return hits
    since = reading.stopped_days if reading.stopped else None
    clear = (
        reading.stopped
        and not _unknown_depot(reading, drug.name)
        and since is not None
        and since >= (days or 0)
    )
    unknown = reading.stopped and since is None
    decides = ELIGIBLE if clear else CLINICIAN if unknown else NOT_ELIGIBLE
    words = (
        f"excluded by the protocol ({entry})" if entry else "washed out before the first dose by the protocol"
    )
    required = Washout(days, f"{days:g} d, as the protocol says") if days is not None else None
    base = _blank(reading, drug)
    rule = replace(
        base, rule_id=PROTOCOL, match="names it", via=entry or drug.name, mechanism="protocol's medication rules",
        effect=words, severity="major", trials=words, decides=decides, eligibility=_eligibility(drug, decides),
        washout_days=required.days if required else None, washout_arithmetic=required.arithmetic if required else "",
        sources=("protocol",), verification="protocol",
    )  # fmt: skip
    return [rule, *hits]


def _eligibility(drug: Drug, decides: str) -> str:
    stopping = "not eligible while taking" + ("; limen does not suggest stopping" if drug.protected else "")
    if decides == NOT_ELIGIBLE:
        return stopping
    if decides == CLINICIAN:
        return f"needs a clinician; where a trial excludes it: {stopping}"
    return "no bar to eligibility"


def held(hits: Iterable[Hit]) -> list[Hit]:
    """Hits on a medicine that may not be taken, or not be meant: they hold for a clinician and exclude nobody."""
    return [
        replace(h, decides=CLINICIAN, eligibility=_eligibility(dictionary()[h.drug], CLINICIAN))
        if h.decides == NOT_ELIGIBLE
        else h
        for h in hits
    ]


def _blank(reading: Medicine, drug: Drug) -> Hit:
    return Hit(
        drug=drug.name, drug_class=drug.drug_class, atc=drug.atc, written=reading.text, how=reading.meaning.how,
        confidence=reading.meaning.confidence, rule_id="", match="", via="", comedication="", mechanism="", effect="",
        severity="informational", trials="", decides=ELIGIBLE, eligibility="", washout_days=None, washout_arithmetic="",
        since_last_intake_days=reading.stopped_days, evidence_level="", evidence_dose="", estimate="", sources=(),
        locator="", verification="", note="", stopped=reading.stopped, guessed=bool(reading.meaning.guess),
    )  # fmt: skip


def _hit(reading: Medicine, drug: Drug, found: Match, required: Washout | None, decides: str) -> Hit:
    rule = found.rule
    across = f" (from the other compound's trials: {rule.psychedelic})" if found.read_across else ""
    arithmetic = required.arithmetic if required else ""
    if _unknown_depot(reading, drug.name) and arithmetic:
        arithmetic += "; not valid for a long-acting injection"
    return replace(
        _blank(reading, drug), rule_id=rule.id, match=LEVELS[found.level] + across, via=found.via,
        comedication=rule.comedication, mechanism=rule.mechanism, effect=rule.effect, severity=rule.severity,
        trials=rule.action, decides=decides, eligibility=_eligibility(drug, decides),
        washout_days=required.days if required else None, washout_arithmetic=arithmetic,
        evidence_level=rule.evidence_level, evidence_dose=rule.evidence_dose, estimate=rule.estimate,
        sources=rule.sources, locator=rule.locator, verification=rule.verification, note=rule.note,
        merged=found.merged, local=rule.local,
    )  # fmt: skip


def cleared(reading: Medicine, hits: Iterable[Hit], name: str) -> bool:
    """Stopped longer ago than anything about the drug requires."""
    if not reading.stopped or reading.stopped_days is None or _unknown_depot(reading, name):
        return False
    required = [h.washout_days for h in hits if h.drug == name and h.washout_days is not None]
    fallback = _default(dictionary()[name], reading.depot)
    return reading.stopped_days >= max([*required, fallback.days if fallback and not required else 0.0])


def pair_hits(taken: Iterable[Drug], readings: Iterable[Medicine]) -> list[Hit]:
    """Hits of comedications that are dangerous together."""
    by_name = {name: reading for reading in readings for name in reading.drugs}
    hits = []
    for pair, one, other in pair_findings(taken):
        decides = NOT_ELIGIBLE if pair.severity in ("contraindicated", "major") else CLINICIAN
        hits.append(
            replace(
                _blank(by_name[one.name], one), rule_id=pair.id, match="pair among the comedications",
                via=f"{one.name} with {other.name}",
                mechanism=pair.mechanism, effect=pair.effect, severity=pair.severity, decides=decides,
                trials="dangerous before any psychedelic: a matter for whoever prescribes",
                eligibility=_eligibility(one if one.protected else other, decides), other_drug=other.name,
                evidence_level="product information", sources=pair.sources, verification=pair.verification, note=pair.note,
            )
        )  # fmt: skip
    return hits
