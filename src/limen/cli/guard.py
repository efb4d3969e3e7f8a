"""How a process behaves: streams that cannot break, signals that always end it, mistakes without a traceback."""

from __future__ import annotations

import contextlib
import errno
import functools
import inspect
import os
import platform
import shlex
import signal
import socket
import sys
import threading
import time
import traceback
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

from limen import __version__, files
from limen.errors import DataError, LimenError, LimenWarning, Place
from limen.results import fitted

USER_MISTAKE, OWN_FAULT, SIGNALLED = 2, 70, 128
GRACE = 1.0  # seconds a signalled process has to unwind before it is ended as it stands
_met: list[int] = []


class Ended(KeyboardInterrupt):
    """The process was asked to end: Ctrl-C, SIGTERM, or its terminal was closed."""


def guarded(command: Callable[..., Any]) -> Callable[..., Any]:
    """A command whose every end is an exit code, with one message where something is wrong."""

    @functools.wraps(command)
    def run(*args: Any, **kwargs: Any) -> Any:
        from typer import Abort, Exit

        warnings.showwarning = _show
        try:
            with contextlib.suppress(OSError):  # the folder we stand in may be gone
                files.say_leftovers(Path.cwd())
            return command(*args, **kwargs)
        except (Abort, Exit):
            raise
        except (Exception, KeyboardInterrupt) as error:
            raise Exit(_told(error)) from None

    run.__doc__ = flowing(command.__doc__)
    return run


def flowing(text: str | None) -> str | None:
    """Help whose paragraphs are lines, for a terminal of any width to break; what is indented stands as it is."""
    if text is None:
        return None
    parts = inspect.cleandoc(text).split("\n\n")
    return "\n\n".join(part if part.startswith(" ") else " ".join(part.split()) for part in parts)


def governed(app: Callable[[], Any]) -> int:
    """Run the application as a process of its own and return its exit code."""
    _open_streams()
    _heed_signals()
    try:
        app()
        code = 0
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
        if isinstance(
            end.__context__, BrokenPipeError
        ):  # Typer and Rich call it a failure when nobody reads on
            code = _told(end.__context__)
    except BaseException as error:
        code = _told(error)
    try:
        sys.stdout.flush()
    except (OSError, ValueError) as error:
        code = code or _told(error)
        _silence(sys.stdout)
    for number in _heeded():
        signal.signal(number, signal.SIG_IGN)  # all is said and done
    if (
        _met
    ):  # threads may still be in machine code, which the interpreter's own end would pull from under them
        files.abandon()
        os._exit(SIGNALLED + _met[0])
    return code


def _told(error: BaseException) -> int:
    """Say what ended a command, and return its exit code."""
    if isinstance(error, BrokenPipeError) or (isinstance(error, OSError) and error.errno == errno.EPIPE):
        _silence(sys.stdout)
        return 0
    if isinstance(error, KeyboardInterrupt):
        _complain("interrupted: nothing was left half-written")
        return SIGNALLED + (_met[0] if _met else signal.SIGINT)
    if isinstance(error, OSError):
        error = _of_system(error)
    if isinstance(error, LimenError):
        _complain(_seen(f"error: {error}"))
        return USER_MISTAKE
    if isinstance(error, MemoryError):
        _complain("error: this needs more memory than there is; ask for fewer people or draws")
        return USER_MISTAKE
    _complain(f"error: limen met a fault of its own: {type(error).__name__}: {error}\n"
              "  It is no mistake of yours. Please report it with what stands below, without anything about a patient.\n"
              f"  limen {__version__}, Python {platform.python_version()}, {platform.platform()}\n"
              f"  {shlex.join(_asked())}\n{''.join(traceback.format_exception(error))}")  # fmt: skip
    return OWN_FAULT


def _asked() -> list[str]:
    """The command and its options as typed, without their values: those may speak of a patient."""
    return [*sys.argv[:2], *(word.partition("=")[0] for word in sys.argv[2:] if word.startswith("--"))]


def _of_system(error: OSError) -> LimenError:
    """A failure of the system that no room has put into words: of the output where no file is named."""
    if error.filename is None:
        return files.refusal("standard output", error)
    reason = error.strerror or str(error)
    return DataError(
        f"cannot be read: {reason}", Place(file=os.fsdecode(error.filename)), "name another file"
    )


def _seen(text: str) -> str:
    """As wide as the terminal, its severity in colour."""
    from limen.cli.look import painted

    return painted(fitted([text], sys.stderr), sys.stderr)


def _complain(text: str) -> None:
    with contextlib.suppress(OSError, ValueError):
        sys.stderr.write(f"{text}\n")
        sys.stderr.flush()


def _open_streams() -> None:
    """Streams that were closed lead nowhere; characters a terminal lacks are replaced."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115
        elif hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")


def _silence(stream: Any) -> None:
    """Nobody listens: what is still buffered goes nowhere, and the interpreter's own flush cannot fail."""
    with contextlib.suppress(OSError, ValueError, AttributeError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)


def _heed_signals() -> None:
    """The first signal unwinds the process; if that takes longer than GRACE, it is ended cleaned up as it stands.

    Machine code runs no Python handler, and an exception raised in a callback is swallowed: hence the watcher.
    """
    heeded = _heeded()
    read, write = socket.socketpair()
    write.setblocking(False)
    signal.set_wakeup_fd(write.fileno(), warn_on_full_buffer=False)

    def unwind(number: int, _: Any) -> None:
        if not _met:
            _met.append(number)
            raise Ended

    def watch(write: socket.socket) -> None:  # holds both ends open
        number = next(n for n in iter(lambda: read.recv(1)[0], None) if n in heeded)
        time.sleep(GRACE)
        files.abandon()
        _complain("interrupted: nothing was left half-written")
        os._exit(SIGNALLED + number)

    def unheard(said: Any) -> None:  # what was swallowed in a callback needs no traceback
        if not isinstance(said.exc_value, Ended):
            sys.__unraisablehook__(said)

    sys.unraisablehook = unheard
    for number in heeded:
        signal.signal(number, unwind)
    threading.Thread(target=watch, args=(write,), daemon=True).start()


def _heeded() -> list[int]:
    numbers = [getattr(signal, name, None) for name in ("SIGINT", "SIGTERM", "SIGHUP")]
    return [n for n in numbers if n is not None and signal.getsignal(n) is not signal.SIG_IGN]


def _show(message: Warning | str, category: type[Warning], *_: Any, **__: Any) -> None:
    """limen's own warnings are one line for a person; other libraries' warnings are not the reader's concern."""
    if issubclass(category, LimenWarning):
        _complain(_seen(f"warning: {message}"))
