"""Made-up wirings: a tree of machines, and what each holds, as text and as the facts behind it."""

from __future__ import annotations

import random
from dataclasses import dataclass, field


@dataclass
class Wired:
    """``parents``: machine to (the machine nearer to the router, its port there, its own port). ``holds``: the zones
    of what is in the machine itself or on its access ports."""

    text: str = ""
    zones: list[str] = field(default_factory=list)
    parents: dict[str, tuple[str, str, str]] = field(default_factory=dict)
    holds: dict[str, set[str]] = field(default_factory=dict)
    configured: set[str] = field(default_factory=set)
    root: str = "gate"

    def below(self, machine: str) -> set[str]:
        """Every zone that the machine or one behind it holds."""
        behind = (name for name, (parent, _, _) in self.parents.items() if parent == machine)
        return self.holds[machine].union(*(self.below(name) for name in behind))


def generate_wired(seed: int) -> Wired:
    """The same for the same seed. A valid home: every zone is on the router, links form a tree."""
    return _Making(random.Random(seed)).made


class _Making:
    """``hosts`` and ``devices`` map a machine to its keys, ``ports`` each machine to its ports."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self.virtual = chance.random() < 0.3
        self.made = Wired(zones=[f"z{n}" for n in range(chance.randint(2, 5))], root="hv0" if self.virtual else "gate")
        self.hosts: dict[str, list[str]] = {}
        self.devices: dict[str, list[str]] = {}
        self.ports: dict[str, dict[str, str]] = {"gate": {}}
        names = [f"hv{n}" for n in range(chance.randint(1, 2))] + [f"sw{n}" for n in range(chance.randint(0, 3))]
        self.made.holds["gate"] = set()
        for serial, name in enumerate(names):
            self.machine(name, serial)
        self.guests = [self.guest(serial) for serial in range(chance.randint(1, 6))]
        self.wire(names)
        self.router()
        self.made.text = self.text()

    def machine(self, name: str, serial: int) -> None:
        """Managed in some zone, with access ports of others; a switch may be one that nobody configures."""
        chance, zones = self.chance, self.made.zones
        home = chance.choice(zones)
        keys = [f"zone: {home}", f"address: .{serial + 2}"]
        self.made.holds[name] = {home}
        if name.startswith("hv"):
            self.hosts[name] = ["hypervisor: linux", *keys]
            self.made.configured.add(name)
        elif chance.random() < 0.4:
            self.devices[name] = ["kind: switch", *keys]
        else:
            self.devices[name] = ["kind: switch", "runs: routeros", *keys]
            self.made.configured.add(name)
        access = {f"acc{number}": chance.choice(zones) for number in range(chance.randint(0, 2))}
        self.made.holds[name].update(access.values())
        self.ports[name] = access

    def guest(self, serial: int) -> str:
        zone, owner = self.chance.choice(self.made.zones), self.chance.choice(list(self.hosts))
        self.made.holds[owner].add(zone)
        return f"  g{serial}: {{zone: {zone}, address: .{serial + 20}, guest-of: {owner}}}"

    def wire(self, names: list[str]) -> None:
        """Each machine behind one before it; the link is written at either end."""
        upper = [self.made.root]
        for name in names:
            if name != self.made.root:
                parent, near, far = self.chance.choice(upper), f"d{name}", "up"
                self.made.parents[name] = (parent, near, far)
                if self.chance.random() < 0.5:
                    self.ports[parent][near] = f"{name}/{far}"
                else:
                    self.ports[name][far] = f"{parent}/{near}"
                upper.append(name)

    def router(self) -> None:
        zones = self.made.zones
        if self.virtual:
            self.ports["gate"]["tap0"] = f"[{', '.join(zones)}]"
            self.hosts["gate"] = ["router: linux", "guest-of: hv0", "vm: {cards: {wan0: pci 03:00.0}}"]
        else:
            self.ports["gate"] |= {f"own{zone}": zone for zone in zones if zone not in self.made.below("gate")}
            self.hosts["gate"] = ["router: linux"]

    def text(self) -> str:
        lines = ["name: wired", "uplinks: {wan: {interface: gate/wan0, address: dhcp}}", "zones:"]
        lines += [f"  {zone}: {{vlan: {n + 10}, subnet: 10.0.{n}.0/24}}" for n, zone in enumerate(self.made.zones)]
        lines += ["hosts:", *(self.entry(name, keys) for name, keys in self.hosts.items()), *self.guests]
        lines += ["devices:", *(self.entry(name, keys) for name, keys in self.devices.items())]
        return "\n".join([*lines, "policy:", "  - z0 -> router: ssh", "dns: {upstreams: [9.9.9.9]}", ""])

    def entry(self, name: str, keys: list[str]) -> str:
        ports = ", ".join(f"{port}: {to}" for port, to in self.ports[name].items())
        return f"  {name}: {{{', '.join([*keys, f'ports: {{{ports}}}'])}}}"
