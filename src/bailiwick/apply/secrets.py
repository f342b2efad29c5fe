"""The values of a home's secrets: one file each in ``secrets/`` beside the home file, its owner's alone."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Mapping
from pathlib import Path

from bailiwick.language.reading import Unreadable
from bailiwick.language.wireguard import read_key
from bailiwick.network.model import WireguardPeer

DIRECTORY = "secrets"
LARGEST = 64 << 10
"""Bytes: a certificate's chain is a tenth of it."""


class SecretsMissing(Exception):
    """``problems`` are whole sentences, one for each secret that cannot be used."""

    def __init__(self, problems: tuple[str, ...]) -> None:
        super().__init__(" ".join(problems))
        self.problems = problems


class _Unusable(Exception):
    pass


def read_secrets(home: Path, names: Iterable[str]) -> Mapping[str, str]:
    """Name to value, without the line break at its end. Raises SecretsMissing, with all that is wrong."""
    values, problems = {}, []
    for name in sorted(set(names)):
        path = home.parent / DIRECTORY / name
        try:
            values[name] = _read(path)
        except _Unusable as error:
            problems.append(f"The secret {name} {error}")
    if problems:
        raise SecretsMissing(tuple(problems))
    return values


def check_keys(values: Mapping[str, str], tunnels: Iterable[WireguardPeer]) -> None:
    """Those of ``values`` that are to be keys of tunnels can be such. Raises SecretsMissing, which shows none."""
    problems = []
    asked = {(name, peer.public_key) for peer in tunnels for name in peer.secrets if name in values}
    for name, theirs in sorted(asked):
        try:
            key = read_key(values[name])
        except Unreadable:
            problems.append(f"The secret {name} is no WireGuard key: 44 characters of base64, as `wg genkey` prints.")
            continue
        if key == theirs:
            problems.append(
                f"The secret {name} is the provider's public key: ours are `PrivateKey` and `PresharedKey` of its file."
            )
    if problems:
        raise SecretsMissing(tuple(problems))


def _read(path: Path) -> str:
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        raise _Unusable(f"is not there: write it to {path}, with mode 0600.") from None
    except OSError as error:
        raise _Unusable(f"cannot be read: {path}: {(error.strerror or str(error)).lower()}.") from None
    try:
        state = os.fstat(handle)
        if not stat.S_ISREG(state.st_mode):
            raise _Unusable(f"is no file: {path}.")
        if state.st_mode & 0o077:
            raise _Unusable(f"may be read by others: `chmod 600 {path}`.")
        if state.st_uid not in (0, os.geteuid()):
            raise _Unusable(f"is another user's file: {path}.")
        with os.fdopen(os.dup(handle), "rb") as file:
            data = file.read(LARGEST + 1)
    finally:
        os.close(handle)
    if len(data) > LARGEST:
        raise _Unusable(f"is too long: {path} has more than {LARGEST} bytes.")
    try:
        text = data.decode("utf-8").removesuffix("\n").removesuffix("\r")
    except UnicodeDecodeError:
        raise _Unusable(f"is no text: {path}.") from None
    if not text:
        raise _Unusable(f"is empty: {path}.")
    if any(ord(letter) < 32 or ord(letter) == 127 for letter in text):
        raise _Unusable(f"holds control characters or several lines, which no file of ours can bear: {path}.")
    return text


def written(value: str) -> str:
    """As it stands between double quotes in the files that bear it (``targets.artifact``)."""
    return value.replace("\\", "\\\\").replace('"', '\\"')
