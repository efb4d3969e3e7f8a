"""`limen blinding`: a table of guesses in, indices of the blind and the guess-rate curve out."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

import typer

from limen.cli import output
from limen.cli.options import AsJson, Exclude, Force, Keep, Level, Only, VisitOrder, taking

NAME = "blinding"
ROLES = ("id", "visit", "arm", "control", "guess", "outcome")
MEANINGS = ("active", "placebo", "unknown", "right", "wrong")


@dataclass(frozen=True)
class Options:
    """What may be said to it."""

    data: Annotated[Path, typer.Argument(help="A CSV file of guesses, long or wide.", show_default=False)]
    arm: Annotated[str | None, typer.Option(help="Column that names the arm.")] = None
    control: Annotated[str | None, typer.Option(help="The arm others are compared with.")] = None
    guess: Annotated[
        list[str] | None, typer.Option(help="Column of the guess; of a wide table each (repeatable).")
    ] = None
    id: Annotated[str | None, typer.Option(help="Column that names the person.")] = None
    visit: Annotated[str | None, typer.Option(help="Column that names the visit of a long table.")] = None
    outcome: Annotated[
        str | None, typer.Option(help="Column of the score, or of its change: draws the guess-rate curve.")
    ] = None
    guess_active: Annotated[
        list[str] | None, typer.Option(help="A word or code that means the drug (repeatable).")
    ] = None
    guess_placebo: Annotated[
        list[str] | None, typer.Option(help="A word or code that means placebo (repeatable).")
    ] = None
    guess_unknown: Annotated[
        list[str] | None, typer.Option(help="A word or code that means do not know (repeatable).")
    ] = None
    guess_right: Annotated[
        list[str] | None, typer.Option(help="A word or code that means a right guess (repeatable).")
    ] = None
    guess_wrong: Annotated[
        list[str] | None, typer.Option(help="A word or code that means a wrong guess (repeatable).")
    ] = None
    only: Only = None
    exclude: Exclude = None
    keep: Keep = None
    scale: Annotated[
        str | None, typer.Option(help="Registered scale of the outcome, if its column is not named so.")
    ] = None
    encoding: Annotated[str | None, typer.Option(help="Of a text that is not in UTF-8: windows-1252.")] = None
    count: Annotated[
        str | None, typer.Option(help="Column of the number of people: a table of counts, not of people.")
    ] = None
    pooled: Annotated[
        bool,
        typer.Option(
            "--pooled",
            help="Indices and the guess-rate curve over all times too, by people and not by guesses.",
        ),
    ] = False
    visit_order: VisitOrder = None
    level: Level = 0.95
    rate: Annotated[
        float, typer.Option(help="Share of right guesses of a kept blind: 0.5 only for 1:1, known to people.")
    ] = 0.5
    rule: Annotated[
        Literal["all_prop", "all_equal", "active_prop", "active_equal"],
        typer.Option(help="How people stand in the four groups at another rate, as in the published code."),
    ] = "all_prop"
    resamples: Annotated[int, typer.Option(help="Resamples of the people, for intervals.", min=100)] = 2000
    replicate: Annotated[
        int, typer.Option(help="Pseudo-trials at each rate, as published (96 there); none if 0.", min=0)
    ] = 0
    seed: Annotated[int, typer.Option(help="Of resamples and pseudo-trials.")] = 1
    out: Annotated[Path | None, typer.Option(help="Folder for the figure and the JSON file.")] = None
    force: Force = False
    as_json: AsJson = False


# The parts of its help.
PANELS = (
    ("Columns", "arm control guess id visit outcome count"),
    ("What the guesses mean", "guess_active guess_placebo guess_unknown guess_right guess_wrong"),
    ("The table", "only exclude keep scale encoding visit_order"),
    ("The guess-rate curve", "pooled rate rule replicate"),
    ("Intervals", "level resamples seed"),
)


@taking(Options, PANELS)
def command(given: Options) -> None:
    """Was the blind kept? Bang's and James' indices, d' and criterion by arm and time, from people's guesses.

    A guess is a word (active, drug, placebo, don't know, the name of an arm) or a code that --guess-active,
    --guess-placebo or --guess-unknown explains (--guess-right, --guess-wrong where it says whether they were right); an empty cell is somebody who was not asked. A long table has one row
    per person and visit, a wide one a column of guesses for each time. What cannot be read is refused by row.

    With --outcome: the difference between arms as seen, if another share of guesses were right (the guess-rate
    curve), with guesses alike in both arms, and its two parts through the guess and not, with what they assume.

    Example: limen blinding trial.csv --id patient --visit week --arm group --control placebo --guess guess
    --outcome madrs_change --out results
    """
    from limen.analysis.blinded import blinding

    roles = {name: value for name in ROLES if (value := getattr(given, name))}
    said = {name: codes for name in MEANINGS if (codes := getattr(given, f"guess_{name}"))}
    found = blinding(
        given.data,
        roles=roles,
        said=said,
        only=given.only or (),
        exclude=given.exclude or (),
        visit_order=given.visit_order.split(",") if given.visit_order else (),
        keep=given.keep or (),
        scale=given.scale,
        encoding=given.encoding,
        count=given.count,
        pooled=given.pooled,
        level=given.level,
        rate=given.rate,
        rule=given.rule,
        resamples=given.resamples,
        trials=given.replicate,
        seed=given.seed,
    )
    if given.out is not None:
        from limen.door import save

        output.wrote(save(found, given.out, NAME, given.force))
    output.show(found, given.as_json)
