"""What a user's own rows cannot mean: the wrong spread, impossible people, another scale's direction, a trial twice.

The schema says whether a cell can be read; this says whether it can be true. Limits stand in `choices.toml`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence

from limen.errors import FactsError, Place
from limen.evidence import families
from limen.evidence.choices import choices
from limen.evidence.effects import sd_from_interval, se_from_interval
from limen.evidence.references import References, doi
from limen.facts import schema
from limen.facts.read import Row, read
from limen.units import number_of

Complaint = tuple[str, str, str]  # column, what is wrong, what would be right
LOWER = {"worse": "lower_better", "better": "higher_better"}


def complaints(row: Row, where: Place, studies: Sequence[Row], references: References) -> list[FactsError]:
    """Everything that cannot be true of one own row. `studies` and `references` are all those known, own ones too."""
    checks: dict[str, tuple[Callable[..., Iterator[Complaint]], ...]] = {
        "clinical/studies": (_people, _told_before),
        "clinical/outcomes": (_direction, _compared, _score, _sizes, _spread),
    }
    return [
        FactsError(what, Place(where.file, where.line, where.field, where.row, column), remedy)
        for check in checks.get(row.table, ())
        for column, what, remedy in check(row, studies, references)
    ]


def _people(row: Row, studies: Sequence[Row], references: References) -> Iterator[Complaint]:
    randomised, analysed = row.number("n_randomised"), row.number("n_analysed")
    for column in ("n_planned", "n_randomised", "n_analysed"):
        n = row.number(column)
        if n is not None and n < 1:
            yield column, f"{number_of(n, 'person', 'people')}", "leave the cell empty where nobody has said"
    if randomised is not None and analysed is not None and analysed > randomised:
        what = f"{analysed:g} analysed of {randomised:g} randomised"
        yield "n_analysed", what, "more cannot be analysed than were randomised; are the cells swapped?"
    awaited = [word for word in choices()["planned"]["words"] if word in row["status"].lower()]
    if awaited and randomised is not None:
        what = f"{randomised:g} randomised in a trial that is {row['status']!r}"
        yield "n_randomised", what, "a target belongs in n_planned; n_randomised counts people"


def _told_before(row: Row, studies: Sequence[Row], references: References) -> Iterator[Complaint]:
    """The same report under another key. A second report of one registered trial is no fault: people are shared."""
    own = doi(row["doi"])
    twin = next(
        (s for s in studies if own and doi(s["doi"]) == own and s["study_id"] != row["study_id"]), None
    )
    if twin is not None:
        name = twin["study_id"]
        yield "doi", f"{name} has this DOI: the same report", f"add outcomes to {name}"
    for key, entry in references.items():
        if own and twin is None and doi(entry.get("doi", "")) == own and key not in row.sources:
            yield "doi", f"{key} has this DOI in references.bib", f"name {key} as the source"


def _direction(row: Row, studies: Sequence[Row], references: References) -> Iterator[Complaint]:
    scale = families.scale_of(row["outcome"])
    right = LOWER.get(scale["higher_is"]) if scale else None
    if right is None and not row["direction"] and row["mean"] and families.kind_of(row["outcome"]) == "score":
        yield "direction", f"nothing says which way {row['outcome']} runs", "lower_better or higher_better"
    if scale is not None and right is not None and row["direction"] not in ("", right):
        what = f"{row['direction']}, but a higher {scale['scale_id']} is {scale['higher_is']}"
        yield "direction", what, f"write {right}, or leave it empty"


def _compared(row: Row, studies: Sequence[Row], references: References) -> Iterator[Complaint]:
    """A row that names a comparator is a contrast, and an arm's own mean in it would be read by nobody."""
    if row["comparator"] and not row["effect"] and (row["mean"] or row["change_mean"]):
        what = f"a comparator, and no effect beside the arm's own {'mean' if row['mean'] else 'change'}"
        yield "comparator", what, "leave it empty for the result of one arm, or give effect and effect_type"


