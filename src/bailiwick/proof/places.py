"""Which zone or uplink an interface stands for, told by what is written of it and never by a plan.

A zone's interface is the one that has the zone's gateway as its address. An uplink's is found by how the home file
says that it is reached: its static address, the DHCP client or the PPP session on its port, or a tunnel's name. Any
other interface is ``unknown``, as the port under a PPPoE is.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from ipaddress import IPv4Interface

from bailiwick.dataplane.model import Device, Interface
from bailiwick.language.span import Span
from bailiwick.network.model import Addressing, Network, Place, Uplink, Zone
from bailiwick.proof.difference import Difference, Kind, Meaning

LOOPBACK = "lo"


@dataclass(frozen=True, slots=True)
class Places:
    """``by_interface`` has every interface that stands for something; ``problems`` what does not come out."""

    by_interface: Mapping[str, str]
    problems: tuple[Difference, ...]

    def of(self, interface: str | None) -> str:
        """The place of an interface; the device itself where there is none."""
        if interface is None or interface == LOOPBACK:
            return Place.ROUTER
        return self.by_interface.get(interface, Place.UNKNOWN)

    def interfaces(self, place: str) -> tuple[str, ...]:
        return tuple(sorted(name for name, own in self.by_interface.items() if own == place))


def find_places(network: Network, device: Device) -> Places:
    """Raises nothing: what cannot be told is among the problems."""
    found: dict[str, list[str]] = defaultdict(list)
    problems: list[Difference] = []
    nouns: list[Zone | Uplink] = [*network.zones.values(), *network.uplinks.values()]
    for noun in nouns:
        matching = [one for one in device.interfaces.values() if _stands_for(device, one, noun)]
        if len(matching) != 1:
            problems.append(_problem(noun, matching))
        for one in matching:
            found[one.name].append(noun.id)
    for name, places in found.items():
        if len(places) > 1:
            line = device.interfaces[name].line
            problems.append(Difference(Kind.PLACE, f"{name} stands for {' and '.join(places)}", line=line))
    for interface in device.interfaces.values():
        problems += _strangers(network, interface, found.get(interface.name, []))
    return Places({name: places[0] for name, places in found.items()}, tuple(problems))


def _stands_for(device: Device, interface: Interface, noun: Zone | Uplink) -> bool:
    if isinstance(noun, Zone):
        return _own(noun) in interface.addresses
    if noun.addressing is Addressing.TUNNEL:
        return interface.name == noun.port
    if noun.addressing is Addressing.PPPOE:
        return interface.kind == "ppp" and interface.parent == _below(device, noun)
    if interface.name != _below(device, noun):
        return False
    return interface.dynamic if noun.addressing is Addressing.DHCP else noun.address in interface.addresses


def _below(device: Device, uplink: Uplink) -> str | None:
    """The interface that carries the uplink: its port, or that port's VLAN."""
    if uplink.vlan is None:
        return uplink.port
    vlans = (i for i in device.interfaces.values() if i.kind == "vlan")
    return next((i.name for i in vlans if i.parent == uplink.port and i.vlan == uplink.vlan), None)


def _own(zone: Zone) -> IPv4Interface:
    return IPv4Interface(f"{zone.gateway}/{zone.subnet.prefixlen}")


def _problem(noun: Zone | Uplink, matching: list[Interface]) -> Difference:
    kind = "zone" if isinstance(noun, Zone) else "uplink"
    meant = (Meaning(noun.span, f"the {kind} {noun.name}"),)
    if matching:
        names = ", ".join(one.name for one in matching)
        return Difference(Kind.PLACE, f"{names} all stand for {kind} {noun.name}", line=matching[1].line, meant=meant)
    wanted = f": none has the address {_own(noun)}" if isinstance(noun, Zone) else f" on {noun.port}"
    return Difference(Kind.PLACE, f"no interface stands for {kind} {noun.name}{wanted}", meant=meant)


def _strangers(network: Network, interface: Interface, places: list[str]) -> Iterator[Difference]:
    """Addresses that nobody meant, or that anybody there may give: the router would answer where no zone is."""
    expected: set[IPv4Interface] = set()
    span: Span | None = None
    nouns: list[Zone | Uplink] = [*network.zones.values(), *network.uplinks.values()]
    given = False
    for noun in nouns:
        if noun.id in places:
            span = noun.span
            if isinstance(noun, Zone):
                expected.add(_own(noun))
            else:
                given = given or noun.addressing is not Addressing.STATIC
                if noun.address is not None:
                    expected.add(noun.address)
    for address in interface.addresses:
        if address not in expected and not address.ip.is_loopback:
            sentence = f"{interface.name} has the address {address}, which nothing in the home file asks for"
            yield Difference(Kind.PLACE, sentence, line=interface.line, meant=_about(interface, span))
    if interface.dynamic and not given:
        sentence = f"{interface.name} takes an address from whoever gives one there, which nothing asks for"
        yield Difference(Kind.PLACE, sentence, line=interface.line, meant=_about(interface, span))


def _about(interface: Interface, span: Span | None) -> tuple[Meaning, ...]:
    return (Meaning(span, f"what {interface.name} stands for"),) if span else ()
