from __future__ import annotations

from typing import Annotated

import typer

NAME = "model"


def command(
    under: Annotated[
        str | None, typer.Argument(help="Only parameters whose name starts so, such as receptor.")
    ] = None,
    equations: Annotated[
        bool, typer.Option("--equations/--no-equations", help="Print the equations too.")
    ] = True,
    json: Annotated[bool, typer.Option("--json", help="Print parameters and equations as JSON.")] = False,
) -> None:
    """The parameter card and the equations: every number with unit, spread, status and source.

    Example: limen model perception
    """
    from limen.cli import output
    from limen.parameters import equations as printed
    from limen.parameters import load, quantile

    parameters = load()
    chosen = [p for name, p in parameters.items() if under is None or name.startswith(under)]
    if not chosen:
        from limen.errors import ParameterError

        groups = ", ".join(sorted({name.split(".")[0] for name in parameters}))
        raise ParameterError(f"no parameter starts with {under!r}", remedy=f"groups are: {groups}")
    cards = []
    for p in chosen:
        low, middle, high = (float(quantile(p, u)) for u in (0.05, 0.5, 0.95))
        cards.append({"name": p.name, "text": p.text, "median": middle, "q05": low, "q95": high, "unit": p.unit,
                      "distribution": p.dist, "status": p.status, "source": list(p.source),
                      "measured_in": p.measured_in, "note": p.note, "from": p.origin})  # fmt: skip
    if json:
        output.print_json({"schema_version": 1, "hash": parameters.digest, "parameters": cards,
                           "equations": printed.EQUATIONS})  # fmt: skip
        return
    if equations and under is None:
        for title, lines in printed.EQUATIONS.items():
            typer.secho(title, bold=True)
            typer.echo("\n".join(f"  {line}" for line in lines))
    from rich.console import Console
    from rich.table import Table

    table = Table("parameter", "median (90%)", "unit", "status", "source", box=None, pad_edge=False)
    for card in cards:
        spread = (
            f"{card['median']:.3g} ({card['q05']:.3g}-{card['q95']:.3g})"
            if card["q95"] > card["q05"]
            else f"{card['median']:.3g}"
        )
        table.add_row(
            f"{card['name']}\n  [dim]{card['text']}[/dim]",
            spread,
            card["unit"],
            card["status"],
            "\n".join(card["source"]),
        )
    Console().print(table)
    typer.echo(f"{len(cards)} parameters, set {parameters.digest}")