def _score(row: Row, studies: Sequence[Row], references: References) -> Iterator[Complaint]:
    scale, mean, n = families.scale_of(row["outcome"]), row.number("mean"), row.number("n")
    kind, share = families.kind_of(row["outcome"]), "%" in row["unit"]
    if mean is None:
        return
    if scale is not None and kind == "score" and row["unit"] in ("points", ""):
        low, high = scale.number("min"), scale.number("max")
        if low is not None and high is not None and not low <= mean <= high:
            what = f"{mean:g} is outside {scale['scale_id']} ({low:g} to {high:g})"
            yield "mean", what, "check scale and unit"
    if share and not 0 <= mean <= 100:
        yield "mean", f"{mean:g}% of the people", "a share lies between 0 and 100"
    if kind != "score" and schema.counted(row["unit"], "people") and n is not None and mean > n:
        yield "mean", f"{mean:g} of {number_of(n, 'person', 'people')}", "more people with it than there are"


def _sizes(row: Row, studies: Sequence[Row], references: References) -> Iterator[Complaint]:
    n = row.number("n")
    study = next((s for s in studies if s["study_id"] == row["study_id"]), None)
    if n is not None and n < 1:
        yield "n", f"{number_of(n, 'person', 'people')}", "leave the cell empty where nobody has said"
    randomised = None if study is None else study.number("n_randomised")
    pooled = "pooled" in row["timepoint_unit"]  # a mixed model counts records
    if n is not None and randomised is not None and n > randomised and not pooled:
        yield (
            "n",
            f"{number_of(n, 'person', 'people')} in a trial of {randomised:g}",
            f"see n_randomised of {row['study_id']}",
        )


def _spread(row: Row, studies: Sequence[Row], references: References) -> Iterator[Complaint]:
    """A standard error in a cell for a standard deviation is √n too small."""
    n, level = row.number("n"), row.number("ci_level") or 0.95
    low, high, sd = (row.number(c) for c in ("change_ci_low", "change_ci_high", "change_sd"))
    close = choices()["spread"]["close"]
    if low is not None and high is not None and sd is not None and n:
        implied = sd_from_interval(low, high, n, level)
        if abs(math.log(implied / sd)) > close:
            what = f"{sd:g}, where the interval of {number_of(n, 'person', 'people')} implies {implied:.3g}"
            remedy = _ERROR if abs(math.log(implied / (sd * math.sqrt(n)))) < close else "check both"
            yield "change_sd", what, remedy
    usual = _usual(row)
    for column in ("sd", "change_sd"):
        value = row.number(column)
        if value is None or not n or n < choices()["spread"]["fewest"] or usual is None:
            continue
        if value < choices()["spread"]["small"] * usual and value * math.sqrt(n) > close * usual:
            what = f"{value:g}, where this scale's smallest known spread is {usual:g}"
            yield column, f"{what}: a standard error?", _ERROR
    se = row.number("effect_se")
    low, high = row.number("ci_low"), row.number("ci_high")
    if se is not None and low is not None and high is not None:
        implied = se_from_interval(low, high, level)
        if implied <= 0 or abs(math.log(implied / se)) > choices()["spread"]["interval"]:
            what = f"{se:g}, where the interval implies {implied:.3g}"
            yield "effect_se", what, "is it an SD, or another interval?"


_ERROR = "write the standard deviation (standard error times the root of n)"


def _usual(row: Row) -> float | None:
    """The smallest SD that the tables hold for the scale of a row, in points; None where they hold none."""
    scale = families.scale_of(row["outcome"])
    if scale is None or row["unit"] not in ("points", ""):
        return None
    rows = read("outcomes/baseline_distributions").where(scale_id=scale["scale_id"])
    return min((sd for sd in (r.number("sd") for r in rows) if sd), default=None)
