"""Compose the safety section from a protocol and the tables of facts, and what a run adds to it."""

from __future__ import annotations

import re
from collections.abc import Iterable

from limen.compounds import compound
from limen.design.operate import Enrolled, Run
from limen.dossier.asked import Asked
from limen.dossier.sections.safety import margin
from limen.dossier.sections.safety.nouns import (
    Interaction,
    Safety,
    SeenEvent,
    Standing,
    ValveFact,
    WatchedCheck,
    WatchedVisit,
)
from limen.dossier.sections.safety.recruitment import carried, recruitment
from limen.protocol import Protocol
from limen.safety.monitoring.adverse import MICRODOSE, AdverseEvent, expected, relevant, valve_facts
from limen.safety.monitoring.monitoring import Check, PlannedVisit, is_chronic, plan
from limen.safety.rules.book import RuleBook
from limen.safety.rules.interactions import SEVERITIES
from limen.safety.screening.admission import plain_words, protocol_book, takes_antidepressants
from limen.safety.screening.bearing import GENOTYPE, Bearing, bearing_on, drugs_of
from limen.safety.screening.screen import FULL_DOSE, NO_ADVICE

# A class as the page names it, as the dictionary knows it, and how rules about the whole class speak of it. The
# other rules that bear on single drugs of the class are kept in the data and left to the screen.
CLASSES = (
    ("lithium", "lithium", r"^lithium"),
    ("MAOI", "MAOI", r"\bMAOI\b(?!.*without)"),
    ("SSRI", "SSRI", r"\bSSRI\b|reuptake inhibitors without|antidepressants during"),
    ("SNRI", "SNRI", r"\bSNRI\b|reuptake inhibitors without|antidepressants during"),
    ("strong CYP2D6 inhibitor", "cyp2d6_inhibitor=strong", r"CYP2D6 inhibitors"),
    ("antipsychotic", "antipsychotic", r"antipsychotic"),
    ("stimulant", "stimulant", r"\bstimulants"),
)
ALSO_ANTIDEPRESSANTS = (
    ("tricyclic antidepressant", "TCA", r"\bTCA\b"),
    ("bupropion", "bupropion", r"^bupropion"),
    ("mirtazapine", "mirtazapine", r"mirtazapine"),
)
ANTIDEPRESSANTS = ("SSRI", "SNRI", *(name for name, *_ in ALSO_ANTIDEPRESSANTS))
# Levels of a monitoring rule at which something is held, stopped or escalated.
GRAVE = ("emergency", "stop", "high", "moderate", "hold", "assess")
SCALES = ("C-SSRS", "MADRS", "YMRS")  # the scale says more than what it measures


def build(asked: Asked) -> Safety:
    return safety(asked.protocol, asked.who)


def safety(protocol: Protocol, run: Enrolled | None = None) -> Safety:
    """The section of a protocol: interactions, the monitoring plan, counted events and what is open about valves; with a
    run also who is let in, what they take, and the margin of the simulated peak over 5-HT2B potency."""
    events = tuple(_events(protocol.compound))
    valves = tuple(_valves(protocol.compound))
    margins = [] if run is None else margin.margins(run.draws, run.plan, valves)
    return Safety(
        interactions=_interactions(protocol),
        unplaced=_unplaced(protocol),
        evidence_note=f"{FULL_DOSE.replace('hit', 'row')} {NO_ADVICE}",
        visits=_visits(plan(protocol)),
        chronic=is_chronic(protocol),
        events=list(events),
        unseen=_unseen(events),
        valves=list(valves),
        valve_note=margin.note(protocol.compound, valves, margins),
        margins=margins,
        recruitment=None if run is None else recruitment(run, protocol),
        carried=carried(run) if isinstance(run, Run) else [],
    )


def cited(section: Safety) -> tuple[str, ...]:
    """Keys of the bibliography that the page shows."""
    shown = [i for i in section.interactions if i.names_class]
    return tuple(key for part in (*shown, *section.valves) for key in part.sources if key != "editorial")


def _unplaced(protocol: Protocol) -> list[str]:
    entries = (*protocol.medication.permitted, *protocol.medication.excluded)
    return [e for e in entries if "antidepressant" not in e.casefold() and not drugs_of(plain_words(e))]


def _interactions(protocol: Protocol) -> list[Interaction]:
    book = protocol_book(protocol)
    classes = CLASSES + (ALSO_ANTIDEPRESSANTS if takes_antidepressants(protocol) else ())
    found = []
    for name, asked, words in classes:
        standing = _standing(name, asked, book, protocol)
        for bearing in bearing_on(protocol.compound, [asked], protocol.population.indication):
            named = re.search(words, bearing.rule.comedication) is not None
            found.append(_interaction(bearing, name, standing, named, protocol.compound))
    if "poor_metaboliser_auc" in compound(protocol.compound).parameters:
        for bearing in bearing_on(protocol.compound, [GENOTYPE]):
            found.append(_interaction(bearing, GENOTYPE, "not mentioned", True, protocol.compound))
    shown = {i.rule for i in found if i.names_class}
    found = [i for i in found if i.names_class or i.rule not in shown]
    return sorted(_once(found), key=lambda i: (not i.names_class, SEVERITIES.index(i.severity)))


