"""Homes made up from a seed: valid files of any size, with every noun of the language in them.

The same seed gives the same text. What is made here resolves without an error or a warning.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv4Network

from hypothesis import strategies as st

SERVICES = ("ssh", "https", "web", "dns", "ntp", "icmp", "ping", "mail", "smb", "tcp/8080", "udp/5000-5010", "esp")
EXCEPTS = (("any", "ssh"), ("any", "udp/13233"), ("web", "https"), ("tcp/1000-2000", "tcp/1500"), ("any", "icmp"))
PUBLIC = ("198.41.128.0/17", "8.8.8.0/24", "9.9.9.9", "81.2.69.0/24", "151.101.0.0/16", "77.88.8.1-77.88.8.9")


@dataclass
class Draft:
    """A home in the making: names by kind, and the lines of each section."""

    chance: random.Random
    zones: dict[str, IPv4Network] = field(default_factory=dict)
    hosts: dict[str, str] = field(default_factory=dict)  # host -> its first zone
    taken: dict[str, set[int]] = field(default_factory=dict)
    uplinks: list[str] = field(default_factory=list)  # those that are no tunnel
    tunnels: list[str] = field(default_factory=list)
    groups: dict[str, set[str]] = field(default_factory=dict)  # group -> zones that its members are in
    doors: set[str] = field(default_factory=set)  # hosts that a forward leads to
    outer_groups: list[str] = field(default_factory=list)  # groups of public addresses alone
    services: list[str] = field(default_factory=list)
    sections: dict[str, list[str]] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)

    def odds(self, share: float) -> bool:
        return self.chance.random() < share

    def line(self, section: str, text: str) -> None:
        self.sections.setdefault(section, []).append(f"  {text}")

    def address(self, zone: str) -> IPv4Address:
        """A free address of the zone above the gateway and outside of nothing else."""
        network = self.zones[zone]
        while True:
            offset = self.chance.randrange(2, network.num_addresses - 1)
            if offset not in self.taken[zone]:
                self.taken[zone].add(offset)
                return network.network_address + offset

    def mac(self) -> str:
        serial = len(self.hosts)
        return f"52:54:00:{serial >> 16 & 255:02x}:{serial >> 8 & 255:02x}:{serial & 255:02x}"


def generate_home(zones: int = 4, hosts: int = 8, sentences: int = 12, seed: int = 0) -> dict[str, str]:
    """File names to texts; the main one is ``home.yaml``. At least one zone; ``hosts`` besides the router."""
    draft = Draft(random.Random(f"{zones}/{hosts}/{sentences}/{seed}"))
    _uplinks(draft)
    _zones(draft, zones, hosts)
    _router(draft)
    _hosts(draft, hosts)
    _groups(draft)
    _services(draft)
    _policy(draft, sentences)
    _forwards(draft)
    _routes_out(draft)
    _dns(draft)
    _tests(draft)
    head = ["name: made-up", "domain: home.arpa", f"platform: {draft.chance.choice(['debian-12', 'debian-13'])}"]
    body = [line for section, lines in draft.sections.items() for line in ("", f"{section}:", *lines)]
    return {"home.yaml": "\n".join([*head, *body, ""]), **draft.files}


def _uplinks(draft: Draft) -> None:
    draft.uplinks.append("wan")
    ways = (
        "address: dhcp, modem: 192.168.1.1",
        "address: dhcp",
        "address: 203.0.113.2/30, gateway: 203.0.113.1",
        "address: 81.2.69.10/29, gateway: 81.2.69.9",  # its neighbours are of the internet
        "pppoe: {user: me@isp.example, password: !secret pppoe}",
        "vlan: 7, pppoe: {user: me@isp.example, password: !secret pppoe}",
    )
    draft.line("uplinks", f"wan: {{interface: gate/eth0, {draft.chance.choice(ways)}}}")
    if draft.odds(0.3):
        draft.uplinks.append("wan2")
        draft.line("uplinks", "wan2: {interface: gate/eth9, address: dhcp}")
    if draft.odds(0.6):
        draft.tunnels.append("vpn")
        draft.line("uplinks", "vpn: {interface: gate/tun0, tunnel: {address: 172.31.255.6/32, mtu: 1420}}")


def _zones(draft: Draft, zones: int, hosts: int) -> None:
    crowded = hosts > 100 * zones
    presets = ["guest", "iot", "dmz"]
    for number in range(max(zones, 1)):
        name = f"z{number}"
        prefix = 20 if crowded else draft.chance.choice([24, 24, 24, 25, 26])
        network = IPv4Network((int(IPv4Address("10.16.0.0")) + (number << 12), prefix))
        draft.zones[name], draft.taken[name] = network, set()
        keys = [f"vlan: {number + 10}", f"subnet: {network}"]
        if draft.odds(0.2):
            last = network.num_addresses - 2
            draft.taken[name].add(last)
            keys.append(f"gateway: {network.network_address + last}")
        if draft.odds(0.6):
            first = network.network_address + network.num_addresses // 2
            pool = f"{first}-{first + network.num_addresses // 4}"
            keys.append(f"dhcp: {{range: {pool}, lease: {draft.chance.choice(['1h', '12h'])}}}")
        if number and draft.odds(0.2):
            keys.append("isolate: yes")
        if draft.odds(0.2):
            keys.append("refuse: reject")
        if draft.odds(0.2):
            keys.append("force-dns: yes")
        if number and presets and draft.odds(0.1):
            keys.append(f"preset: {presets.pop()}")
        draft.line("zones", f"{name}: {{{', '.join(keys)}}}")


def _router(draft: Draft) -> None:
    """Zones on trunks, some on an access port beside, and some behind an access point."""
    names = list(draft.zones)
    behind = [name for name in names[1:] if draft.odds(0.2)][:6]
    trunk = [name for name in names if name not in behind]
    ports = [f"eth1: [{', '.join(trunk)}]"]
    ports += [f"eth{2 + i}: {name}" for i, name in enumerate(trunk[:5]) if draft.odds(0.3)]
    if behind:
        own = draft.chance.choice(names)
        ports.append("eth8: ap/uplink")
        ssids = ", ".join(f"net{i}: {name}" for i, name in enumerate(behind))
        draft.line(
            "devices",
            f"ap: {{kind: access-point, zone: {own}, address: {draft.address(own)}, "
            f"ports: {{uplink: gate/eth8}}, ssids: {{{ssids}}}}}",
        )
    draft.line("hosts", f"gate: {{router: linux, ports: {{{', '.join(ports)}}}}}")


def _hosts(draft: Draft, hosts: int) -> None:
    names = list(draft.zones)
    served = ["dns"] if draft.odds(0.4) else []
    served += ["ntp"] if draft.odds(0.4) else []
    for number in range(hosts):
        name = f"h{number}"
        if number and len(names) > 1 and draft.odds(0.05):
            first, second = draft.chance.sample(names, 2)
            legs = ", ".join(f"{zone}: {{address: {draft.address(zone)}}}" for zone in (first, second))
            draft.line("hosts", f"{name}: {{legs: {{{legs}}}, forwards: no, because: ip_forward is 0}}")
            draft.hosts[name] = ""
            continue
        zone = draft.chance.choice(names)
        keys = [f"zone: {zone}", f"address: {draft.address(zone)}"]
        draft.hosts[name] = zone
        if draft.odds(0.3):
            keys.append(f'mac: "{draft.mac()}"')
        if draft.odds(0.1):
            keys.append(f"aliases: [alias{number}]")
        if served:
            keys.append(f"serves: {served.pop()}")
        draft.line("hosts", f"{name}: {{{', '.join(keys)}}}")
    if draft.odds(0.3):
        draft.line("hosts", "box: {uplink: wan, address: 192.168.1.2}")


def _single(draft: Draft) -> list[str]:
    """Hosts with one leg."""
    return [host for host, zone in draft.hosts.items() if zone]


def _groups(draft: Draft) -> None:
    single = _single(draft)
    for number in range(min(6, 1 + len(single) // 3) if single else 0):
        members = draft.chance.sample(single, min(len(single), draft.chance.randint(1, 4)))
        zones = {draft.hosts[member] for member in members}
        if draft.groups and draft.odds(0.3):
            nested = draft.chance.choice(list(draft.groups))
            members.append(nested)
            zones |= draft.groups[nested]
        if draft.odds(0.2):
            zone = draft.chance.choice(list(draft.zones))
            part = next(draft.zones[zone].subnets(new_prefix=28))
            members.append(str(part))
            zones.add(zone)
        draft.groups[f"g{number}"] = zones
        draft.line("groups", f"g{number}: [{', '.join(members)}]")
    draft.line("groups", f"world: [{', '.join(draft.chance.sample(PUBLIC, 2))}]")
    draft.outer_groups.append("world")
    if draft.odds(0.5):
        draft.line("groups", "listed: {file: listed.txt}")
        draft.outer_groups.append("listed")
        entries = [f"{draft.chance.randint(64, 95)}.{n}.{draft.chance.randint(0, 255)}.0/24" for n in range(40)]
        draft.files["listed.txt"] = "# public addresses\n" + "".join(f"{entry}\n" for entry in entries)


def _services(draft: Draft) -> None:
    draft.services += ["own-app", "own-suite"]
    draft.line("services", "own-app: tcp/44311")
    draft.line("services", "own-suite: [own-app, https, udp/6000-6100]")


def _policy(draft: Draft, sentences: int) -> None:
    seen = set()
    opening = [("z0", "router", "icmp, ssh")]
    opening += [("z0", name, "own-suite") for name in draft.outer_groups]
    opening += [
        (zone, name, "https") for name, zones in draft.groups.items() for zone in draft.zones if {zone} != zones
    ]
    wanted = max(sentences, len(draft.outer_groups) + 1)
    kept = dict.fromkeys(draft.groups)
    for source, target, services in opening:
        if target in kept or target not in draft.groups:
            kept.pop(target, None)
            seen.add((source, target, services))
            draft.line("policy", f"- {source} -> {target}: {services}")
    for group in kept:  # every zone of a home with one zone is the group's own: it speaks to the outside instead
        seen.add((group, "internet", "https"))
        draft.line("policy", f"- {group} -> internet: https")
    for _ in range(20 * wanted):
        if len(draft.sections["policy"]) >= wanted:
            return
        sentence = _sentence(draft)
        if sentence and sentence not in seen:
            seen.add(sentence)
            draft.line("policy", _written(draft, *sentence))


def _written(draft: Draft, source: str, target: str, services: str) -> str:
    if draft.odds(0.1):
        return f"- {source} -> {target}: {{services: {services!r}, log: yes, comment: a word on why}}"
    if draft.odds(0.05):
        return f"- {{from: {source!r}, to: {target!r}, services: {services!r}, expires: 2999-12-31}}"
    return f"- {source} -> {target}: {services}"


def _sentence(draft: Draft) -> tuple[str, str, str] | None:
    zones = list(draft.zones)
    if draft.odds(0.05):
        source, target = draft.chance.choice(["outside", "internet", *draft.outer_groups, "wan"]), "router"
        return source, target, draft.chance.choice(["udp/51820", "tcp/2222", "icmp"])
    home = draft.chance.choice(zones)
    source = _side(draft, home)
    way = draft.chance.random()
    if way < 0.25:
        target = draft.chance.choice(["internet", "internet", "internet except world", *draft.outer_groups, "wan"])
    elif way < 0.35 or len(zones) == 1:
        target = "router"
    else:
        target = _side(draft, draft.chance.choice([zone for zone in zones if zone != home]))
    return source, target, _services_of(draft)


def _side(draft: Draft, zone: str) -> str:
    """Names of one zone alone, so that two sides of different zones always say something."""
    inner = [host for host, at in _sample(draft) if at == zone]
    if inner and draft.odds(0.3):
        return ", ".join(inner[:2])
    if inner and draft.odds(0.2):
        return f"{zone} except {inner[0]}"
    if draft.odds(0.1):
        return str(next(draft.zones[zone].subnets(new_prefix=28)))
    return zone


def _sample(draft: Draft) -> list[tuple[str, str]]:
    pairs = list(draft.hosts.items())
    if len(pairs) <= 40:
        return pairs
    start = draft.chance.randrange(len(pairs) - 40)
    return pairs[start : start + 40]


def _services_of(draft: Draft) -> str:
    if draft.odds(0.15):
        return "any"
    if draft.odds(0.15):
        return "{} except {}".format(*draft.chance.choice(EXCEPTS))
    pool = [*SERVICES, *draft.services, f"tcp/{draft.chance.randint(1024, 60000)}"]
    return ", ".join(sorted(draft.chance.sample(pool, draft.chance.randint(1, 3))))


def _forwards(draft: Draft) -> None:
    single = _single(draft)
    for number, host in enumerate(draft.chance.sample(single, min(len(single), 3))):
        if draft.odds(0.3):
            continue
        draft.doors.add(host)
        keys = [f"to: {host}"]
        if draft.odds(0.4):
            keys += [f"service: tcp/{8443 + number}", "port: 443"]
        else:
            keys += [f"service: udp/{7000 + 100 * number}-{7010 + 100 * number}", f"names: [s{number}.example.com]"]
        if draft.odds(0.4):
            keys.append(f"from: {draft.chance.choice(draft.outer_groups)}")
        draft.line("forward", f"f{number}: {{{', '.join(keys)}}}")


def _routes_out(draft: Draft) -> None:
    ways = [*draft.tunnels, *draft.uplinks[1:]]
    single = [host for host in _single(draft) if host not in draft.doors]  # nobody would hear its answers
    if ways and single and draft.odds(0.7):
        for host in draft.chance.sample(single, min(len(single), 2)):
            draft.line("route-out", f"{host}: {draft.chance.choice(ways)}")


def _dns(draft: Draft) -> None:
    draft.line("dns", f"upstreams: [{', '.join(draft.chance.sample(['9.9.9.9', '1.1.1.1', '8.8.8.8'], 2))}]")
    draft.line("dns", f"cache: {draft.chance.choice([500, 1000, 2000])}")
    if draft.odds(0.3):
        draft.line("dns", "force: all")
    draft.line("dns", "records: {printer.home.arpa: 10.255.0.9}")


def _tests(draft: Draft) -> None:
    draft.line("tests", "accept:")
    draft.line("tests", "  - z0 -> router: ssh")


@st.composite
def homes(draw: st.DrawFn, zones: int = 5, hosts: int = 10, sentences: int = 15) -> dict[str, str]:
    """Files of a home with at most so many of each."""
    return generate_home(
        zones=draw(st.integers(1, zones)),
        hosts=draw(st.integers(0, hosts)),
        sentences=draw(st.integers(0, sentences)),
        seed=draw(st.integers(0, 1 << 16)),
    )
