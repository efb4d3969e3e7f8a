"""Whether the parts of a protocol make sense together. Each check names the parts it reads."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any
from unicodedata import normalize

from limen.compounds import compound, of_form
from limen.facts.read import bibliography
from limen.protocol.designs import DESIGNS
from limen.protocol.doses import implausible
from limen.protocol.fields import Mistake, meant, nearest, plausible_range
from limen.protocol.outcomes import DOSE_DAY, OUTCOMES

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


@reads("status", "source", "claim")
def provenance(p: Any) -> Iterator[Mistake]:
    known = bibliography()
    for index, key in enumerate(p.source):
        if key not in known:
            near = nearest(key, known, 3)
            remedy = f"did you mean {' or '.join(near)}?" if near else "use a citation key of references.bib"
            yield Mistake(("source", index), f"source {key!r} is not in the bibliography", remedy)
    if p.status == "conducted" and not p.source:
        yield Mistake(
            ("status",),
            "a conducted trial cites its source",
            "add source: [citation key], or status: planned",
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
            what = f"{people} people {f'in a {p.design}' if together else f'in arm {arm.name!r}'} have no spread to judge by"
            yield Mistake(("arms", index, "n"), what, f"the smallest sensible number is {least:g}")
            if together:
                return


@reads("arms", "blinding", "design")
def blinding_fits(p: Any) -> Iterator[Mistake]:
    kind = DESIGNS[p.design]
    is_open = kind.known or any(arm.kind == "open label" for arm in p.arms)
    if is_open and p.blinding != "none":
        yield Mistake(
            ("blinding",), f"an open-label design cannot be blinded ({p.blinding})", "write blinding: none"
        )
    if not is_open and all(arm.gives_drug for arm in p.arms):
        yield Mistake(
            ("arms",), "there is no control arm", "add a placebo arm, or make the design 'open label'"
        )
    if kind.periods and len(p.arms) < 2:
        yield Mistake(("design",), f"a {p.design} needs two arms or more")
    if kind.blinded and p.blinding == "none":
        yield Mistake(("blinding",), f"a {p.design} design is blinded", "write blinding: double")


@reads("design", "schedule")
def washout(p: Any) -> Iterator[Mistake]:
    if p.schedule.washout is not None and not DESIGNS[p.design].periods:
        yield Mistake(
            ("schedule", "washout"), f"a washout between periods does not belong to a {p.design} design"
        )


@reads("schedule", "visits")
def visits(p: Any) -> Iterator[Mistake]:
    for week in p.visits.weeks:
        if 0 < week * 7 < p.schedule.first_day:
            what = f"the visit in week {week:g} is before the first dose on day {p.schedule.first_day}"
            yield Mistake(("visits",), what, "only the baseline visit, '0 wk', may be before it")


@reads("composites")
def composites(p: Any) -> Iterator[Mistake]:
    for name, composite in p.composites.items():
        if name in OUTCOMES:
            yield Mistake(
                ("composites", name), f"{name!r} is already a registered outcome", "choose another name"
            )
        for index, part in enumerate(composite.components):
            if part not in OUTCOMES:
                here = ("composites", name, "components", index)
                yield Mistake(here, f"{part!r} is not a registered outcome", meant(part, OUTCOMES, 3))


@reads("outcomes", "composites", "visits")
def outcomes(p: Any) -> Iterator[Mistake]:
    primary = [index for index, outcome in enumerate(p.outcomes) if outcome.primary]
    if len(primary) != 1:
        text = "no outcome is primary" if not primary else f"{len(primary)} outcomes are primary"
        yield Mistake(("outcomes",), text, "write primary: true on exactly one outcome")
    known = {**OUTCOMES, **{name: part.registered(name) for name, part in p.composites.items()}}
    seen: set[tuple[Any, Any]] = set()
    for index, outcome in enumerate(p.outcomes):
        here = ("outcomes", index)
        if outcome.id not in known:
            yield Mistake(
                (*here, "id"), f"{outcome.id!r} is not a registered outcome", meant(outcome.id, known, 3)
            )
            continue
        if outcome.at == DOSE_DAY and known[outcome.id].timing != DOSE_DAY:
            yield Mistake(
                (*here, "at"),
                f"{outcome.id} is a weekly scale, not a dose-day rating",
                "give a week such as '6 wk'",
            )
        if outcome.week is not None and not any(abs(outcome.week - week) < 1e-6 for week in p.visits.weeks):
            weeks = ", ".join(f"{week:g}" for week in p.visits.weeks)
            yield Mistake(
                (*here, "at"),
                f"{outcome.id} at {outcome.at} falls on no visit",
                f"visits are in weeks {weeks}",
            )
        if (outcome.id, outcome.at) in seen:
            yield Mistake((*here, "id"), f"{outcome.id} at {outcome.at} is listed twice")
        seen.add((outcome.id, outcome.at))
        low, high = known[outcome.id].bounds
        if outcome.mcid is not None and outcome.mcid > high - low:
            yield Mistake(
                (*here, "mcid"),
                f"an MCID of {outcome.mcid:g} is more than the whole scale, {low:g} to {high:g}",
            )
        if outcome.mcid is not None and outcome.mcid_source is None:
            yield Mistake(
                (*here, "mcid"), "the MCID has no source", "add mcid_source: a citation key, or assumption"
            )


@reads("population", "composites")
def entry(p: Any) -> Iterator[Mistake]:
    threshold = p.population.entry
    if threshold is None:
        return
    known = {**OUTCOMES, **{name: part.registered(name) for name, part in p.composites.items()}}
    here = ("population", "entry")
    if threshold.outcome not in known:
        yield Mistake(
            (*here, "outcome"),
            f"{threshold.outcome!r} is not a registered outcome",
            meant(threshold.outcome, known, 3),
        )
        return
    low, high = known[threshold.outcome].bounds
    for name in ("at_least", "at_most"):
        value = getattr(threshold, name)
        if value is not None and not low <= value <= high:
            yield Mistake(
                (*here, name),
                f"{name} {value:g} is outside {threshold.outcome}",
                f"its scores run from {low:g} to {high:g}",
            )
