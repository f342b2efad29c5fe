"""A real browser, driven over the pipe of the Chrome DevTools Protocol: file descriptors 3 and 4, JSON ended by NUL."""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from io import FileIO
from pathlib import Path
from typing import Any

PROGRAM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")

KEYS = {"Enter": 13, "Escape": 27, "Tab": 9, "ArrowLeft": 37, "ArrowUp": 38, "ArrowRight": 39, "ArrowDown": 40}


class Browser:
    """One page of a headless Chromium."""

    def __init__(self, reader: FileIO, writer: FileIO) -> None:
        self._reader, self._writer = reader, writer
        self._number, self._rest = 0, b""
        self.logged: list[str] = []
        target = self._ask("Target.createTarget", {"url": "about:blank"}, session=False)["targetId"]
        answer = self._ask("Target.attachToTarget", {"targetId": target, "flatten": True}, session=False)
        self._session = answer["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Security", "Audits"):
            self._ask(f"{domain}.enable")

    def show(
        self, page: Path, *, width: int = 1280, height: int = 900, dark: bool = False, script: bool = True
    ) -> None:
        self._ask(
            "Emulation.setDeviceMetricsOverride",
            {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False},
        )
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self._ask("Emulation.setEmulatedMedia", {"features": [scheme]})
        self._ask("Emulation.setScriptExecutionDisabled", {"value": not script})
        self._ask("Page.navigate", {"url": page.as_uri()})
        self._until("Page.loadEventFired")

    def run(self, expression: str) -> Any:
        """The value of a JavaScript expression; raises AssertionError when it throws."""
        answer = self._ask("Runtime.evaluate", {"expression": expression, "returnByValue": True, "awaitPromise": True})
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

    def press(self, key: str) -> None:
        text = {"text": "\r"} if key == "Enter" else {}
        named = {"key": key, "code": key, "windowsVirtualKeyCode": KEYS[key]}
        self._ask("Input.dispatchKeyEvent", {"type": "keyDown", **named, **text})
        self._ask("Input.dispatchKeyEvent", {"type": "keyUp", **named})

    def click(self, selector: str) -> None:
        """In the middle of what the selector finds, wherever that is on the screen."""
        x, y = self.run(
            f"(() => {{ const one = document.querySelector({json.dumps(selector)});"
            "one.scrollIntoView({block: 'nearest', inline: 'nearest'}); const box = one.getBoundingClientRect();"
            "return [box.x + box.width / 2, box.y + box.height / 2]; })()"
        )
        for kind in ("mousePressed", "mouseReleased"):
            where = {"type": kind, "x": x, "y": y, "button": "left", "clickCount": 1}
            self._ask("Input.dispatchMouseEvent", where)

    def picture(self, path: Path) -> None:
        path.write_bytes(base64.b64decode(self._ask("Page.captureScreenshot", {"format": "png"})["data"]))

    def _ask(self, method: str, parameters: dict[str, Any] | None = None, *, session: bool = True) -> Any:
        self._number += 1
        message: dict[str, Any] = {"id": self._number, "method": method, "params": parameters or {}}
        if session:
            message["sessionId"] = self._session
        self._writer.write(json.dumps(message).encode() + b"\0")
        while True:
            answer = self._next()
            if answer.get("id") == self._number:
                assert "error" not in answer, (method, answer)
                return answer["result"]

    def _until(self, event: str) -> None:
        while self._next().get("method") != event:
            pass

    def _next(self) -> dict[str, Any]:
        while b"\0" not in self._rest:
            part = self._reader.read(1 << 16)
            assert part, "the browser has gone"
            self._rest += part
        line, _, self._rest = self._rest.partition(b"\0")
        message: dict[str, Any] = json.loads(line)
        if message.get("method") in ("Log.entryAdded", "Runtime.exceptionThrown", "Audits.issueAdded"):
            self.logged.append(json.dumps(message["params"]))
        return message


@contextmanager
def browser(profile: Path) -> Iterator[Browser]:
    """``profile`` is an empty directory of the browser's own."""
    assert PROGRAM is not None
    (theirs_in, ours_out), (ours_in, theirs_out) = os.pipe(), os.pipe()

    def place() -> None:
        # High numbers first, so that neither end is closed by the other's move.
        low, high = os.dup(theirs_in), os.dup(theirs_out)
        os.dup2(low, 3)
        os.dup2(high, 4)

    flags = ["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]
    process = subprocess.Popen(
        [PROGRAM, *flags, "--remote-debugging-pipe", f"--user-data-dir={profile}"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        close_fds=False,
        preexec_fn=place,  # noqa: PLW1509  # tests have one thread
    )
    os.close(theirs_in)
    os.close(theirs_out)
    try:
        with os.fdopen(ours_in, "rb", buffering=0) as reader, os.fdopen(ours_out, "wb", buffering=0) as writer:
            yield Browser(reader, writer)
    finally:
        process.kill()
        process.wait()
