"""The words of the page: shares as counts of 100, and one sentence for every stop of the dial."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from limen.design.dial import DoseStop
from limen.design.judge import Measured
from limen.dossier import cause, noun, words
from limen.protocol import Arm

RATED = "rating of the dosing day"
# The counts of one stop, as the columns of a table.
COUNTS = {
    "notices, drug": "notice: drug", "notices, comparator": "other arm", "guesses right": "guess right",
    "works, day": "works: day", "works, scale": "scale",
}  # fmt: skip
TABLE = (
    "Of 100 people on a dosing day, and of 100 trials of a drug that does nothing that would say it works "
    "(Monte Carlo standard error):"
)


@dataclass(frozen=True)
class Asked:
    """What one sentence is about."""

    dose: str
    form: str
    comparator: str
    people: int
    scale: str | None


def comparator(arm: Arm) -> str:
    """What the drug is compared with, in a word."""
    return arm.agent or "placebo"


def of_100(measured: Measured) -> str:
    """A share as a count of 100: "17", or "about 17" where twice its Monte Carlo error reaches another whole number."""
    value, error, trials = measured
    if not math.isfinite(value):
        return "an unknown number"
    count, low, high = (_whole(100 * v) for v in (value, value - 2 * error, value + 2 * error))
    if count == 0:
        # Of what happened in none of n trials the chance is below 3/n, at 95%.
        most = max(100 * (value + 2 * error), 0.0 if value else 300 / trials)
        return f"fewer than {max(1, math.ceil(most))}"
    return f"{count}" if low == high == count else f"about {count}"


def dots(measured: Measured) -> int | None:
    """How many of 100 dots are filled; None where nothing is known."""
    return _whole(100 * measured[0]) if math.isfinite(measured[0]) else None


def error_of_100(measured: Measured) -> str:
    """The Monte Carlo standard error of a count of 100, and in how many trials it was counted."""
    _, error, trials = measured
    text = f"{100 * error:.1f}" if 100 * error >= 0.05 else "below 0.1"
    return f"Monte Carlo standard error {text}; {words.number(trials, 0)} simulated trials"


def count_and_error(measured: Measured) -> str:
    """A share as a count of 100 with its Monte Carlo standard error, for a table."""
    value, error, _ = measured
    return f"{100 * value:.0f} ({100 * error:.1f})" if math.isfinite(value) else ""


def noticed(found: Mapping[str, Measured], asked: Asked) -> str:
    """Who notices something, by what they were given."""
    drug, other = (of_100(found[f"notices, {arm}"]) for arm in ("drug", "comparator"))
    return (
        f"On {asked.dose} of {asked.form}, {drug} of 100 people notice something on a dosing day; on "
        f"{asked.comparator}, {other} of 100."
    )


def guessed(found: Mapping[str, Measured], asked: Asked) -> str:
    """Who guesses right in the end."""
    return (
        f"At the end of dosing {of_100(found['guesses right'])} of 100 guess right which of the two they were given; "
        f"{of_100(found['does not know'])} say they do not know."
    )


def reported(found: Mapping[str, Measured], asked: Asked) -> str:
    """How often trials of a drug that does nothing say that it works. A cause is named only beyond its error."""
    text = (
        f"The {RATED} would say that a drug that does nothing works in {of_100(found['works, day'])} of 100 such trials of "
        f"{asked.people} people. {cause.alive(adds(found, 'day'))}"
    )
    if asked.scale is None:
        return text
    return f"{text} The {asked.scale} would say so in {of_100(found['works, scale'])}."


def adds(found: Mapping[str, Measured], outcome: str) -> noun.Paired | None:
    """What belief adds to how often an outcome says that a dead drug works, on the same trials; None where not known."""
    value, error, trials = found[f"belief adds, {outcome}"]
    return noun.Paired(value=value, monte_carlo_se=error, of=trials) if math.isfinite(value) else None


def by_belief(found: Mapping[str, Measured], outcome: str) -> str:
    """What is left with belief switched off, and whether it can be told from what there is with it."""
    added = adds(found, outcome)
    if added is None:
        return ""
    return f"With belief switched off: {of_100(found[f'works without belief, {outcome}'])} of 100. {cause.told_apart(added)}"


def outside(stop: DoseStop, warnings: tuple[str, ...], domain: str) -> str:
    """What weakens the numbers of a dose, or takes them away; nothing for a measured one."""
    if stop.beyond is not None:
        return words.sentence(f"{stop.label} is outside: {stop.beyond}")
    if stop.measured:
        return ""
    told = " ".join(words.sentence(warning) for warning in warnings)
    return (
        f"{stop.label} is outside the measured range, so these numbers are an extrapolation. {told or domain}"
    )


def told(chance: float) -> str:
    """What people are told, in words."""
    return f"{round(100 * chance)} of 100 get the drug"


def analysed(method: str, own: str) -> str:
    """By what the scale is analysed, and why where that is not the protocol's own method."""
    if method == own:
        return f"The scale is analysed by {method}, as the protocol says."
    return (
        f"The scale is analysed by {method}: {own}, which the protocol names, is fitted one trial at a time."
    )


def imagined(compound: str) -> str:
    """What is asked before the first turn."""
    return (
        f"Imagine 100 trials of a drug that does nothing, each run exactly as this one is written, with people who feel on "
        f"it what they feel on {compound}. In how many would the {RATED} say that the drug works?"
    )


def _whole(value: float) -> int:
    """The nearest whole number, a half upwards: 2.5 of 100 are 3."""
    return max(0, math.floor(value + 0.5))
