"""The blind of a trial from its table of guesses, as one result: indices by arm and time, and what guesses have to do with the
difference between arms."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, TypedDict, Unpack

import numpy as np
from jaxtyping import Float

from limen.analysis.blinding import Index, bang, correct_guess_rate, count_guesses, detection, james
from limen.analysis.guess_rate import (
    GRID,
    RULES,
    PseudoTrials,
    Strata,
    pseudo_trials,
    resampled,
    resampled_people,
)
from limen.analysis.guesses import TOGETHER, Guesses, GuessRoles, Read, read_guesses
from limen.analysis.roles import command_line, guess
from limen.analysis.sheet import Sheet, read_sheet, repeated, rows_where, without
from limen.errors import DataError, LimenError, Place
from limen.results import Result, aligned, p_cell

ASSUMPTIONS = (
    "the guess was made before the score and did not come from feeling better or worse: where it did, "
    "holding guesses alike takes away real effect",
    "nothing unmeasured (side effects, expectation, temperament) moves both the guess and the score",
    "a stratum's mean would be the same if more or fewer people stood in it",
    'people who said "do not know" are left out, and are like those who guessed',
)
INDICES = {
    "James": "James's index",
    "correct-guess rate": "correct-guess rate",
    "d'": "d'",
    "criterion": "criterion",
}
Cells = list[list[np.ndarray]]


class BlindingChoices(TypedDict, total=False):
    """How it is done. `rate` is the share of right guesses of a kept blind (0.5 only for 1:1), `rule` how people are spread over
    the strata (see `RULES`), `scale`, `keep` and `encoding` are as in `Fitting`, `count` the column of a table of counts, `pooled` one curve more over all times, `resamples` of the people, `trials` pseudo-trials of the published Monte Carlo (none if 0)."""

    visit_order: Sequence[str]
    scale: str | None
    keep: Sequence[str]
    encoding: str | None
    count: str | None
    pooled: bool
    level: float
    rate: float
    rule: str
    resamples: int
    trials: int
    seed: int


@dataclass(frozen=True)
class Line:
    """One number: a count or an index of an arm, of both (`arm` names the active one), or a difference of scores."""

    time: str
    arm: str
    quantity: str
    estimate: float
    ci_low: float | None = None
    ci_high: float | None = None
    se: float | None = None
    p: float | None = None
    n: int | None = None


@dataclass(frozen=True)
class Blinded(Result):
    """`table` holds every number, `curve` the difference over rates of right guesses, `replicated` the published Monte
    Carlo; `notes` say what was read and what was not."""

    table: tuple[Line, ...]
    curve: tuple[Line, ...]
    replicated: tuple[PseudoTrials, ...]
    arms: tuple[str, ...]
    times: tuple[str, ...]
    notes: tuple[str, ...]
    outcome: str | None
    level: float
    rate: float
    file: Path

    def rows(self) -> Sequence[Mapping[str, Any]]:
        return [asdict(line) for line in (*self.table, *self.curve)]

    def document(self) -> dict[str, Any]:
        return {
            "schema_version": 1, "file": str(self.file), "arms": list(self.arms), "times": list(self.times), "level": self.level,
            "rate": self.rate, "outcome": self.outcome, "table": [asdict(x) for x in self.table], "curve": [asdict(x) for x in self.curve],
            "replicated": [asdict(x) for x in self.replicated], "assumptions": list(ASSUMPTIONS) if self.outcome else [],
            "notes": list(self.notes), "sentence": self.sentence(),
        }  # fmt: skip

    def of(self, quantity: str, time: str | None = None, arm: str | None = None) -> list[Line]:
        """The lines of one quantity."""
        return [x for x in (*self.table, *self.curve) if x.quantity == quantity and (time is None or x.time == time) and (arm is None or x.arm == arm)]  # fmt: skip

    def lines(self) -> list[str]:
        interval = f"{100 * self.level:g}% interval"
        guessed = ("guessed active", "guessed placebo", "did not know")
        counts = [
            [time, arm, *(str(round(self.of(q, time, arm)[0].estimate)) for q in guessed), *_told(self.of("Bang", time, arm))]
            for time in self.times for arm in self.arms if self.of("Bang", time, arm)
        ]  # fmt: skip
        tests = [[time, f"{arm} and {self.arms[0]}", q, *_told(self.of(q, time, arm))]
                 for time in self.times for arm in self.arms[1:] for q in INDICES if self.of(q, time, arm)]  # fmt: skip
        out = [*self.notes, *([""] if self.notes else [])]
        out += ["what people guess, and Bang's index:"]
        out += aligned(["time", "arm", "active", "placebo", "unsure", "Bang", interval, "p"], counts, left=2)
        if tests:
            out += ["", *aligned(["time", "arms", "index", "estimate", interval, "p"], tests, left=3)]
        if self.outcome is not None and self.curve:
            out += ["", *self._difference(interval)]
        return [*out, "", self.sentence()]

    def _difference(self, interval: str) -> list[str]:
        """What guesses have to do with the difference, with what that rests on."""
        drawn = [line for line in self.table if line.quantity.startswith("difference")]
        rows = [[x.time, x.arm, x.quantity.removeprefix("difference, "), *_told([x])[:2]] for x in drawn]
        out = aligned(
            ["time", "arm", f"{self.outcome}: difference from {self.arms[0]}", "estimate", interval],
            rows,
            left=3,
        )
        out += [
            "",
            "these rest on assumptions that the data cannot show:",
            *(f"  - {one}" for one in ASSUMPTIONS),
        ]
        if self.replicated:
            head = [
                "time",
                "arm",
                "rate",
                "mean effect",
                "Monte Carlo error",
                "mean SE",
                "mean p",
                "Hedges g",
            ]
            trials = [
                [
                    f"{x.rate:g}",
                    f"{x.effect:.4f}",
                    f"{x.error:.4f}",
                    f"{x.mean_se:.4f}",
                    f"{x.mean_p:.4f}",
                    f"{x.hedges_g:.4f}",
                ]
                for x in self.replicated
            ]
            out += [
                "",
                f"{self.replicated[0].trials} pseudo-trials as published (mean SE and mean p are not those of the adjusted effect):",
            ]
            out += aligned(head, trials, left=2)
        return out

    def sentence(self) -> str:
        """What a paper says: the last time, every arm."""
        last, level = (
            next(x.time for x in reversed(self.table) if x.quantity == "Bang"),
            f"{100 * self.level:g}% interval",
        )
        here = [arm for arm in self.arms if self.of("Bang", last, arm)]
        each = []
        for arm in here:
            (count,), (index,) = self.of("guessed active", last, arm), self.of("Bang", last, arm)
            who = f"{round(count.estimate)} of {count.n} people on {arm} guessed that they had the drug"
            each.append(f"{who}, Bang's index {_between(index, level)}")
        said = [f"{f'At {last}: ' if len(self.times) > 1 else ''}{'; '.join(each)}."]
        for arm in here:
            named = [(words, self.of(q, last, arm)) for q, words in INDICES.items()]
            words = ", ".join(f"{q} {_between(line[0], level)}" for q, line in named if line)
            said += [f"For {arm} against {self.arms[0]}: {words}."] if words else []
            told = ("as seen", f"rate of right guesses {self.rate:g}", "guesses alike in both arms")
            at = TOGETHER if self.of("difference, as seen", TOGETHER, arm) else last
            seen, curve, alike = (self.of(f"difference, {q}", at, arm) for q in told)
            if seen:
                said.append(
                    f"The difference in {self.outcome}{' over all times' if at == TOGETHER else ''} among those who guessed was {_between(seen[0], level)}; carried over to a "
                    f"correct-guess rate of {self.rate:g} it is {_between(curve[0], level)}, and with guesses alike in both arms "
                    f"{_between(alike[0], level)}."
                )  # fmt: skip
        return " ".join(said)


def blinding(
    data: Path | str,
    *,
    roles: Mapping[str, str | Sequence[str]] | None = None,
    said: Mapping[str, Sequence[str]] | None = None,
    only: Sequence[str] = (),
    exclude: Sequence[str] = (),
    **how: Unpack[BlindingChoices],
) -> Blinded:
    """Was the blind kept, and what has it to do with the result? From a CSV of guesses, long or wide.

    `roles` names the columns `arm`, `guess` (several: one time each), `id`, `visit` and `outcome`, and the arm that is the
    `control`. Guesses are words ("drug", "placebo", "don't know"); `said` gives codes their meaning: `{"active": ["1"]}`.
    Raises DataErrors naming row and column for what cannot be read. With an `outcome` (a score or change of each person)
    the guess-rate curve is drawn: what the difference between arms would be if another share of guesses were right.

    >>> import limen, pathlib, tempfile
    >>> file = pathlib.Path(tempfile.mkdtemp(), "guesses.csv")
    >>> rows = ["drug,drug"] * 82 + ["drug,placebo"] * 25 + ["drug,don't know"] * 170
    >>> rows += ["placebo,drug"] * 27 + ["placebo,placebo"] * 29 + ["placebo,don't know"] * 83
    >>> _ = file.write_text("\\n".join(["arm,guess", *rows]))
    >>> found = limen.blinding(file, roles={"arm": "arm", "guess": "guess", "control": "placebo"})
    >>> [round(line.estimate, 4) for line in found.of("Bang")]
    [0.0144, 0.2058]
    """
    sheet = _people(rows_where(read_sheet(Path(data), how.get("encoding")), only), roles or {}, how)
    known = _roles(sheet, roles or {}, said or {}, how)
    sheet = without(sheet, exclude, known.id or known.arm, (known.outcome,) if known.outcome else ())
    level, rate = how.get("level", 0.95), how.get("rate", 0.5)
    if not (0 < level < 1 and 0 <= rate <= 1 and how.get("rule", RULES[0]) in RULES):
        raise LimenError(f"a level of {level:g}, a rate of {rate:g} or a rule that is not", remedy=f"shares, and one of {', '.join(RULES)}")  # fmt: skip
    try:
        read = read_guesses(sheet, known)
    except DataError as error:
        raise error if error.where.file else DataError(error.what, Place(file=data), error.remedy) from None
    table, curve, replicated, notes = list[Line](), list[Line](), list[PseudoTrials](), list(read.notes)
    every = _times(read, known, how)
    for time in every:
        table += [] if time.time == TOGETHER else _indices(read, time, level)
        for active in range(1, len(read.arms)) if known.outcome else ():
            cells, owners = _cells(time, active), _owners(time, active)
            try:
                parts, along, trials = _differences(cells, (time.time, read.arms[active]), how, owners)
            except LimenError as error:
                notes.append(
                    f"no difference by guesses for {read.arms[active]} at {time.time}: {error.what}; {error.remedy}"
                )
                continue
            table, curve, replicated = [*table, *parts], [*curve, *along], [*replicated, *trials]
    times = tuple(one.time for one in read.times)
    return Blinded(
        tuple(table), tuple(curve), tuple(replicated), read.arms, times, tuple(notes), known.outcome, level, rate, Path(data)
    )  # fmt: skip


def _people(sheet: Sheet, roles: Mapping[str, Any], how: BlindingChoices) -> Sheet:
    """A row for each person, also of a table of counts."""
    count = how.get("count")
    if count is None:
        return sheet
    if roles.get("id"):
        raise sheet.error("a row of counts has no one person", 1, remedy="leave out --id or --count")
    return repeated(sheet, count)


def _times(read: Read, known: GuessRoles, how: BlindingChoices) -> tuple[Guesses, ...]:
    """The times of a table, and all of them together where that was asked."""
    if not how.get("pooled"):
        return read.times
    if known.outcome is None or len(read.times) < 2 or known.id is None:
        raise DataError("nothing to pool", remedy="name the outcome, the person and the visits")
    return (*read.times, Guesses.together(read.times))


def _roles(
    sheet: Sheet, given: Mapping[str, Any], said: Mapping[str, Sequence[str]], how: BlindingChoices
) -> GuessRoles:
    missing = [name for name in ("arm", "control", "guess") if not given.get(name)]
    if missing:
        named = {name: given.get(name) or None for name in ("arm", "control", "guess")}
        one = {
            name: value if isinstance(value, str) or value is None else value[0]
            for name, value in named.items()
        }
        line = command_line(sheet.file, guess(sheet, one), command="blinding")
        raise DataError(
            f"which column is what: {', '.join(f'--{name}' for name in missing)} not given", Place(file=sheet.file),
            f"a guess to copy and correct:\n  {line}\n  columns: {', '.join(sheet.columns)}",
        )  # fmt: skip
    columns = (given["guess"],) if isinstance(given["guess"], str) else tuple(given["guess"])
    order, keep = tuple(how.get("visit_order", ())), tuple(how.get("keep", ()))
    return GuessRoles(
        **{**given, "guess": columns}, said=said, visit_order=order, scale=how.get("scale"), keep=keep
    )


def _indices(read: Read, time: Guesses, level: float) -> list[Line]:
    """Counts and Bang's index of each arm; the others of each active arm beside the control."""
    found = []
    for place, arm in enumerate(read.arms):
        here = time.arm == place
        counts = count_guesses(time.guess[here], np.full(here.sum(), float(place > 0)), time.asked[here])
        column = counts[:, 0 if place else 1]
        asked = int(column.sum())
        if asked == 0:
            continue
        found += [Line(time.time, arm, f"{q}", float(n), n=asked) for q, n in zip(("guessed active", "guessed placebo", "did not know"), column, strict=True)]  # fmt: skip
        found.append(_line(bang(counts, level), time.time, arm, "Bang", 0 if place else 1))
    for place, arm in enumerate(read.arms[1:], 1):
        here = (time.arm == place) | (time.arm == 0)
        counts = count_guesses(time.guess[here], (time.arm[here] == place).astype(float), time.asked[here])
        if not counts.sum(0).all():
            continue
        told = detection(counts, level)
        each = {"James": james(counts, level), "correct-guess rate": correct_guess_rate(counts, level), "d'": told.d_prime, "criterion": told.criterion}  # fmt: skip
        found += [_line(index, time.time, arm, quantity) for quantity, index in each.items()]
    return found


