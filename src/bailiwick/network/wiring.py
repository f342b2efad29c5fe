"""Links between ports: which zones each port carries, from what lies beyond it.

A device that we do not configure gets its own zone untagged and the zones of its networks and ports tagged, so
that it can be reached with its factory settings. Both ends of a link follow from the same walk and cannot
disagree.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from bailiwick.language import schema
from bailiwick.language.span import Path
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
    """``peers`` holds each link twice, once from each end; ``at`` is where the link was written."""

    draft: Draft
    peers: dict[End, End] = field(default_factory=dict)
    at: dict[End, Path] = field(default_factory=dict)

    def explicit(self, written: schema.Port | schema.DevicePort) -> Carried | None:
        """What the port itself says it carries; None when it leaves that to its link."""
        native = written.native if isinstance(written, schema.Port) else None
        if written.zone is None and not written.trunk and native is None:
            return None
        return Carried(written.zone or native, frozenset(written.trunk))

    def beyond(self, end: End, seen: frozenset[str] = frozenset()) -> Carried:
        """What the machine at ``end`` needs to be carried to it on that port."""
        name, arriving = end
        host = self.draft.home.hosts.get(name)
        if host:
            return self._of_host(host)
        device = self.draft.home.devices[name]
        if name in seen or len(seen) > DEEPEST:
            if not self.draft.findings.failed("link-loop"):
                self.draft.findings.error(
                    "link-loop",
                    f"Device `{name}` is linked in a circle, or behind more than {DEEPEST} others.",
                    self.at[end],
                    "links form a tree with the router at its root",
                )
            return Carried()
        written = device.ports.get(arriving)
        said = self.explicit(written) if written else None
        if said:
            return said
        inner = set(device.ssids.values())
        for port in self._ports(name):
            if port != arriving:
                inner |= self.on_device(name, port, seen | {name}).zones()
        inner &= self.draft.zones.keys()
        own = device.zone if device.zone in self.draft.zones else None
        tagless = sorted(inner) if own is None and len(inner) == 1 else []
        if tagless and self.draft.zones[tagless[0]].vlan is None:
            own = tagless[0]
        return Carried(own, frozenset(inner - {own} if own else inner))

    def on_device(self, name: str, port: str, seen: frozenset[str] = frozenset()) -> Carried:
        """What a device's port carries that leads away from the router."""
        written = self.draft.home.devices[name].ports.get(port)
        said = self.explicit(written) if written else None
        peer = self.peers.get((name, port))
        if said or peer is None:
            return said or Carried()
        return Carried() if peer[0] == self.draft.router else self.beyond(peer, seen)

    def _ports(self, name: str) -> list[str]:
        linked = {port for owner, port in self.peers if owner == name}
        return sorted(linked | self.draft.home.devices[name].ports.keys())

    def _of_host(self, host: schema.Host) -> Carried:
        """A host in one zone expects it untagged; one with several legs expects them tagged."""
        if host.zone in self.draft.zones:
            return Carried(host.zone)
        return Carried(None, frozenset(host.legs.keys() & self.draft.zones.keys()))


def trace(draft: Draft) -> Wiring:
    """Every link, from whichever end it was written; refuses a port with two links."""
    wiring, home, router = Wiring(draft), draft.home, draft.router
    written: list[tuple[End, str, Path]] = []
    for port, entry in home.hosts[router].ports.items():
        if entry.link:
            written.append(((router, port), entry.link, ("hosts", router, "ports", port)))
    for name, device in home.devices.items():
        for port, end in device.ports.items():
            if end.link:
                written.append(((name, port), end.link, ("devices", name, "ports", port)))
    for near, text, at in written:
        owner, _, port = text.rpartition("/")
        owner = router if owner in {"", "router"} else owner
        if not draft.names.is_kind(owner, "host", "device"):
            draft.findings.error(
                "unknown-name",
                f"`{owner}` is no host or device.",
                at,
                draft.names.suggest(owner, ["host", "device"])
                or "a link names the port at the other end, as `switch/1`",
            )
            continue
        _connect(wiring, near, (owner, port), at)
    return wiring


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
