"""Options that several commands have, and those of a command with many as the fields of one dataclass."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from copy import copy
from dataclasses import MISSING, Field, fields
from importlib import import_module
from inspect import Parameter, Signature
from pathlib import Path
from typing import Annotated, Any, TypeVar, get_args, get_type_hints

import typer

T = TypeVar("T")


def protocols(incomplete: str) -> list[str]:
    """For completion: protocol files of this folder and the examples; a path further on is left to the shell."""
    from limen.protocol.shipped import example_names

    here = sorted(file.name for end in ("yaml", "yml") for file in Path().glob(f"*.{end}"))
    return [name for name in here + example_names() if name.startswith(incomplete)]


def among(room: str, names: str) -> Callable[[str], list[str]]:
    """For completion: what `names` of a room gives, loaded only when a shell asks."""

    def found(incomplete: str) -> list[str]:
        known: Iterable[str] = getattr(import_module(room), names)()
        return [name for name in sorted(known) if name.startswith(incomplete) and " " not in name]

    return found


COMPOUNDS = among("limen.compounds.registry", "compound_names")
PROTOCOL = "A protocol file (YAML), or the name of an example."
ProtocolFile = Annotated[Path, typer.Argument(help=PROTOCOL, autocompletion=protocols)]
Seed = Annotated[int, typer.Option(min=0, max=2**32 - 1, help="Same seed, same machine: the same bits.")]
Workers = Annotated[int, typer.Option(min=1, max=64, help="Threads; the result does not depend on them.")]
Prior = Annotated[
    bool,
    typer.Option(
        "--prior", help="Draw every parameter from its prior, not from what `limen calibrate` made of it."
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]
# Of tables of trial data.
Only = Annotated[
    list[str] | None,
    typer.Option(
        help='Keep rows where a column has a value: trial=1, "arm=low|high", sex!=F, age>=30 (repeatable).'
    ),
]
Exclude = Annotated[
    list[str] | None, typer.Option(help='Leave out by name: "row 17", "person P3", "score -99" (repeatable).')
]
Keep = Annotated[
    list[str] | None, typer.Option(help='A row that looks odd and is right: "row 17" (repeatable).')
]
VisitOrder = Annotated[str | None, typer.Option(help='Visits from first to last: "start, middle, end".')]
Level = Annotated[float, typer.Option(help="Confidence level.")]
Force = Annotated[bool, typer.Option("--force", help="Replace files of the same names that are there.")]


def taking(
    options: type[T], panels: Iterable[tuple[str, str]] = ()
) -> Callable[[Callable[[T], None]], Callable[..., None]]:
    """Make a function of `options` a command: Typer reads every field as it would an argument of that name.

    `panels` parts the help of a command with many: what stands above each part, and the fields in it.
    """
    hints = get_type_hints(options, include_extras=True)
    for title, names in panels:
        for name in names.split():
            kind, shared = get_args(hints[name])
            own = copy(shared)  # another command may have the same option elsewhere
            own.rich_help_panel = title
            hints[name] = Annotated[kind, own]
    kind = Parameter.POSITIONAL_OR_KEYWORD

    def default(one: Field[Any]) -> Any:
        made = None if one.default_factory is MISSING else one.default_factory()
        return made if made is not None else Parameter.empty if one.default is MISSING else one.default

    known = fields(options)  # pyright: ignore[reportArgumentType]
    given = [Parameter(one.name, kind, default=default(one), annotation=hints[one.name]) for one in known]

    def of(command: Callable[[T], None]) -> Callable[..., None]:
        def run(**values: Any) -> None:
            command(options(**values))

        run.__name__, run.__doc__, run.__annotations__ = command.__name__, command.__doc__, hints
        run.__signature__ = Signature(given)  # pyright: ignore[reportFunctionMemberAccess]
        return run

    return of
