"""The evidence as typed rows: shipped facts first, then the user's overlay, read when asked for."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from functools import cache, cached_property
from typing import Any, TypeVar

from limen import compounds
from limen.errors import FactsError
from limen.evidence import dose_classes, families, overlay
from limen.evidence.choices import choices
from limen.facts.read import Row, bibliography, read
from limen.protocol.indications import words_about


@dataclass(frozen=True)
class Record:
    """A row with its cells typed by annotation: text, `int | None`, `float | None`; `cells` keeps what was
    printed."""

    cells: Row = field(repr=False)
    added: bool = field(repr=False)  # from the user's overlay

    @property
    def sources(self) -> tuple[str, ...]:
        return self.cells.sources


@dataclass(frozen=True)
class Study(Record):
    """One report or registered trial (`clinical/studies`)."""

    study_id: str
    design: str
    year: int | None
    compound: str
    doses: str
    dose_unit: str
    schedule: str
    n_planned: int | None  # a target, not people
    n_randomised: int | None
    n_analysed: int | None
    population: str
    blinding: str
    control: str
    registry_id: str
    doi: str
    primary_outcome: str
    headline_result: str
    industry_funding: str
    status: str
    verification: str
    note: str

    @cached_property
    def dose_class(self) -> str:
        return dose_classes.of_study(self.cells)


@dataclass(frozen=True)
class Outcome(Record):
    """One arm's result, or one contrast, at one time (`clinical/outcomes`)."""

    study_id: str
    arm: str
    comparator: str
    outcome: str
    direction: str
    timepoint: str
    timepoint_unit: str
    n: int | None
    mean: float | None
    sd: float | None
    change_mean: float | None
    change_sd: float | None
    change_ci_low: float | None
    change_ci_high: float | None
    effect_type: str
    effect: float | None
    effect_se: float | None
    ci_low: float | None
    ci_high: float | None
    ci_level: float | None
    unit: str
    locator: str
    verification: str
    note: str

    @cached_property
    def construct(self) -> str:
        return families.construct_of(self.outcome)

    @cached_property
    def kind(self) -> str:
        """`score`, `share` or `count`."""
        return families.kind_of(self.outcome)

    @cached_property
    def dose_class(self) -> str:
        """From the dose the arm names, else from its study."""
        named = dose_classes.of_text(self.arm)
        return named or next((s.dose_class for s in studies() if s.study_id == self.study_id), "")


@dataclass(frozen=True)
class Comparator(Record):
    """Standard care or a full-dose trial that a microdose estimate may be set beside
    (`clinical/comparators`)."""

    comparator_id: str
    condition: str
    intervention: str
    control: str
    scale: str
    direction: str
    effect_type: str
    effect: float | None
    ci_low: float | None
    ci_high: float | None
    verification: str
    note: str

    @property
    def therapy_class(self) -> str:
        return self.cells["class"]


@dataclass(frozen=True)
class Claim(Record):
    """One factual claim of the popular article, with the verdict of the literature (`claims/claims`)."""

    claim_id: str
    topic: str
    claim: str
    quantity: str
    refers_to: str  # the claim that `that trial` or `do so` speaks of
    verdict: str
    literature: str
    searched: str  # the day to which limen's search for it reached
    locator: str
    verification: str
    note: str


@dataclass(frozen=True)
class Registered(Record):
    """A registered trial, planned or done (`regulation/trial_pipeline`); `n` is a target where `n_type` says so."""

    registry_id: str
    dose_class: str
    compound: str
    indication: str
    population: str
    design: str
    n: int | None
    n_type: str
    status: str
    start: str
    verification: str

    @property
    def year(self) -> int | None:
        return _whole(self.start[:4])


R = TypeVar("R", bound=Record)
N = TypeVar("N", bound=str)


