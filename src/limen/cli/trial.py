from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

NAME = "trial"


def command(
    protocol: Annotated[Path, typer.Argument(help="A protocol file (YAML).")],
    trials: Annotated[int, typer.Option(min=1, max=10000, help="How many trials to simulate.")] = 1,
    seed: Annotated[
        int, typer.Option(min=0, max=2**32 - 1, help="Same seed, same machine: the same bits.")
    ] = 1,
    out: Annotated[Path, typer.Option(help="Folder for the data.")] = Path("limen-out"),
    json: Annotated[bool, typer.Option("--json", help="Print what was written as JSON.")] = False,
) -> None:
    """Simulate whole trials of a protocol, each under its own draw of the parameters, and write their data.

    One row per person and visit, as Parquet and CSV.

    Example: limen trial examples/adhd_20ug.yaml --trials 100
    """
    from limen.cli import output
    from limen.protocol import load

    question = load(protocol)
    folder = output.writable(out)
    from limen.design.operate import operate
    from limen.design.tables import trial_table
    from limen.engine import runs
    from limen.parameters import load as load_parameters
    from limen.trial.plan import lay_out

    runs.cache_compiled_programs()
    parameters = load_parameters()
    plan = lay_out(question, parameters)
    with runs.progress(f"simulating {trials} trials", trials * plan.people, show=not json) as tick:
        run = operate(plan, parameters, draws=trials, people=plan.people, seed=seed, tick=tick)
    table = trial_table(run, trials)
    stem = folder / f"{protocol.stem}-trials"
    written = [stem.with_suffix(".parquet"), stem.with_suffix(".csv")]
    with runs.atomic(written[0]) as path:
        table.write_parquet(path)
    with runs.atomic(written[1]) as path:
        table.write_csv(path)
    if json:
        output.print_json({"schema_version": 1, "trials": trials, "people": plan.people, "rows": table.height,
                           "columns": table.columns, "files": [str(p) for p in written], "warnings": list(plan.warnings)})  # fmt: skip
        return
    typer.echo(str(table.head(8)))
    for note in plan.warnings:
        typer.echo(f"note: {note}")
    typer.echo(f"{trials} trials of {plan.people} people: {written[0]}, {written[1]}")
