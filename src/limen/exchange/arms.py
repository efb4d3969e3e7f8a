"""The arms of a record: what each is given, as far as its sentences say."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from limen import compounds
from limen.errors import DataError
from limen.exchange.draft import Sheet
from limen.exchange.record import ArmGroup, Intervention, Record
from limen.exchange.words import Doses, called, doses_in, named_in, sentences
from limen.protocol.doses import implausible
from limen.protocol.fields import agent_names, written
from limen.units import Quantity

_DRUGS = ("DRUG", "BIOLOGICAL", "DIETARY_SUPPLEMENT", "COMBINATION_PRODUCT", "")
_BESIDE = ("BEHAVIORAL", "PROCEDURE", "OTHER")
_TELLING = re.compile(r"\b(told|informed|instructed) that\b", re.IGNORECASE)
_THEN = re.compile(r"\b(then|followed|after|switch\w*|cross\w* over|before)\b", re.IGNORECASE)
_RATIO = re.compile(r"\b(\d+(?:\s*:\s*\d+)+)\b")


@dataclass(frozen=True)
class Group:
    """One arm of the protocol to be: its label, what the record calls it, and everything it says of it."""

    label: str
    type: str
    text: str


def compound_of(record: Record) -> tuple[str, str]:
    """The compound that the interventions of a record give, and the words. Raises DataError where limen has no record of it."""
    said = [
        " ".join((one.name, *one.other_names, one.description))
        for one in record.arms_interventions_module.interventions
        if one.type in _DRUGS
    ]
    arms = [f"{one.label} {one.description}" for one in record.arms_interventions_module.arm_groups]
    for text in (*said, *arms, record.narrative):
        if found := named_in(text, "compounds"):
            return found[0], text
    given = "; ".join(one.name for one in record.arms_interventions_module.interventions) or "nothing"
    raise DataError(
        f"{record.identification_module.nct_id} gives {given}",
        remedy=f"limen has records of {', '.join(compounds.compound_names())}; a protocol is of one of them",
    )


def groups(record: Record, periods: bool) -> list[Group]:
    """The arms: the record's groups, or in a crossover whose groups are sequences the conditions that everybody takes."""
    module = record.arms_interventions_module
    given = [one for one in module.interventions if one.type in _DRUGS]
    found = [Group(arm.label, arm.type, _text(arm, module.interventions)) for arm in module.arm_groups]
    sequences = periods and found and all(len(_linked(arm, given)) > 1 for arm in module.arm_groups)
    if sequences or (periods and len(found) < 2) or not found:
        return [Group(one.name, "", f"{one.name}. {one.description}") for one in given]
    return found


def _linked(arm: ArmGroup, interventions: Sequence[Intervention]) -> list[Intervention]:
    names = {name.split(": ", 1)[-1] for name in arm.intervention_names}
    return [one for one in interventions if one.name in names or arm.label in one.arm_group_labels]


def _text(arm: ArmGroup, interventions: Sequence[Intervention]) -> str:
    linked = [one for one in _linked(arm, interventions) if one.type in _DRUGS]
    return "\n".join([arm.label, arm.description, *(f"{one.name}. {one.description}" for one in linked)])


def write_arms(sheet: Sheet, record: Record, found: list[Group], compound: str) -> None:
    """Fields of every arm, and of what stands beside."""
    is_open = record.design_module.design_info.masking_info.masking in ("NONE", "")
    sizes = _sizes(sheet, record, len(found))
    arms: list[dict[str, Any]] = []
    sheet.fields["arms"] = arms
    for index, (group, n) in enumerate(zip(found, sizes, strict=True)):
        arm: dict[str, Any] = {"name": group.label or f"arm {index + 1}"}
        arms.append(arm)
        here = ("arms", index)
        placebo = _placebo(group, compound)
        if told := next((one for one in sentences(group.text) if _TELLING.search(one)), ""):
            sheet.fill((*here, "told"), "the chance of the drug that people of this arm are told", told)
        arm["kind"] = "open label" if is_open and not placebo else "active"
        if placebo:
            _write_placebo(sheet, arm, here, group)
        if n is not None:
            arm["n"] = n
        if not placebo:
            _write_drug(sheet, arm, here, (group, record.narrative), compound)
    giving = [arm["name"] for arm in arms if "placebo" not in arm["kind"]]
    if len(giving) > 1 and len(giving) < len(arms):
        sheet.guess(
            ("arms",), f"{giving[0]!r} is compared first, as it is listed first; analysis.arm names another"
        )
    if len(giving) == len(arms) > 1 and not is_open:
        _write_control(sheet, found, giving)
    beside = [one.name for one in record.arms_interventions_module.interventions if one.type in _BESIDE]
    if beside:
        sheet.fields["alongside"] = beside
        sheet.guess(("alongside",), "taken to be what every arm gets besides")


