"""What every result can do: print itself at a terminal and in a notebook, become a table, a figure and JSON."""

from __future__ import annotations

import html
import math
import re
import shutil
import textwrap
from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields, is_dataclass
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING, Any, TextIO

from limen import files
from limen.errors import LimenError

if TYPE_CHECKING:
    import altair as alt
    import polars as pl

COLOURS = re.compile(r"\x1b\[[0-9;]*m")
SHOWN = 30  # rows of a table in a notebook
# Class name of a result -> {"document", "rows", "lines" or "figure": "module:function"}; the door fills it, which alone
# knows the rooms above the one where a result is made.
views: dict[str, dict[str, str]] = {}


class Result:
    """Mixed into the result types. Where its own fields are not it, a type says `rows()` for a table, `lines()` for a
    person and `document()` for a program, or `views` names the function that does."""

    def __init_subclass__(cls, **given: Any) -> None:
        super().__init_subclass__(**given)
        cls.__repr__ = Result.__repr__  # before a dataclass writes its own

    def _view(self, name: str) -> Callable[..., Any] | None:
        module, _, function = views.get(type(self).__name__, {}).get(name, "").partition(":")
        return getattr(import_module(module), function) if module else None

    def document(self) -> dict[str, Any]:
        """Everything, for programs: `schema_version` and the fields."""
        view = self._view("document")
        return view(self) if view else {"schema_version": 1, **_fields(self)}

    def rows(self) -> Sequence[Mapping[str, Any]]:
        """The table a reader would take away: one row of the single values, unless a type knows better."""
        view = self._view("rows")
        if view:
            return view(self)
        return [{name: value for name, value in _fields(self).items() if _single(value)}]

    def lines(self) -> Sequence[str]:
        """What a person reads at a terminal."""
        view = self._view("lines")
        if view:
            return view(self)
        return [f"{name}: {value}" for row in self.rows() for name, value in row.items()]

    def to_json(self) -> str:
        return files.json_text(self.document())

    def to_polars(self) -> pl.DataFrame:
        import polars as pl

        return pl.DataFrame(files.without_nan(self.rows()), infer_schema_length=None)

    def figure(self, **options: Any) -> Any:
        """The figure of this result: its table, its drawing as SVG. Raises LimenError for a result that has none."""
        view = self._view("figure")
        if view is None:
            drawn = ", ".join(name for name, said in views.items() if "figure" in said)
            raise LimenError(f"{type(self).__name__} has no figure", remedy=f"these have one: {drawn}")
        return view(self, **options)

    def plot(self, **options: Any) -> alt.Chart:
        """The figure as an Altair chart, for a notebook. Raises LimenError for a result that has none."""
        return self.figure(**options).plot()

    def __str__(self) -> str:
        return "\n".join(self.lines())

    def __repr__(self) -> str:
        return str(self)

    def _repr_html_(self) -> str:
        rows = self.rows()
        if len(rows) < 2:
            return f"<pre>{html.escape(str(self))}</pre>"
        names = list(rows[0])
        head = "".join(f"<th>{html.escape(name)}</th>" for name in names)
        body = "".join(
            "<tr>" + "".join(f"<td>{html.escape(_cell(row.get(name)))}</td>" for name in names) + "</tr>"
            for row in rows[:SHOWN]
        )
        more = f"<caption>{len(rows) - SHOWN} more rows</caption>" if len(rows) > SHOWN else ""
        return f"<table>{more}<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _fields(value: Any) -> dict[str, Any]:
    if is_dataclass(value):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    return value.model_dump(mode="python")


def _plain(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        return _fields(value)
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, list | tuple) else value


def _single(value: Any) -> bool:
    return value is None or isinstance(value, str | int | float)


def _cell(value: Any) -> str:
    return "" if value is None else f"{value:.4g}" if isinstance(value, float) else str(value)


def within(low: float | None, high: float | None) -> str | None:
    """A range in words, ends included; nothing for any number."""
    if high is None:
        return None if low is None else f"{low} or more"
    return f"at most {high}" if low is None else f"{low} to {high}"


def p_cell(p: float | None) -> str:
    """A p value in a table: four decimals, and never that it is nothing or certain."""
    if p is None or math.isnan(p):
        return ""
    return "< 0.0001" if p < 1e-4 else "> 0.9999" if p > 0.9999 else f"{p:.4f}"


