"""The example protocols that come with limen."""

from __future__ import annotations

from pathlib import Path

from limen.errors import ProtocolError


def examples() -> Path:
    """The folder of the example protocols: in the installed package, or beside the source."""
    package = Path(__file__).parents[1]
    installed = package / "examples"
    return installed if installed.is_dir() else package.parents[1] / "examples"


def example(name: str) -> Path:
    """The file of one example, such as `lsddep2`. Raises ProtocolError naming those there are."""
    path = examples() / f"{name}.yaml"
    if not path.is_file():
        known = ", ".join(sorted(found.stem for found in examples().glob("*.yaml")))
        raise ProtocolError(f"there is no example {name!r}", remedy=f"there are: {known}")
    return path