def _line(index: Index, time: str, arm: str, quantity: str, column: int | None = None) -> Line:
    e, low, high, se, p, n = (
        float(np.asarray(x)[... if column is None else column])
        for x in (index.estimate, index.ci_low, index.ci_high, index.se, index.p, index.n)
    )
    if low == high:  # everybody answered alike: the formula has no width there, which is not certainty
        return Line(time, arm, quantity, e, n=int(n))
    return Line(time, arm, quantity, e, low, high, se, p, int(n))


def _cells(time: Guesses, active: int) -> Cells:
    """Scores by arm (the active one, the control) and guess (active, placebo)."""
    there = time.asked & np.isfinite(time.outcome)
    return [
        [time.outcome[there & (time.arm == arm) & (time.guess == said)] for said in (1, 0)]
        for arm in (active, 0)
    ]


def _owners(time: Guesses, active: int) -> Cells | None:
    """Whose the scores of `_cells` are, where a person may have several."""
    if time.time != TOGETHER:
        return None
    return _cells(replace(time, outcome=np.where(np.isfinite(time.outcome), time.person, np.nan)), active)


def _differences(
    cells: Cells, of: tuple[str, str], how: BlindingChoices, owners: Cells | None = None
) -> tuple[list[Line], list[Line], list[PseudoTrials]]:
    """The difference as seen, at the rate of a kept blind, with guesses alike and in two parts; and along the curve. Intervals
    are percentiles over resamples of the people; where they guessed several times (`owners` of the scores) each with all of
    theirs, and no standard error is given."""
    rate, rule, level = how.get("rate", 0.5), how.get("rule", RULES[0]), how.get("level", 0.95)
    seed, strata = how.get("seed", 1), Strata.of(cells)
    rates = tuple(dict.fromkeys((rate, *GRID)))
    point = strata.parts(rates, rule)
    times = how.get("resamples", 2000)
    if owners is None:
        drawn = resampled(cells, times, seed)
    else:
        drawn = resampled_people(cells, [[x.astype(int) for x in row] for row in owners], times, seed)
    again = drawn.parts(rates, rule)
    n = int(strata.n.sum())

    def line(part: str, quantity: str, se: float | None = None) -> Line:
        low, high = _percentiles(again[part], level)
        return Line(*of, quantity, float(point[part]), low, high, se, n=n)

    told = {
        "as seen": ("as seen", strata.n), f"rate {rate:g}": (f"rate of right guesses {rate:g}", strata.shares(rate, rule)),
        "guesses alike": ("guesses alike in both arms", strata.alike()),
        "not through the guess": ("not through the guess (guesses of the control arm)", strata.as_control()),
        "through the guess": ("through the guess", None),
    }  # fmt: skip
    rate_seen = Line(*of, "correct-guess rate among those with a score", float(strata.rate), n=n)
    table = [rate_seen, *(line(part, f"difference, {words}", None if share is None or owners else float(strata.se(share))) for part, (words, share) in told.items())]  # fmt: skip
    curve = [line(f"rate {c:g}", f"at rate {c:g}") for c in GRID]
    trials = how.get("trials", 0)
    asked = (
        sorted({rate, round(float(strata.rate), 4), *np.round(np.linspace(0, 1, 13), 5).tolist()})
        if trials
        else []
    )
    return (
        table,
        curve,
        [replace(pseudo_trials(cells, c, trials, seed, rule), time=of[0], arm=of[1]) for c in asked],
    )


def _percentiles(values: Float[np.ndarray, " resamples"], level: float) -> tuple[float, float]:
    low, high = np.nanquantile(values, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)


def _told(lines: Sequence[Line]) -> list[str]:
    if not lines:
        return ["", "", ""]
    (line,) = lines
    if line.ci_low is None or math.isnan(line.estimate):
        return [f"{line.estimate:.3f}", "", ""]
    return [f"{line.estimate:.3f}", f"{line.ci_low:.3f} to {line.ci_high:.3f}", p_cell(line.p)]


def _between(line: Line, level: str) -> str:
    low, high = (math.nan if x is None else x for x in (line.ci_low, line.ci_high))
    if math.isnan(low):
        return f"{line.estimate:.2f} (no interval: everybody answered alike)"
    return f"{line.estimate:.2f} ({level} {low:.2f} to {high:.2f})"
