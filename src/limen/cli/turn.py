from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from limen.cli.options import Prior, ProtocolFile, Seed, Workers

NAME = "turn"


def command(
    protocol: ProtocolFile,
    trials: Annotated[int, typer.Option(min=50, max=10000, help="Simulated trials at every stop.")] = 1000,
    seed: Seed = 1,
    out: Annotated[Path, typer.Option(help="Folder for the page.")] = Path("limen-out"),
    workers: Workers = 2,
    prior: Prior = False,
    force: Annotated[bool, typer.Option("--force", help="Replace a page that is there.")] = False,
    json: Annotated[bool, typer.Option("--json", help="Print what the page is made of as JSON.")] = False,
) -> None:
    """Turn the dose by hand: one page with who notices, who guesses right, and how often a drug that does nothing would be
    said to work, at every dose, against inert placebo and caffeine, for what people are told and for trials of several sizes.

    Writes the page (it opens without a network), what it is made of as JSON, and the grid as Parquet. Ended in the middle,
    the same command goes on where it stood.

    Example: limen turn examples/adhd_20ug.yaml --trials 200
    """
    import shlex

    from limen import door, files
    from limen.cli import output
    from limen.parameters import priors

    question = door.load(protocol)
    files.ready(out)
    from limen.design.dial import dial
    from limen.turn.turned import not_there

    if not force:
        not_there(out, protocol.stem)
    told = ("--trials", trials, "--seed", seed, *["--prior"] * prior)
    shown = shlex.join(map(str, ("limen", "turn", protocol, *told)))
    with priors(prior), output.long_run("turning the dose", dial(question).runs, not json) as tick:
        found = door.turn(question, trials, seed, workers=workers, tick=tick, command=shown)
        written = found.save(out, protocol.stem, force)
    output.show(found, json)
    output.wrote(written)
