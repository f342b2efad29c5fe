"""Wirings made up from a seed: hosts, bridges that filter and that do not, VLAN interfaces, cables, loops too."""

from __future__ import annotations

from random import Random

from bailiwick.dataplane.model import Device, Interface, Link, Wiring

VLANS = (2, 3, 4)


def generated(seed: int) -> Wiring:
    chance = Random(seed)
    devices: dict[str, Device] = {}
    free: list[tuple[str, str]] = []
    for number in range(chance.randint(1, 3)):
        box = _switch(chance, f"s{number}")
        devices[box.name] = box
        free += [(box.name, one.name) for one in box.interfaces.values() if one.kind == "ethernet"]
    for number in range(chance.randint(1, 4)):
        name = f"h{number}"
        inner = [Interface(f"eth0.{vlan}", "vlan", parent="eth0", vlan=vlan) for vlan in VLANS if chance.random() < 0.3]
        devices[name] = Device(name, interfaces={one.name: one for one in (Interface("eth0", "ethernet"), *inner)})
        free.append((name, "eth0"))
    chance.shuffle(free)
    links = [Link(free.pop(), free.pop()) for _ in range(chance.randint(1, len(free) // 2))]
    return Wiring(devices, tuple(links))


def _some(chance: Random) -> frozenset[int]:
    return frozenset(vlan for vlan in VLANS if chance.random() < 0.5)


def _port(chance: Random, name: str, kind: str, platform: str, master: str | None) -> Interface:
    tagged, bare = _some(chance), _some(chance) if chance.random() < 0.3 else frozenset()
    own = chance.choice((None, *VLANS))
    if platform == "linux":
        return Interface(
            name, kind, master=master, tagged=tagged - bare, bare=bare, untagged=own, isolated=chance.random() < 0.3
        )
    admits = chance.choice(("all", "tagged", "untagged"))
    return Interface(
        name,
        kind,
        master=master,
        tagged=tagged - bare,
        bare=bare,
        untagged=None if admits == "tagged" else own,
        admits=admits,
        lax=chance.random() < 0.3,
        horizon=chance.choice(("", "", "1", "2")),
    )


def _switch(chance: Random, name: str) -> Device:
    platform = chance.choice(("linux", "routeros"))
    found = [_port(chance, "br0", "bridge", platform, None)]
    found += [_port(chance, f"p{n}", "ethernet", platform, "br0") for n in range(chance.randint(2, 4))]
    found += [Interface(f"br0.{vlan}", "vlan", parent="br0", vlan=vlan) for vlan in VLANS if chance.random() < 0.4]
    if chance.random() < 0.3:
        found.append(Interface("p0.4", "vlan", parent="p0", vlan=4, master=chance.choice((None, "br0"))))
    filtering = "1" if chance.random() < 0.75 else "0"
    return Device(name, platform, {one.name: one for one in found}, settings={"bridge.br0.vlan_filtering": filtering})
