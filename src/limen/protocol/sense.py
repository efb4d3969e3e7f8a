"""Whether the parts of a protocol make sense together. Each check names the parts it reads."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any
from unicodedata import normalize

from limen.compounds import compound, of_form
from limen.facts.read import bibliography
from limen.protocol.arms import HOW
from limen.protocol.designs import DESIGNS
from limen.protocol.doses import implausible
from limen.protocol.fields import Mistake, meant, nearest, plausible_range
from limen.protocol.register import DOSE_DAY, OUTCOMES, Registered, everyday, outcome_named
from limen.units import moment, number_of

Check = Callable[[Any], Iterator[Mistake]]
CHECKS: list[tuple[frozenset[str], Check]] = []


def reads(*parts: str) -> Callable[[Check], Check]:
    """Register a check of the named parts; it runs when all of them are themselves valid."""

    def register(check: Check) -> Check:
        CHECKS.append((frozenset(parts), check))
        return check

    return register


def mistakes(protocol: Any, parts: frozenset[str] | None = None) -> list[Mistake]:
    """Every mistake between parts; only checks whose parts are all in `parts`, where that is given."""
    return [found for needs, check in CHECKS if parts is None or needs <= parts for found in check(protocol)]


@reads("status", "source", "claim", "registry")
def provenance(p: Any) -> Iterator[Mistake]:
    known = bibliography()
    for index, key in enumerate(p.source):
        if key not in known:
            near = nearest(key, known, 3)
            remedy = f"did you mean {' or '.join(near)}?" if near else "use a citation key of references.bib"
            yield Mistake(("source", index), f"source {key!r} is not in the bibliography", remedy)
    if p.status == "conducted" and not p.source and p.registry is None:
        yield Mistake(
            ("status",),
            "a conducted trial cites its source",
            "add source: [citation key], or registry: its number, or status: planned",
        )
    if p.status == "claimed, not found" and p.claim is None:
        yield Mistake(
            ("status",), "a claimed trial states the claim", "add claim: the sentence as it was put"
        )


@reads("compound", "arms")
def doses(p: Any) -> Iterator[Mistake]:
    record = compound(p.compound)
    for index, arm in enumerate(p.arms):
        here = ("arms", index)
        if arm.form is None:
            continue
        if of_form(arm.form) is not record:
            remedy = f"forms of {p.compound} are: {', '.join(record.form_names)}"
            yield Mistake((*here, "form"), f"{arm.form} is not a form of {p.compound}", remedy)
            continue  # a range of the wrong compound says nothing
        if arm.route not in record.routes:
            what = f"nothing is known of {p.compound} taken by the {arm.route} route"
            yield Mistake((*here, "route"), what, f"routes of {p.compound} are: {', '.join(record.routes)}")
        for path, quantity in arm.dose.stated if arm.dose is not None else ():
            if why := implausible(quantity, arm.form):
                yield Mistake((*here, "dose", *path), why, "check the unit and the form")


@reads("arms")
def arm_names(p: Any) -> Iterator[Mistake]:
    seen: set[str] = set()
    for index, arm in enumerate(p.arms):
        name = " ".join(normalize("NFKC", arm.name).casefold().split())
        if name in seen:
            yield Mistake(
                ("arms", index, "name"), f"two arms are named {arm.name!r}", "give each arm its own name"
            )
        seen.add(name)
    if not any(arm.gives_drug for arm in p.arms):
        yield Mistake(("arms",), "no arm is given the compound", "make one arm 'active' or 'open label'")


@reads("arms", "design")
def arm_sizes(p: Any) -> Iterator[Mistake]:
    least, _, _ = plausible_range("people_to_compare")
    together = DESIGNS[p.design].periods
    for index, arm in enumerate(p.arms):
        people = sum(one.n for one in p.arms) if together else arm.n
        if people < least:
            what = f"{number_of(people, 'person has', 'people have')} no spread to judge by {f'in a {p.design}' if together else f'in arm {arm.name!r}'}"
            yield Mistake(("arms", index, "n"), what, f"the smallest sensible number is {least:g}")
            if together:
                return


@reads("arms", "analysis", "design")
def compared(p: Any) -> Iterator[Mistake]:
    """The arms of the primary comparison are there, and are two."""
    names = [arm.name for arm in p.arms]
    for part in ("arm", "control"):
        name = getattr(p.analysis, part)
        if name is not None and name not in names:
            yield Mistake(("analysis", part), f"there is no arm {name!r}", f"arms are: {'; '.join(names)}")
    if p.analysis.arm is not None and p.analysis.arm == p.analysis.control:
        yield Mistake(("analysis", "control"), "an arm is compared with itself", "name another arm")
    giving = [arm.name for arm in p.arms if arm.gives_drug]
    if p.analysis.arm in names and p.analysis.arm not in giving:
        yield Mistake(
            ("analysis", "arm"),
            f"{p.analysis.arm!r} does not give the drug",
            f"these do: {'; '.join(giving)}",
        )
    if giving == [p.analysis.control]:
        yield Mistake(
            ("analysis", "control"),
            f"{giving[0]!r} is the only arm that gives the drug",
            "name a placebo arm",
        )


@reads("arms", "design", "schedule")
def over_time(p: Any) -> Iterator[Mistake]:
    """Steps of a dose fall within the dosing, and what is given over time agrees with the design."""
    length = p.schedule.duration.to("d")
    for index, arm in enumerate(p.arms):
        steps = (arm.dose.steps if arm.dose is not None else None) or ()
        for number, step in enumerate(steps):
            if step.after.to("d") >= length:
                here = ("arms", index, "dose", "steps", number, "after")
                yield Mistake(
                    here,
                    f"{step.after} is beyond the {p.schedule.duration} of dosing",
                    "lengthen schedule.duration",
                )
        days = [day - p.schedule.first_dose for day in p.schedule.dosing_days()]
        if steps and arm.dose is not None and not any(arm.dose.share(day) for day in days if day >= 0):
            last = f"the last dose is on day {max(days)} of dosing"
            yield Mistake(("arms", index, "dose", "steps"), "no dose falls on a day after its step", last)
    if p.design == "escalation" and not any(arm.moves for arm in p.arms):
        yield Mistake(("design",), "in an escalation the dose of a person rises, and no arm has steps", HOW)
    if p.design == "placebo lead-in" and p.schedule.lead_in is None:
        yield Mistake(
            ("design",),
            "how long the placebo lead-in lasts is not said",
            "add schedule.lead_in, such as 2 wk",
        )
    if p.schedule.fixed_order and not DESIGNS[p.design].periods:
        yield Mistake(
            ("schedule", "fixed_order"), f"a {p.design} design has no periods to order", "leave it out"
        )


@reads("clusters", "design")
def clusters(p: Any) -> Iterator[Mistake]:
    if (p.design == "cluster") != (p.clusters is not None):
        what = (
            "a cluster design says how many clusters"
            if p.clusters is None
            else "clusters belong to a cluster design"
        )
        yield Mistake(("clusters",), what, "write design: cluster and clusters: their number")


@reads("gate", "composites", "measures", "visits")
def gate(p: Any) -> Iterator[Mistake]:
    if p.gate is not None and p.gate.outcome not in (known := registered(p)):
        yield _no_outcome(("gate", "outcome"), p.gate.outcome, known)
    if p.gate is not None and not any(abs(p.gate.at.to("wk") - week) < 1e-6 for week in p.visits.weeks):
        yield Mistake(("gate", "at"), f"{p.gate.at} falls on no visit", _seen(p, p.gate.at))


def _seen(p: Any, at: Any) -> str:
    """What to do about a time at which nobody is seen."""
    weeks = ", ".join(f"{week:g}" for week in p.visits.weeks)
    return f"visits are in weeks {weeks}; list {str(at)!r} among them where people are seen then"


@reads("analysis", "design", "arms")
def looks_fit(p: Any) -> Iterator[Mistake]:
    """Looks rise to the whole trial, and there is a difference between arms to look at."""
    looks = p.analysis.looks
    if looks is None:
        return
    path = ("analysis", "looks")
    if not all(0 < a < b for a, b in pairwise(looks.at)) or looks.at[-1] != 1:
        yield Mistake(
            (*path, "at"), "looks do not rise to 1", "write shares of the people, such as [0.5, 0.75, 1]"
        )
    if looks.futility and len(looks.futility) != len(looks.at) - 1:
        said = f"{number_of(len(looks.futility), 'bound')} for futility at {number_of(len(looks.at), 'look')}"
        yield Mistake((*path, "futility"), said, "write one for each look but the last, such as [0]")
    if DESIGNS[p.design].periods or p.compared[1] is None:
        yield Mistake(
            path, f"nothing is looked at between the arms of a {p.design} design", "leave looks out"
        )


@reads("arms", "blinding", "design", "analysis")
def blinding_fits(p: Any) -> Iterator[Mistake]:
    kind = DESIGNS[p.design]
    is_open = kind.known or any(arm.kind == "open label" for arm in p.arms)
    if is_open and p.blinding != "none":
        yield Mistake(
            ("blinding",), f"an open-label design cannot be blinded ({p.blinding})", "write blinding: none"
        )
    alone = kind.alone or (len(p.arms) == 1 and p.arms[0].moves)
    if (
        not is_open
        and not alone
        and p.analysis.control is None
        and all(arm.gives_drug for arm in p.arms)
        and len({arm.off_drug for arm in p.arms}) == 1
    ):
        remedy = (
            "add a placebo arm; or name the arm the others are compared with (a low dose, those who wait, those who are taken off) in "
            "analysis.control; or write design: escalation where "
            "the dose of a person rises, or design: open label"
        )
        yield Mistake(("arms",), "there is no control arm", remedy)
    if kind.periods and len(p.arms) < 2:
        yield Mistake(("design",), f"a {p.design} needs two arms or more")
    if kind.blinded and p.blinding == "none":
        yield Mistake(("blinding",), f"a {p.design} design is blinded", "write blinding: double")


@reads("design", "schedule")
def washout(p: Any) -> Iterator[Mistake]:
    if p.schedule.washout is not None and not DESIGNS[p.design].periods:
        yield Mistake(
            ("schedule", "washout"),
            f"a washout between periods does not belong to a {p.design} design",
            "where everybody takes the arms one after the other, write design: crossover (and schedule.fixed_order: true for an "
            "order that is the same for all); else leave it out",
        )


@reads("schedule", "visits")
def visits(p: Any) -> Iterator[Mistake]:
    for week in p.visits.weeks:
        if 0 < week * 7 < p.schedule.first_day and p.schedule.lead_in is None:
            what = f"the visit {moment(week)} is before the first dose on day {p.schedule.first_day}"
            yield Mistake(("visits",), what, "only the baseline visit, '0 wk', may be before it")


def registered(p: Any) -> dict[str, Registered]:
    """Every outcome the protocol may name: those of the register, and its own."""
    own = {**p.composites, **p.measures}
    return {**OUTCOMES, **{name: part.registered(name) for name, part in own.items()}}


def _no_outcome(path: tuple[str | int, ...], name: str, known: dict[str, Registered]) -> Mistake:
    """What is said of an outcome nobody knows, and how to write it down all the same."""
    typed = [] if " " in name.strip() else nearest(name, known, 3)
    close = list(dict.fromkeys((*everyday(name), *typed)))
    near = f"did you mean {' or '.join(map(repr, close))}? " if close else ""
    how = f"else declare it: measures: {{{name}: {{full_name: ..., bounds: [0, 40], higher_is: worse}}}}"
    return Mistake(path, f"{name!r} is not a registered outcome", near + how)


@reads("composites", "measures")
def composites(p: Any) -> Iterator[Mistake]:
    for part in ("composites", "measures"):
        for name in getattr(p, part):
            taken = outcome_named(name)
            if taken in OUTCOMES or (part == "measures" and name in p.composites):
                what = f"{name!r} is already a registered outcome" + ("" if taken == name else f", {taken}")
                yield Mistake((part, name), what, "choose another name, or leave the declaration out")
    for name, composite in p.composites.items():
        for index, part in enumerate(composite.components):
            if part not in OUTCOMES:
                here = ("composites", name, "components", index)
                yield Mistake(here, f"{part!r} is not a registered outcome", meant(part, OUTCOMES, 3))


@reads("outcomes", "composites", "measures", "visits")
def outcomes(p: Any) -> Iterator[Mistake]:
    primary = [index for index, outcome in enumerate(p.outcomes) if outcome.primary]
    if len(primary) != 1:
        text = "no outcome is primary" if not primary else f"{len(primary)} outcomes are primary"
        yield Mistake(("outcomes",), text, "write primary: true on exactly one outcome")
    known = registered(p)
    seen: set[tuple[Any, Any]] = set()
    for index, outcome in enumerate(p.outcomes):
        here = ("outcomes", index)
        if outcome.id not in known:
            yield _no_outcome((*here, "id"), outcome.id, known)
            continue
        if outcome.at == DOSE_DAY and known[outcome.id].timing == "weekly":
            yield Mistake(
                (*here, "at"),
                f"{outcome.id} is a weekly scale, not a dose-day rating",
                "give a week such as '6 wk'",
            )
        if outcome.week is not None and not any(abs(outcome.week - week) < 1e-6 for week in p.visits.weeks):
            told = _seen(p, outcome.at)
            if known[outcome.id].timing == DOSE_DAY:
                told = f"{outcome.id} is rated on dosing days: write at: dose day; or {told}"
            yield Mistake((*here, "at"), f"{outcome.id} at {outcome.at} falls on no visit", told)
        if (outcome.id, outcome.at) in seen:
            yield Mistake((*here, "id"), f"{outcome.id} at {outcome.at} is listed twice")
        seen.add((outcome.id, outcome.at))
        low, high = known[outcome.id].bounds
        if outcome.mcid is not None and outcome.mcid > high - low:
            yield Mistake(
                (*here, "mcid"),
                f"an MCID of {outcome.mcid:g} is more than the whole scale, {known[outcome.id].span}",
            )
        if outcome.mcid is not None and outcome.mcid_source is None:
            yield Mistake(
                (*here, "mcid"), "the MCID has no source", "add mcid_source: a citation key, or assumption"
            )


@reads("analysis", "outcomes")
def estimand_fits(p: Any) -> Iterator[Mistake]:
    """Ratings of dosing days are of people who take the drug: nothing is made of stopping there."""
    if p.analysis.estimand == type(p.analysis)().estimand:
        return
    if any(outcome.primary and outcome.on_dose_days for outcome in p.outcomes):
        what = f"a rating of dosing days has no {p.analysis.estimand} estimand: it is of people who took the dose"
        yield Mistake(("analysis", "estimand"), what, "leave it out, or make a score at a visit primary")


@reads("population", "composites", "measures")
def entry(p: Any) -> Iterator[Mistake]:
    threshold = p.population.entry
    if threshold is None:
        return
    known = registered(p)
    here = ("population", "entry")
    if threshold.outcome not in known:
        yield _no_outcome((*here, "outcome"), threshold.outcome, known)
        return
    low, high = known[threshold.outcome].bounds
    for name in ("at_least", "at_most"):
        value = getattr(threshold, name)
        if value is not None and not low <= value <= high:
            yield Mistake(
                (*here, name),
                f"{name} {value:g} is outside {threshold.outcome}",
                f"its scores run from {known[threshold.outcome].span}",
            )
