"""Interaction rules: which of them a drug meets, and which of those say the same thing.

Every matching rule is reported and the highest severity decides. A rule that names the drug stands before one that
names its ATC class, and that before one met only through a shared flag, but only within one mechanism.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from itertools import combinations
from typing import Any

from limen.compounds import compound as record
from limen.errors import CompoundError, DataError
from limen.facts.read import Row, read
from limen.safety import aids_of
from limen.safety.reading.drugs import Drug, parts

SEVERITIES = ("contraindicated", "major", "moderate", "minor", "informational")
BY_NAME, BY_CLASS, BY_FLAG = 3, 2, 1
LEVELS = {BY_NAME: "names the drug", BY_CLASS: "names its class", BY_FLAG: "shares a property"}


@dataclass(frozen=True)
class Rule:
    """One interaction rule, from the shipped table, a pair, or a local overlay."""

    id: str
    psychedelic: str
    comedication: str
    drugs: frozenset[str]
    atc: tuple[str, ...]
    flags: tuple[str, ...]
    mechanisms: frozenset[str]
    mechanism: str
    effect: str
    severity: str
    action: str
    half_lives: float | None
    min_days: float | None
    evidence_level: str
    evidence_dose: str
    estimate: str
    basis: str
    sources: tuple[str, ...]
    locator: str
    verification: str
    note: str
    only_in: str = ""
    after_stopping: bool = False
    local: str = ""

    def applies_to(self, compound: str) -> bool:
        return self.psychedelic in record(compound).rules


@dataclass(frozen=True)
class Match:
    """A rule a drug meets: how specifically, through what, and about which mechanisms."""

    rule: Rule
    level: int
    via: str
    mechanisms: frozenset[str]
    merged: tuple[str, ...] = ()
    read_across: bool = False
    shown_only: bool = False


def interaction_aids() -> Mapping[str, Any]:
    """`rules.toml`: how limen reads the tables where they leave room."""
    return aids_of("rules", "rules")


def compound_name(text: str) -> str:
    """The compound's own name, however written. Raises DataError for one limen has no record of."""
    try:
        return record(text).name
    except CompoundError as error:
        raise DataError(error.what, remedy=error.remedy) from None


def _rule(row: Row) -> Rule:
    key, aid = row["rule_id"], interaction_aids()
    return row.into(
        Rule, id=key, comedication=row["comedication_class"], effect=row["expected_effect"], action=row["recommended_action"],
        drugs=frozenset(aid["also_named"].get(name, name) for name in row.parts("example_drugs")),
        atc=row.parts("atc_prefix") + tuple(aid["classes"].get(key, ())), flags=row.parts("flag_match"),
        mechanisms=frozenset(aid["mechanisms"][key]), half_lives=row.number("washout_half_lives"),
        min_days=row.number("min_washout_days"), estimate=row["effect_estimate"], basis=row["action_basis"],
        only_in=aid["only_in"].get(key, ""), after_stopping=key in aid["only_after_stopping"]["rules"],
    )  # fmt: skip


@cache
def shipped() -> tuple[Rule, ...]:
    """The rules of `facts/safety/interactions`, in file order."""
    return tuple(_rule(row) for row in read("safety/interactions"))


def match(drug: Drug, rule: Rule) -> Match | None:
    """How a drug meets a rule, by the most specific of its three ways; None where it does not.

    A combination product meets what its components meet.
    """
    components = parts(drug.name)
    if named := next((part.name for part in components if part.name in rule.drugs), None):
        return Match(rule, BY_NAME, named, rule.mechanisms)
    codes = [part.atc for part in components if part.atc]
    if prefix := next((p for p in rule.atc for code in codes if code.startswith(p)), None):
        return Match(rule, BY_CLASS, f"ATC {prefix}", rule.mechanisms)
    shared = [flag for flag in rule.flags if drug.has(flag)]
    if not shared:
        return None
    of_flag = interaction_aids()["flag_mechanisms"]
    mechanisms = frozenset(of_flag.get(flag.split("=")[0], flag) for flag in shared)
    # a property such as qt_risk=known is what the rule is about, not a likeness to the drugs it names
    level = BY_CLASS if all("=" in flag for flag in shared) else BY_FLAG
    return Match(rule, level, ", ".join(shared), mechanisms)


