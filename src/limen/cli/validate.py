from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

NAME = "validate"

app = typer.Typer(help="limen beside published numbers, whatever comes out.", no_args_is_help=True)


@app.command("pk")
def pk(
    seed: Annotated[int, typer.Option(min=0)] = 1,
    json: Annotated[bool, typer.Option("--json", help="Print the table as JSON.")] = False,
) -> None:
    """Every published exposure that was read in a source, beside the simulated value and interval.

    A cause for a row outside is given only where the facts state one; otherwise it is unexplained.
    """
    from dataclasses import asdict

    from limen.calibration.pk import compare
    from limen.cli import output
    from limen.design.operate import draw_parameters
    from limen.engine import runs
    from limen.parameters import load

    runs.cache_compiled_programs()
    parameters = load()
    rows = compare(draw_parameters(parameters, 200, seed), seed)
    judged = [row for row in rows if row.inside is not None]
    count = sum(1 for row in judged if row.inside)
    if json:
        output.print_json({"schema_version": 1, "parameter_hash": parameters.digest, "inside": count,
                           "compared": len(judged), "rows": [asdict(row) for row in rows]})  # fmt: skip
        return
    from rich.console import Console
    from rich.table import Table

    table = Table(
        "row", "what", "dose", "published", "simulated (95% of the mean)", "inside", box=None, pad_edge=False
    )
    for row in judged:
        table.add_row(
            row.obs_id, row.what, row.dose, _published(row), _simulated(row), "yes" if row.inside else "NO"
        )
    Console().print(table)
    for row in judged:
        if not row.inside:
            typer.echo(f"{row.obs_id} outside: {row.why}")
    for why in dict.fromkeys(row.why for row in rows if row.inside is None):
        among = [row.obs_id for row in rows if row.inside is None and row.why == why]
        typer.echo(f"not compared, {why}: {' '.join(among)}")
    typer.echo(
        f"{count} of {len(judged)} compared rows inside; {len(rows) - len(judged)} rows cannot be compared."
    )
    typer.echo(
        f"Parameters {parameters.digest[:12]}. Microdose and full-dose Cmax were calibrated to, not predicted."
    )


@app.command("trials")
def trials(
    examples: Annotated[Path, typer.Option(help="Folder with the example protocols.")] = Path("examples"),
    seed: Annotated[int, typer.Option(min=0)] = 1,
    json: Annotated[bool, typer.Option("--json", help="Print the table as JSON.")] = False,
) -> None:
    """Published trials replayed: the percentile of each published value in what limen predicts, at delta 0, 0.2, 0.4.

    What the parameters were calibrated to is listed apart: it is no evidence for the model.
    """
    from dataclasses import asdict

    from limen.calibration.replay import replay
    from limen.cli import output
    from limen.engine import runs
    from limen.parameters import load

    runs.cache_compiled_programs()
    parameters = load()
    rows = replay(parameters, examples, seed=seed)
    if json:
        output.print_json(
            {"schema_version": 1, "parameter_hash": parameters.digest, "rows": [asdict(row) for row in rows]}
        )
        return
    from rich.console import Console
    from rich.table import Table

    for kind in ("predicted", "calibrated to"):
        table = Table(
            "what",
            "delta",
            "published",
            "predicted (90%)",
            "percentile",
            box=None,
            pad_edge=False,
            title=kind,
        )
        for row in rows:
            if row.kind == kind:
                at = "" if row.percentile is None else f"{100 * row.percentile:.0f}"
                delta = "" if row.delta is None else f"{row.delta:g}"
                spread = f"{row.median:.3g} ({row.q05:.3g} to {row.q95:.3g})"
                note = f"\n  [dim]{row.note}[/dim]" if row.note else ""
                table.add_row(row.what + note, delta, row.published_text, spread, at)
        Console().print(table)
    typer.echo(
        f"Parameters {parameters.digest[:12]}. A percentile below 5 or above 95 is a published value in the tail."
    )


def _published(row) -> str:
    centre = "" if row.published is None else f"{row.published:g}"
    spread = row.published_interval
    return centre + (f" ({spread[0]:g}-{spread[1]:g})" if spread else "")


def _simulated(row) -> str:
    return f"{row.simulated:.3g} ({row.of_mean[0]:.3g}-{row.of_mean[1]:.3g}) {row.unit}"