def p_words(p: float | None, of: str = "p") -> str:
    """A p value in a sentence, as journals print it: "p < 0.001", "p = 0.013", "p > 0.99"."""
    if p is None or math.isnan(p):
        return f"no {of}"
    return f"{of} < 0.001" if p < 0.001 else f"{of} > 0.99" if p > 0.99 else f"{of} = {p:.3f}"


class TableLine(str):
    """A line of a table that knows its cells, for a terminal that is narrower than the table."""

    block: Callable[[int], list[str]]  # the row in lines no wider than that; none for the head of the table
    table_width: int


def aligned(head: Sequence[str], rows: Sequence[Sequence[str]], left: int = 1) -> list[str]:
    """A table as lines: the first `left` columns start at their left edge, the others end at their right."""
    width = [max(map(len, column)) for column in zip(head, *rows, strict=True)]
    lines = [
        TableLine(
            "  ".join(
                cell.ljust(width[i]) if i < left else cell.rjust(width[i]) for i, cell in enumerate(row)
            ).rstrip()
        )
        for row in (head, *rows)
    ]
    # A row is named by as much of what stands left as tells it from the others.
    names = next(
        (k for k in range(1, left) if len({tuple(row[:k]) for row in rows}) == len(rows)), max(left, 1)
    )
    for line, row in zip(lines, (None, *rows), strict=True):
        line.table_width = max(map(len, lines))
        line.block = partial(_block, head, row, names=names) if row is not None else lambda _: []
    return list[str](lines)


def folded(title: str, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """Wordy rows as lines: a table where the terminal is wide enough for whole words, else a short block for each row."""
    width = shutil.get_terminal_size().columns
    words = [
        max(len(word) for cell in column for word in (cell.split() or [""]))
        for column in zip(columns, *rows, strict=True)
    ]
    # three signs part two columns; a cell of more than seven lines is no cell
    room = (width - 3 * len(columns) - 1) / max(1, len(columns))
    tall = any(
        len(cell) > 7 * max(room, least) for row in rows for cell, least in zip(row, words, strict=True)
    )
    if sum(words) + 3 * len(columns) + 1 > width or tall:
        return [title, *(line for row in rows for line in _block(columns, row, width))]
    return _table(title, columns, rows)


def _block(columns: Sequence[str], row: Sequence[str], width: int, names: int = 1) -> list[str]:
    """One row under its name: what is short side by side, what is long in lines of its own."""
    said = [f"{name}: {cell}" for name, cell in zip(columns[names:], row[names:], strict=True) if cell]
    short = " | ".join(part for part in said if len(part) <= width // 2)
    long = [part for part in said if len(part) > width // 2]
    # A number says nothing without what it counts.
    named = [
        cell if cell[0].isalpha() else f"{head} {cell}"
        for head, cell in zip(columns, row[:names], strict=False)
        if cell
    ]
    name = ", ".join(named)
    return [
        "",
        *wrapped(name, width),
        *(line for part in (short, *long) if part for line in wrapped(f"  {part}", width)),
    ]


def fitted(lines: Sequence[str], stream: TextIO) -> str:
    """Lines no wider than the terminal, whole words, a table that is wider as a block for each row; a pipe or a file gets
    them as they are."""
    if not stream.isatty():
        return "\n".join(lines)
    width = shutil.get_terminal_size().columns
    out: list[str] = []
    for line in lines:
        parts = _narrow(line, width)
        out += parts[1:] if isinstance(line, TableLine) and out[-1:] == [""] == parts[:1] else parts
    return "\n".join(out)


def _narrow(line: str, width: int) -> list[str]:
    if isinstance(line, TableLine) and line.table_width > width:
        return line.block(width)
    return [part for one in line.split("\n") for part in wrapped(one, width) or [""]]


def wrapped(line: str, width: int) -> list[str]:
    """A line in lines no wider than `width`, later ones indented; words are never cut, and colours take no room."""
    if len(COLOURS.sub("", line)) <= width:
        return [line]
    indent = line[: len(line) - len(line.lstrip())]
    return textwrap.wrap(
        line, width, subsequent_indent=f"{indent}    ", break_long_words=False, break_on_hyphens=False
    )


def _table(title: str, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    from rich.console import Console
    from rich.table import Table

    table = Table(title=title, title_justify="left", show_lines=True)
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(*row)
    console = Console()
    with console.capture() as said:
        console.print(table, markup=False)
    return said.get().splitlines()
