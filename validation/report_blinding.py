"""What blinding adjustments are worth: the simulation, its table, its figures and the paper.

python -m validation.report_blinding          # simulate (goes on where it stood), then write everything
python -m validation.report_blinding --paper  # write paper and figures anew from the table that is there
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import polars as pl

import limen
from limen import __version__, files
from limen.design.adjusting import MEASURED_AS, SOURCES, SUPPOSED, WAYS, Worlds, adjusted
from limen.engine import kept, runs
from limen.figures import adjusting
from limen.figures.figure import Figure
from limen.figures.marks import distinct, of
from limen.parameters import load

HERE = Path(__file__).parent
NAME = "adjustments"
Row = dict[str, Any]
REFERENCE, PLAIN = tuple(WAYS)[:2]
NOTHING, WORKS = SUPPOSED


def study() -> Worlds:
    """What the paper is about."""
    doses = ("5 ug", "10 ug", "20 ug")
    return Worlds(
        limen.load("adhd_20ug"), doses, ("inert", "caffeine"), people=120, draws=100, each=2, seed=1
    )


def simulated(asked: Worlds) -> list[Row]:
    runs.cache_compiled_programs()
    with (
        kept.resumable(runs.cache() / "unfinished", print),
        runs.progress("doses and comparators", len(asked.plans)) as tick,
    ):
        return stamped(adjusted(asked, load(), tick))


def stamped(rows: Sequence[Row]) -> list[Row]:
    """Rows that say which limen and which parameters they are of."""
    return [{**row, "limen": __version__, "parameters": load().digest[:12]} for row in rows]


def paper(asked: Worlds, rows: Sequence[Row]) -> str:
    """The paper, of the table alone: nothing in it is counted that is not there."""
    return "\n".join([
        *opening(asked, rows[0]), *findings(asked, rows), *methods(asked), *tables(asked, rows), *limits(asked), ""
    ])  # fmt: skip


def opening(asked: Worlds, of_row: Row) -> list[str]:
    return [
        "# What blinding adjustments are worth", "",
        "Trials of psychedelics are unblinded, and many ways to take guesses off a difference are proposed. Here each is tried on simulated "
        "trials in which the drug's own effect is known, where guesses come from side effects, from improvement, or from both.", "",
        f"Written by `make report-blinding` with limen {of_row['limen']}, parameters `{of_row['parameters']}`, seed {asked.seed}. Every number is in "
        f"`validation/{NAME}.csv`. Statements are printed only beyond twice the Monte Carlo error.", "",
    ]  # fmt: skip


def findings(asked: Worlds, rows: Sequence[Row]) -> list[str]:
    """Over all worlds in a table; at the highest dose against inert placebo in words: what is beyond twice the Monte Carlo error,
    and what is not."""
    said = [
        "## Findings", "",
        f"Each way over all {len(asked.plans) * len(SOURCES) * len(SUPPOSED)} worlds (dose, comparator, source of guesses, drug), which share their people and so their luck:", "",
        *_over_all(rows), "",
        f"In words, {asked.doses[-1]} against inert placebo; bias is benefit that is not there.", "",
    ]  # fmt: skip
    for outcome in MEASURED_AS:
        for drug in SUPPOSED:
            for source in SOURCES:
                here = of(
                    rows,
                    dose=asked.doses[-1],
                    against=asked.against[0],
                    outcome=outcome,
                    guesses_from=source,
                    drug=drug,
                )
                said.append(
                    f"- **{outcome}, the drug {drug}, guesses from {source}.** " + " ".join(_one(here))
                )
    return [*said, "", *_comparator(asked, rows), ""]


def _over_all(rows: Sequence[Row]) -> list[str]:
    lines = [
        "| outcome | way | worlds with a bias beyond twice its error | largest bias | lowest coverage | fewest trials analysed |",
        "|---|---|---|---|---|---|",
    ]
    for outcome in MEASURED_AS:
        for way in WAYS:
            here = [r for r in of(rows, outcome=outcome, way=way) if r["bias"] is not None]
            if not here:
                continue
            most, least = max(here, key=lambda r: abs(r["bias"])), min(here, key=lambda r: r["coverage"])
            lines.append(
                f"| {outcome} | {way} | {sum(map(_beyond, here))} of {len(here)} | {_number(most, 'bias')} | "
                f"{100 * least['coverage']:.0f} ± {100 * least['coverage_se']:.0f}% | {100 * min(r['analysed'] for r in here):.0f}% |"
            )
    return lines


def _one(here: Sequence[Row]) -> Iterator[str]:
    plain = of(here, way=PLAIN)[0]
    there = _beyond(plain)
    yield f"{_capital(plain['way'])}: bias {_number(plain, 'bias')}" + (
        "." if there else ", not told from zero."
    )
    others = [r for r in here if r["way"] not in (PLAIN, REFERENCE) and r["bias"] is not None]
    alike = [r["bias"] * plain["bias"] > 0 for r in others]
    kinds = {
        "Bias left": [r for r, same in zip(others, alike, strict=True) if there and _beyond(r) and same],
        "Bias turned round": [
            r for r, same in zip(others, alike, strict=True) if there and _beyond(r) and not same
        ],
        "Bias where none was told": [r for r in others if not there and _beyond(r)],
        "Not told from zero": [r for r in others if not _beyond(r)],
    }
    for word, those in kinds.items():
        if those:
            yield f"{word}: {'; '.join(_said(r) for r in those)}."
    short = [r for r in (plain, *others) if r["coverage"] + 2 * r["coverage_se"] < 0.95]
    if short:
        told = (f"{r['way']} ({100 * r['coverage']:.0f}%)" for r in short)
        yield f"Coverage below 95%: {'; '.join(told)}."
    few = [r for r in others if r["analysed"] < 0.9]
    if few:
        told = (f"{r['way']} ({100 * r['analysed']:.0f}%)" for r in few)
        yield f"Only in so many trials was every group by arm and guess large enough: {'; '.join(told)}."


def _comparator(asked: Worlds, rows: Sequence[Row]) -> list[str]:
    """An active placebo takes part of the bias before there is anything to adjust."""
    said = [
        "**An active placebo in the place of an adjustment** (caffeine, unadjusted, guesses from both; bias against inert, against caffeine, their errors taken as independent):",
        "",
    ]
    for outcome in MEASURED_AS:
        for dose in asked.doses:
            inert, active = (
                of(
                    rows,
                    dose=dose,
                    against=against,
                    outcome=outcome,
                    guesses_from=tuple(SOURCES)[-1],
                    drug=NOTHING,
                    way=PLAIN,
                )[0]
                for against in asked.against
            )
            apart, error = (
                inert["bias"] - active["bias"],
                (inert["bias_se"] ** 2 + active["bias_se"] ** 2) ** 0.5,
            )
            told = "lower" if apart > 2 * error else "higher" if apart < -2 * error else "no difference told"
            told += ", and turned round" if _beyond(active) and active["bias"] < 0 else ""
            said.append(f"- {outcome}, {dose}: {_number(inert, 'bias')}, {_number(active, 'bias')}: {told}.")
    return said


def methods(asked: Worlds) -> list[str]:
    p = asked.protocol
    return [
        "## Methods", "", "**Aims.** Bias and coverage of each way to take guesses off a difference, against the drug's own effect.", "",
        f"**Data.** {p.name}: {p.compound} twice a week for six weeks, {asked.people} people in two equal arms, at {', '.join(asked.doses)} "
        f"against {' and '.join(asked.against)} placebo. {asked.draws} draws of all parameters, {asked.each} trials under each; every world has the "
        "same people and random numbers. People notice what they take or do not, believe, improve, guess and leave as in limen's model; a weekly score "
        f"is moved by belief, a rating on dosing days by the guess about the capsule. The drug {NOTHING}, or {WORKS}; on dosing days it then does what "
        "the parameters say. Guesses come from side effects (improvement moves no belief: `lambda_s` is zero), from improvement (what is noticed moves "
        "no belief: `learn` is zero), or from both. The guess about a capsule comes from what was noticed in every world.", "",
        "**Estimands.** The truth is the drug's own effect: the same people of the active arm with the drug and without it, nobody believing anything "
        "and nobody leaving, under the parameters of the trial. Some ways are aimed at something else, and are held against the same truth:", "",
        "| way | aimed at |", "|---|---|", *(f"| {way} | {aim} |" for way, aim in WAYS.items()), "",
        "**Ways.** Unadjusted: MMRM (unstructured, Kenward-Roger) of the weekly score, ANCOVA of the rating. With the last guess as covariate "
        "(1 drug, 0 placebo, 1/2 does not know; one slope for all visits in the MMRM). The guess-rate curve, guesses alike and mediation are those of "
        "`limen blinding`, of the change from baseline among those who guessed, with standard errors over "
        "resamples of the people; they need five people in every group by arm and guess. Predicted belief: what the walk says beforehand that belief "
        "adds at this dose against this comparator, from other people under other draws and guesses from both sources; its spread over draws widens the "
        "interval. The share of capsules guessed active as covariate is for ratings on dosing days only.", "",
        "**Performance.** Bias, coverage of the 95% interval, the SD of the error, and the share of trials that could be analysed. Errors are Monte "
        "Carlo standard errors over draws.", "",
    ]  # fmt: skip


def tables(asked: Worlds, rows: Sequence[Row]) -> list[str]:
    out = ["## Results", ""]
    for outcome in MEASURED_AS:
        slug = _slug(outcome)
        out += [f"![Bias by way, source of guesses and dose: {outcome}]({NAME}-{slug}.svg)", "",
                f"*{_capital(outcome)}, a drug that {NOTHING}, against inert placebo: bias with twice its Monte Carlo error.*", ""]  # fmt: skip
    for outcome in MEASURED_AS:
        for drug in SUPPOSED:
            for against in asked.against:
                here = of(rows, outcome=outcome, drug=drug, against=against, dose=asked.doses[-1])
                out += [
                    f"### {_capital(outcome)}, {asked.doses[-1]} against {against}, the drug {drug}",
                    "",
                    *_table(here),
                    "",
                ]
    return [*out, "The other doses are in the table.", ""]


def _table(here: Sequence[Row]) -> list[str]:
    sources = distinct(here, "guesses_from")
    right = [of(here, guesses_from=s)[0] for s in sources]
    head = [
        f"{s} ({100 * r['right_guesses']:.0f}% right): bias | coverage | SD"
        for s, r in zip(sources, right, strict=True)
    ]
    lines = [f"| way | {' | '.join(head)} |", "|---|" + "---|---|---|" * len(sources)]
    for way in distinct(here, "way"):
        cells = [_cells(of(here, way=way, guesses_from=s)[0]) for s in sources]
        lines.append(f"| {way} | {' | '.join(cells)} |")
    return lines


def _cells(row: Row) -> str:
    if row["bias"] is None:
        return "- | - | -"
    star = "" if row["analysed"] > 0.99 else f" of {100 * row['analysed']:.0f}%"
    return f"{_number(row, 'bias')}{star} | {100 * row['coverage']:.1f} ± {100 * row['coverage_se']:.1f}% | {row['error']:.2f}"


def limits(asked: Worlds) -> list[str]:
    return [
        "## Limits", "",
        "- These are worlds of one model. In it belief moves scores and a guess only tells of belief; where a guess itself, or something that "
        "nobody measured, moved scores, the ways would do otherwise.",
        "- The predicted belief is subtracted by the model that made the data, with its numbers known up to their uncertainty: its bias here is the "
        "least it can have. Where guesses come from one source alone it predicts from both, and is wrong by as much as that matters.",
        "- Ways that need people in every group by arm and guess are judged in the trials that have them, which are those with the least unblinding.",
        "- MMRM estimates what would be had nobody left; stopping the drug and rescue medication stay in its scores. What they take from a drug that works is "
        "in the row of belief switched off.",
        "- A bias is told beyond twice its error, one in twenty of which is luck; all ways share the luck of the same trials, which the row of belief "
        "switched off shows. A bias that is not told from zero is not shown to be none.",
        "- Caffeine has no effect on scores of its own here, and how well it hides the drug is an assumption.",
        "- Only one protocol, one size and one sign of belief's effect; the drug of the weekly score is worth 0.4 SD at the reference dose, less below it.", "",
    ]  # fmt: skip


def _number(row: Row, name: str) -> str:
    return f"{row[name]:+.2f} ± {row[f'{name}_se']:.2f}"


def _said(row: Row) -> str:
    return f"{row['way']} {_number(row, 'bias')}"


def _beyond(row: Row) -> bool:
    return abs(row["bias"]) > 2 * row["bias_se"]


def _capital(words: str) -> str:
    return words[0].upper() + words[1:]


def _slug(outcome: str) -> str:
    return outcome.replace(" ", "-")


def figure(asked: Worlds, rows: Sequence[Row], outcome: str) -> Figure:
    """Bias of a drug that does nothing against inert placebo."""
    table = of(rows, outcome=outcome, drug=NOTHING, against=asked.against[0])
    told = "Bias of each way with twice its Monte Carlo error."
    return Figure(
        f"{NAME}-{_slug(outcome)}", _capital(outcome), told, "simulated", list(table), adjusting.chart
    )


def write(asked: Worlds, rows: Sequence[Row], folder: Path = HERE) -> None:
    """The table, the paper and its figures, together or not at all."""
    with files.together(folder) as out:
        out.table(f"{NAME}.csv", pl.DataFrame(rows, infer_schema_length=None))
        out.text(f"{NAME}.md", paper(asked, rows))
        for outcome in MEASURED_AS:
            out.text(f"{NAME}-{_slug(outcome)}.svg", figure(asked, rows, outcome).svg())


def stored(folder: Path = HERE) -> list[Row]:
    """The rows of the table that is there."""
    return pl.read_csv(folder / f"{NAME}.csv", infer_schema_length=None).to_dicts()


def main() -> None:
    asked = study()
    write(asked, stored() if "--paper" in sys.argv else simulated(asked))


if __name__ == "__main__":
    main()