def findings(drug: Drug, compound: str, rules: Iterable[Rule], population: str = "") -> tuple[Match, ...]:
    """Every rule a drug meets for a compound, with less specific rules of the same mechanism merged.

    Where only a flag speaks and the other compound has a rule that names the drug or its class for that mechanism,
    that rule is read across instead; so is a major or contraindicated one where nothing of the compound's own speaks.
    Rules of one trial's population count only there.
    """
    every = [m for rule in rules if (m := match(drug, rule)) is not None]
    every = [m for m in every if drug.name not in interaction_aids()["excepted"].get(m.rule.id, ())]
    every = [m for m in every if not m.rule.only_in or m.rule.only_in.casefold() in population.casefold()]
    own = [m for m in every if m.rule.applies_to(compound)]
    other = [m for m in every if not m.rule.applies_to(compound) and m.level > BY_FLAG]
    kept: list[Match] = []
    merged: dict[str, list[str]] = {}
    for found in own:
        heir = (
            None
            if drug.name in interaction_aids()["stands_alone"].get(found.rule.id, ())
            else _heir(found, own)
        )
        if heir is None and found.level == BY_FLAG and (heir := _heir(found, other)) is not None:
            heir = replace(heir, read_across=True)
            kept.append(heir)
        if heir is None:
            kept.append(found)
        else:
            merged.setdefault(heir.rule.id, []).append(found.rule.id)
    # a grave rule about the other compound is not forgotten where nothing of this compound's own speaks
    # and a lesser one is shown, without a say
    unspoken = [m for m in other if _heir(replace(m, level=0), own) is None and not _aside(m)]
    kept += [
        replace(m, read_across=True, shown_only=not _grave(m))
        for m in unspoken
        if m.rule.id not in {k.rule.id for k in kept}
    ]
    unique = {m.rule.id: m for m in reversed(kept)}.values()
    ordered = sorted(unique, key=lambda m: (SEVERITIES.index(m.rule.severity), -m.level, m.rule.id))
    shown: list[Match] = []
    for found in ordered:
        # of several rules about one shared property the gravest stands, and names the others
        same = [m for m in shown if m.level == found.level == BY_FLAG and found.mechanisms <= m.mechanisms]
        if same and not found.read_across:
            merged.setdefault(same[0].rule.id, []).append(found.rule.id)
        else:
            shown.append(found)
    return tuple(replace(m, merged=tuple(dict.fromkeys(merged.get(m.rule.id, ())))) for m in shown)


def _heir(found: Match, among: Iterable[Match]) -> Match | None:
    """The gravest more specific rule that speaks about every mechanism `found` speaks about."""
    heirs = [m for m in among if m.level > found.level and found.mechanisms <= m.mechanisms and not _aside(m)]
    return min(heirs, key=lambda m: (SEVERITIES.index(m.rule.severity), -m.level), default=None)


def _grave(found: Match) -> bool:
    return SEVERITIES.index(found.rule.severity) <= SEVERITIES.index("major")


def _aside(found: Match) -> bool:
    """Rules about having stopped, or a rescue after dosing, say nothing about taking the drug."""
    return found.rule.after_stopping


@dataclass(frozen=True)
class Pair:
    """Two comedications that are dangerous together whatever the psychedelic."""

    id: str
    first: tuple[str, ...]
    second: tuple[str, ...]
    severity: str
    mechanism: str
    effect: str
    sources: tuple[str, ...]
    verification: str
    excepted: tuple[str, ...] = ()
    note: str = ""


@cache
def pairs() -> tuple[Pair, ...]:
    """The pair rules of `rules.toml`."""
    return tuple(
        Pair(
            p["id"], tuple(p["first"]), tuple(p["second"]), p["severity"], p["mechanism"], p["effect"],
            tuple(p["source"]), p["verification"], tuple(p.get("except", ())), p.get("note", ""),
        )
        for p in interaction_aids()["pairs"]
    )  # fmt: skip


def _is(drug: Drug, marks: tuple[str, ...]) -> bool:
    return any(
        drug.name == mark[5:] if mark.startswith("drug:")
        else drug.atc.startswith(mark[4:]) if mark.startswith("atc:")
        else drug.has(mark)
        for mark in marks
    )  # fmt: skip


def pair_findings(taken: Iterable[Drug]) -> tuple[tuple[Pair, Drug, Drug], ...]:
    """Dangerous pairs among drugs taken together, gravest first."""
    found = []
    for one, other in combinations(sorted(set(taken), key=lambda d: d.name), 2):
        for pair in pairs():
            if _is(one, pair.excepted) or _is(other, pair.excepted):
                continue
            if (_is(one, pair.first) and _is(other, pair.second)) or (
                _is(other, pair.first) and _is(one, pair.second)
            ):
                found.append((pair, one, other))
    return tuple(
        sorted(found, key=lambda f: (SEVERITIES.index(f[0].severity), f[0].id, f[1].name, f[2].name))
    )
