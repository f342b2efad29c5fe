"""The first home file: five answers to a commented text that ``check`` has nothing to say about."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

PRESETS = {"guest": "guest", "iot": "iot", "dmz": "dmz", "mgmt": "mgmt"}
"""Zones that are usually meant by these names, and the ready set of sentences for each."""

OWN = "the network of the people who live here"
PURPOSES = {
    "lan": OWN,
    "iot": "things that nobody trusts: cameras, plugs, televisions",
    "guest": "visitors: the internet and nothing else",
    "dmz": "what the world may reach",
    "mgmt": "where switches, access points and the router are managed",
    "services": "servers for the home",
}


@dataclass(frozen=True, slots=True)
class Answers:
    """``address`` is ``dhcp``, ``pppoe`` or the static address with its prefix, which needs ``gateway``.

    ``ports`` and ``zones`` are never empty; the first zone is the people's own. ``manage_from`` is one of ``zones``.
    """

    name: str = "home"
    uplink: str = "eth0"
    address: str = "dhcp"
    gateway: str = ""
    user: str = ""
    ports: tuple[str, ...] = ("eth1",)
    zones: tuple[str, ...] = ("lan",)
    manage_from: str = "lan"
    platform: str = "debian-13"


def first_home(answers: Answers) -> str:
    """The text of a home file, ending with a line break."""
    sections = [
        _head(answers),
        _uplinks(answers),
        _zones(answers),
        _hosts(answers),
        _policy(answers),
        _dns(),
        _tests(answers),
    ]
    return "\n".join(line.rstrip() for section in sections for line in (*section, "")).rstrip("\n") + "\n"


def _head(answers: Answers) -> Iterator[str]:
    yield "# One file for the whole network. `bailiwick check` says what is wrong with it, `bailiwick matrix` who"
    yield "# reaches what, `bailiwick try` sends real packets through it, `bailiwick build` writes the router's files."
    yield ""
    yield f"name: {answers.name}"
    yield f"platform: {answers.platform}"


def _uplinks(answers: Answers) -> Iterator[str]:
    yield "# The way out. Where the modem or the provider's box has a page of its own, add `modem: 192.168.1.1`:"
    yield '# "internet" never includes it.'
    yield "uplinks:"
    port = f"router/{answers.uplink}"
    if answers.address == "pppoe":
        yield "  # The password is never in this file: it is kept under the name `pppoe`."
        yield f"  wan: {{interface: {port}, pppoe: {{user: {answers.user}, password: !secret pppoe}}}}"
    elif answers.address == "dhcp":
        yield f"  wan: {{interface: {port}, address: dhcp}}"
    else:
        yield f"  wan: {{interface: {port}, address: {answers.address}, gateway: {answers.gateway}}}"


def _zones(answers: Answers) -> Iterator[str]:
    yield "# The networks inside. Traffic from one to another passes the router, and only where a sentence says so."
    yield "zones:"
    for number, zone in enumerate(answers.zones, 1):
        parts = [f"vlan: {number * 10}"] if zone in _tagged(answers) else []
        parts.append(f"subnet: 192.168.{number * 10}.0/24")
        parts.append("dhcp: {range: .100-.199}")
        if zone in PRESETS:
            parts.append(f"preset: {PRESETS[zone]}")
        yield f"  # {PURPOSES.get(zone, 'a network of its own')}"
        yield f"  {zone}: {{{', '.join(parts)}}}"


def _hosts(answers: Answers) -> Iterator[str]:
    yield "hosts:"
    yield "  router:"
    yield "    router: linux"
    yield "    ports:"
    yield from (f"      {port}: {text}" for port, text in _ports(answers).items())
    yield "  # Give a machine a name and an address of its own (with its MAC, DHCP hands the address out):"
    yield f'  # nas: {{zone: {answers.zones[0]}, address: .5, mac: "52:54:00:12:34:56"}}'


def _policy(answers: Answers) -> Iterator[str]:
    own, others = answers.zones[0], answers.zones[1:]
    yield "# Who may open connections to whom. Nothing else passes, and the order of the lines does not matter. DHCP"
    yield "# and DNS open by themselves where a zone has them, and replies always pass."
    yield "policy:"
    for zone in answers.zones:
        if zone not in PRESETS:
            yield f"  - {zone} -> internet: any"
    reached = [zone for zone in others if zone in ("iot", "services", "mgmt")]
    if reached:
        yield f"  - {own} -> {', '.join(reached)}: any"
    if answers.manage_from != "mgmt":
        yield f"  - {answers.manage_from} -> router: ssh, icmp"


def _dns() -> Iterator[str]:
    yield "# The router answers the home's names itself, and asks these for the rest of the world (Quad9). They see"
    yield "# every name that you look up: choose whom you trust."
    yield "dns: {upstreams: [9.9.9.9, 149.112.112.112]}"


def _tests(answers: Answers) -> Iterator[str]:
    yield "# What must hold whatever else this file says: `check` refuses a file that contradicts it."
    yield "tests:"
    yield "  deny:"
    yield f"    - outside -> router, {', '.join(answers.zones)}: any"
    for zone in answers.zones[1:]:
        if zone in ("guest", "iot", "dmz"):
            yield f"    - {zone} -> {answers.zones[0]}: any"
    yield "  accept:"
    yield f"    - {answers.manage_from} -> router: ssh"


def _tagged(answers: Answers) -> tuple[str, ...]:
    """The zones that share a port by VLAN tags: all but the first, when there are more zones than ports."""
    return answers.zones[1:] if len(answers.zones) > len(answers.ports) else ()


def _ports(answers: Answers) -> dict[str, str]:
    """Each zone on a port of its own where the ports suffice, spare ones to the first; else one trunk for all."""
    if tagged := _tagged(answers):
        trunk, *rest = answers.ports
        return {trunk: f"{{native: {answers.zones[0]}, trunk: [{', '.join(tagged)}]}}"} | dict.fromkeys(
            rest, answers.zones[0]
        )
    zones = (*answers.zones, *(answers.zones[0] for _ in answers.ports[len(answers.zones) :]))
    return dict(zip(answers.ports, zones, strict=True))
