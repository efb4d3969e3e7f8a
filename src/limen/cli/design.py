from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

NAME = "design"


def command(
    protocol: Annotated[Path, typer.Argument(help="A protocol file (YAML), or the name of an example.")],
    vary: Annotated[
        list[str],
        typer.Option(help="dose, interval (days), n (people in both arms), against, told, adherence or method: "
                          "NAME=first:last:step or NAME=one,another. Give it again for another."),
    ],
    goal: Annotated[
        list[str] | None,
        typer.Option(help="What a design must reach: power=0.8, false=0.06, bias=0.5, ... or settle."),
    ] = None,
    trials: Annotated[int, typer.Option(min=50, max=20000, help="Simulated trials of every design.")] = 500,
    seed: Annotated[
        int, typer.Option(min=0, max=2**32 - 1, help="Same seed, same machine: the same bits.")
    ] = 1,
    out: Annotated[Path, typer.Option(help="Folder for the files.")] = Path("limen-out"),
    workers: Annotated[
        int, typer.Option(min=1, max=64, help="Threads; the result does not depend on them.")
    ] = 2,
    force: Annotated[bool, typer.Option("--force", help="Replace files of this name that are there.")] = False,
    json: Annotated[bool, typer.Option("--json", help="Print everything as JSON.")] = False,
) -> None:  # fmt: skip
    """Judge many designs of one protocol by what their trials would show: power over what is believed of the drug, how often a
    drug that does nothing would be said to work (with belief and without), bias, coverage, guesses, exits, and how often the
    question is settled.

    Every design meets the same trials of the same people. With --goal, the smallest that reaches every goal is named, with
    those of which the simulation cannot tell. Ended in the middle, the same command goes on where it stood.

    Example: limen design adhd_20ug --vary dose=5:20:5 --vary n=40:200:40 --goal power=0.8
    """
    import shlex

    from limen import door, files
    from limen.cli import output

    question = door.load(protocol)
    files.ready(out)
    from limen.design.vary import axis, cells

    if not force:
        files.vacant(out / f"{protocol.stem}-designs.json")
    axes = tuple(axis(text, question) for text in vary)
    told = [
        word
        for name, given in (("--vary", vary), ("--goal", goal or []))
        for one in given
        for word in (name, one)
    ]
    shown = shlex.join(
        ["limen", "design", str(protocol), *told, "--trials", str(trials), "--seed", str(seed)]
    )
    with output.long_run("simulating designs", len(cells(question, axes)), not json) as tick:
        found = door.design(
            question, vary, goal or (), trials, seed, workers=workers, tick=tick, command=shown
        )
    written = found.save(out, protocol.stem, force)
    output.show(found, json)
    output.wrote(written)
