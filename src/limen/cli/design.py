from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from limen.cli.options import Prior, ProtocolFile, Seed, Workers, taking

NAME = "design"


@dataclass(frozen=True)
class Wanted:
    """What may be said to it."""

    protocol: ProtocolFile
    vary: Annotated[
        list[str],
        typer.Option(
            help="dose, interval (days), n (people in the arms that are compared), against, told, adherence, method, looks, "
            "spending or futility: NAME=first:last:step or NAME=one,another; n=first:last looks for the smallest by halving. "
            "Give it again for another."
        ),
    ]
    goal: Annotated[
        list[str] | None,
        typer.Option(help="What a design must reach: power=0.8, false=0.06, bias=0.5, ... or settle."),
    ] = None
    cost: Annotated[
        str | None, typer.Option(help="What a trial costs, in any currency: person=500,visit=80.")
    ] = None
    trials: Annotated[int, typer.Option(min=50, max=20000, help="Simulated trials of every design.")] = 500
    seed: Seed = 1
    out: Annotated[Path, typer.Option(help="Folder for the files.")] = Path("limen-out")
    workers: Workers = 2
    cluster: Annotated[
        str | None,
        typer.Option(
            help="Address of a Dask scheduler (tcp://HOST:8786): its workers compute the designs, each written as it comes to NAME-cells. "
            "The numbers are those of one machine."
        ),
    ] = None
    prior: Prior = False
    force: Annotated[bool, typer.Option("--force", help="Replace files of this name that are there.")] = False
    json: Annotated[bool, typer.Option("--json", help="Print everything as JSON.")] = False


@taking(Wanted)
def command(given: Wanted) -> None:
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
    from limen.parameters import priors

    question = door.load(given.protocol)
    files.ready(given.out)
    from limen.design.designs import Cost
    from limen.design.vary import axis, combinations

    cost = None if given.cost is None else Cost.stated(given.cost)

    if not given.force:
        files.vacant(given.out / f"{given.protocol.stem}-designs.json")
    goals = tuple(given.goal or ())
    runs = len(combinations(question, tuple(axis(text, question) for text in given.vary)))
    asked = [("--vary", one) for one in given.vary] + [("--goal", one) for one in goals]
    asked += [] if given.cost is None else [("--cost", given.cost)]
    asked += [("--trials", str(given.trials)), ("--seed", str(given.seed))]
    said = [*(word for pair in asked for word in pair), *["--prior"] * given.prior]
    shown = shlex.join(["limen", "design", str(given.protocol), *said])
    elsewhere = None
    if given.cluster is not None:
        from limen.design.cluster import Cluster

        elsewhere = Cluster(given.cluster, given.out / f"{given.protocol.stem}-cells")
    with priors(given.prior), output.long_run("simulating designs", runs, not given.json) as tick:
        found = door.design(
            question, given.vary, goals, given.trials, given.seed,
            workers=elsewhere or given.workers, tick=tick, command=shown,
        ).costing(cost)  # fmt: skip
    written = found.save(given.out, given.protocol.stem, given.force)
    output.show(found, given.json)
    output.wrote(written)
