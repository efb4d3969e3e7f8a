"""A page in headless Chromium, driven by mouse and keys over its debugging pipe: nothing but the browser is needed."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

# Chromium listens on descriptor 3 and speaks on 4.
START = "import os, sys; os.dup2(int(sys.argv[1]), 3); os.dup2(int(sys.argv[2]), 4); os.execv(sys.argv[3], sys.argv[3:])"
FLAGS = ("--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run", "--remote-debugging-pipe")
KEYS = {"ArrowLeft": 37, "ArrowRight": 39, "Home": 36, "End": 35, "Tab": 9, "Enter": 13}
PATIENCE = 120.0  # s


def chromium() -> str | None:
    """The browser, by any of the names Debian and others give it."""
    names = ("chromium", "chromium-browser", "google-chrome", "chrome")
    return next((path for name in names if (path := shutil.which(name))), None)


class Tab:
    """One page."""

    def __init__(self, send: int, receive: int):
        self._send, self._receive, self._number, self._session = send, receive, 0, ""
        self._waiting = b""
        opened = self.ask("Target.createTarget", url="about:blank")
        self._session = self.ask("Target.attachToTarget", targetId=opened["targetId"], flatten=True)["sessionId"]  # fmt: skip

    def ask(self, method: str, **given: Any) -> dict[str, Any]:
        self._number += 1
        said = {"id": self._number, "method": method, "params": given}
        if self._session:
            said["sessionId"] = self._session
        os.write(self._send, json.dumps(said).encode() + b"\0")
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            while b"\0" not in self._waiting:
                got = os.read(self._receive, 1 << 20)
                assert got, "the browser ended"
                self._waiting += got
            one, self._waiting = self._waiting.split(b"\0", 1)
            answer = json.loads(one)
            if answer.get("id") == self._number:
                assert "error" not in answer, answer
                return answer["result"]
        raise TimeoutError(method)

    def open(self, address: str) -> None:
        self.ask("Page.navigate", url=address)
        until = time.monotonic() + PATIENCE
        while self.js("location.href") != address or self.js("document.readyState") != "complete":
            assert time.monotonic() < until, f"{address} did not open"
            time.sleep(0.05)

    def js(self, code: str) -> Any:
        """What an expression says; a promise is waited for."""
        found = self.ask("Runtime.evaluate", expression=code, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in found, found
        return found["result"].get("value")

    def text(self, name: str) -> str:
        return self.js(f"document.getElementById({name!r}).textContent")

    def key(self, name: str) -> None:
        more = {"text": "\r"} if name == "Enter" else {}
        given = {"key": name, "code": name, "windowsVirtualKeyCode": KEYS[name]}
        self.ask("Input.dispatchKeyEvent", type="keyDown", **given, **more)
        self.ask("Input.dispatchKeyEvent", type="keyUp", **given)

    def type(self, text: str) -> None:
        self.ask("Input.insertText", text=text)

    def click(self, name: str, along: float = 0.5) -> None:
        """Press the mouse on an element, at a share of its width."""
        box = self.js(
            f"(e => {{ e.scrollIntoView({{block: 'center', behavior: 'instant'}}); const b = e.getBoundingClientRect(); "
            f"return [b.x, b.y, b.width, b.height] }})(document.getElementById({name!r}))"
        )
        at = {"x": box[0] + along * box[2], "y": box[1] + box[3] / 2, "button": "left", "clickCount": 1}
        for kind in ("mousePressed", "mouseReleased"):
            self.ask("Input.dispatchMouseEvent", type=kind, **at)

    def size(self, width: int, height: int) -> None:
        self.ask("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)  # fmt: skip


@contextmanager
def tab(folder: Path) -> Iterator[Tab]:
    """A fresh browser with one page; its profile lives in `folder`."""
    browser = chromium()
    assert browser is not None
    theirs, send = os.pipe()
    receive, ours = os.pipe()
    high = [fcntl.fcntl(end, fcntl.F_DUPFD, 10) for end in (theirs, ours)]
    command = [sys.executable, "-c", START, *map(str, high), browser, *FLAGS, f"--user-data-dir={folder}"]
    process = subprocess.Popen(command, pass_fds=high, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    for end in (theirs, ours, *high):
        os.close(end)
    try:
        yield Tab(send, receive)
    finally:
        process.kill()
        process.wait()
        os.close(send)
        os.close(receive)