def _once(found: Iterable[Interaction]) -> list[Interaction]:
    """A rule that several classes share stands once, under the names of all of them."""
    kept: dict[tuple[str, str, bool], Interaction] = {}
    for i in found:
        at = (i.rule, i.standing, i.names_class)
        if at in kept:
            joined = f"{kept[at].comedication}, {i.comedication}"
            drugs = sorted({*kept[at].drugs, *i.drugs})
            i = kept[at].model_copy(update={"comedication": joined, "drugs": drugs})
        kept[at] = i
    return list(kept.values())


def _standing(name: str, asked: str, book: RuleBook, protocol: Protocol) -> Standing:
    drugs = drugs_of(asked)
    barred = [drug for drug in drugs if book.excludes(drug)]
    if barred:
        return "excluded" if len(barred) == len(drugs) else "partly excluded"
    if name in ANTIDEPRESSANTS and takes_antidepressants(protocol):
        return "permitted"
    may = [
        d for d in drugs if book.permits(d) or (takes_antidepressants(protocol) and d.atc.startswith("N06A"))
    ]
    return "not mentioned" if not may else "permitted" if len(may) == len(drugs) else "partly permitted"


def _interaction(bearing: Bearing, name: str, standing: Standing, named: bool, compound: str) -> Interaction:
    rule = bearing.rule
    return Interaction.like(
        rule,
        rule=rule.id,
        comedication=name,
        standing=standing,
        about=rule.comedication,
        names_class=named,
        drugs=bearing.drugs,
        exposure=bearing.factor,
        trials=rule.action,
        dose=rule.evidence_dose,
        evidence=rule.evidence_level,
        read_across="" if rule.applies_to(compound) else rule.psychedelic,
    )


def _visits(planned: Iterable[PlannedVisit]) -> list[WatchedVisit]:
    """Visits in order; week visits at which the same is done stand together."""
    groups: dict[tuple[object, ...], list[PlannedVisit]] = {}
    for visit in planned:
        rules = tuple(check.rule_id for check in visit.checks)
        alone = visit.name if visit.week is None or not visit.week else ""
        groups.setdefault((alone, rules), []).append(visit)
    found = []
    for visits in groups.values():
        weeks = [visit.week for visit in visits if visit.week is not None]
        checks = visits[0].checks
        found.append(
            WatchedVisit(
                name=visits[0].name if len(visits) == 1 else f"weeks {_counted(weeks)}",
                weeks=weeks,
                watched=list(dict.fromkeys(_watched(check) for check in checks)),
                limits=[_limit(check) for check in checks if check.threshold and check.level in GRAVE],
                checks=[WatchedCheck.like(check, rule=check.rule_id, what=check.measure) for check in checks],
            )
        )
    return found


def _counted(weeks: list[float]) -> str:
    words = [f"{week:g}" for week in weeks]
    return f"{', '.join(words[:-1])} and {words[-1]}"


def _watched(check: Check) -> str:
    tool = check.instrument
    plain = not tool or tool in ("protocol", "clinical", "instruction", "percentage") or tool in check.measure
    return check.measure if plain else f"{check.measure} ({tool})"


def _limit(check: Check) -> str:
    proposed = " (proposed)" if check.sign_off else ""
    measure = check.instrument if check.instrument.startswith(SCALES) else check.measure
    return f"{measure} {check.threshold}: {check.action}{proposed}"


def _events(compound: str) -> Iterable[SeenEvent]:
    for row in relevant(compound, MICRODOSE):
        e = expected(row)
        if e is not None:
            yield SeenEvent.like(e, dose=_dose(row), seen=e.with_event, of=e.n)


def _dose(row: AdverseEvent) -> str:
    return ", ".join(part for part in (f"{row.dose} {row.dose_unit}".strip(), row.regimen) if part)


def _unseen(events: Iterable[SeenEvent]) -> str:
    """The rule of three in words, for the smallest and the largest group in which nobody had an event."""
    groups = sorted({e.of for e in events if e.seen == 0})
    if not groups:
        return ""
    n = groups[0]
    words = f"None seen is not none: of {n} people without an event, up to {100 * min(1.0, 3 / n):.0f} per 100 remain possible"
    if len(groups) > 1:
        words += f", and of {groups[-1]} people up to {100 * min(1.0, 3 / groups[-1]):.0f}"
    return words + " (rule of three, 3/n, 95%)"


def _valves(compound: str) -> Iterable[ValveFact]:
    for fact in valve_facts(compound):
        yield ValveFact(
            row=fact["row"],
            what=fact["what"],
            where=fact["in"],
            said=fact["said"],
            sources=fact["source"].split(),
            verification=fact["verification"],
        )
