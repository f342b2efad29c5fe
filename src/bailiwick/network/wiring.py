"""Links between ports: which zones each port carries, from what lies beyond it.

Links form a tree with the router at its root. A device that we do not configure gets its own zone untagged and the
zones of its networks and ports tagged, so that it can be reached with its factory settings. A hypervisor and a switch
that we do configure get everything tagged. Both ends of a link follow from the same walk and cannot disagree.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from bailiwick.language import schema
from bailiwick.language.span import Path
from bailiwick.network.cards import ONLY_CARD
from bailiwick.network.draft import Draft

End = tuple[str, str]
"""A port: the machine's or device's name and the port's."""


DEEPEST = 32
"""Devices in a row, as far as links are followed."""


@dataclass(frozen=True, slots=True)
class Carried:
    """Zone names on one port."""

    untagged: str | None = None
    tagged: frozenset[str] = frozenset()

    def zones(self) -> frozenset[str]:
        return self.tagged | {self.untagged} if self.untagged else self.tagged


@dataclass(slots=True)
class Wiring:
    """``peers`` holds each link twice, once from each end; ``at`` is where the link was written.

    ``depth`` counts links from the router; a machine that none leads to has none. ``silent`` ports only ever copy
    frames out, or are where such a cable ends.
    """

    draft: Draft
    peers: dict[End, End] = field(default_factory=dict)
    at: dict[End, Path] = field(default_factory=dict)
    depth: dict[str, int] = field(default_factory=dict)
    silent: set[End] = field(default_factory=set)

    def written(self, name: str) -> Mapping[str, schema.Port | schema.DevicePort]:
        """The ports that a machine's own entry names."""
        home = self.draft.home
        return home.hosts[name].ports if name in home.hosts else home.devices[name].ports

    def said(self, end: End) -> Carried | None:
        """What the port itself says it carries; None when it leaves that to its link."""
        port = self.written(end[0]).get(end[1])
        if port is None or (port.zone is None and not port.trunk and port.native is None):
            return None
        return Carried(port.zone or port.native, frozenset(port.trunk))

    def carried(self, end: End) -> Carried:
        """What goes over the port, the same for both ends of its link."""
        peer = self.peers.get(end)
        if peer is None or end in self.silent:
            return (self.said(end) if end not in self.silent else None) or Carried()
        near, far = (peer, end) if self.inward(end) else (end, peer)
        return self.said(near) or self.beyond(far)

    def inward(self, end: End) -> bool:
        """Whether the port's link leads towards the router."""
        peer = self.peers.get(end)
        here = self.depth.get(end[0])
        return peer is not None and here is not None and self.depth.get(peer[0], here) < here

    def configured(self, name: str) -> bool:
        """Whether we write the machine's VLAN table: a hypervisor, or a switch that says what it runs."""
        host, device = self.draft.home.hosts.get(name), self.draft.home.devices.get(name)
        return bool((host and host.hypervisor) or (device and device.runs))

    def beyond(self, end: End, seen: frozenset[str] = frozenset()) -> Carried:
        """What the machine at ``end`` needs to be carried to it on that port."""
        name, arriving = end
        host, device = self.draft.home.hosts.get(name), self.draft.home.devices.get(name)
        if end in self.silent or (host and host.router):
            return Carried()
        if host and not host.hypervisor:
            return self._of_host(host)
        if name in seen or len(seen) > DEEPEST:
            self._refuse_circle(name, end)
            return Carried()
        said = self.said(end)
        if said:
            return said
        others = [port for port in self.ports(name) if port != arriving]
        inner = set(self.own(name))
        for port in others:
            inner |= self._onward((name, port), seen | {name}).zones()
        for port in others:
            if self.inward((name, port)):
                inner -= (self.said(self.peers[name, port]) or self.said((name, port)) or Carried()).zones()
        inner &= self.draft.zones.keys()
        if device is None or device.runs:
            return Carried(None, frozenset(inner))
        own = device.zone if device.zone in self.draft.zones else None
        inner -= {own}
        tagless = sorted(inner) if own is None and len(inner) == 1 else []
        if tagless and self.draft.zones[tagless[0]].vlan is None:
            own = tagless[0]
        return Carried(own, frozenset(inner - {own} if own else inner))

    def own(self, name: str) -> frozenset[str]:
        """The zones of what is in the machine itself: its own address, its wireless networks, its guests."""
        home = self.draft.home
        if name in home.devices:
            device = home.devices[name]
            return frozenset({*device.ssids.values(), *([device.zone] if device.zone else [])})
        host = home.hosts[name]
        zones = {host.zone} if host.zone else set(host.legs)
        for guest in home.hosts.values():
            if guest.guest_of == name and not guest.router:
                passed = guest.vm.cards if guest.vm else {}
                zones |= {zone for zone in guest.legs if zone not in passed or len(guest.legs) == 1}
                if guest.zone and ONLY_CARD not in passed:
                    zones.add(guest.zone)
        return frozenset(zones)

    def ports(self, name: str) -> list[str]:
        """Every port of the machine that its entry or a link names."""
        linked = {port for owner, port in self.peers if owner == name}
        return sorted(linked | self.written(name).keys())

    def _onward(self, end: End, seen: frozenset[str]) -> Carried:
        """What a port carries that leads away from the router."""
        peer = self.peers.get(end)
        if end in self.silent or self.inward(end):
            return Carried()
        return self.said(end) or (self.beyond(peer, seen) if peer else Carried())

    def _of_host(self, host: schema.Host) -> Carried:
        """A host in one zone expects it untagged; one with several legs expects them tagged."""
        if host.zone in self.draft.zones:
            return Carried(host.zone)
        return Carried(None, frozenset(host.legs.keys() & self.draft.zones.keys()))

    def _refuse_circle(self, name: str, end: End) -> None:
        if not self.draft.findings.failed("link-loop"):
            kind = "Device" if name in self.draft.home.devices else "Hypervisor"
            self.draft.findings.error(
                "link-loop",
                f"{kind} `{name}` is linked in a circle, or behind more than {DEEPEST} others.",
                self.at[end],
                "links form a tree with the router at its root",
            )


