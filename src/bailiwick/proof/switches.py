"""Switches and hypervisors themselves: every line read, one address in one zone, no way between zones, mirrors."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TypeAlias

from bailiwick.dataplane.linux.bridge_filter import BELOW
from bailiwick.dataplane.model import Device
from bailiwick.language.span import Span
from bailiwick.network.model import Network, RouterPort, Switch
from bailiwick.proof.cards import bound_as
from bailiwick.proof.difference import Difference, Kind, Meaning
from bailiwick.proof.wired import Machines


def switches(network: Network, machines: Machines) -> Iterator[Difference]:
    """What cannot be read may do anything: of files that we wrote every line is known."""
    for switch in network.switches.values():
        device = machines.devices.get(switch.name)
        if device is None:
            yield Difference(Kind.WIRE, f"no files of {switch.name} were read", meant=_about(switch))
            continue
        for line, why in device.tally.unknown:
            yield Difference(Kind.SETTING, f"a line that cannot be read: {why}", line=line)
        yield from _addresses(switch, device)
        yield from _forwarding(switch, device)
        yield from _filtering(switch, device)
        yield from _made(machines, switch, device)
        if device.platform == "linux":
            for port in switch.ports:
                yield from bound_as(device, port.name, port.mac, port.path, port.span)
        yield from _mirrors(network, machines, switch, device)


def _made(machines: Machines, switch: Switch, device: Device) -> Iterator[Difference]:
    """Bridges, taps and VLAN interfaces are there because a ``.netdev`` makes them (systemd.netdev(5)), or an ``add``.

    Other lines that speak of one are no reason for it to be there.
    """
    taps = {nic.tap: "tap" for domain in machines.guests.get(switch.name, ()) for nic in domain.nics}
    masters = {one.master: "bridge" for one in device.interfaces.values() if one.master is not None}
    above = {one.name: "VLAN interface" for one in device.interfaces.values() if one.kind == "vlan"}
    for name, what in {**taps, **masters, **above}.items():
        one = device.interfaces.get(name)
        line = one.line if one else None
        if line is None or not (line.file.endswith(".netdev") or "add" in line.text.split()):
            yield Difference(Kind.WIRE, f"no file makes the {what} {name} of {switch.name}", None, line, _about(switch))


def _addresses(switch: Switch, device: Device) -> Iterator[Difference]:
    """Its own address, once, and no other: with two it would be a way between zones."""
    own = [one for one in device.interfaces.values() if any(a.ip == switch.address for a in one.addresses)]
    if switch.zone is not None and len(own) != 1:
        sentence = f"{switch.name} has its address {switch.address} on {len(own) or 'no'} interfaces, not on one"
        yield Difference(Kind.WIRE, sentence, line=own[-1].line if own else None, meant=_about(switch))
    for one in device.interfaces.values():
        for address in one.addresses:
            if address.ip != switch.address and not address.ip.is_loopback:
                sentence = f"{switch.name} has the address {address} on {one.name}, which nothing asks for"
                yield Difference(Kind.WIRE, sentence, line=one.line, meant=_about(switch))
        if one.dynamic:
            sentence = f"{switch.name} takes an address on {one.name} from whoever gives one there"
            yield Difference(Kind.WIRE, sentence, line=one.line, meant=_about(switch))


def _forwarding(switch: Switch, device: Device) -> Iterator[Difference]:
    keys = [key for key, value in device.settings.items() if key.startswith("net.ipv4.") and value == "1"]
    on = [key for key in keys if key.endswith(("ip_forward", ".forwarding"))]
    if device.routing.forwarding or on:
        setting = "ip-forward is yes" if device.platform == "routeros" else f"{(on or ['net.ipv4.ip_forward'])[0]} is 1"
        yield Difference(
            Kind.SETTING, f"{switch.name} passes packets on between networks: {setting}", meant=_about(switch)
        )


def _filtering(switch: Switch, device: Device) -> Iterator[Difference]:
    """No chain but those below the packet filter, of which every rule is followed or unknown (``unfollowed``)."""
    for table in device.tables if device.platform == "linux" else ():
        for chain in table.chains.values() if table.family not in BELOW else ():
            if chain.hook is not None:
                sentence = f"{switch.name} filters packets in {table.family} {table.name}, which nothing asks for"
                yield Difference(Kind.SETTING, sentence, line=chain.line, meant=_about(switch))


def _mirrors(network: Network, machines: Machines, switch: Switch, device: Device) -> Iterator[Difference]:
    """Copies of frames go where the home file says, and nowhere else. A guest that listens may do so by a tap."""
    guests = [host for host in network.hosts.values() if host.guest and host.guest.hypervisor == switch.name]
    wanted = _wanted(switch.ports) | {host.name: (frozenset(host.hears), host.span) for host in guests if host.hears}
    taps = {nic.tap: domain.name for domain in machines.guests.get(switch.name, ()) for nic in domain.nics}
    yield from _copies(switch.name, device, wanted, taps, _about(switch))


def router_mirrors(network: Network, device: Device) -> Iterator[Difference]:
    """The same of a router, which copies by its switch chip."""
    router = network.router
    about = (Meaning(router.span, f"the router {router.name}"),)
    yield from _copies(router.name, device, _wanted(router.ports), {}, about)


_Wanted: TypeAlias = dict[str, tuple[frozenset[str], Span]]


def _wanted(ports: Iterable[RouterPort]) -> _Wanted:
    return {port.name: (frozenset(port.mirrors), port.span) for port in ports if port.mirrors}


def _copies(
    name: str, device: Device, wanted: _Wanted, taps: dict[str, str], about: tuple[Meaning, ...]
) -> Iterator[Difference]:
    for key, value in device.settings.items():
        if not key.startswith("mirror."):
            continue
        target, sources = key.removeprefix("mirror."), frozenset(value.split())
        listener = taps.get(target, target)
        if listener in wanted and wanted[listener][0] == sources:
            del wanted[listener]
        else:
            sentence = f"{name} copies what passes {_listed(sources)} to {target}, which nothing asks for"
            yield Difference(Kind.WIRE, sentence, meant=about)
    for listener, (sources, span) in wanted.items():
        sentence = f"{name} does not copy what passes {_listed(sources)} to {listener}"
        yield Difference(Kind.WIRE, sentence, meant=(Meaning(span, f"port {name}/{listener}"),))


def _listed(ports: frozenset[str]) -> str:
    return ", ".join(sorted(ports)) or "nothing"


def _about(switch: Switch) -> tuple[Meaning, ...]:
    return (Meaning(switch.span, f"the switch {switch.name}"),)
