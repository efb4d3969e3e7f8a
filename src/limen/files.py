"""The only writer: outputs appear whole, several of them together, or not at all. Loads no JAX.

Everything is staged in a private folder beside its destination, named `.limen-partial-PID-...`, flushed to the
disk, and renamed into place under a lock of the folder. What can fail raises OutputError with place and remedy.
"""

from __future__ import annotations

import csv
import errno
import io
import json
import math
import os
import shlex
import shutil
import tempfile
import threading
import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import Any

from limen.errors import LimenWarning, OutputError, Place

PARTIAL = ".limen-partial-"
VERSIONS = ("schema_version", "$schema")
_staged: set[Path] = set()
_renaming = threading.RLock()


class Outputs:
    """Files of one folder that will appear together. Each method returns the path the file will have."""

    def __init__(self, folder: Path, staged: Path):
        self.folder, self._staged, self._names = folder, staged, dict[str, None]()

    def path(self, name: str) -> Path:
        """Where a library may write `name` (a file, or a folder such as a Zarr store) until all are published."""
        if Path(name).name != name or "\0" in name:
            raise OutputError(f"{name!r} is no name of a file", Place(file=self.folder), "leave out / and ..")
        self._names[name] = None
        return self._staged / name

    def bytes(self, name: str, content: bytes) -> Path:
        self.path(name).write_bytes(content)
        return self.folder / name

    def text(self, name: str, content: str) -> Path:
        return self.bytes(name, content.encode("utf-8", errors="replace"))

    def json(self, name: str, value: Mapping[str, Any]) -> Path:
        """A document for programs. Raises ValueError where it says neither `schema_version` nor `$schema`."""
        if not any(version in value for version in VERSIONS):
            raise ValueError(f"{name} has no schema_version")
        return self.text(name, json_text(value) + "\n")

    def csv(self, name: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> Path:
        """Rows as they come, streamed; text that a spreadsheet would take for a formula is quoted away."""
        return self._csv(name, columns, ([_cell(cell) for cell in row] for row in rows))

    def _csv(self, name: str, columns: Sequence[str], rows: Iterable[Iterable[Any]]) -> Path:
        with self.path(name).open("w", encoding="utf-8", errors="replace", newline="") as stream:
            writer = csv.writer(stream, lineterminator="\n")
            writer.writerow(columns)
            writer.writerows(rows)
        return self.folder / name

    def table(self, name: str, frame: Any) -> Path:
        """A Polars table as Parquet or CSV, by the ending of `name`."""
        if name.endswith(".parquet"):
            content = io.BytesIO()
            frame.write_parquet(content)
            self.bytes(name, content.getvalue())
        else:
            cells = (_column(frame[column]) for column in frame.columns)
            self._csv(name, frame.columns, zip(*cells, strict=True))
        return self.folder / name

    def vacant(self) -> None:
        """Raises OutputError for the first of these files that is there already."""
        for name in self._names:
            vacant(self.folder / name)

    def publish(self) -> None:
        """Rename everything into place; what was there comes back if one of them cannot."""
        before, done = self._staged / PARTIAL, list[str]()
        before.mkdir()
        with _renaming, locked(self.folder):
            try:
                for name in self._names:
                    done.append(name)
                    self._replace(name, before)
            except BaseException:
                for name in done:
                    self._restore(name, before)
                raise
            _flush(self.folder)

    def _replace(self, name: str, before: Path) -> None:
        new, target = self._staged / name, self.folder / name
        if target.exists() and not (target.is_file() or (target.is_dir() and new.is_dir())):
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
        if new.is_file():
            _flush(new)
        if target.is_dir():
            target.replace(before / name)
        elif target.exists():
            with suppress(OSError):  # a file system without hard links: nothing to come back
                os.link(target, before / name)
        new.replace(target)

    def _restore(self, name: str, before: Path) -> None:
        new, target, old = self._staged / name, self.folder / name, before / name
        if not new.exists() and target.exists():
            shutil.rmtree(target) if target.is_dir() else target.unlink()
        if old.exists():
            old.replace(target)


@contextmanager
def together(folder: Path | str, force: bool = True) -> Iterator[Outputs]:
    """Several files of `folder` (made if missing): published when the block ends, all of them or none.

    With `force=False` a file that is there already is not replaced. Raises OutputError; leaves nothing behind on
    any failure, Ctrl-C and SIGTERM included.
    """
    with _staging(Path(folder), Path(folder), force) as out:
        yield out


@contextmanager
def atomic(path: Path | str, force: bool = True) -> Iterator[Path]:
    """A temporary path that becomes `path` (a file or a folder) when the block ends, and vanishes on any failure."""
    with _single(path, force) as (out, name):
        yield out.path(name)


def write_bytes(path: Path | str, content: bytes, force: bool = True) -> Path:
    """Write a file whole or not at all. Raises OutputError."""
    with _single(path, force) as (out, name):
        out.bytes(name, content)
    return Path(path)


def write_text(path: Path | str, content: str, force: bool = True) -> Path:
    """Write text in UTF-8, whole or not at all. Raises OutputError."""
    with _single(path, force) as (out, name):
        out.text(name, content)
    return Path(path)


def write_json(path: Path | str, value: Mapping[str, Any], force: bool = True) -> Path:
    """Write a document for programs whole or not at all. Raises OutputError."""
    with _single(path, force) as (out, name):
        out.json(name, value)
    return Path(path)


def write_csv(
    path: Path | str, columns: Sequence[str], rows: Iterable[Sequence[Any]], force: bool = True
) -> Path:
    """Write rows as they come, whole or not at all. Raises OutputError."""
    with _single(path, force) as (out, name):
        out.csv(name, columns, rows)
    return Path(path)


def json_text(value: Any) -> str:
    """A value as JSON; what JSON cannot hold (NaN, infinity) is null."""
    return json.dumps(without_nan(value), indent=1, allow_nan=False, ensure_ascii=False)


def without_nan(value: Any) -> Any:
    """The same value in plain Python, with every NaN or infinity replaced by None."""
    if isinstance(value, Mapping):
        return {str(key): without_nan(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [without_nan(item) for item in value]
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else None
    if isinstance(value, str | int | None):
        return value
    if hasattr(value, "tolist"):  # an array, or a scalar of one
        return without_nan(value.tolist())
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


def plain_cell(text: str) -> str:
    """A cell a spreadsheet takes for text: no formula starts it, no control character hides in it."""
    text = "".join(c if c.isprintable() else " " for c in text)
    return f"'{text}" if text.lstrip()[:1] in ("=", "+", "-", "@") else text


def ready(folder: Path | str) -> Path:
    """The folder, made if missing and tried, before any work is done for nothing. Names what a killed run left."""
    folder = Path(folder)
    os.rmdir(_private(folder, folder))
    return folder


def leftovers(folder: Path | str) -> list[Path]:
    """What runs that were killed left in this folder; nothing of a run that still goes on."""
    return sorted(path for path in Path(folder).glob(f"{PARTIAL}*") if not _alive(path.name))


def vacant(path: Path | str, there: str = "a file of this name is there already") -> None:
    """Raises OutputError saying what is there if something is."""
    if os.path.lexists(path):
        raise OutputError(there, Place(file=path), "name another place, or replace it with --force")


def abandon() -> None:
    """Remove what this process has staged: for a process that is about to end without unwinding."""
    held = _renaming.acquire(timeout=1.0)
    for staged in tuple(_staged):
        shutil.rmtree(staged, ignore_errors=True)
    if held:
        _renaming.release()


@contextmanager
def locked(folder: Path | str) -> Iterator[None]:
    """One process at a time in this folder; where the system has no such lock, nobody waits."""
    try:
        import fcntl
    except ImportError:
        yield
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        with suppress(OSError):  # some network file systems know no locks
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def refusal(path: Path | str, error: OSError | ValueError) -> OutputError:
    """What a failed write means, where, and what to do."""
    number = getattr(error, "errno", None)
    what, remedy = _REASONS.get(number or 0, (getattr(error, "strerror", None) or str(error), _ELSEWHERE))
    return OutputError(f"cannot write here: {what}", Place(file=os.fsdecode(path)), remedy)


_ELSEWHERE = "name a place you may write to"
_REASONS = {
    errno.ENOSPC: ("the disk is full", "free some space, or name another place"),
    errno.EDQUOT: ("your share of the disk is full", "free some space, or name another place"),
    errno.EFBIG: ("the file grew beyond what is allowed here", "free some space, or name another place"),
    errno.EROFS: ("the disk can only be read", _ELSEWHERE),
    errno.EACCES: ("you may not write to this folder", _ELSEWHERE),
    errno.EPERM: ("you may not write to this folder", _ELSEWHERE),
    errno.ENAMETOOLONG: ("the name is too long", "name a shorter one"),
    errno.EISDIR: ("this is a folder, or no ordinary file", "name a file in it"),
    errno.ENOTDIR: ("a part of this path is a file", "name a folder"),
    errno.EEXIST: ("a part of this path is a file", "name a folder"),
}


@contextmanager
def _staging(folder: Path, named: Path, force: bool) -> Iterator[Outputs]:
    staged = _private(folder, named)
    _staged.add(staged)
    outputs = Outputs(folder, staged)
    try:
        yield outputs
        if not force:
            outputs.vacant()
        outputs.publish()
    except OSError as error:
        if isinstance(error, BrokenPipeError) or PARTIAL not in str(error.filename or PARTIAL):
            raise  # of something else that happened in the block
        raise refusal(named, error) from None
    finally:
        shutil.rmtree(staged, ignore_errors=True)
        _staged.discard(staged)


@contextmanager
def _single(path: Path | str, force: bool) -> Iterator[tuple[Outputs, str]]:
    path = Path(path)
    with _staging(path.parent, path, force) as out:
        yield out, path.name


def _private(folder: Path, named: Path) -> Path:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        say_leftovers(folder.resolve())
        return Path(tempfile.mkdtemp(prefix=f"{PARTIAL}{os.getpid()}-", dir=folder))
    except (OSError, ValueError) as error:
        raise refusal(named, error) from None


def _cell(value: Any) -> Any:
    if isinstance(value, str):
        return plain_cell(value)
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is None or value != value else value


def _column(values: Any) -> list[Any]:
    """The cells of a Polars column, what is alike looked at once."""
    if values.dtype.is_float():
        return values.fill_nan(None).to_list()
    if values.dtype.is_integer():
        return values.to_list()
    cells = {value: _cell(value) for value in values.unique()}
    return [cells[value] for value in values]


def _flush(path: Path) -> None:
    with suppress(PermissionError):  # Windows opens no folder
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _alive(name: str) -> bool:
    number = name.removeprefix(PARTIAL).split("-")[0]
    if os.name != "posix" or not number.isdigit():
        return False
    try:
        os.kill(int(number), 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


@cache
def say_leftovers(folder: Path) -> None:
    """Warn of what killed runs left in a folder, what it may hold, and how it goes away; once for each folder."""
    with suppress(OSError):
        for path in leftovers(folder):
            command = "rmdir /s /q" if os.name == "nt" else "rm -rf --"
            warnings.warn(
                f"a run that was killed left {path}: it may hold patients' data. Delete it: "
                f"{command} {shlex.quote(str(path))}",
                LimenWarning, stacklevel=3,
            )  # fmt: skip
