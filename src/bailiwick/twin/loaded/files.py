"""The rendered files beside those that lie on the router, line by line: what a daemon reads is what was rendered."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import SequenceMatcher
from pathlib import Path

from bailiwick.targets.artifact import Artifact, Tree
from bailiwick.twin.layout import Layout
from bailiwick.twin.result import Loaded
from bailiwick.twin.scene.files import adapted

NUMBERED = tuple[int, str]


def files_loaded(tree: Tree, layout: Layout) -> Iterator[Loaded]:
    """One entry for each file that is as it should be, else one for each of its lines that is missing, one for lines
    that nobody rendered, and one for a mode that lets others read or write."""
    for artifact in tree.artifacts:
        text = adapted(artifact, layout)
        if text is not None:
            yield from _file(artifact, _numbered(artifact.text, text))


def _numbered(rendered: str, wanted: str) -> list[NUMBERED]:
    """The wanted lines, each with its number in the rendered text, of which the stage may have left some out."""
    if rendered.count("\n") == wanted.count("\n"):  # a secret is filled in, no line is left out
        return list(enumerate(wanted.splitlines(), 1))
    found: list[NUMBERED] = []
    left = enumerate(rendered.splitlines(), 1)
    for line in wanted.splitlines():
        number = next(number for number, other in left if other == line)
        found.append((number, line))
    return found


def _file(artifact: Artifact, wanted: list[NUMBERED]) -> Iterator[Loaded]:
    path = Path(artifact.path)
    if not path.is_file():
        yield Loaded(f"file {path.name}", f"{path}:1", False, "there is no such file")
        return
    mode = path.stat().st_mode & 0o7777
    if mode != artifact.mode:
        yield Loaded(f"file {path.name}", f"{path}:1", False, f"its mode is {mode:o}, not {artifact.mode:o}")
    there = path.read_text(encoding="utf-8", errors="replace").splitlines()
    lines = [line for _, line in wanted]
    if there == lines:
        yield Loaded(f"file {path.name}", f"{path}:1", True)
        return
    for kind, first, last, other_first, other_last in SequenceMatcher(a=lines, b=there, autojunk=False).get_opcodes():
        if kind in ("delete", "replace"):
            for number, line in wanted[first:last]:
                yield Loaded(f"line {line.strip()!r}", f"{path}:{number}", False, "the file on the router lacks it")
        if kind in ("insert", "replace"):
            number = wanted[min(first, len(wanted) - 1)][0] if wanted else 1
            more = ", ".join(repr(line.strip()) for line in there[other_first:other_last])
            yield Loaded(f"file {path.name}", f"{path}:{number}", False, f"the file on the router has more: {more}")
