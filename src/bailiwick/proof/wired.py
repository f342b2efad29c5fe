"""Every machine as it was read, joined as the home file says that it is cabled, and whatever is attached to its ends.

Cables are in no rendered file: they are the home's. Which tap leads to which guest is in the guests' domains. A device
that nobody configures is taken to be as its sheet says: a bridge that filters, each port with its zones. Where a port
leads to nobody known, somebody may be plugged in.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from bailiwick.dataplane.libvirt import Domain
from bailiwick.dataplane.model import Device, Interface, Link, Wiring
from bailiwick.dataplane.segments import Port, Tags
from bailiwick.language.span import Span
from bailiwick.network.cards import leg_cards
from bailiwick.network.model import Device as Appliance
from bailiwick.network.model import Guest, Network, Router, RouterPort, Switch
from bailiwick.proof.difference import Difference, Kind, Meaning

Carried: TypeAlias = Mapping[Tags, str]
"""The zone (its name) of frames with these tags on a wire; all others are to go nowhere."""
BRIDGE = "bridge"
"""Of a device that we do not configure: what its own address is on."""
FOREIGN = 5000
"""Numbers from here on stand for zones without a VLAN within a device that is none of ours."""


@dataclass(frozen=True, slots=True)
class Machines:
    """What was read of each machine that we configure, by its name, and of each hypervisor's guests."""

    devices: Mapping[str, Device] = field(default_factory=dict)
    guests: Mapping[str, tuple[Domain, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Plug:
    """Something that we do not configure, at an end of the wiring: a guest's card, a host, whoever is plugged in.

    ``at`` is its own interface in the wiring, ``port`` the port that it is attached to. It may send what it likes.
    ``isolated``: whether it is to be kept from others of its zone by machines of ours.
    """

    at: Port
    port: Port
    carried: Carried
    meant: tuple[Meaning, ...]
    isolated: bool = False

    @property
    def name(self) -> str:
        return "/".join(filter(None, self.at))


@dataclass(frozen=True)
class Wired:
    """``carried`` is what each port of a machine of ours is to carry; ``spans`` where the home file says so."""

    wiring: Wiring
    plugs: tuple[Plug, ...]
    carried: Mapping[Port, Carried]
    spans: Mapping[Port, Span]
    problems: tuple[Difference, ...]


def wired(network: Network, machines: Machines) -> Wired:
    """Raises nothing: what is missing is among the problems."""
    return _Builder(network, machines).built()


def carried_by(network: Network, untagged: str | None, tagged: tuple[str, ...]) -> Carried:
    """Of zones by their names."""
    found: dict[Tags, str] = {} if untagged is None else {(): untagged}
    for name in tagged:
        vlan = network.zones[name].vlan
        if vlan is not None:
            found[(vlan,)] = name
    return found


class _Builder:
    def __init__(self, network: Network, machines: Machines) -> None:
        self.network, self.machines = network, machines
        self.devices = dict(machines.devices)
        self.links: list[Link] = []
        self.plugs: list[Plug] = []
        self.problems: list[Difference] = []
        self.carried: dict[Port, Carried] = {}
        self.spans: dict[Port, Span] = {}

    def built(self) -> Wired:
        machines: tuple[Router | Switch, ...] = (self.network.router, *self.network.switches.values())
        for machine in machines:
            for port in machine.ports:
                self.carried[machine.name, port.name] = self._of(port)
                self.spans[machine.name, port.name] = port.span
        for appliance in self.network.devices.values():
            if appliance.name not in self.network.switches:
                self._appliance(appliance)
        for hypervisor, domains in self.machines.guests.items():
            for domain in domains:
                self._guest(hypervisor, domain)
        self._missing()
        for link in self.network.links:
            self._cable(link.a, link.b)
        self._open()
        return Wired(
            Wiring(self.devices, tuple(self.links)), tuple(self.plugs), self.carried, self.spans, tuple(self.problems)
        )

    def _of(self, port: RouterPort) -> Carried:
        return carried_by(self.network, port.untagged, port.tagged)

    # ---- what we do not configure

    def _appliance(self, one: Appliance) -> None:
        """As its sheet says."""
        own = next((zone.name for zone in self.network.zones.values() if zone.id == one.place), None)
        number = self._number(own) if own else None
        found = [Interface(BRIDGE, "bridge", untagged=number)]
        for port, (untagged, tagged) in one.ports.items():
            found.append(
                Interface(
                    port,
                    "ethernet",
                    master=BRIDGE,
                    untagged=self._number(untagged) if untagged else None,
                    tagged=frozenset(self._number(name) for name in tagged),
                )
            )
            self.carried[one.name, port] = carried_by(self.network, untagged, tagged)
            self.spans[one.name, port] = one.span
        for ssid, zone in one.ssids.items():
            port = f"network {ssid}"
            isolated = self.network.zones[zone].isolate
            found.append(Interface(port, "wireless", master=BRIDGE, untagged=self._number(zone), isolated=isolated))
            self.carried[one.name, port] = {(): zone}
            self.spans[one.name, port] = one.span
        settings = {f"bridge.{BRIDGE}.vlan_filtering": "1"}
        self.devices[one.name] = Device(one.name, "sheet", {each.name: each for each in found}, settings=settings)

    def _number(self, zone: str) -> int:
        vlan = self.network.zones[zone].vlan
        return FOREIGN + list(self.network.zones).index(zone) if vlan is None else vlan

    def _plug(self, at: Port, port: Port, carried: Carried, span: Span | None, text: str) -> None:
        """``at`` joins the wiring by a link to ``port``."""
        device = self.devices.get(at[0], Device(at[0], "guest"))
        interfaces = {**device.interfaces, at[1]: Interface(at[1], "ethernet")}
        self.devices[at[0]] = replace(device, interfaces=interfaces)
        self.links.append(Link(at, port))
        zone = self.network.zones.get(carried.get((), ""))
        ours = port[0] in self.machines.devices
        meant = [Meaning(span, text)] if span else []
        if zone is not None:
            meant.append(Meaning(zone.span, f"the zone {zone.name}"))
        self.plugs.append(Plug(at, port, carried, tuple(meant), ours and zone is not None and zone.isolate))

    # ---- guests

    def _guest(self, hypervisor: str, domain: Domain) -> None:
        host, router = self.network.hosts.get(domain.name), self.network.router
        guest = router.guest if domain.name == router.name else host.guest if host else None
        for line, why in domain.unknown:
            self.problems.append(Difference(Kind.SETTING, f"a line that cannot be read: {why}", line=line))
        if guest is None or guest.hypervisor != hypervisor:
            sentence = f"{hypervisor} has a guest {domain.name}, which the home file does not have there"
            self.problems.append(Difference(Kind.WIRE, sentence, line=domain.line))
        self.problems += _passed(domain, guest, hypervisor)
        zones = {name: place.removeprefix("zone:") for place, name in leg_cards(host).items()} if host else {}
        for number, nic in enumerate(domain.nics):
            tap = (hypervisor, nic.tap)
            if domain.name == router.name:
                known = self.devices[router.name].interfaces.values()
                at = (router.name, next((one.name for one in known if one.mac == nic.mac), nic.name))
                self.links.append(Link(tap, at))
                self.carried[tap] = self.carried.get(at, {})
                self.spans[tap] = self.spans.get(at, router.span)
                continue
            card = nic.name or f"card {number + 1}"
            self.carried[tap] = {(): zones[card]} if card in zones else {}
            span = guest.span if guest else None
            if span:
                self.spans[tap] = span
            self._plug((domain.name, card), tap, self.carried[tap], span, f"the guest {domain.name}")

    def _missing(self) -> None:
        """Cards of guests that no domain has."""
        there = {plug.at for plug in self.plugs} | {end for link in self.links for end in (link.a, link.b)}
        for name, card, guest in self._cards():
            if card not in guest.cards and (name, card) not in there:
                sentence = f"no file of {guest.hypervisor} wires the card {card} of its guest {name}"
                self.problems.append(Difference(Kind.WIRE, sentence, meant=(Meaning(guest.span, f"the guest {name}"),)))

    def _cards(self) -> Iterator[tuple[str, str, Guest]]:
        for host in self.network.hosts.values():
            for card in leg_cards(host).values() if host.guest else ():
                assert host.guest is not None
                yield host.name, card, host.guest
        router = self.network.router
        for port in router.ports if router.guest else ():
            assert router.guest is not None
            yield router.name, port.name, router.guest

    # ---- cables

    def _cable(self, a: Port, b: Port) -> None:
        known = {*self.machines.devices, *self.network.devices}
        if a[0] in known and b[0] in known:
            self.links.append(Link(a, b))
        for near, far in ((a, b), (b, a)):
            if near[0] in known and far[0] not in known and near[0] in self.devices:
                name = "/".join(near)
                self._plug(far, near, self.carried.get(near, {}), self.spans.get(near), f"port {name}")

    def _open(self) -> None:
        """Ports that lead to nobody: those that the home file names, and whatever else is a port of a bridge."""
        linked = {end for link in self.links for end in (link.a, link.b)}
        cabled = {end for link in self.network.links for end in (link.a, link.b)}
        ports: dict[Port, None] = dict.fromkeys(self.carried)
        for name in self.machines.devices:
            for one in self.devices[name].interfaces.values():
                if one.master is not None and one.kind not in ("vlan", "bridge"):
                    ports.setdefault((name, one.name), None)
        guest = self.network.router.guest
        for port in ports:
            inside = guest is not None and port[0] == self.network.router.name
            if port not in linked | cabled and port[0] in self.devices and not inside:
                carried, name = self.carried.get(port, {}), "/".join(port)
                self._plug((f"someone at {name}", ""), port, carried, self.spans.get(port), f"port {name}")


def _passed(domain: Domain, guest: Guest | None, hypervisor: str) -> Iterator[Difference]:
    """Cards of the hypervisor that the guest has for itself: those of the home file, and no others."""
    wanted = {(card.bus, card.address): name for name, card in guest.cards.items()} if guest else {}
    given = {(one.bus, one.address): one for one in domain.passed}
    for card, one in given.items():
        if card not in wanted:
            sentence = f"{domain.name} is given the card {one.address} of {hypervisor}, which nothing asks for"
            yield Difference(Kind.WIRE, sentence, line=one.line)
    for (bus, address), name in wanted.items():
        if (bus, address) not in given and guest is not None:
            about = (Meaning(guest.span, f"the guest {domain.name}"),)
            yield Difference(
                Kind.WIRE, f"{domain.name} is not given the card {address}, its {name}", None, domain.line, about
            )
