"""A record of ClinicalTrials.gov as the draft of a protocol."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from limen.exchange.arms import compound_of, groups, write_arms
from limen.exchange.draft import Draft, Sheet, drafted
from limen.exchange.entry import write_entry
from limen.exchange.outcomes import write_outcomes
from limen.exchange.record import Record, read_record
from limen.exchange.words import DAYS_OF_MONTH, apart, items, lasts, named_in, patterns_in, sentences
from limen.facts.read import read
from limen.protocol.fields import written
from limen.protocol.indications import OTHER, indications_in
from limen.protocol.pattern import Pattern
from limen.units import Quantity

_DONE = ("COMPLETED", "TERMINATED")
_PLANNED = ("NOT_YET_RECRUITING", "RECRUITING", "ENROLLING_BY_INVITATION", "ACTIVE_NOT_RECRUITING")
_MODELS = {
    "PARALLEL": "parallel",
    "CROSSOVER": "crossover",
    "FACTORIAL": "factorial",
    "SEQUENTIAL": "escalation",
    "SINGLE_GROUP": "open label",
}
_MASKING = {
    "NONE": "none",
    "SINGLE": "single",
    "DOUBLE": "double",
    "TRIPLE": "triple",
    "QUADRUPLE": "quadruple",
}
_ORDER = (
    "limen", "name", "status", "registry", "jurisdiction", "compound", "population", "arms", "schedule", "visits", "measures",
    "outcomes", "blinding", "design",
    "analysis", "sites", "alongside", "conduct", "left_open",
)  # fmt: skip


def from_registry(file: Path | str, study: str | None = None) -> Draft:
    """The draft of a record of ClinicalTrials.gov, of a file of several studies that of the one called `study`. Raises DataError
    for a file that is no record, or a drug limen has no record of."""
    return draft_of(read_record(file, study))


def draft_of(record: Record) -> Draft:
    """The draft of a record that has been read."""
    sheet = Sheet({"limen": 1})
    number, titles = record.identification_module.nct_id, record.identification_module
    sheet.fields["name"] = titles.acronym or titles.brief_title or number
    _status(sheet, record)
    sheet.fields["registry"] = number
    _places(sheet, record)
    compound, said = compound_of(record)
    sheet.fields["compound"] = compound
    if others := [name for name in named_in(said, "compounds") if name != compound]:
        sheet.guess(("compound",), f"{', '.join(others)} named too", said)
    _population(sheet, record)
    design = _design(sheet, record)
    found = groups(record, design == "crossover")
    if design == "crossover" and len(found) != len(record.arms_interventions_module.arm_groups):
        sheet.guess(("arms",), "the groups of the record are orders; an arm of a crossover is what is taken")
    write_arms(sheet, record, found, compound)
    end = _schedule(sheet, record, "\n".join(group.text for group in found), design == "crossover")
    write_outcomes(sheet, record, end)
    _conduct(sheet, record)
    if rest := record.unread():
        sheet.unread((), f"fields that limen has no use for: {', '.join(rest)}")
    sheet.fields["left_open"] = _left_open(sheet)
    sheet.fields = {
        name: sheet.fields[name] for name in _ORDER if sheet.fields.get(name) not in (None, [], {})
    }
    head = [
        f"A draft from {number}: {' '.join(titles.official_title.split()) or titles.brief_title}",
        "guess: what the record does not say, or not in numbers. fill: what only you can. unread: what went into no field.",
    ]
    return drafted(number, f"the registry record {number}", head, sheet)


def _status(sheet: Sheet, record: Record) -> None:
    status = record.status_module.overall_status
    sheet.fields["status"] = "conducted" if status in _DONE else "planned"
    if status not in (*_DONE, *_PLANNED):
        sheet.guess(("status",), f"the record says {status or 'nothing'}")


def _places(sheet: Sheet, record: Record) -> None:
    """Countries, and a subdivision where limen keeps its law by name."""
    codes = {row["name"].casefold(): row["code"] for row in read("regulation/places")}
    found = dict[str, None]()
    for one in record.contacts_locations_module.locations:
        country = codes.get(one.country.casefold())
        if country is None:
            sheet.unread(("jurisdiction",), f"no code for the country {one.country!r}")
            continue
        state = codes.get(one.state.casefold(), "")
        found[state if state.startswith(f"{country}-") else country] = None
    sheet.fields["jurisdiction"] = list(found)
    sites = len(record.contacts_locations_module.locations)
    if sites > 1:
        sheet.fields["sites"] = sites


def _years(text: str) -> float | None:
    found = re.match(r"(\d+)\s*(\w+)", text)
    if found is None:
        return None
    per = {"Y": 1.0, "M": DAYS_OF_MONTH / 365.25, "W": 7 / 365.25, "D": 1 / 365.25}
    years = round(int(found[1]) * per.get(found[2][0].upper(), 1.0), 1)
    return int(years) if years.is_integer() else years


def _population(sheet: Sheet, record: Record) -> None:
    eligible, conditions = record.eligibility_module, record.conditions_module.conditions
    titles = record.identification_module
    said = "; ".join(conditions)
    named = [name for one in conditions for name in indications_in(one)]
    titled = (titles.brief_title, titles.official_title)
    in_title = [name for title in titled for name in indications_in(title) if name in named]
    healthy = eligible.healthy_volunteers and not [name for name in named if name != "healthy"]
    name = "healthy" if healthy else next(iter([*in_title, *named]), OTHER)
    population: dict[str, Any] = {"indication": name}
    sheet.fields["population"] = population
    if len(set(named)) > 1 or name == OTHER or (healthy and "healthy" not in named):
        sheet.guess(("population", "indication"), f"read as {name}", said or "no condition is named")
    low, high = _years(eligible.minimum_age), _years(eligible.maximum_age)
    if low is not None or high is not None:
        population["age"] = [low or 18, high or 100]
        if low is None or high is None:
            sheet.guess(
                ("population", "age"), f"the record has no {'youngest' if low is None else 'oldest'} age"
            )
    if name == OTHER or len(conditions) > 1:
        population["description"] = said or titles.brief_title
    if eligible.sex not in ("", "ALL"):
        population["description"] = f"{population.get('description', said)}; {eligible.sex.casefold()} only"
    inclusion, _ = _criteria(eligible.eligibility_criteria)
    primary = " ".join(f"{one.measure}. {one.description}" for one in record.outcomes_module.primary_outcomes)
    write_entry(sheet, population, inclusion, primary)


def _criteria(text: str) -> tuple[list[str], list[str]]:
    """Inclusion and exclusion criteria, one sentence or list item each."""
    parts = re.split(
        r"^\W*(?:key |main )?exclusion(?: criteria)?\W*$|exclusion criteria\s*:?",
        text,
        maxsplit=1,
        flags=re.IGNORECASE | re.MULTILINE,
    )
    inclusion = re.sub(
        r"(?:key |main )?inclusion criteria\s*:?|^\W*inclusion\W*$",
        "",
        parts[0],
        flags=re.IGNORECASE | re.MULTILINE,
    )
    return items(inclusion), items(parts[1]) if len(parts) > 1 else []


def _design(sheet: Sheet, record: Record) -> str:
    info = record.design_module.design_info
    masking = info.masking_info.masking
    blinding = _MASKING.get(masking, "none")
    sheet.fields["blinding"] = blinding
    if masking not in _MASKING:
        sheet.guess(("blinding",), f"the record says {masking or 'nothing'} of masking")
    design = _MODELS.get(info.intervention_model, "parallel")
    worded = named_in(f"{record.identification_module.official_title}\n{record.narrative}", "designs")
    if worded and design not in ("crossover", worded[0]):
        design = worded[0]
        said = next(
            (one for one in sentences(record.narrative) if named_in(one, "designs")),
            record.identification_module.official_title,
        )
        sheet.guess(
            ("design",),
            f"the record says {info.intervention_model or 'nothing'}; its words say {design}",
            said,
        )
    elif design == "open label" and blinding != "none":
        design = "escalation"
        sheet.guess(
            ("design",),
            "one group that is masked; everybody their own control is assumed",
            info.intervention_model_description,
        )
    elif info.intervention_model not in _MODELS or info.intervention_model == "SEQUENTIAL":
        sheet.guess(
            ("design",),
            f"the record says {info.intervention_model or 'nothing'}",
            info.intervention_model_description,
        )
    if design == "parallel" and blinding == "none" and len(record.arms_interventions_module.arm_groups) < 2:
        design = "open label"
    if info.allocation == "NON_RANDOMIZED":
        sheet.unread(("design",), "allocation is not random; limen simulates people who are randomised")
    sheet.fields["design"] = design
    return design


def _schedule(sheet: Sheet, record: Record, arms: str, periods: bool) -> Quantity | None:
    """Pattern, duration and washout; gives the end of dosing where it is known."""
    schedule: dict[str, Any] = {}
    sheet.fields["schedule"] = schedule
    texts = (arms, record.narrative)
    found = list(patterns_in(texts))
    once = any(pattern == {"days": [0]} for pattern, _, _ in found[:1]) or (periods and not found)
    span = next((one for text in texts if (one := lasts(text)) is not None), None)
    if found:
        schedule["pattern"] = Pattern.model_validate(found[0][0]).model_dump(mode="json")
        others = dict.fromkeys(said for pattern, said, _ in found[1:] if pattern != found[0][0])
        also = f"; also said: {', '.join(others)}" if others else ""
        sheet.guess(("schedule", "pattern"), f"read from {found[0][1]!r}{also}", found[0][2])
    elif once:
        schedule["pattern"] = {"days": [0]}
        sheet.guess(
            ("schedule", "pattern"), "no schedule is named in a crossover; one dose a period is assumed"
        )
    else:
        sheet.fill(
            ("schedule", "pattern"), "when doses are taken, such as {every: 3 d}", span[1] if span else ""
        )
    listed = found[0][0].get("days") if found else None
    if listed:
        schedule["duration"] = f"{listed[-1] + 1} d"
    elif once:
        schedule["duration"] = "1 d"
    elif span is not None:
        schedule["duration"] = written(span[0])
        rough = "; a month is taken as 30.44 d, rounded to whole weeks" if span[2] else ""
        sheet.guess(("schedule", "duration"), f"read from the text{rough}", span[1])
    else:
        sheet.fill(("schedule", "duration"), "how long doses are taken, such as 6 wk")
    if periods:
        _washout(sheet, schedule, once, texts)
    return span[0] if span is not None and not once and not listed else None


def _washout(sheet: Sheet, schedule: dict[str, Any], once: bool, texts: tuple[str, ...]) -> None:
    found = next((one for text in texts if (one := apart(text)) is not None), None)
    if found is None:
        sheet.fill(("schedule", "washout"), "how far the periods are apart; none is assumed")
        return
    between, said, _ = found
    days = between.to("d") - (1.0 if once and "wash" not in said.casefold() else 0.0)
    if days > 0:
        schedule["washout"] = written(Quantity(days, "d"))
        sheet.guess(
            ("schedule", "washout"),
            "read from the text; sessions that far apart leave a day less between",
            said,
        )


def _conduct(sheet: Sheet, record: Record) -> None:
    conduct: dict[str, Any] = {}
    _, exclusion = _criteria(record.eligibility_module.eligibility_criteria)
    if exclusion:
        conduct["exclusion_criteria"] = exclusion
        sheet.guess(
            ("conduct", "exclusion_criteria"),
            "as written; medicines among them belong to medication.excluded, which simulates them",
        )
    if "OUTCOMES_ASSESSOR" in record.design_module.design_info.masking_info.who_masked:
        conduct["rater_blinding"] = True
        sheet.guess(("conduct", "rater_blinding"), "the outcomes assessor is masked")
    sheet.fields["conduct"] = conduct


def _left_open(sheet: Sheet) -> dict[str, str]:
    """What the protocol itself says is open: the guesses of fields it has, and what no record says."""
    found = {
        "allocation.told": "Not in a registry record; the share of the arms is assumed",
        "analysis.method": "Not in a registry record; ANCOVA is assumed",
        "schedule.adherence": "Not in a registry record; every scheduled dose is taken",
    }
    for one in sheet.opened:
        names = [str(step) for step in one.path if isinstance(step, str)]
        if one.kind == "guess" and names and names[0] not in ("measures",):
            found.setdefault(".".join(names[:2]), f"Guess: {one.what}")
    return found
