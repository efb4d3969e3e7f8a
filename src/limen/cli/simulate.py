from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from limen.cli.options import Force, ProtocolFile, Seed

NAME = "simulate"


class Keep(StrEnum):
    summary = "summary"
    trajectories = "trajectories"


def command(
    protocol: ProtocolFile,
    people: Annotated[int, typer.Option(min=1, max=10_000_000, help="Virtual people per arm.")] = 1000,
    seed: Seed = 1,
    keep: Annotated[
        Keep, typer.Option(help="summary: quantiles only; trajectories: every person, as Zarr.")
    ] = Keep.summary,
    markers: Annotated[
        bool,
        typer.Option(
            "--markers",
            help="Follow plasticity, network, inflammation and stress markers of the same people too.",
        ),
    ] = False,
    out: Annotated[Path, typer.Option(help="Folder for the files.")] = Path("limen-out"),
    force: Force = False,
    json: Annotated[bool, typer.Option("--json", help="Print the summary as JSON.")] = False,
) -> None:
    """Simulate exposure in a population: concentration, effect site and 5-HT2A occupancy over the whole schedule.

    Ended in the middle, the same command goes on where it stood; trajectories begin anew. With
    --markers, quantiles of every marker too, with its link to the drug off (switch 0) and on (switch 1).

    Example: limen simulate examples/adhd_20ug.yaml --people 5000 --keep trajectories
    """
    from limen import door
    from limen.cli import output
    from limen.files import json_text, ready, write_text

    question = door.load(protocol)
    folder = ready(out)
    _vacant(folder / protocol.stem, markers, keep, force)
    from limen.design.population import simulate, write_trajectories
    from limen.engine import runs
    from limen.parameters import load as load_parameters
    from limen.trial.plan import lay_out

    runs.cache_compiled_programs()
    parameters = load_parameters()
    plan = lay_out(question, parameters)
    looks = 1 + markers + (keep is Keep.trajectories)
    total = looks * people * sum(1 for arm in plan.arms if arm.levels)
    with output.long_run("simulating people", total, not json) as tick:
        found = simulate(plan, parameters, people, seed, tick)
        written = [write_text(folder / f"{protocol.stem}-exposure.csv", found.summary.write_csv())]
        if markers:
            from limen.design.marked import simulate_markers

            table = simulate_markers(plan, parameters, people, seed, question.clock, tick)
            written.append(write_text(folder / f"{protocol.stem}-markers.csv", table.write_csv()))
        if keep is Keep.trajectories:
            written.append(folder / f"{protocol.stem}-trajectories.zarr")
            write_trajectories(plan, parameters, people, seed, written[-1], tick)
    if json:
        typer.echo(json_text(found.document() | dict(files=[str(file) for file in written])))
    else:
        output.show(found, json)
        output.wrote(written)


def _vacant(stem: Path, markers: bool, keep: Keep, force: bool) -> None:
    """Refuse, before anything is simulated, to replace a file that is there."""
    from limen.files import vacant

    names = ["exposure.csv", *["markers.csv"] * markers, *["trajectories.zarr"] * (keep is Keep.trajectories)]
    for name in [] if force else names:
        vacant(stem.with_name(f"{stem.name}-{name}"))
