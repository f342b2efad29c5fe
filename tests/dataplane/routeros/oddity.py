"""Exports with everything that exports are known to have, as Markdown: the text, and what is to be read of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from bailiwick.dataplane.model import Device
from bailiwick.dataplane.rules import (
    Accept,
    Among,
    AnyOf,
    Continue,
    Drop,
    FastTrack,
    Jump,
    Lookup,
    Note,
    OnInterface,
    Reject,
    Rule,
    SetField,
    Step,
    Translate,
    Unknown,
    Whatever,
)
from bailiwick.packets import header
from tests.cases.blocks import blocks

ODDITIES = Path(__file__).with_name("oddities")
_FIELDS = {
    header.SOURCE: "source",
    header.DESTINATION: "destination",
    header.PROTOCOL: "protocol",
    header.SOURCE_PORT: "port",
    header.DESTINATION_PORT: "port",
    header.STATE: "state",
    header.STATUS: "status",
    header.TCP_FLAGS: "flags",
}
_WORDS: dict[type[object], str] = {
    Accept: "accept",
    AnyOf: "some of",
    Continue: "on",
    Drop: "drop",
    FastTrack: "fasttrack",
    Jump: "jump",
    Lookup: "list",
    Note: "note",
    Reject: "refuse",
    SetField: "mark",
    Translate: "translate",
    Unknown: "unknown",
    Whatever: "anything",
}
_DEEDS = frozenset({Accept, Continue, Drop, FastTrack, Jump, Reject, SetField, Translate, Whatever})


def text_of(path: Path) -> str:
    (export,) = (block.body for block in blocks(path.read_text(encoding="utf-8")) if block.argument == "export")
    return export


def expected(path: Path, kind: str) -> list[str]:
    return [
        row
        for block in blocks(path.read_text(encoding="utf-8"))
        if block.kind == kind
        for row in block.body.splitlines()
    ]


def rules(device: Device) -> Iterator[str]:
    """Each rule of IPv4 with its table, chain and line, and the kinds of its tests and deeds."""
    for name in ("filter", "nat", "mangle", "raw"):
        for table in device.tables:
            if table.family == "ip" and table.name == name:
                for chain in table.chains.values():
                    for rule in chain.rules:
                        yield f"{name} {chain.name} {rule.line.number}: {_words(rule)}"


def _words(rule: Rule) -> str:
    at = next((at for at, step in enumerate(rule.steps) if type(step) in _DEEDS or _noted(rule, at)), len(rule.steps))
    tests, deeds = (", ".join(_word(step) for step in part) for part in (rule.steps[:at], rule.steps[at:]))
    return f"{tests} ⇒ {deeds}".strip()


def _noted(rule: Rule, at: int) -> bool:
    """Where what the rule does begins with a note: that it logs, or fills a list."""
    return isinstance(rule.steps[at], Note)


def _word(step: Step) -> str:
    match step:
        case Among():
            return "never" if step.field == header.PROTOCOL and not step.values else _FIELDS[step.field]
        case OnInterface():
            return step.side
        case _:
            return _WORDS[type(step)]


def interfaces(device: Device) -> list[str]:
    found = []
    for one in device.interfaces.values():
        words = one.name + (f" in {one.master}" if one.master else "") + (f" on {one.parent}" if one.parent else "")
        found.append(words + (f", VLAN {one.vlan}" if one.vlan else ""))
    return sorted(found)
