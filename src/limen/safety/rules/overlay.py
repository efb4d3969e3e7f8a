"""Local rules: a TOML file that tightens, adds, or (with a recorded reason) relaxes the shipped ones."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from limen.errors import DataError, Place
from limen.safety import local_toml
from limen.safety.reading.drugs import PROPERTIES, dictionary
from limen.safety.rules.book import RuleBook
from limen.safety.rules.interactions import SEVERITIES, Rule

OVERLAY_HELP = "see `limen screen --help`: [[tighten]], [[relax]] (with a reason), [[add]], [choose]"
_TABLES = {"limen", "tighten", "relax", "add", "choose"}
_CHANGEABLE = {"severity": "severity", "min_washout_days": "min_days", "washout_half_lives": "half_lives"}


def load_overlay(path: Path, book: RuleBook | None = None) -> RuleBook:
    """Apply a local TOML overlay to a rule book.

    `[[tighten]]` raises severity or washout of a `rule`; `[[relax]]` lowers them and must give a `reason`;
    `[[add]]` is a new rule by `drugs`, `atc` or `flags`; `[choose]` names the condition rule to use per condition key.
    Raises DataError naming the entry for anything else.
    """
    text = local_toml(path, OVERLAY_HELP)
    if unknown := set(text) - _TABLES:
        raise DataError(f"unknown table {sorted(unknown)[0]!r}", Place(file=path), OVERLAY_HELP)
    book = book or RuleBook()
    rules, changes = {rule.id: rule for rule in book.rules}, list(book.changes)
    for kind in ("tighten", "relax"):
        for number, entry in enumerate(_entries(text, kind, path), 1):
            place = Place(file=path, field=f"{kind}[{number}]")
            changed, words = _change(kind, entry, rules, place)
            rules[changed.id] = changed
            changes.append(words)
    for number, entry in enumerate(_entries(text, "add", path), 1):
        added = _added(entry, number, Place(file=path, field=f"add[{number}]"), rules)
        rules[added.id] = added
        changes.append(f"{added.id} added locally: {added.severity}; {added.effect}")
    choose = _chosen(text.get("choose", {}), path)
    changes += [f"{name}: {rule} chosen locally" for name, rule in choose.items()]
    return replace(
        book, rules=tuple(rules.values()), choose={**book.choose, **choose}, changes=tuple(changes), _found={}
    )


def _entries(text: dict[str, Any], kind: str, path: Path) -> list[dict[str, Any]]:
    entries = text.get(kind, [])
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise DataError(f"{kind} is a list of tables", Place(file=path, field=kind), f"write [[{kind}]]")
    return entries


def _change(kind: str, entry: dict[str, Any], rules: dict[str, Rule], place: Place) -> tuple[Rule, str]:
    rule = rules.get(str(entry.get("rule", "")))
    if rule is None:
        raise DataError(
            f"there is no rule {entry.get('rule')!r}",
            place,
            "rules are INT001 and so on, see `limen screen --json`",
        )
    reason = str(entry.get("reason", "")).strip()
    if kind == "relax" and not reason:
        raise DataError(
            f"{rule.id} is relaxed without a reason", place, 'add reason = "who decided it, and why"'
        )
    changed, said = rule, []
    for name, attribute in _CHANGEABLE.items():
        if name not in entry:
            continue
        value, before = entry[name], getattr(rule, attribute)
        if name == "severity":
            _severity(value, place)
            stricter = SEVERITIES.index(value) <= SEVERITIES.index(before)
        else:
            value = _number(value, name, place)
            stricter = value >= (before or 0)
        if stricter != (kind == "tighten") and value != before:
            raise DataError(f"{name} = {value} does not {kind} {rule.id} ({before})", place, OVERLAY_HELP)
        changed = replace(changed, **{attribute: value})
        said.append(f"{name} {before} -> {value}")
    unknown = sorted(set(entry) - set(_CHANGEABLE) - {"rule", "reason"})
    if unknown or not said:
        what = f"{unknown[0]!r} cannot be changed" if unknown else f"nothing of {rule.id} is changed"
        raise DataError(what, place, f"give one of {', '.join(_CHANGEABLE)}")
    words = f"{rule.id} {'tightened' if kind == 'tighten' else 'relaxed'} locally: {', '.join(said)}" + (
        f"; reason: {reason}" if reason else ""
    )
    return replace(changed, local=words), words


def _severity(value: Any, place: Place) -> None:
    if value not in SEVERITIES:
        raise DataError(f"severity {value!r} is not known", place, f"use one of {', '.join(SEVERITIES)}")


def _number(value: Any, name: str, place: Place) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 3650:
        raise DataError(f"{name} = {value!r} is not a number from 0 to 3650", place)
    return float(value)


def _optional(entry: dict[str, Any], name: str, place: Place) -> float | None:
    return _number(entry[name], name, place) if name in entry else None


def _added(entry: dict[str, Any], number: int, place: Place, rules: dict[str, Rule]) -> Rule:
    _severity(entry.get("severity"), place)
    names = tuple(map(str, entry.get("drugs", ())))
    for name in names:
        if name not in dictionary():
            raise DataError(
                f"{name!r} is not in the drug dictionary",
                place,
                "use the dictionary's own names, or an ATC prefix",
            )
    if not (names or entry.get("atc") or entry.get("flags")):
        raise DataError("the added rule matches nothing", place, "give drugs, atc or flags")
    flags = tuple(map(str, entry.get("flags", ())))
    for flag in flags:
        known_flag(flag, place)
    key_ = str(entry.get("id", f"LOCAL{number:02d}"))
    if key_ in rules:
        raise DataError(f"a rule {key_!r} exists already", place, "choose another id, or tighten that rule")
    effect = str(entry.get("effect", "local rule"))
    return Rule(
        id=key_, psychedelic=str(entry.get("psychedelic", "both")), comedication=str(entry.get("class", "local")),
        drugs=frozenset(names), atc=tuple(map(str, entry.get("atc", ()))), flags=flags,
        mechanisms=frozenset({f"local {key_}"}), mechanism=str(entry.get("mechanism", "local rule")), effect=effect,
        severity=entry["severity"], action=str(entry.get("action", "as the local rule says")),
        half_lives=_optional(entry, "washout_half_lives", place), min_days=_optional(entry, "min_washout_days", place),
        basis="local", evidence_level="local", evidence_dose="", estimate="",
        sources=tuple(map(str, entry.get("source", ("local",)))), locator="", verification="local",
        note=str(entry.get("reason", "")), local=f"added locally: {entry.get('reason', 'no reason given')}",
    )  # fmt: skip


def known_flag(flag: str, place: Place) -> None:
    """Raises DataError for a flag or a property (`qt_risk=known`) that no drug of the dictionary has."""
    flags = sorted({flag for drug in dictionary().values() for flag in drug.flags})
    values = sorted(
        {
            f"{name}={getattr(drug, name)}"
            for drug in dictionary().values()
            for name in PROPERTIES
            if getattr(drug, name)
        }
    )
    if flag not in flags and flag not in values:
        raise DataError(
            f"no drug has the flag {flag!r}", place, f"known are: {', '.join(values)}, {', '.join(flags)}"
        )


def _chosen(table: Any, path: Path) -> dict[str, str]:
    from limen.facts.read import read

    known = {(row["condition_key"], row["rule_id"]) for row in read("safety/contraindications")}
    if not isinstance(table, dict):
        raise DataError(
            "choose is a table of condition key = rule", Place(file=path, field="choose"), OVERLAY_HELP
        )
    for name, rule in table.items():
        if not isinstance(rule, str) or (name, rule) not in known:
            of_key = sorted(r for k, r in known if k == name)
            remedy = (
                f"rules of {name}: {', '.join(of_key)}"
                if of_key
                else f"keys: {', '.join(sorted({k for k, _ in known}))}"
            )
            raise DataError(f"{rule!r} is no rule of {name!r}", Place(file=path, field="choose"), remedy)
    return dict(table)
