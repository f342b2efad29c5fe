"""The rendered ruleset beside the one that the kernel holds, rule by rule and element by element."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from bailiwick.targets.artifact import Artifact
from bailiwick.twin.layout import ROUTER
from bailiwick.twin.result import Loaded
from bailiwick.twin.scene.namespaces import run, within

OBJECT = re.compile(r"^\t(chain|set|map) (\S+) \{$")
COMMENT = re.compile(r' comment "([^"]*)"')
HEADS = ("type ", "flags ", "size ", "timeout ", "policy ", "elements = {", "}", "#")


@dataclass(slots=True)
class Part:
    """A chain's rules or a set's elements: (line number, comment)."""

    kind: str
    name: str
    line: int
    items: list[tuple[int, str]] = field(default_factory=list)


def parts(text: str) -> list[Part]:
    """What a file in nft's own layout (one rule or element to a line) defines."""
    found: list[Part] = []
    for number, line in enumerate(text.splitlines(), 1):
        if opened := OBJECT.match(line):
            found.append(Part(opened.group(1), opened.group(2), number))
        elif found and line.startswith("\t\t") and not line.strip().startswith(HEADS):
            comment = COMMENT.search(line)
            found[-1].items.append((number, comment.group(1) if comment else ""))
    return found


def _held(namespace: str) -> dict[tuple[str, str], list[str]]:
    """The comments of each chain's rules, in order, and of each set's elements."""
    with within(namespace):
        listed = json.loads(run("nft", "-j", "list", "ruleset"))["nftables"]
    held: dict[tuple[str, str], list[str]] = {}
    for entry in listed:
        for kind, body in entry.items():
            if kind == "chain":
                held.setdefault((kind, body["name"]), [])
            elif kind == "rule":
                held.setdefault(("chain", body["chain"]), []).append(body.get("comment", ""))
            elif kind in ("set", "map"):
                held[kind, body["name"]] = [_comment(element) for element in body.get("elem", ())]
    return held


def _comment(element: object) -> str:
    if isinstance(element, list):  # a map's key and value
        return _comment(element[0])
    inner = element.get("elem") if isinstance(element, dict) else None
    return str(inner.get("comment", "")) if isinstance(inner, dict) else ""


def ruleset_loaded(artifact: Artifact, namespace: str = ROUTER, file: str = "") -> Iterator[Loaded]:
    """One entry for each rule and element of the file, and one for whatever the kernel holds beyond it.

    ``file`` is what the artifact is called where it is not the router's (``hv:/etc/…``).
    """
    held, file = _held(namespace), file or artifact.path
    for part in parts(artifact.text):
        there = held.get((part.kind, part.name))
        what = f"{part.kind} {part.name}"
        if there is None:
            yield Loaded(what, f"{file}:{part.line}", False, "the kernel has none of this name")
            continue
        left = list(there)
        for number, comment in part.items:
            found = comment in left
            if found:
                left.remove(comment)
            kind = "rule" if part.kind == "chain" else "element"
            yield Loaded(f"{what}, {kind} of {comment or 'no comment'}", f"{file}:{number}", found)
        if left:
            note = f"the kernel holds {len(left)} more than the file"
            yield Loaded(what, f"{file}:{part.line}", False, note)
