"""Headless Chromium for the tests, spoken to in its DevTools protocol over two pipes: no driver, no port."""

from __future__ import annotations

import base64
import fcntl
import json
import os
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, Any

from tests.servers import program

_FLAGS = (
    *("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--mute-audio"),
    *("--disable-background-networking", "--disable-component-update", "--hide-scrollbars", "--remote-debugging-pipe"),
)
_PATIENCE_S = 120
_WIDE = 1280
_PHONE = 390


class Page:
    """One page: what it asked the world for, what it complained of, and what it answers."""

    def __init__(self, to: IO[bytes], back: IO[bytes]) -> None:
        self._to, self._back = to, back
        self._number = 0
        self._session: str | None = None
        self.asked: list[str] = []
        """URLs of all requests, the page's own first."""
        self.complaints: list[str] = []
        """Errors and warnings on the console, and uncaught exceptions."""
        target = self._call("Target.createTarget", url="about:blank")["targetId"]
        self._session = self._call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Runtime", "Log", "Network", "Page"):
            self._call(f"{domain}.enable")
        self.resize(_WIDE, 900)

    def open(self, path: Path) -> None:
        """Open a file, to its end."""
        self._call("Page.navigate", url=path.resolve().as_uri())
        self._wait_for("Page.loadEventFired")
        self.answer("document.fonts.ready.then(() => 1)")

    def answer(self, expression: str) -> Any:
        """The value of a JavaScript expression; of a promise, what it comes to."""
        said = self._call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in said, said["exceptionDetails"]
        return said["result"].get("value")

    def resize(self, width: int, height: int, *, phone: bool = False) -> None:
        """Give the window a size in CSS pixels; a phone has two pixels for one."""
        scale = 2 if phone else 1
        metrics = {"width": width, "height": height, "deviceScaleFactor": scale, "mobile": phone}
        self._call("Emulation.setDeviceMetricsOverride", **metrics)

    def phone(self) -> None:
        """Become as narrow as a phone."""
        self.resize(_PHONE, 844, phone=True)

    def shoot(self, path: Path) -> None:
        """A picture of what the window shows."""
        path.write_bytes(base64.b64decode(self._call("Page.captureScreenshot", format="png")["data"]))

    def printed(self, path: Path) -> None:
        """The page as it goes to a printer, as a PDF."""
        said = self._call("Page.printToPDF", printBackground=True, preferCSSPageSize=True, paperWidth=8.27)
        path.write_bytes(base64.b64decode(said["data"]))

    def _call(self, method: str, **params: Any) -> Any:
        self._number += 1
        number = self._number
        message = {"id": number, "method": method, "params": params}
        if self._session is not None:
            message["sessionId"] = self._session
        self._to.write(json.dumps(message).encode() + b"\0")
        self._to.flush()
        while True:
            said = self._next()
            if said.get("id") == number:
                assert "error" not in said, f"{method}: {said['error']}"
                return said["result"]

    def _wait_for(self, event: str) -> None:
        while self._next().get("method") != event:
            pass

    def _next(self) -> Mapping[str, Any]:
        message = bytearray()
        while (byte := self._back.read(1)) != b"\0":
            assert byte, "Chromium ended"
            message += byte
        said: Mapping[str, Any] = json.loads(message)
        self._note(said.get("method", ""), said.get("params", {}))
        return said

    def _note(self, event: str, params: Mapping[str, Any]) -> None:
        if event == "Network.requestWillBeSent":
            self.asked.append(params["request"]["url"])
        elif event == "Log.entryAdded" and params["entry"]["level"] in ("error", "warning"):
            self.complaints.append(params["entry"]["text"])
        elif event == "Runtime.consoleAPICalled" and params["type"] in ("error", "warning", "assert"):
            self.complaints.append(json.dumps([value.get("value") for value in params["args"]]))
        elif event == "Runtime.exceptionThrown":
            self.complaints.append(json.dumps(params["exceptionDetails"]))


@contextmanager
def browser() -> Iterator[Page]:
    """A page of a Chromium of its own, which is ended afterwards."""
    chromium = program("chromium")
    assert chromium is not None
    (theirs_in, ours_out), (ours_in, theirs_out) = os.pipe(), os.pipe()
    with TemporaryDirectory(prefix="gate-chromium-", ignore_cleanup_errors=True) as profile:
        process = subprocess.Popen(
            [chromium, *_FLAGS, f"--user-data-dir={profile}"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            pass_fds=(3, 4),
            preexec_fn=lambda: _as_three_and_four(theirs_in, theirs_out),
        )
        os.close(theirs_in)
        os.close(theirs_out)
        try:
            with os.fdopen(ours_out, "wb") as to, os.fdopen(ours_in, "rb") as back:
                yield Page(to, back)
        finally:
            process.terminate()
            process.wait(_PATIENCE_S)


def _as_three_and_four(read: int, write: int) -> None:
    """The protocol's places: Chromium reads from 3 and writes to 4."""
    away = [fcntl.fcntl(number, fcntl.F_DUPFD, 10) for number in (read, write)]
    for number, place in zip(away, (3, 4), strict=True):
        os.dup2(number, place)
