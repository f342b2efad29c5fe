"""The bridge's ports: cards of the machine, and taps of its guests.

A port's table is all that keeps zones apart here. ``PVID=`` and ``EgressUntagged=`` together make an access port;
a port with tagged VLANs alone has no PVID, and then the kernel drops every frame without a tag that enters by it
(net/bridge/br_vlan.c, ``__allowed_ingress``).
"""

from __future__ import annotations

from collections.abc import Iterator

from bailiwick.plan.switching import BridgePort, VlanBridge
from bailiwick.targets.artifact import Artifact
from bailiwick.targets.lines import artifact, banner
from bailiwick.targets.linux.hypervisor.links import closed, netdev, network, path, vlan
from bailiwick.targets.linux.ini import Entry, Section, flag, lines


def ports(plan: VlanBridge) -> tuple[Artifact, ...]:
    """A ``.network`` for each port, a ``.netdev`` for each tap, a ``.link`` for each card that is tied to a place."""
    files: list[Artifact] = []
    for port in plan.ports:
        files.append(_network(plan, port))
        files.extend(_tap(plan, port) if port.tap else _card(plan, port))
    return tuple(files)


def _network(plan: VlanBridge, port: BridgePort) -> Artifact:
    """The end of a mirror is a port like any other, in no VLAN: what enters by it is dropped by the bridge, and never
    comes to the machine's own ears."""
    ids = (port.id,)
    sections = [
        Section("Match", tuple(_match(port))),
        Section("Link", (Entry("RequiredForOnline", "no", ids),)),
        closed(f"{port.name}: {_purpose(port)}", [Entry("Bridge", plan.name, ids)]),
        Section("Bridge", (Entry("Isolated", flag(port.isolated), ids),)),
        *_table(port),
    ]
    return network(plan, port.name, f"{port.name}: {_purpose(port)}", sections)


def _purpose(port: BridgePort) -> str:
    other = f" to {'/'.join(part for part in port.end if part)}" if port.end else ""
    if port.tagged:
        native = f", {port.untagged} untagged" if port.untagged is not None else ""
        return f"trunk{other}, VLANs {', '.join(map(str, port.tagged))}{native}"
    if port.untagged is not None:
        return f"access port{other}, VLAN {port.untagged}"
    return f"end of a mirror{other}, in no VLAN"


def _match(port: BridgePort) -> Iterator[Entry]:
    """By the card as well as by the name: another card that comes to bear the name joins no zone."""
    ids = (port.id,)
    yield Entry("Name", port.name, ids)
    if port.mac and not port.tap:
        yield Entry("MACAddress", port.mac, ids)
    if port.path and not port.tap:
        yield Entry("Path", port.path, ids)


def _table(port: BridgePort) -> Iterator[Section]:
    ids = (port.id,)
    if port.untagged is not None:
        number = str(port.untagged)
        yield vlan(Entry("PVID", number, ids), Entry("EgressUntagged", number, ids))
    for tagged in port.tagged:
        yield vlan(Entry("VLAN", str(tagged), ids))


def _tap(plan: VlanBridge, port: BridgePort) -> Iterator[Artifact]:
    """Persistent, so that it is in its zone before its guest starts and after it ended.

    The default owner of a tap is root. QEMU opens one queue (TUNSETIFF with another number of queues fails), and
    nobody may hold the tap open meanwhile (drivers/net/tun.c, ``tun_attach``): hence no ``KeepCarrier=``.
    """
    ids = (port.id,)
    device = Section("NetDev", (Entry("Name", port.name, ids), Entry("Kind", "tap", ids)))
    own = [
        Entry("MultiQueue", "no"),
        Entry("PacketInfo", "no"),
        Entry("VNetHeader", "yes", why="virtio's own header, for large frames at once."),
    ]
    if plan.user:
        own.append(Entry("User", plan.user, ids, why="Runs the guest, and needs no privilege to open its card."))
    what = f"{port.name}: a guest's card"
    yield netdev(plan, port.name, what, (device, Section("Tap", tuple(own))))


def _card(plan: VlanBridge, port: BridgePort) -> Iterator[Artifact]:
    """The name follows the card, or the place in the machine; without either it is the system's to give."""
    if not (port.mac or port.path):
        return
    ids = (port.id,)
    match = [Entry("PermanentMACAddress", port.mac, ids)] if port.mac else []
    if port.path:
        match.append(Entry("Path", port.path, ids))
    sections = (Section("Match", tuple(match)), Section("Link", (Entry("Name", port.name, ids),)))
    yield artifact(
        path(port.name, "link"),
        (*banner(f"The card called {port.name}", plan.device), *lines(sections)),
        reload="udevadm control --reload",
    )