def trace(draft: Draft) -> Wiring:
    """Every link, from whichever end it was written; refuses a port with two links."""
    wiring, home, router = Wiring(draft), draft.home, draft.router
    sources = [("hosts", router)] + [("hosts", name) for name, host in home.hosts.items() if host.hypervisor]
    sources += [("devices", name) for name in home.devices]
    for section, name in dict.fromkeys(sources):
        for port, entry in wiring.written(name).items():
            at: Path = (section, name, "ports", port)
            if entry.mirror:
                wiring.silent.add((name, port))
            if not entry.link:
                continue
            owner, _, far = entry.link.rpartition("/")
            owner = router if owner in {"", "router"} else owner
            if draft.names.is_kind(owner, "host", "device"):
                _connect(wiring, (name, port), (owner, far), at)
                continue
            draft.findings.error(
                "unknown-name",
                f"`{owner}` is no host or device.",
                at,
                draft.names.suggest(owner, ["host", "device"])
                or "a link names the port at the other end, as `switch/1`",
            )
    wiring.silent |= {wiring.peers[end] for end in wiring.silent if end in wiring.peers}
    _measure(wiring)
    return wiring


def _measure(wiring: Wiring) -> None:
    """How many links each machine is from the router, whose taps join it to its hypervisor where it is a guest."""
    home, router = wiring.draft.home, wiring.draft.router
    beside: dict[str, list[str]] = {}
    for (name, port), (far, _) in wiring.peers.items():
        if (name, port) not in wiring.silent:
            beside.setdefault(name, []).append(far)
    under = home.hosts[router].guest_of
    if under:
        beside.setdefault(router, []).append(under)
    wiring.depth[router] = 0
    waiting = [router]
    for name in waiting:
        for far in beside.get(name, ()):
            if far not in wiring.depth:
                wiring.depth[far] = wiring.depth[name] + 1
                waiting.append(far)


def _connect(wiring: Wiring, near: End, far: End, at: Path) -> None:
    for end, other in ((near, far), (far, near)):
        known = wiring.peers.get(end)
        if known and known != other:
            wiring.draft.findings.error(
                "link-conflict",
                f"Port `{'/'.join(end)}` is linked to `{'/'.join(known)}` and to `{'/'.join(other)}`.",
                at,
                "a cable has two ends: name the same two ports on both sides, or on one side alone",
                [(wiring.at[end], "the other link")],
            )
            return
    wiring.peers |= {near: far, far: near}
    wiring.at.setdefault(near, at)
    wiring.at.setdefault(far, at)
