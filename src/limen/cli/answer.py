from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

NAME = "answer"
SHOWN_TRIALS = 20


def command(
    protocol: Annotated[Path, typer.Argument(help="A protocol file (YAML).")],
    draws: Annotated[
        int, typer.Option(min=20, max=10000, help="Parameter draws: the outer uncertainty loop.")
    ] = 200,
    people: Annotated[
        int, typer.Option(min=50, max=1000000, help="Virtual participants for each draw.")
    ] = 1000,
    seed: Annotated[
        int, typer.Option(min=0, max=2**32 - 1, help="Same seed, same machine: the same bits.")
    ] = 1,
    out: Annotated[Path, typer.Option(help="Folder for the dossier.")] = Path("limen-out"),
    workers: Annotated[
        int, typer.Option(min=1, max=64, help="Threads; the result does not depend on them.")
    ] = 2,
    on: Annotated[
        str | None,
        typer.Option("--on", help="Day whose law counts, YYYY-MM-DD; today. Nothing else depends on it."),
    ] = None,
    json: Annotated[
        bool, typer.Option("--json", help="Print the answer as JSON instead of a summary.")
    ] = False,
) -> None:
    """Answer a protocol: what the dose does, who would notice, what the trial would show, and how sure that is.

    Writes one self-contained HTML page, the same as JSON, and simulated trial data as Parquet and CSV.

    Example: limen answer examples/lsddep2.yaml --out dossiers
    """
    from datetime import date

    from limen.cli import output
    from limen.protocol import load
    from limen.regulation.status import day

    question = load(protocol)
    when = date.today() if on is None else day(on)
    folder = output.writable(out)
    from limen.design.tables import trial_table
    from limen.dossier.compose import answer
    from limen.dossier.render import write_html
    from limen.dossier.terminal import summary
    from limen.engine import runs
    from limen.parameters import load as load_parameters
    from limen.trial.plan import lay_out

    runs.cache_compiled_programs()
    size = lay_out(question, load_parameters()).people
    total = draws * max(1, round(people / size)) * size
    shown = f"limen answer {protocol} --draws {draws} --people {people} --seed {seed} --on {when}"
    with runs.progress(f"simulating {total:,} people", total, show=not json) as tick:
        found, run = answer(question, draws, people, seed, workers, tick, shown, when)
    stem = folder / protocol.stem
    table = trial_table(run, SHOWN_TRIALS)
    with runs.atomic(stem.with_suffix(".parquet")) as path:
        table.write_parquet(path)
    with runs.atomic(stem.with_suffix(".csv")) as path:
        table.write_csv(path)
    runs.write_json(stem.with_suffix(".json"), found.model_dump(mode="python"))
    page = write_html(found, stem.with_suffix(".html"))
    if json:
        output.print_json(found.model_dump(mode="python"))
        return
    typer.echo(summary(found))
    typer.echo(
        f"\nTrial data ({SHOWN_TRIALS} simulated trials): {stem}.parquet, {stem}.csv\nAs data: {stem}.json"
    )
    typer.secho(f"Dossier: {page}", bold=True)
