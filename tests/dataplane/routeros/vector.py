"""Vectors: a rule set, a packet, what becomes of it, and the page of the manual that says so.

Written as Markdown under ``vectors/``. Each section has a line ``Manual: page`` (below manual.mikrotik.com/docs), or a
sentence that no page does, and blocks: ``text rules`` with commands that follow ``STAGE`` (``text rules 6.49``: of that
version), then ``vectors``, ``frames`` and ``told`` about them. Line numbers are those of the block.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from ipaddress import ip_address
from pathlib import Path

from bailiwick.dataplane.interpreter import End, Header, Interpreter, Walk
from bailiwick.dataplane.model import Device
from bailiwick.dataplane.routeros import read_export
from bailiwick.packets.header import State, Status
from bailiwick.proof.audit.layer2 import Layer2

VECTORS = Path(__file__).with_name("vectors")
STAGE = """\
/ip address
add address=198.51.100.2/24 interface=ether1
add address=10.0.1.1/24 interface=ether2
add address=10.0.2.1/24 interface=ether3
/ip route
add dst-address=0.0.0.0/0 gateway=198.51.100.1
/ipv6 address
add address=2001:db8:f::2/64 interface=ether1 advertise=no
add address=2001:db8:1::1/64 interface=ether2 advertise=no
add address=2001:db8:2::1/64 interface=ether3 advertise=no
/ipv6 route
add dst-address=::/0 gateway=2001:db8:f::1
"""
"""The device that every rule set is added to: outside, inside, and a third network."""

_SECTION = re.compile(r"^## (?P<title>.+)\n(?P<body>(?:(?!^## ).*\n)*)", re.M)
_BLOCK = re.compile(
    r"^```(?P<kind>text rules|vectors|frames|told)(?: (?P<version>[\d.]+))?\n(?P<body>.*?)^```$", re.M | re.S
)
_PACKET = re.compile(
    r"(?P<iif>\S+) (?P<source>\S+) -> (?P<target>\S+) (?P<protocol>\w+)"
    r"(?:/(?:(?P<sport>\d+)>)?(?P<number>\d+)(?::(?P<code>\d+))?)?"
    r"(?: (?P<state>new|established|related|invalid))?(?: flags=(?P<flags>[a-z,]+))?"
)
_FRAME = re.compile(r"a frame by (?P<port>\S+) (?:without a tag|tagged (?P<tag>\d+)):")
_PROTOCOLS = {"icmp": 1, "tcp": 6, "udp": 17}
_FLAGS = {"none": 0, "fin": 1, "syn": 2, "rst": 4, "psh": 8, "ack": 16, "urg": 32}
_SOME_PORT = 40000


@dataclass(frozen=True)
class Vector:
    """One packet (``answer``: the one that answers the packet before it) and what is to become of it."""

    packet: str
    expected: str


@dataclass(frozen=True)
class RuleSet:
    """``told``: line number, and words of what the account says about it; all lines that are not understood."""

    name: str
    version: str
    text: str
    vectors: tuple[Vector, ...]
    frames: tuple[str, ...]
    told: tuple[tuple[int, str], ...]

    @cached_property
    def commands(self) -> str:
        return STAGE + self.text

    @cached_property
    def device(self) -> Device:
        return read_export(f"# 2026-01-01 by RouterOS {self.version}\n{self.commands}", "vector.rsc")

    @property
    def before(self) -> int:
        """Lines that come before the block's first."""
        return 1 + STAGE.count("\n")

    def unknown(self) -> dict[int, str]:
        return {line.number - self.before: what for line, what in self.device.tally.unknown}

    def results(self) -> Iterator[tuple[Vector, str]]:
        """Each vector and what became of its packet."""
        interpreter = Interpreter(self.device)
        last: Walk | None = None
        for vector in self.vectors:
            if vector.packet == "answer":
                assert last is not None
                walks = interpreter.replies(last).walks
            else:
                walks = interpreter.outcomes(header_of(vector.packet)).walks
            last = walks[0]
            said = sorted({self._words(walk, "line" in vector.expected) for walk in walks})
            yield vector, " or ".join(said)

    def followed(self) -> Iterator[str]:
        """What becomes of each frame, in the words of ``frames``."""
        layer = Layer2(self.device)
        for text in self.frames:
            found = _FRAME.match(text)
            assert found is not None, f"no frame: {text}"
            yield str(layer.frame(found["port"], *([int(found["tag"])] if found["tag"] else [])))

    def _words(self, walk: Walk, with_line: bool) -> str:
        sent, left = walk.packet, walk.left
        words = {
            End.ACCEPT: "taken" if walk.local else f"leaves by {walk.egress}",
            End.DROP: "dropped",
            End.REJECT: "refused",
            End.UNROUTABLE: "no way",
            End.UNKNOWN: f"unknown ({walk.reason})",
        }[walk.end]
        if walk.accepted:
            if (left.source, left.source_port) != (sent.source, sent.source_port):
                words += f" from {left.source}" + _port(left.source_port, sent.source_port)
            if (left.destination, left.destination_port) != (sent.destination, sent.destination_port):
                words += f" to {left.destination}" + _port(left.destination_port, sent.destination_port)
            words += ", fast-tracked" if walk.fasttracked else ""
        line = walk.decided.number - self.before if walk.decided is not None and with_line else 0
        return words + (f", line {line}" if line > 0 else "")


