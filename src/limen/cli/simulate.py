from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

NAME = "simulate"


class Keep(StrEnum):
    summary = "summary"
    trajectories = "trajectories"


def command(
    protocol: Annotated[Path, typer.Argument(help="A protocol file (YAML).")],
    people: Annotated[int, typer.Option(min=1, max=10_000_000, help="Virtual people per arm.")] = 1000,
    seed: Annotated[
        int, typer.Option(min=0, max=2**32 - 1, help="Same seed, same machine: the same bits.")
    ] = 1,
    keep: Annotated[
        Keep, typer.Option(help="summary: quantiles only; trajectories: every person, as Zarr.")
    ] = Keep.summary,
    out: Annotated[Path, typer.Option(help="Folder for the files.")] = Path("limen-out"),
    json: Annotated[bool, typer.Option("--json", help="Print the summary as JSON.")] = False,
) -> None:
    """Simulate exposure in a population: concentration, effect site and 5-HT2A occupancy over the whole schedule.

    Example: limen simulate examples/adhd_20ug.yaml --people 5000 --keep trajectories
    """
    from limen.cli import output
    from limen.protocol import load

    question = load(protocol)
    folder = output.writable(out)
    from limen.design.population import simulate, write_trajectories
    from limen.engine import runs
    from limen.parameters import load as load_parameters
    from limen.trial.plan import lay_out

    runs.cache_compiled_programs()
    parameters = load_parameters()
    plan = lay_out(question, parameters)
    arms = sum(1 for arm in plan.arms if arm.levels)
    with runs.progress("simulating people", people * arms, show=not json) as tick:
        found = simulate(plan, parameters, people, seed, tick)
        files = [folder / f"{protocol.stem}-exposure.csv"]
        with runs.atomic(files[0]) as path:
            found.summary.write_csv(path)
    if keep is Keep.trajectories:
        store = folder / f"{protocol.stem}-trajectories.zarr"
        with runs.progress("writing trajectories", people * arms, show=not json) as tick:
            write_trajectories(plan, parameters, people, seed, store, tick)
        files.append(store)
    if json:
        output.print_json({"schema_version": 1, "people": people, "arms": found.headline,
                           "warnings": list(plan.warnings), "files": [str(f) for f in files]})  # fmt: skip
        return
    for row in found.headline:
        typer.echo(f"{row['arm']}: " + "; ".join(f"{name} {text}" for name, text in row["text"].items()))
    for note in plan.warnings:
        typer.echo(f"note: {note}")
    typer.echo("Written: " + ", ".join(str(f) for f in files))
