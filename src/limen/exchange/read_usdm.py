"""What a USDM document (version 3 or 4) says, in the fields of a protocol."""

from __future__ import annotations

import re
from typing import Any

from limen import compounds
from limen.errors import DataError
from limen.exchange.draft import Sheet
from limen.exchange.entry import write_entry
from limen.exchange.node import Node
from limen.exchange.read_arms import read_arms
from limen.exchange.read_outcomes import read_outcomes, read_visits
from limen.exchange.terms import word
from limen.exchange.words import lasts, named_in, patterns_in, times_in
from limen.protocol.fields import written
from limen.protocol.indications import OTHER, indications_in
from limen.protocol.pattern import Pattern, pattern_in_words

SHAPE = "a USDM document of version 3 or 4 has study.versions[].studyDesigns[]"
_NUMBER = re.compile(r"\b(NCT\d{8}|ACTRN\d{14}|ISRCTN\d{8}|NTR\d+|\d{4}-\d{6}-\d{2}(?:-\d{2})?)\b")
_MEDICINE = "medication: "


def fields_of(root: Node) -> Sheet:
    """The fields of the protocol that the places of USDM hold. Raises DataError where there is no design, or no compound that
    limen has a record of."""
    study = root.node("study")
    versions = study.nodes("versions", "studyVersions")
    designs = versions[0].nodes("studyDesigns") if versions else []
    if not designs:
        raise DataError("holds no study design", remedy=SHAPE)
    version, design = versions[0], designs[0]
    sheet = Sheet({"limen": 1, "name": study.text("name") or "A study", "status": "planned"})
    if question := study.text("description"):
        sheet.fields["question"] = question
    sheet.guess(("status",), "USDM does not say whether it was conducted")
    for parts, what in ((versions, "versions"), (designs, "designs")):
        if len(parts) > 1:
            sheet.unread((), f"{len(parts)} {what}; the first is read")
    numbers = [one.text("text", "studyIdentifier") for one in version.nodes("studyIdentifiers")]
    for number in numbers:
        if _NUMBER.search(number) and "registry" not in sheet.fields:
            sheet.fields["registry"] = number
        else:
            sheet.unread(("registry",), "another identifier", number)
    given = [*version.nodes("studyInterventions"), *design.nodes("studyInterventions")]
    products = {one.text("id"): one for one in version.nodes("administrableProducts")}
    sheet.fields["compound"] = _compound(given, [*products.values()], design)
    _people(sheet, version, design)
    _masking(sheet, design)
    read_arms(sheet, design, given, products)
    _schedule(sheet, given)
    read_visits(sheet, design)
    read_outcomes(sheet, design)
    return sheet


def _compound(given: list[Node], products: list[Node], design: Node) -> str:
    texts = [
        " ".join((one.text("name"), one.text("label"), one.text("description")))
        for one in (*given, *products, *design.nodes("arms"))
    ]
    for text in texts:
        if found := named_in(text, "compounds"):
            return found[0]
    said = "; ".join(one.text("name") for one in given) or "nothing"
    raise DataError(
        f"gives {said}",
        remedy=f"limen has records of {', '.join(compounds.compound_names())}; a protocol is of one of them",
    )


def _people(sheet: Sheet, version: Node, design: Node) -> None:
    """Indication, ages, and criteria."""
    people = design.node("population", "populations")
    said = [
        f"{one.text('name')}. {one.text('description')}"
        for one in design.nodes("indications", "studyIndications")
    ]
    named = [name for text in said for name in indications_in(text)]
    healthy = people.flag("includesHealthySubjects") and not named
    population: dict[str, Any] = {"indication": "healthy" if healthy else next(iter(named), OTHER)}
    sheet.fields["population"] = population
    if len(set(named)) != 1:
        sheet.guess(("population", "indication"), f"read as {population['indication']}", "; ".join(said))
    age = people.node("plannedAge")
    ends = [
        age.number(end) if age.number(end) is not None else age.node(end).number("value")
        for end in ("minValue", "maxValue")
    ]
    if None not in ends:
        population["age"] = ends
    if text := people.text("description"):
        population["description"] = text
    elif population["indication"] == OTHER:
        population["description"] = "; ".join(said) or "not said"
    excluded: list[str] = []
    medicines: list[str] = []
    included: list[str] = []
    items = {one.text("id"): one for one in version.nodes("eligibilityCriterionItems")}
    for one in (*design.nodes("eligibilityCriteria"), *people.nodes("criteria")):
        text = items.get(one.text("criterionItemId"), one).text("text")
        if word("criterion", one.node("category").text("code")) != "exclusion":
            included.append(text)
        elif text.startswith(_MEDICINE):
            medicines.append(text.removeprefix(_MEDICINE))
        else:
            excluded.append(text)
    write_entry(sheet, population, included)
    sheet.fields |= ({"medication": {"excluded": medicines}} if medicines else {}) | (
        {"conduct": {"exclusion_criteria": excluded}} if excluded else {}
    )


def _masking(sheet: Sheet, design: Node) -> None:
    scheme = design.node("blindingSchema", "studyBlindingScheme")
    code = scheme.node("standardCode") or scheme
    said = code.text("decode").casefold()
    found = word("blinding", code.text("code")) or next(
        (name for name in ("quadruple", "triple") if name in said), None
    )
    sheet.fields["blinding"] = found or "double"
    if found is None:
        sheet.guess(("blinding",), f"USDM says {said or 'nothing'}")
    model = design.node("model", "interventionModel")
    name = word("model", model.text("code"))
    plain = {"sequential": "escalation", None: "parallel"}.get(name, name)
    sheet.fields["design"] = plain
    if plain != name:
        sheet.guess(("design",), f"USDM says {model.text('decode') or 'nothing'}")


def _schedule(sheet: Sheet, given: list[Node]) -> None:
    """Pattern and duration, of the first intervention that says them."""
    schedule: dict[str, Any] = {}
    sheet.fields["schedule"] = schedule
    for one in given:
        for taken in one.nodes("administrations", "agentAdministrations"):
            often = taken.node("frequency").node("standardCode") or taken.node("frequency")
            said = [
                often.text("decode"),
                taken.text("label"),
                taken.text("description"),
                one.text("description"),
            ]
            known = word("frequency", often.text("code"))
            pattern = pattern_in_words(known or "") or next(
                (found for found, _, _ in patterns_in(said)), None
            )
            if pattern is not None and "pattern" not in schedule:
                schedule["pattern"] = Pattern.model_validate(pattern).model_dump(mode="json")
                if known is None:
                    sheet.guess(
                        ("schedule", "pattern"), "read from words", "; ".join(text for text in said if text)
                    )
            long = taken.node("duration")
            if "duration" not in schedule and (time := _lasting(long)) is not None:
                schedule["duration"] = time
    if "pattern" not in schedule:
        sheet.fill(("schedule", "pattern"), "when doses are taken, such as {every: 3 d}")
    if "duration" not in schedule:
        sheet.fill(("schedule", "duration"), "how long doses are taken, such as 6 wk")


def _lasting(long: Node) -> str | None:
    amount = long.node("quantity", "value")
    unit, value = word("unit", _unit(amount)), amount.number("value")
    if unit in ("min", "h", "d", "wk") and value:
        return f"{value:g} {unit}"
    text = long.text("text")
    times, _ = times_in(text)
    span = lasts(text)
    return written(times[-1]) if times else None if span is None else written(span[0])


def _unit(amount: Node) -> str:
    unit = amount.node("unit")
    return (unit.node("standardCode") or unit).text("code")
