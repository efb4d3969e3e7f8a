"""The blind of a trial from its table of guesses, as one result: indices by arm and time, and what guesses have to do with the
difference between arms."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Unpack

from limen.analysis.guess_effects import BlindingChoices, by_guessing, cells_of, owners_of
from limen.analysis.guess_rate import RULES, PseudoTrials
from limen.analysis.guesses import TOGETHER, Guesses, GuessRoles, Read, read_guesses
from limen.analysis.index_lines import GUESSED, Line, indices
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
        times = (*self.times, *([TOGETHER] if self.of("Bang", TOGETHER) else []))
        counts = [
            [time, arm, *(str(round(self.of(q, time, arm)[0].estimate)) for q in GUESSED), *_told(self.of("Bang", time, arm))]
            for time in times for arm in self.arms if self.of("Bang", time, arm)
        ]  # fmt: skip
        tests = [[time, f"{arm} and {self.arms[0]}", q, *_told(self.of(q, time, arm))]
                 for time in times for arm in self.arms[1:] for q in INDICES if self.of(q, time, arm)]  # fmt: skip
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
            what = (
                "guesses of people on {arm} were that they had the drug"
                if last == TOGETHER
                else "people on {arm} guessed that they had the drug"
            )
            who = f"{round(count.estimate)} of {count.n} {what.format(arm=arm)}"
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
        table += indices(read, time, level)
        for active in range(1, len(read.arms)) if known.outcome else ():
            cells, owners = cells_of(time, active), owners_of(time, active)
            try:
                parts, along, trials = by_guessing(cells, (time.time, read.arms[active]), how, owners)
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
    if len(read.times) < 2 or (known.id is None and known.visit is not None):
        raise DataError("nothing to pool", remedy="name the person and the visits")
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
