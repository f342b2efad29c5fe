"""Packets and homes as short texts, so that a table of verdicts reads like one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from ipaddress import IPv4Address
from pathlib import Path

from bailiwick.intent import Intent, mean
from bailiwick.language import load, loads
from bailiwick.network.resolve import resolve
from bailiwick.packets.packet import ICMP, TCP, UDP, Packet

EXAMPLES = Path(__file__).parents[2] / "examples"
TODAY = date(2026, 6, 1)
UPLINKS = ("wan", "wan2", "ivpn")
PROTOCOLS = {"icmp": ICMP, "tcp": TCP, "udp": UDP, "gre": 47}

SMALL_HOME = {
    "uplinks": [
        "wan: {interface: gate/eth0, address: dhcp, modem: 192.168.100.1}",
        "ivpn: {interface: gate/tun0, tunnel: {address: 172.24.18.6/32}}",
    ],
    "zones": [
        "lan: {vlan: 40, subnet: 192.168.40.0/24, dhcp: {range: .100-.199}}",
        "dmz: {vlan: 30, subnet: 192.168.30.0/24}",
        "guests: {vlan: 60, subnet: 192.168.60.0/24}",
        "things: {vlan: 70, subnet: 192.168.70.0/24, isolate: yes}",
    ],
    "hosts": [
        "gate: {router: linux, ports: {eth1: [lan, dmz, guests, things]}}",
        "laptop: {zone: lan, address: .7}",
        "proxy: {zone: dmz, address: .5}",
    ],
    "dns": ["upstreams: [1.1.1.1]"],
}


def example(name: str) -> Intent:
    return mean(resolve(load(EXAMPLES / f"{name}.yaml"), TODAY).network)


def small_home(
    *, policy: Sequence[str] = (), deny: Sequence[str] = (), accept: Sequence[str] = (), **sections: str
) -> Intent:
    """The small home with its policy, its tests, and one more line for each section named."""
    lines = {name: list(found) for name, found in SMALL_HOME.items()}
    for name, line in sections.items():
        lines.setdefault(name.replace("_", "-"), []).append(line)
    lines["policy"] = [f"- {sentence}" for sentence in policy]
    lines["tests"] = ["deny:", *(f"  - {test}" for test in deny)] if deny else []
    lines["tests"] += ["accept:", *(f"  - {test}" for test in accept)] if accept else []
    text = ["name: small"]
    for name, found in lines.items():
        text += [f"{name}:", *(f"  {line}" for line in found)] if found else []
    return mean(resolve(loads({"home.yaml": "\n".join([*text, ""])}), TODAY).network)


def packet(text: str) -> Packet:
    """From ``lan 192.168.40.7 -> wan 9.9.9.9 tcp/443``; ``translated`` and ``from PORT`` may follow."""
    words = text.replace("->", " ").split()
    ingress, source, egress, destination, service, *rest = words
    protocol, _, number = service.partition("/")
    code = PROTOCOLS[protocol]
    ported = code in (TCP, UDP)
    return Packet(
        ingress=_place(ingress),
        egress=_place(egress),
        source=IPv4Address(source),
        destination=IPv4Address(destination),
        protocol=code,
        source_port=(int(rest[rest.index("from") + 1]) if "from" in rest else 50000) if ported else 0,
        destination_port=int(number) if ported else 0,
        icmp_type=int(number or 8) if code == ICMP else 0,
        translated="translated" in rest,
    )


def _place(word: str) -> str:
    if word in ("router", "unknown"):
        return word
    return f"uplink:{word}" if word in UPLINKS else f"zone:{word}"
