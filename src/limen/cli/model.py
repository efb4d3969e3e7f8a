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
    from limen.parameters.card import card

    output.show(card(under, equations), json)
