"""Which interfaces of a device lead outside, told by what is written of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from bailiwick.dataplane.model import Device, Interface, Routing
from bailiwick.dataplane.rules import Among, Lookup, OnInterface, Rule, Translate
from bailiwick.dataplane.symbolic.interfaces import LOOPBACK, Interfaces
from bailiwick.network.special import PUBLIC
from bailiwick.packets import header

_MASKS = frozenset({"masquerade", "snat"})


def uplinks(device: Device) -> dict[str, str]:
    """Interfaces, and patterns such as ``ppp*``, that lead outside, each with the reason why one thinks so."""
    found: dict[str, str] = {}
    for one in device.interfaces.values():
        reason = _reason(device, one)
        if reason:
            found[one.name] = reason
    for name in masked(device):
        matching = [own for own in device.interfaces if own.startswith(name[:-1])] if name.endswith("*") else [name]
        for own in matching or [name]:
            found.setdefault(own, "sources are hidden behind its address")
    for one in device.interfaces.values():
        if one.kind == "ppp" and one.parent is not None and one.parent in device.interfaces:
            parent = device.interfaces[one.parent]
            if not parent.addresses:
                found.setdefault(parent.name, f"it carries {one.name}")
    return found


def spoken_of(device: Device) -> frozenset[str]:
    """The interfaces that rules name, or match by a pattern that is not for every one."""
    named = Interfaces.of(replace(device, interfaces={}, routing=Routing()))
    tails = tuple(named.tails)
    matched = (name for name in device.interfaces if tails and name.startswith(tails))
    return frozenset((*named.numbers, *matched)) - {LOOPBACK}


def _reason(device: Device, one: Interface) -> str:
    if one.kind == "loopback" or one.master is not None:
        return ""
    for route in device.routing.routes:
        if route.prefix is None or route.prefix.prefixlen or route.kind != "unicast" or route.line is None:
            continue  # one without a line was guessed, not read
        over = route.interface == one.name
        if over or (
            route.interface is None and any(route.gateway in a.network for a in one.addresses if route.gateway)
        ):
            return "a default route leads there"
    if one.kind == "ppp":
        return "it is a PPP session"
    if one.dynamic:
        return "others give it its address"
    if any(int(address.ip) in PUBLIC for address in one.addresses if address.version == 4):
        return "it has a public address"
    return ""


def masked(device: Device) -> Iterator[str]:
    """Interfaces and patterns by which packets leave with their source hidden, whatever they are bound for."""
    for table in device.tables:
        for chain in table.chains.values():
            for rule in chain.rules:
                if any(isinstance(step, Translate) and step.kind in _MASKS for step in rule.steps):
                    yield from _leaving(rule)


def _leaving(rule: Rule) -> Iterator[str]:
    """The interfaces that a rule names on its way out; none where it asks for a destination as well (a hairpin)."""
    for step in rule.steps:
        if isinstance(step, Among) and step.field == header.DESTINATION and not step.negated:
            return
        if isinstance(step, Lookup) and not step.negated and any(k.field == header.DESTINATION for k in step.keys):
            return
    for step in rule.steps:
        if isinstance(step, OnInterface) and step.side == header.OIF and not step.negated:
            yield from (name for name in step.patterns if name != "*")