def _write_control(sheet: Sheet, found: list[Group], names: list[str]) -> None:
    """Which arm is the control where all give the drug: the one that is called so."""
    marks = ("PLACEBO_COMPARATOR", "ACTIVE_COMPARATOR", "SHAM_COMPARATOR")
    called = [
        name
        for group, name in zip(found, names, strict=True)
        if "placebo" in group.label.casefold() or group.type in marks
    ]
    if len(called) == 1:
        sheet.fields["analysis"] = {"control": called[0]}
        sheet.guess(
            ("analysis", "control"), f"every arm gives the drug; {called[0]!r} is called the comparator"
        )
    else:
        sheet.fill(("arms",), "analysis.control: every arm gives the drug, and none is called the control")


def _placebo(group: Group, compound: str) -> bool:
    """Whether an arm is given no drug: no dose that can be of the compound, and it says placebo or nothing of the compound."""
    found = dose_of(group, compound, form_of(group, compound)[0])
    speaks = compound in named_in(group.text, "compounds")
    if found:
        return not speaks and "placebo" in group.label.casefold()
    marked = group.type in ("PLACEBO_COMPARATOR", "SHAM_COMPARATOR", "NO_INTERVENTION")
    return marked or "placebo" in group.label.casefold() or not speaks


def _in_turn(group: Group) -> str:
    """The sentence in which an arm takes drug and placebo one after the other; '' where it does not."""
    return next(
        (one for one in sentences(group.text) if "placebo" in one.casefold() and _THEN.search(one)), ""
    )


def _write_placebo(sheet: Sheet, arm: dict[str, Any], here: tuple[str | int, ...], group: Group) -> None:
    agents = agents_in(group.text)
    if agents:
        arm["kind"], arm["agent"] = "active placebo", agents[0]
        amount = [one for one in sentences(group.text) if agents[0] in one.casefold()]
        if doses := [dose for one in amount for dose in doses_in(one)]:
            arm["agent_dose"] = _in_words(doses[0])
        sheet.guess((*here, "agent"), f"{agents[0]} is taken to be an active placebo", group.text)
        return
    arm["kind"] = "inert placebo"
    if group.type == "NO_INTERVENTION":
        arm["told"] = 0.0
        sheet.guess(
            (*here, "kind"),
            "nothing is given to this arm; written as a placebo that people know to be one",
            group.text,
        )
    elif "placebo" not in group.text.casefold():
        sheet.guess((*here, "kind"), "nothing limen has a record of is named; taken to be inert", group.text)


def agents_in(text: str) -> list[str]:
    """Active placebos that a text names."""
    plain = [name for name in agent_names() if re.search(rf"\b{name}\b", text.casefold())]
    return list(dict.fromkeys((*plain, *named_in(text, "agents"))))


def _write_drug(
    sheet: Sheet, arm: dict[str, Any], here: tuple[str | int, ...], said: tuple[Group, str], compound: str
) -> None:
    group, narrative = said
    form, stated = form_of(group, compound)
    arm["form"] = form
    if not stated:
        sheet.guess((*here, "form"), f"no form is stated; {form} is assumed")
    elif form not in group.text:
        sheet.guess((*here, "form"), f"read as {form}", _saying(group.text, called()["forms"].get(form, [])))
    if "sublingual" in group.text.casefold() and "sublingual" in compounds.compound(compound).routes:
        arm["route"] = "sublingual"
    if "placebo" in group.label.casefold() or group.type == "PLACEBO_COMPARATOR":
        sheet.guess(
            (*here, "kind"),
            "called a placebo, and a dose of the drug is named: an arm that gives it",
            group.text,
        )
    found = dose_of(group, compound, form)
    if turn := _in_turn(group):
        named = (
            ", ".join(dict.fromkeys(written(mass) for doses in found for mass in doses.masses)) or "the drug"
        )
        sheet.fill((*here, "dose"), f"placebo and {named} in turn; write steps over time", turn)
        return
    if not found and (others := dose_of(Group("", "", narrative), compound, form)):
        told = ", ".join(dict.fromkeys(written(mass) for doses in others for mass in doses.masses))
        sheet.fill(
            (*here, "dose"), f"none is named for this arm; elsewhere the record names {told}", others[0].said
        )
        return
    _write_dose(sheet, arm, here, found)


