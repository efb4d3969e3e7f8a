"""The example protocols that come with limen."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from textwrap import wrap

from limen.errors import ProtocolError
from limen.protocol.load import load
from limen.results import Result


def examples() -> Path:
    """The folder of the example protocols: in the installed package, or beside the source."""
    package = Path(__file__).parents[1]
    installed = package / "examples"
    return installed if installed.is_dir() else package.parents[1] / "examples"


def example_names() -> list[str]:
    """What the examples are called, in order."""
    return sorted(found.stem for found in examples().glob("*.yaml"))


def example(name: str) -> Path:
    """The file of one example, such as `lsddep2`. Raises ProtocolError naming those there are."""
    path = examples() / f"{name}.yaml"
    if not path.is_file():
        raise ProtocolError(
            f"there is no example {name!r}", remedy=f"there are: {', '.join(example_names())}"
        )
    return path


@dataclass(frozen=True)
class Shelf(Result):
    """The example protocols: name, compound, illness, where it comes from, and the question put to it."""

    examples: tuple[dict[str, str], ...]

    def rows(self) -> Sequence[Mapping[str, str]]:
        return self.examples

    def lines(self) -> list[str]:
        width = shutil.get_terminal_size().columns

        def _within(text: str, first: str = "") -> list[str]:
            return wrap(text, width, initial_indent=first, subsequent_indent="  ")

        found: list[str] = []
        for row in self.examples:
            found += _within(f"{row['name']} ({row['compound']}, {row['indication']}; {row['status']})")
            found += _within(row["question"], "  ")
        return [*found, "", *_within("To have one as a file of your own: limen example NAME")]


def shelf() -> Shelf:
    """The examples there are."""
    found: list[dict[str, str]] = []
    for path in sorted(examples().glob("*.yaml")):
        p = load(path)
        found.append(
            {
                "name": path.stem,
                "compound": p.compound,
                "indication": p.population.indication,
                "status": p.status,
                "question": p.question or p.name,
            }
        )
    return Shelf(tuple(found))


def begun(written: Path) -> list[str]:
    """What to do with an example that was written to a file."""
    return [
        f"Written: {written}",
        f"Change it, then: limen check {written}",
        f"Every mistake is named with its line; when there is none: limen answer {written}",
    ]