def _real(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _whole(text: str) -> int | None:
    number = _real(text)
    return None if number is None else int(number)


def _records(kind: type[R], table: str) -> tuple[R, ...]:
    """Every row of a table as its kind, shipped and added."""
    return (*_shipped(kind, table), *(_typed(kind, row, True) for row in overlay.rows(table)))


@cache
def _shipped(kind: type[R], table: str) -> tuple[R, ...]:
    return tuple(_typed(kind, row, False) for row in read(table))


def _typed(kind: type[R], row: Row, added: bool) -> R:
    """Each cell read as the annotation of its field says."""
    values: dict[str, Any] = {name: reader(row[name]) for name, reader in _readers(kind)}
    return kind(cells=row, added=added, **values)


@cache
def _readers(kind: type[Record]) -> tuple[tuple[str, Callable[[str], str | float | None]], ...]:
    read_as: Mapping[str, Callable[[str], str | float | None]] = {
        "int | None": _whole, "float | None": _real, "str": str
    }  # fmt: skip
    return tuple((f.name, read_as[str(f.type)]) for f in fields(kind) if f.name not in ("cells", "added"))


def studies() -> tuple[Study, ...]:
    return _records(Study, "clinical/studies")


def outcomes() -> tuple[Outcome, ...]:
    return _records(Outcome, "clinical/outcomes")


def comparators() -> tuple[Comparator, ...]:
    return _records(Comparator, "clinical/comparators")


def registered() -> tuple[Registered, ...]:
    """Every registered trial that the tables hold."""
    return _records(Registered, "regulation/trial_pipeline")


def claims() -> tuple[Claim, ...]:
    return _records(Claim, "claims/claims")


def every_reference() -> Mapping[str, Mapping[str, str]]:
    """Shipped and added references, by citation key."""
    return {**bibliography(), **overlay.own_references()}


def study(study_id: str) -> Study | None:
    """The study of that name, or None (comparator trials and reviews are named by reference only)."""
    return next((found for found in studies() if found.study_id == study_id), None)


def searched_until() -> str:
    """The last day whose events the tables hold: `limen's search to this day` means no more than that."""
    return max(row["date"] for row in read("regulation/regulatory_events") if row["date_precision"] == "day")


def constructs() -> tuple[str, ...]:
    """Every construct that has rows, in the order of the table."""
    return tuple(dict.fromkeys(row.construct for row in outcomes()))


def participants_of(study_id: str) -> str:
    """The name of the set of people a report is about; reports that share people share the name.

    People are shared where `clinical/participant_overlap` says so, or where two studies have one registry number.
    """
    rows = (*read("clinical/participant_overlap"), *overlay.rows("clinical/participant_overlap"))
    said = {row["study_id"]: row["participants"] for row in rows}
    if study_id in said:
        return said[study_id]
    mine = study(study_id)
    number = _registered_as(mine) if mine else ""
    first = next((s.study_id for s in studies() if number and _registered_as(s) == number), study_id)
    return said.get(first, first)


def _registered_as(study: Study) -> str:
    """A registry number in one form: `nct 0520 0936` is NCT05200936."""
    return re.sub(r"[^A-Z0-9]", "", study.registry_id.upper())


_KIN = {
    "depression": ("depress", "mdd", "trd", "dysphor"),
    "mdd": ("major depress", "mdd"),
    "trd": ("treatment-resistant depression", "trd", "inadequate response"),
    "anxiety": ("anxi", "gad"),
    "gad": ("generalised anxiety", "gad"),
    "adhd": ("adhd", "attention deficit"),
    "ptsd": ("ptsd", "post-traumatic"),
    "healthy": ("healthy", "volunteers"),
}


def condition_of(population: str) -> str | None:
    """The first condition of `[base] populations` that a study's population names, `healthy` among them; else None."""
    named = choices()["base"]["populations"]
    return next((name for words, name in named.items() if re.search(words, population.lower())), None)


def about(text: str, indication: str) -> bool:
    """Whether a text speaks of a condition: `depression` meets `MDD` and `depressive`."""
    named = indication.lower()
    words = _KIN.get(named) or words_about(named) or (named,)
    return any(word in text.lower() for word in words)


def of_compound(text: str, compound: str) -> bool:
    """Whether a text names a compound: one with a record by what the record says, another by its name as a word."""
    if compound.lower() in {name.lower() for name in compounds.compound_names()}:
        return compounds.mentioned(text, compound)
    return f" {_plain(compound)} " in f" {_plain(text)} "


@dataclass(frozen=True)
class Filters:
    """Conditions on rows; None asks nothing. `year` is one year or a span such as 2022-2026."""

    compound: str | None = None
    dose_class: str | None = None
    indication: str | None = None
    design: str | None = None
    year: str | None = None
    verification: str | None = None
    topic: str | None = None
    verdict: str | None = None
    outcome: str | None = None


def refuse_unknown(what: str, values: Iterable[str | None], allowed: Iterable[str]) -> None:
    """Raises FactsError for a value that is none of those allowed, naming them."""
    allowed = tuple(dict.fromkeys(allowed))
    for value in values:
        if value is not None and value not in allowed:
            raise FactsError(f"no {what} {value!r}", remedy=f"use one of: {', '.join(sorted(allowed))}")


def one_of(what: str, value: str, allowed: Sequence[N]) -> N:
    """The allowed name that `value` is. Raises FactsError naming them all."""
    refuse_unknown(what, (value,), allowed)
    return next(name for name in allowed if name == value)


def select(records: Iterable[R], filters: Filters) -> tuple[R, ...]:
    """The records that meet every condition given.

    Outcomes are filtered by what their study says about compound, indication, design and year. Raises FactsError for a
    condition that the kind of record cannot have, and for a value that no record of the kind has.
    """
    low, high = span(filters.year)
    kept = every = tuple(records)
    for condition in fields(filters):
        value = getattr(filters, condition.name)
        if value is None:
            continue
        if condition.name == "year":
            kept = tuple(r for r in kept if low <= (getattr(_home(r), "year", None) or 0) <= high)
            continue
        met = {id(record) for record in every if _meets(record, condition.name, value)}
        if every and not met and condition.name != "outcome":
            raise FactsError(f"no {condition.name.replace('_', ' ')} {value!r} here",
                             remedy=f"use one of: {', '.join(_values(every, condition.name))}")  # fmt: skip
        kept = tuple(record for record in kept if id(record) in met)
    return kept


def _meets(record: Record, name: str, value: str) -> bool:
    home = _home(record)
    match name:
        case "compound":
            return of_compound(_words(home, "compound") + _words(record, "arm", "intervention"), value)
        case "indication":
            said = _words(home, "population", "condition", "indication", "primary_outcome")
            return len(value) > 2 and about(said + _words(record, "outcome"), value)
        case "design":
            return f" {_plain(value)} " in f" {_plain(_words(home, 'design', 'blinding'))} "
        case "outcome":
            named = _words(record, "outcome").strip().lower()
            return value.lower() in (getattr(record, "construct", ""), named)
        case _:
            return getattr(record, name, None) == value


def _values(records: Iterable[Record], name: str) -> list[str]:
    """What a condition may ask for: what the records say, in words."""
    if name == "compound":
        return list(compounds.compound_names())
    if name == "indication":
        return list(_KIN)
    if name == "design":
        said = Counter(word for r in records for word in {*_plain(_words(_home(r), "design")).split()})
        return [word for word, _ in said.most_common() if len(word) > 2][:15]
    return sorted({str(getattr(record, name, "")) for record in records} - {""})


def _home(record: Record) -> Record | None:
    return study(record.study_id) if isinstance(record, Outcome) else record


def _plain(text: str) -> str:
    return " ".join(re.findall(r"[^\W_]+", text.lower()))


def _words(record: object, *names: str) -> str:
    return " ".join(str(getattr(record, name, "") or "") for name in names) + " "


def span(year: str | None) -> tuple[int, int]:
    """`2025` or `2022-2026` as first and last year; all years where None. Raises FactsError for other text."""
    if year is None:
        return 0, 9999
    match = re.fullmatch(r"(\d{4})(?:-(\d{4}))?", year)
    remedy = "write 2025, or a span such as 2022-2026"
    if match is None:
        raise FactsError(f"{year!r} is not a year", remedy=remedy)
    low, high = int(match[1]), int(match[2] or match[1])
    if low > high:
        raise FactsError(f"{year!r} ends before it begins", remedy=f"write {high}-{low}")
    return low, high