def _port(port: int, before: int) -> str:
    return f":{port}" if port != before else ""


def header_of(text: str) -> Header:
    """The packet that a vector's words describe."""
    found = _PACKET.fullmatch(text)
    assert found is not None, f"no packet: {text}"
    protocol = _PROTOCOLS.get(found["protocol"]) or int(found["protocol"])
    number = int(found["number"] or 0)
    ports = protocol in (6, 17)
    state = State[(found["state"] or "new").upper()]
    flags = found["flags"] or ("syn" if state is State.NEW else "ack")
    source = int(found["sport"] or _SOME_PORT) if ports else 0
    return Header(
        ip_address(found["source"]),
        ip_address(found["target"]),
        None if found["iif"] == "router" else found["iif"],
        protocol,
        source,
        number if ports else 0,
        0 if ports else number,
        int(found["code"] or 0),
        sum(_FLAGS[flag] for flag in flags.split(",")) if protocol == 6 else 0,
        state,
        Status.CONFIRMED if state in (State.ESTABLISHED, State.RELATED) else Status(0),
    )


def rule_sets() -> list[RuleSet]:
    """Every rule set of every file, in order; the name says where it stands."""
    return [found for path in sorted(VECTORS.glob("*.md")) for found in _of(path)]


def sections() -> Iterator[tuple[str, str]]:
    """Title and text of each section."""
    for path in sorted(VECTORS.glob("*.md")):
        for section in _SECTION.finditer(path.read_text(encoding="utf-8")):
            yield f"{path.stem}: {section['title']}", section["body"]


def _of(path: Path) -> Iterator[RuleSet]:
    for section in _SECTION.finditer(path.read_text(encoding="utf-8")):
        blocks = list(_BLOCK.finditer(section["body"]))
        starts = [at for at, block in enumerate(blocks) if block["kind"] == "text rules"]
        for number, start in enumerate(starts):
            mine = blocks[start : starts[number + 1] if number + 1 < len(starts) else None]
            rows = {kind: [r for b in mine if b["kind"] == kind for r in b["body"].splitlines()] for kind in _KINDS}
            pairs = [row.partition(" => ") for row in rows["vectors"]]
            told = [row.partition(" ") for row in rows["told"]]
            name = f"{path.stem}: {section['title']}" + (f" ({number + 1})" if number else "")
            yield RuleSet(
                name,
                blocks[start]["version"] or "7.20",
                blocks[start]["body"],
                tuple(Vector(packet, expected) for packet, _, expected in pairs),
                tuple(rows["frames"]),
                tuple((int(line), words) for line, _, words in told),
            )


_KINDS = ("vectors", "frames", "told")
