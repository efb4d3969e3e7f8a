"""The arms of a USDM document: who is in them, and what they are given first."""

from __future__ import annotations

from typing import Any

from limen import compounds
from limen.exchange.arms import Group, agents_in, dose_of, form_of
from limen.exchange.draft import Sheet
from limen.exchange.node import Node
from limen.exchange.terms import word
from limen.exchange.words import doses_in
from limen.protocol.fields import written
from limen.units import Quantity


def read_arms(sheet: Sheet, design: Node, given: list[Node], products: dict[str, Node]) -> None:
    """Every arm with its people and its dose, and what everybody gets besides."""
    by_id = {one.text("id"): one for one in given}
    elements = {one.text("id"): one for one in design.nodes("elements", "studyElements")}
    cells = design.nodes("studyCells")
    people = design.node("population")
    cohorts = {one.text("id"): one for one in people.nodes("cohorts")}
    arms: list[dict[str, Any]] = []
    sheet.fields["arms"] = arms
    listed = design.nodes("arms", "studyArms")
    for index, one in enumerate(listed):
        arm: dict[str, Any] = {"name": one.text("name") or f"arm {index + 1}"}
        arms.append(arm)
        does = [
            by_id[number]
            for cell in cells
            if cell.text("armId") == one.text("id")
            for element in cell.texts("elementIds")
            for number in elements.get(element, Node(None)).texts("studyInterventionIds")
            if number in by_id
        ]
        _write_arm(sheet, arm, ("arms", index), (one, does[0] if does else Node(None)), products)
        n = next(
            (size for cohort in one.texts("populationIds") if (size := _size(cohorts.get(cohort)))), None
        )
        n = n or _share(sheet, people, index, len(listed))
        if n is not None:
            arm["n"] = n
    if beside := [
        one.text("name") for one in given if word("role", one.node("role").text("code")) == "beside"
    ]:
        sheet.fields["alongside"] = beside


def _size(group: Node | None) -> int | None:
    planned = Node(None) if group is None else group.node("plannedEnrollmentNumber")
    value = planned.number("value") or planned.number("maxValue") or planned.node("maxValue").number("value")
    return None if value is None else int(value)


def _share(sheet: Sheet, people: Node, index: int, arms: int) -> int | None:
    """An equal part of those planned."""
    total = _size(people)
    if total is None:
        sheet.fill(("arms", index, "n"), "how many are planned is not said")
        return None
    sheet.guess(("arms", index, "n"), f"an equal part of {total}")
    return total * (index + 1) // arms - total * index // arms


def _write_arm(
    sheet: Sheet,
    arm: dict[str, Any],
    here: tuple[str | int, ...],
    said: tuple[Node, Node],
    products: dict[str, Node],
) -> None:
    one, gives = said
    text = f"{one.text('name')}\n{one.text('description')}\n{gives.text('name')}\n{gives.text('description')}"
    compound = str(sheet.fields["compound"])
    kind = word("arm", one.node("type").text("code"))
    placebo = kind in ("inert placebo", "active placebo", "nothing", "sham") or (
        kind is None and word("role", gives.node("role").text("code")) == "placebo"
    )
    group = Group(one.text("name"), "", text)
    if (
        kind == "active placebo"
        and not agents_in(text)
        and dose_of(group, compound, form_of(group, compound)[0])
    ):
        placebo = False  # an active comparator that is a dose of the compound
    if not placebo:
        arm["kind"] = "open label" if sheet.fields["blinding"] == "none" else "active"
        _write_drug(sheet, arm, here, group, (gives, products))
    elif agents := agents_in(text):
        arm |= {"kind": "active placebo", "agent": agents[0]}
    else:
        arm["kind"] = "inert placebo"
        if kind == "nothing":
            arm["told"] = 0.0
            sheet.guess(
                (*here, "kind"),
                "nothing is given to this arm; written as a placebo that people know to be one",
                text,
            )
    if kind is None:
        sheet.guess((*here, "kind"), f"read as {arm['kind']}", text)


def _write_drug(
    sheet: Sheet,
    arm: dict[str, Any],
    here: tuple[str | int, ...],
    group: Group,
    given: tuple[Node, dict[str, Node]],
) -> None:
    gives, products = given
    taken = next(iter(gives.nodes("administrations", "agentAdministrations")), Node(None))
    compound = str(sheet.fields["compound"])
    product = products.get(taken.text("administrableProductId"), Node(None)).text("name")
    form, stated = form_of(Group(group.label, "", f"{product}\n{group.text}"), compound)
    if product in compounds.compound(compound).form_names:
        form, stated = product, True
    arm["form"] = form
    if not stated:
        sheet.guess((*here, "form"), f"no form is stated; {form} is assumed")
    elif form not in (product, *group.text.split("\n")) and form not in group.text:
        sheet.guess((*here, "form"), f"read as {form}", group.text)
    route = taken.node("route").node("standardCode") or taken.node("route")
    if (known := word("route", route.text("code"))) not in (None, "oral"):
        arm["route"] = known
    amount = taken.node("dose")
    unit = amount.node("unit").node("standardCode") or amount.node("unit")
    measure, value = word("unit", unit.text("code")), amount.number("value")
    if value and measure in ("ug", "mg", "g"):
        arm["dose"] = written(Quantity(value, measure))
    elif value and measure in ("ug/kg", "mg/kg"):
        arm["dose"] = {"per_kg": written(Quantity(value, measure.removesuffix("/kg")))}
    else:
        masses = {mass for doses in doses_in(group.text) for mass in doses.masses}
        found = dose_of(group, compound, form)
        if len(masses) == 1 and found:
            arm["dose"] = (
                written(found[0].masses[0])
                if not found[0].per_kg
                else {"per_kg": written(found[0].masses[0])}
            )
            sheet.guess((*here, "dose"), "read from words", found[0].said)
        else:
            sheet.fill((*here, "dose"), "no dose is stated as a number with a unit", group.text)
