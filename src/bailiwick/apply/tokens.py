"""The word that confirms, kept for the owner until it is given: an apply can be confirmed from another shell."""

from __future__ import annotations

import json
import os
import re
import secrets
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path

BYTES = 24


@dataclass(frozen=True, slots=True)
class Token:
    """``home`` the home file's absolute path, ``to`` how the device was reached, ``number`` its new generation's."""

    home: str
    device: str
    to: str
    number: int
    word: str

    @property
    def digest(self) -> str:
        """What the device is given when the window opens."""
        return sha256(self.word.encode()).hexdigest()


def state_directory() -> Path:
    """XDG_STATE_HOME's (XDG Base Directory Specification 0.8)."""
    home = os.environ.get("XDG_STATE_HOME", "")
    return Path(home if home.startswith("/") else Path.home() / ".local/state") / "bailiwick"


def new_word() -> str:
    """Nobody guesses it."""
    return secrets.token_urlsafe(BYTES)


def keep(token: Token) -> Path:
    """One file for each home and device, 0600; an older word is forgotten. Raises OSError."""
    directory = state_directory()
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = directory / _name(token.home, token.device)
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump(asdict(token), file)
        fresh.replace(path)
    except OSError:
        fresh.unlink(missing_ok=True)
        raise
    return path


def kept(home: Path, device: str = "") -> tuple[Token, ...]:
    """Those of a home file, of one device or of all; the newest first."""
    found = [token for token in _tokens() if token[1].home == str(home.absolute())]
    if device:
        found = [token for token in found if token[1].device == device]
    return tuple(token for _, token in sorted(found, key=lambda one: one[0], reverse=True))


def forget(token: Token) -> None:
    """After it was given, or has no use any more. Raises OSError."""
    (state_directory() / _name(token.home, token.device)).unlink(missing_ok=True)


def _tokens() -> Iterator[tuple[float, Token]]:
    """What cannot be read is none of ours, or one that was written halfway."""
    for path in sorted(state_directory().glob("*.token")):
        with suppress(OSError, ValueError, TypeError):
            yield path.stat().st_mtime, Token(**json.loads(path.read_text(encoding="utf-8")))


def _name(home: str, device: str) -> str:
    place = sha256(home.encode()).hexdigest()[:12]
    return f"{re.sub('[^A-Za-z0-9._-]', '-', device)}-{place}.token"
