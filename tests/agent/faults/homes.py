"""The generations that are applied in the fault matrix: one small router, before and after, and some that lock out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cache

from bailiwick.agent.model import Probe
from bailiwick.apply.generations import Packed, pack
from bailiwick.apply.probes import probes
from bailiwick.language import loads
from bailiwick.network.resolve import resolve
from bailiwick.plan import make_plan
from bailiwick.targets import render

ROUTER, WEB, OUTSIDER, ADMIN = "81.2.69.10", "192.168.40.5", "81.2.69.9", "192.168.10.2"
OLD = """\
name: gatehouse
domain: home.arpa
platform: debian-12
uplinks:
  wan: {interface: gate/eth0, address: 81.2.69.10/29, gateway: 81.2.69.9}
zones:
  mgmt: {subnet: 192.168.10.0/24}
  lan: {subnet: 192.168.40.0/24, dhcp: {range: .100-.199}}
hosts:
  gate: {router: linux, ports: {eth1: lan, eth2: mgmt}}
  web: {zone: lan, address: .5}
policy:
  - mgmt -> router: ssh, icmp
  - lan -> internet: any
  - outside -> router: tcp/2222, tcp/7000
forward:
  web: {service: https, to: web}
dns: {upstreams: [81.2.69.9]}
"""
NEW = (
    OLD.replace("tcp/2222, ", "tcp/8443, ")
    .replace("{service: https, to: web}", "{service: tcp/8080, to: web}")
    .replace("  lan: {subnet: 192.168.40.0/24, ", "  lan: {subnet: 192.168.40.0/24, gateway: .254, ")
    .replace("ports: {eth1: lan, eth2: mgmt}", "ports: {eth1: lan, eth2: mgmt, eth3: iot}")
    .replace("hosts:\n", "  iot: {subnet: 192.168.50.0/24}\nhosts:\n", 1)
)
"""Another port, an opening closed and one opened, a gateway moved: every step of a switch has something to do."""
NEXT = OLD.replace("tcp/2222, ", "tcp/9000, ")
"""What is applied after each fault, to see that it can be."""

Open = frozenset[str]
"""What the outside reaches, as ``outside.Scan`` names it."""


@dataclass(frozen=True)
class Wanted:
    """A generation that is not staged yet. ``open`` is what the outside reaches when it stands, ``gateway`` the
    router's address in the LAN; ``packed`` has its files."""

    name: str
    packed: Packed
    open: Open = frozenset()
    gateway: str = "192.168.40.1"
    probes: tuple[Probe, ...] = field(default=(), repr=False)

    def changed(self, name: str, path: str, edit: Callable[[str], str]) -> Wanted:
        """The same with one file edited, as by a mistake that the proof would not let through."""
        text = self.packed.contents[path].decode()
        assert edit(text) != text, f"{path} no longer has what {name} changes"
        return self.with_file(name, path, edit(text).encode())

    def with_file(self, name: str, path: str, content: bytes, reload: str = "") -> Wanted:
        """The same with a file of this content."""
        from hashlib import sha256  # noqa: PLC0415

        from bailiwick.agent.model import File  # noqa: PLC0415

        generation = self.packed.generation
        old = generation.file(path) or File(path, 0o644, "root:root", "", reload)
        file = replace(old, sha256=sha256(content).hexdigest())
        files = tuple(sorted((file, *(one for one in generation.files if one.path != path)), key=lambda one: one.path))
        packed = Packed(replace(generation, files=files), {**self.packed.contents, path: content})
        return replace(self, name=name, packed=packed)

    def probed(self) -> Wanted:
        """With what the device asks of itself, units that stay up for ten seconds included."""
        return replace(self, packed=Packed(replace(self.packed.generation, probes=self.probes), self.packed.contents))


def made(name: str, text: str, opened: Open, gateway: str = "192.168.40.1", secrets: Mapping[str, str] = {}) -> Wanted:
    network = resolve(loads({"home.yaml": text}), date(2026, 1, 1)).network
    plan = make_plan(network)
    tree = render(plan)[0]
    packed = pack(tree, plan.platform, secrets, tool="0", made="2026-01-01T00:00:00Z", source=name)
    return Wanted(name, packed, opened, gateway, tuple(probes(network, plan, tree)))


@cache
def old() -> Wanted:
    return made("old", OLD, frozenset({f"{ROUTER} tcp/{port}" for port in (2222, 7000, 443)}))


@cache
def new() -> Wanted:
    return made("new", NEW, frozenset({f"{ROUTER} tcp/{port}" for port in (8443, 7000, 8080)}), "192.168.40.254")


@cache
def following() -> Wanted:
    return made("next", NEXT, frozenset({f"{ROUTER} tcp/{port}" for port in (9000, 7000, 443)}))