def form_of(group: Group, compound: str) -> tuple[str, bool]:
    """The form an arm speaks of, and whether it does; else the one limen counts in."""
    record = compounds.compound(compound)
    named = [name for name in named_in(group.text, "forms") if name in record.form_names]
    usual = record.base if record.base in record.form_names else record.form_names[0]
    return (named[0], True) if named else (usual, False)


def _saying(text: str, words: Sequence[str]) -> str:
    return next((one for one in sentences(text) if any(word in one.casefold() for word in words)), "")


def dose_of(group: Group, compound: str, form: str) -> list[Doses]:
    """Doses in the text of an arm that can be of the compound in a form, those of sentences that name it first."""
    found = [
        one
        for one in doses_in(group.text)
        if _possible(one, form) and (compound in named_in(one.said, "compounds") or not agents_in(one.said))
    ]
    return sorted(found, key=lambda one: compound not in named_in(one.said, "compounds"))


def _possible(doses: Doses, form: str) -> bool:
    people = 75.0 if doses.per_kg else 1.0
    return all(implausible(Quantity(mass.value * people, mass.unit), form) is None for mass in doses.masses)


def _write_dose(sheet: Sheet, arm: dict[str, Any], here: tuple[str | int, ...], found: list[Doses]) -> None:
    masses = {round(mass.to("ug"), 9): mass for doses in found for mass in doses.masses}
    ordered = [masses[key] for key in sorted(masses)]
    if not found:
        sheet.fill((*here, "dose"), "the record names none that can be of this form")
        return
    said, path = found[0].said, (*here, "dose")
    if len(ordered) == 1:
        arm["dose"] = {"per_kg": written(ordered[0])} if found[0].per_kg else written(ordered[0])
        return
    told = ", ".join(map(written, ordered))
    moves = re.search(r"titrat|adjust|flexib|self-select|escalat", said, re.IGNORECASE)
    if found[0].between and len(ordered) == 2 and moves and not found[0].per_kg:
        low, high = ordered
        step = written(Quantity((high.to(low.unit) - low.value) / 4, low.unit))
        arm["dose"] = {
            "titrate": {
                "start": written(low),
                "min": written(low),
                "max": written(high),
                "step": step,
                "rule": said,
            }
        }
        sheet.guess(
            path, "where it starts and its step are not in numbers; a quarter of the range is written", said
        )
        return
    if moves and not found[0].between and not found[0].per_kg:
        arm["dose"] = {"levels": [written(mass) for mass in ordered]}
        sheet.guess(
            path,
            f"{told} are written as levels, one drawn a person; write titrate or steps where the record has a rule",
            said,
        )
        return
    sheet.fill(path, f"the record names {told}; write one, or steps over time, or levels", said)


def _in_words(doses: Doses) -> str:
    join = " to " if doses.between else ", "
    return join.join(map(written, doses.masses)) + (" a kg" if doses.per_kg else "")


def _sizes(sheet: Sheet, record: Record, arms: int) -> list[int | None]:
    """People of each arm: the enrolment in the stated ratio, else in equal parts."""
    total = record.design_module.enrollment_info.count
    if total is None or total < arms:
        for index in range(arms):
            sheet.fill(("arms", index, "n"), "the record does not say how many are enrolled")
        return [None] * arms
    said = next((one for one in sentences(record.narrative) if _RATIO.search(one)), "")
    parts = [int(part) for part in _RATIO.findall(said)[0].split(":")] if said else []
    fits = len(parts) == arms and all(parts)
    shares = parts if fits else [1] * arms
    ends = [round(total * sum(shares[: index + 1]) / sum(shares)) for index in range(arms)]
    how = f"{':'.join(map(str, shares))} of {total}" if arms > 1 else f"all {total}"
    sheet.guess(("arms",), f"arms hold {how}; their sizes are not in the record", said)
    return [end - before for end, before in zip(ends, [0, *ends], strict=False)]
