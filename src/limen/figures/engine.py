"""The drawing engine in a process of its own: in ours it would hold up every other thread for as long as it draws.

Run as a script it answers each line, a verb of the engine with its arguments as JSON, by a line, what was drawn as JSON.
"""

from __future__ import annotations

import atexit
import base64
import json
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from typing import IO, Any


def draw(verb: str, args: tuple[Any, ...], how: Mapping[str, Any]) -> Any:
    """What the engine makes of this, in this process."""
    import vl_convert

    return getattr(vl_convert, verb)(*args, **how)


class Beside:
    """The engine beside this process, which ends with it. Asked by one thread at a time."""

    def __init__(self) -> None:
        pipe, command = subprocess.PIPE, [sys.executable, "-P", __file__]
        self._process = subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL)
        self._asked: Any = self._process.stdin
        self._answers: Any = self._process.stdout
        atexit.register(self.end)

    def draw(self, verb: str, args: tuple[Any, ...], how: Mapping[str, Any]) -> Any:
        """What the engine makes of this. Raises OSError where it is no longer there, ValueError where it cannot."""
        self._asked.write(json.dumps([verb, args, dict(how)]).encode() + b"\n")
        self._asked.flush()
        line = self._answers.readline()
        if not line:
            raise OSError("the drawing engine has ended")
        kind, found = json.loads(line)
        if kind == "wrong":
            raise ValueError(found)
        return base64.b64decode(found) if kind == "bytes" else found

    def end(self) -> None:
        with suppress(OSError):
            self._process.communicate()


def answer(asked: IO[bytes], answers: IO[bytes]) -> None:
    """Draw what is asked for, line by line, until nobody asks."""
    for line in asked:
        try:
            drawn = draw(*json.loads(line))
            found = (
                ("bytes", base64.b64encode(drawn).decode()) if isinstance(drawn, bytes) else ("text", drawn)
            )
        except Exception as error:
            found = ("wrong", str(error))
        answers.write(json.dumps(found).encode() + b"\n")
        answers.flush()


if __name__ == "__main__":
    import signal

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # who asks decides when this ends
    answer(sys.stdin.buffer, sys.stdout.buffer)
