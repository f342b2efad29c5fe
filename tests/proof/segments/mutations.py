"""Single-token changes of the lines that say which VLAN is where, and what frames followed one by one make of each."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from bailiwick.dataplane.segments import Heard
from bailiwick.proof.hearing import Hearing
from bailiwick.proof.wired import Machines, wired
from tests.dataplane.segments.brute import flooded
from tests.proof.segments.sample import Sample

LINES = (
    ("hv", re.compile(r"\.(network|netdev)$"), re.compile(r"^(VLAN|PVID|EgressUntagged|VLANFiltering|DefaultPVID)=")),
    ("hv", re.compile(r"\.(network|netdev)$"), re.compile(r"^(Bridge|Isolated|Id|Name|Kind|\[BridgeVLAN\]|Address)")),
    ("hv", re.compile(r"domain\.xml$"), re.compile(r"<(mac|target) |<interface")),
    ("hv", re.compile(r"network-config$"), re.compile(r"macaddress|^  \w+:$")),
    ("hv", re.compile(r"firewall\.nft$"), re.compile(r"^\t\t(iifname|type)")),
    ("hv", re.compile(r"90-bailiwick\.rules$"), re.compile(r"vlan_filtering")),
    ("gate", re.compile(r"\.(network|netdev)$"), re.compile(r"^(VLAN|VLANFiltering|Bridge|Isolated|Id)=")),
    ("sw", re.compile(r"\.rsc$"), re.compile(r"^/interface (bridge|vlan)")),
)
_WORD = re.compile(r"[\w.:-]+")
_OPPOSITE = {"yes": "no", "no": "yes", "none": "20", "0": "1", "1": "0"}
_VLANS = ("10", "20", "40", "50", "77")


@dataclass(frozen=True)
class Mutant:
    machine: str
    path: str
    number: int
    old: str
    new: str
    text: str

    def __str__(self) -> str:
        return f"{self.machine}:{self.path}:{self.number}: {self.old!r} became {self.new!r}"


def mutants(sample: Sample) -> Iterator[Mutant]:
    """Every word changed, taken away, or its whole line."""
    for machine, texts in sample.texts.items():
        for path, text in texts.items():
            wanted = [line for name, file, line in LINES if name == machine and file.search(path)]
            lines = text.split("\n")
            for at, line in enumerate(lines):
                if not any(pattern.search(line.strip() if "xml" in path else line) for pattern in wanted):
                    continue
                for new in (*_changed(line), ""):
                    changed = "\n".join((*lines[:at], new, *lines[at + 1 :]))
                    yield Mutant(machine, path, at + 1, line, new, changed)


def _changed(line: str) -> Iterator[str]:
    for found in _WORD.finditer(line):
        word = found[0]
        others: tuple[str, ...] = ("", _OPPOSITE[word]) if word in _OPPOSITE else ("",)
        if word in _VLANS:
            others = ("", *(vlan for vlan in _VLANS if vlan != word))
        elif re.fullmatch(r"tap-\w+|ens\d|ether\d|br0", word):
            others = ("", word[:-1] + ("2" if word[-1] != "2" else "3"), "tap-hub")
        for other in others:
            yield line[: found.start()] + other + line[found.end() :]


Who = tuple[str, str]


def relation(sample: Sample, machines: Machines) -> dict[tuple[Who, tuple[int, ...]], frozenset[Who]]:
    """Who hears whom, by what each end may send, with frames flooded by ``brute``: no code of the proof's own walk."""
    places = sample.places(machines)
    site = wired(sample.network, machines)
    hearing = Hearing(sample.network, places, machines, site)
    ends = {**dict.fromkeys(hearing.plugs, True), **dict.fromkeys((*hearing.routed, *hearing.own), False)}
    tags = [(), *((int(vlan),) for vlan in _VLANS), (10, 50), (20, 40), (40, 20), (50, 10)]
    found = {}
    for at, plug in ends.items():
        for sent in tags if plug else [()]:
            heard = flooded(site.wiring, *at, sent)
            said = {Heard(*one).at for one in heard if _takes(hearing, at, Heard(*one))} - {at}
            found[at, sent] = frozenset(one for one in said if not sent or not _among_themselves(hearing, at, one))
    return found


def _among_themselves(hearing: Hearing, at: Who, other: Who) -> bool:
    """One zone, whose ends are not kept from each other: whether they speak there with a tag is their own business."""
    zones = [
        hearing.plugs[one].carried.get(()) if one in hearing.plugs else hearing.routed.get(one) or hearing.own.get(one)
        for one in (at, other)
    ]
    apart = at in hearing.plugs and other in hearing.plugs and hearing.plugs[at].isolated
    return zones[0] is not None and zones[0] == zones[1] and not apart


def _takes(hearing: Hearing, at: Who, heard: Heard) -> bool:
    """What still bears a tag is heard by whoever is plugged in, and dropped by a machine of ours. Within one zone such
    frames are nobody's business."""
    if not heard.tags:
        return heard.at in hearing.plugs or heard.at in hearing.routed or heard.at in hearing.own
    there, here = hearing.plugs.get(heard.at), hearing.plugs.get(at)
    return there is not None and not (here and here.carried.get(()) == there.carried.get(()))
