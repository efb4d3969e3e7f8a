"""Numbers as a reader meets them: with units, intervals, proper minus signs, and no more digits than they deserve."""

from __future__ import annotations

import math
from collections.abc import Iterable

from limen.dossier.noun import Interval, Share

MINUS = "\N{MINUS SIGN}"
LAYER_WORDS = {
    "parameter": "what is not known about the parameters",
    "trial": "how trials differ",
    "person": "how people differ",
    "sampling": "the luck of one trial",
}
STATUS_WORDS = {
    "measured": "measured in humans",
    "translated": "translated from animals",
    "assumption": "assumption",
}
FRACTIONS = ("", "1", "fraction", "probability", "share")


def places(*values: float) -> int:
    """Decimals that suit the largest of the values: about two significant digits of it, three at most below one."""
    largest = max((abs(v) for v in values if math.isfinite(v)), default=0.0)
    if largest == 0:
        return 1
    if largest >= 10:
        return 1 if largest < 30 else 0
    return 2 if largest < 3 and largest >= 1 else min(4, max(0, 1 - math.floor(math.log10(largest))))


def number(value: float | None, digits: int | None = None) -> str:
    """The value with a true minus sign and thin thousands; a dash where there is none."""
    if value is None or not math.isfinite(value):
        return "not known"
    digits = places(value) if digits is None else digits
    text = f"{abs(value):,.{digits}f}".replace(",", "\N{NARROW NO-BREAK SPACE}")
    return (MINUS if value < 0 and any(c in "123456789" for c in text) else "") + text


def compact(value: float) -> str:
    """A parameter's value in at most three significant digits, never in bare scientific notation."""
    if value and not 1e-4 <= abs(value) < 1e6:
        mantissa, exponent = f"{value:.1e}".split("e")
        return f"{mantissa}\N{MULTIPLICATION SIGN}10^{int(exponent)}".replace("-", MINUS)
    return f"{value:.3g}".replace("-", MINUS) if abs(value) < 1000 else number(value, 0)


def percent(share: float) -> str:
    """A proportion as a percentage; one decimal below 10% and above 90%, where it matters."""
    value = 100 * share
    if not math.isfinite(value):
        return number(value)
    if 0 < value < 0.1:
        return "under 0.1%"
    digits = 1 if 0 < value < 10 or 90 < value < 100 else 0
    return f"{number(value, digits)}%"


def signed_percent(share: float) -> str:
    """A change of a proportion in percentage points, with its sign."""
    value = 100 * share
    text = number(abs(value), 1)
    sign = "" if text == number(0.0, 1) else MINUS if value < 0 else "+"
    return f"{sign}{text} percentage points"


NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


def counted(count: int) -> str:
    """A small number in words: "no", "one", "two"; larger ones in digits."""
    return NUMBERS[count] if count < len(NUMBERS) else number(count, 0)


def of_100(share: float) -> str:
    """A proportion as so many of a hundred, in the digits of `percent`."""
    return percent(share).removesuffix("%")


def per_100(error: float) -> str:
    """The error of a simulated proportion, of a hundred."""
    return f"{number(100 * error, 1)} of 100"


def span_of_100(interval: Interval) -> str:
    """The interval of a proportion, of a hundred."""
    return f"{of_100(interval.low)} to {of_100(interval.high)}"


def against(parts: Iterable[str]) -> str:
    """ "41 against 40"; what stands alone as it is."""
    return " against ".join(parts)


def better(interval: Interval) -> str:
    """A benefit as a reader meets it: "0.6 points worse", "no change"."""
    return _side(interval.value, digits_of(interval), unit_of(interval))


def better_span(interval: Interval) -> str:
    """Its interval: "3.7 worse to 2.2 better", "0.5 to 5.0 better"."""
    digits = digits_of(interval)
    if interval.low * interval.high > 0:
        ends = sorted((abs(interval.low), abs(interval.high)))
        return f"{number(ends[0], digits)} to {_side(math.copysign(ends[1], interval.high), digits)}"
    return f"{_side(interval.low, digits)} to {_side(interval.high, digits)}"


def _side(value: float, digits: int, unit: str = "") -> str:
    size = number(abs(value), digits)
    if size == number(0.0, digits):
        return "no change"
    return f"{size}{unit} {'better' if value > 0 else 'worse'}"


def about(people: float | None) -> str:
    """A number of people in two digits: "about 1 700", or that no number would do."""
    if people is None or people > 1e9:
        return "no feasible number of"
    if people < 10:
        return "fewer than 10"
    size = 10 ** (math.floor(math.log10(people)) - 1)
    return f"about {number(round(people / size) * size, 0)}"


def digits_of(interval: Interval) -> int:
    """Decimals for all parts of an interval: points of a scale get one, unless they are tiny."""
    digits = places(interval.low, interval.high, interval.value)
    return (
        min(digits, 1) if interval.unit == "points" and digits == 2 and _largest(interval) >= 0.25 else digits
    )


def _largest(interval: Interval) -> float:
    return max(abs(interval.low), abs(interval.high), abs(interval.value))


def unit_of(interval: Interval) -> str:
    return "" if interval.unit in FRACTIONS else "%" if interval.unit == "%" else f" {interval.unit}"


def span(interval: Interval, share: bool = False) -> str:
    """The interval alone: "-1.1 to 1.8"."""
    if share:
        return f"{percent(interval.low)} to {percent(interval.high)}"
    digits = digits_of(interval)
    sign = "%" if interval.unit == "%" else ""
    return f"{number(interval.low, digits)} to {number(interval.high, digits)}{sign}"


def value(interval: Interval, share: bool = False) -> str:
    """The value alone with its unit: "0.3 points"."""
    if share:
        return percent(interval.value)
    return number(interval.value, digits_of(interval)) + unit_of(interval)


def full(interval: Interval, share: bool = False) -> str:
    """Value, unit and interval: "0.3 points, 90% interval -1.1 to 1.8"."""
    error = interval.monte_carlo_se
    beside = "" if error is None else f" (Monte Carlo error of the mean {error:.2g})"
    return f"{value(interval, share)}, {interval.level:.0%} interval {span(interval, share)}{beside}"


def brief(interval: Interval, share: bool = False) -> str:
    """For a table's cell: "0.3 (-1.1 to 1.8)"."""
    digits = digits_of(interval)
    head = (
        percent(interval.value)
        if share
        else number(interval.value, digits) + ("%" if interval.unit == "%" else "")
    )
    return f"{head} ({span(interval, share)})"


def simulated(share: Share) -> str:
    """A share with what its simulation leaves uncertain: "6.2% (Monte Carlo error 0.5%, 2 000 simulated)"."""
    return f"Monte Carlo standard error {percent(share.monte_carlo_se)}, {number(share.of, 0)} simulated"


def listed(items: Iterable[str]) -> str:
    """ "a", "a and b", "a, b and c"."""
    words = list(items)
    return words[0] if len(words) == 1 else ", ".join(words[:-1]) + " and " + words[-1] if words else ""


def layers(names: Iterable[str]) -> str:
    return listed(LAYER_WORDS[n] for n in names)


def stop(text: str) -> str:
    """The text with a full stop, for what must keep its first letter."""
    text = text.strip()
    return text + ("" if text.endswith((".", "?", "!")) else ".") if text else ""


def sentence(text: str) -> str:
    """The text with a capital first letter and a full stop; limen's name stays as it is."""
    text = stop(text)
    if text.startswith("limen"):
        return text
    return text[:1].upper() + text[1:]
