"""What a generation may put where on a device."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import PurePosixPath

from bailiwick.agent.disk import durable
from bailiwick.agent.model import FORMAT, Generation
from bailiwick.agent.places import STATE

OTHERS = 0o7022
"""Bits that no file of ours has: set-user-ID and the like, and writing for others than its owner."""


def checked(generation: Generation, contents: Mapping[str, bytes]) -> str:
    """What is wrong with it, in a sentence; "" when nothing is."""
    if generation.format != FORMAT:
        return f"this generation has form {generation.format}, and this agent writes form {FORMAT}"
    paths = [file.path for file in generation.files]
    if twice := {path for path in paths if paths.count(path) > 1}:
        return f"{min(twice)} is listed twice"
    if missing := set(paths) - set(contents):
        return f"there is no content for {min(missing)}"
    if more := set(contents) - set(paths):
        return f"{min(more)} is not among its files"
    folders = {str(above) for path in paths for above in PurePosixPath(path).parents}
    for file in generation.files:
        if complaint := path_complaint(file.path):
            return complaint
        if file.path in folders:
            return f"{file.path} is listed as a file, and as a directory of another"
        if file.mode & ~0o7777 or file.mode & OTHERS:
            return f"{file.path} has mode {file.mode:o}: others may write it, or become its owner"
        if hashlib.sha256(contents[file.path]).hexdigest() != file.sha256:
            return f"the content of {file.path} does not fit its sum"
        try:
            durable.ids(file.owner)
        except durable.NotWritten as failure:
            return f"{file.path}: {failure}"
    return ""


def path_complaint(path: str) -> str:
    """What is wrong with a path to be written on the device, in a sentence; "" when nothing is."""
    parts = path.split("/")
    if parts[0] or len(parts) < 2 or any(part in ("", ".", "..") or len(part.encode()) > 200 for part in parts[1:]):
        return f"{path!r} is no plain absolute path"
    if any(ord(letter) < 32 or ord(letter) == 127 for letter in path):
        return f"{path!r} has a control character"
    if path == STATE or path.startswith(STATE + "/"):
        return f"{path} lies where Bailiwick keeps its own"
    return ""
