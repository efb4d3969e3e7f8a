"""One family of errors and warnings, each saying what is wrong, where, and what would be right."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Place:
    """Where a mistake is: any part may be missing. `line`, `row` and `column` count from 1."""

    file: Path | str | None = None
    line: int | None = None
    field: str | None = None
    row: int | None = None
    column: str | None = None

    def __str__(self) -> str:
        parts = [str(self.file)] if self.file is not None else []
        for word in ("line", "row", "column", "field"):
            value = getattr(self, word)
            if value is not None:
                parts.append(f"{word} {value}")
        return ", ".join(parts)


class LimenError(Exception):
    """A mistake in what limen was given. Never shown with a traceback by the command line.

    `what` is wrong, `where` it stands, and the `remedy`: what would be right.
    """

    def __init__(self, what: str, where: Place | None = None, remedy: str | None = None):
        self.what, self.where, self.remedy = what, where or Place(), remedy
        super().__init__(str(self))

    def __str__(self) -> str:
        head = f"{self.where}: {self.what}" if str(self.where) else self.what
        return f"{head}\n  {self.remedy}" if self.remedy else head


class ProtocolError(LimenError):
    """A protocol file that cannot be read or does not make sense."""


class ProtocolErrors(ProtocolError):
    """Several mistakes in one protocol file, all reported at once."""

    def __init__(self, errors: list[ProtocolError]):
        self.errors = errors
        super().__init__(errors[0].what, errors[0].where, errors[0].remedy)

    def __str__(self) -> str:
        return "\n".join(str(error) for error in self.errors) if len(self.errors) > 1 else super().__str__()


class CompoundError(LimenError):
    """A compound without a record, a record that cannot be read, or a number that a record lacks."""


class UnitError(LimenError):
    """A quantity without a unit, with an unknown unit, or with a unit of the wrong kind."""


class FactsError(LimenError):
    """A row of facts that breaks the schema: shipped or a user's own."""


class ParameterError(LimenError):
    """A parameter without provenance, or one asked for that does not exist."""


class DataError(LimenError):
    """A data file that cannot be analysed or screened."""


class OutputError(LimenError):
    """A place that cannot be written to."""


class LimenWarning(UserWarning):
    """A result that stands but is weaker than it looks."""
