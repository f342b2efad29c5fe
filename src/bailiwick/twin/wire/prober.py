"""Sends the probes and sees where they come out: one process, a socket in each namespace, one loop.

Packets are put on the wire as whole frames (``packet(7)``), so that a source may be anybody's. They are looked for
on the wire of every station, so that one which leaks is seen wherever it leaks to; at the router by raw sockets
(``raw(7)``), which hear a packet only after the input hook has let it through. A second ear on the router's wires,
before any filter, is the control: a packet that did not even enter proves nothing. A switch or hypervisor, where one
stands, hears what is for itself by such sockets, too.
"""

from __future__ import annotations

import select
import socket
from collections.abc import Callable, Iterable, Mapping
from contextlib import ExitStack
from ipaddress import IPv4Address

from bailiwick.network.model import Place
from bailiwick.packets.packet import ICMP, TCP, UDP
from bailiwick.twin.aim.points import OTHER_PROTOCOLS
from bailiwick.twin.aim.ways import LIMITED_BROADCAST
from bailiwick.twin.layout import ROUTER, Layout
from bailiwick.twin.result import Fate
from bailiwick.twin.scene.machines import namespace_of
from bailiwick.twin.scene.namespaces import within
from bailiwick.twin.scene.wires import devices
from bailiwick.twin.script import Probe, Sighting
from bailiwick.twin.wire.ears import enlarged
from bailiwick.twin.wire.frames import BROADCAST, ETH_P_IP, Header, datagram, frame, glance
from bailiwick.twin.wire.mouths import put
from bailiwick.twin.wire.patience import looks

SETTLE = 0.25
"""The part of the patience that is waited when all that was to arrive has, and the rest was seen to enter the router:
from there to a wire a packet is carried before the next is taken (net/core/dev.c); only a queue can still hold it."""
TRIES = 4
"""How often a packet is sent that nobody saw."""
Sending = Callable[[Iterable[Probe], float], dict[int, Sighting]]
"""Sends the probes, waits as long as the patience says, and tells what became of each, by serial."""
WIRE, SOCKETS, CONTROL, DEVICE = "wire", "sockets", "control", "device"


def insisted(send: Sending, probes: Iterable[Probe], patience: float) -> dict[int, Sighting]:
    """What became of each, by serial: a packet that nobody saw says nothing, and on a busy machine there are some
    whose turn came too late. Those are sent up to ``TRIES`` times, with twice the patience each time."""
    waiting = list(probes)
    sightings: dict[int, Sighting] = {}
    for _ in range(TRIES):
        sightings |= send(waiting, patience)
        waiting = [probe for probe in waiting if sightings[probe.serial].unseen]
        if not waiting:
            break
        patience *= 2
    return sightings


class Prober:
    """Open until closed; every socket is made before the first packet is sent."""

    def __init__(self, layout: Layout, router_macs: Mapping[str, str]) -> None:
        self._stack = ExitStack()
        self._loop = select.epoll()
        self._stack.callback(self._loop.close)
        self._ears: dict[int, tuple[socket.socket, str, str]] = {}
        self._mouths: dict[str, socket.socket] = {}
        self._own: dict[str, socket.socket] = {}  # the router's own, by the uplink that it is bound to
        self._stations = {station.name: station for station in layout.stations}
        self._macs = router_macs
        self._entered: set[int] = set()
        self._refused: set[int] = set()
        self._arriving: set[int] = set()  # of those meant to, which have not been seen
        self._entering: set[int] = set()
        self._errors: dict[int, str] = {}
        self._senders = {bytes.fromhex(station.mac.replace(":", "")) for station in layout.stations}
        self._seen: dict[int, dict[tuple[str, bytes, int], None]] = {}  # station, both addresses, port
        self._batch = 1  # packets sent between two looks
        for station in layout.stations:
            with within(station.name):
                wire = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, ETH_P_IP)
                wire.bind(("eth0", socket.ntohs(ETH_P_IP)))
            self._mouths[station.name] = wire
            self._listen(wire, station.name, WIRE)
        self._holders = {one.ip.packed: station.name for station in layout.stations for one in station.addresses}
        for device in devices(layout):
            with within(namespace_of(device)):
                for protocol in (ICMP, TCP, UDP, *OTHER_PROTOCOLS):
                    self._listen(socket.socket(socket.AF_INET, socket.SOCK_RAW, protocol), device, DEVICE)
        with within(ROUTER):
            for protocol in (ICMP, TCP, UDP, *OTHER_PROTOCOLS):
                self._listen(socket.socket(socket.AF_INET, socket.SOCK_RAW, protocol), ROUTER, SOCKETS)
            self._listen(socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, ETH_P_IP), ROUTER, CONTROL)
            for place, interface in (("", ""), *((line.uplink, line.interface) for line in layout.lines)):
                own = self._stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW))
                own.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, interface.encode())
                self._own[place] = own

    def close(self) -> None:
        self._stack.close()

    def _listen(self, ear: socket.socket, station: str, kind: str) -> None:
        ear.setblocking(False)
        self._batch = enlarged(ear)
        self._stack.enter_context(ear)
        self._ears[ear.fileno()] = (ear, station, kind)
        self._loop.register(ear.fileno(), select.EPOLLIN)

    def _hear(self, packet: bytes, station: str, kind: str) -> None:
        sight = glance(packet)
        if sight is None:
            return
        serial, port = sight
        if port < 0:
            if kind == WIRE:
                self._refused.add(serial)
        elif kind == CONTROL:
            self._entered.add(serial)
            self._entering.discard(serial)
        elif kind == DEVICE:
            # Its own address, which a station stands for as well, and either may answer for it (arp(7)). All else that
            # its sockets hear is broadcast, and on the wire of every station of the zone.
            if packet[16:20] in self._holders:
                self._note(serial, (self._holders[packet[16:20]], packet[12:20], port))
        else:
            self._note(serial, (station, packet[12:20], port))

    def _note(self, serial: int, place: tuple[str, bytes, int]) -> None:
        self._arriving.discard(serial)
        self._seen.setdefault(serial, {})[place] = None

    def _drain(self, patience: float) -> None:
        """Hear everything that has come, waiting up to ``patience`` seconds for the first of it."""
        while ready := self._loop.poll(patience):
            patience = 0
            for descriptor, _ in ready:
                ear, station, kind = self._ears[descriptor]
                start = 14 if kind == WIRE else 0
                for _ in range(256):
                    try:
                        packet = ear.recv(2048)
                    except BlockingIOError:
                        break
                    # What comes straight from another station on the same wire never met the router.
                    if kind != WIRE or packet[6:12] not in self._senders:
                        self._hear(packet[start:], station, kind)

    def _send(self, probe: Probe) -> None:
        packet = probe.packet
        header = Header(
            packet.source, probe.destination, packet.protocol, packet.source_port, probe.port, packet.icmp_type
        )
        data = datagram(header, probe.serial)
        if packet.ingress == Place.ROUTER:
            mouth = self._own.get(packet.egress, self._own[""])
            self._entered.add(probe.serial)
            try:
                mouth.sendto(data, (str(probe.destination), 0))
            except OSError as error:
                self._errors[probe.serial] = str(error)  # no route, or the output hook said no: it did not leave
            return
        mouth, station = self._mouths[probe.station], self._stations[probe.station]
        target = BROADCAST if probe.destination == LIMITED_BROADCAST else self._macs[station.interface]
        put(mouth, frame(target, station.mac, data), lambda: self._drain(0))

    def send(self, probes: Iterable[Probe], patience: float) -> dict[int, Sighting]:
        """What became of each, by serial; ``patience`` seconds pass after the last one is sent, or a part of that after
        each has come as far as it must."""
        self._drain(0)  # what others sent meanwhile fills the sockets
        sent: list[int] = []
        self._arriving.clear()
        self._entering.clear()
        for number, probe in enumerate(probes, 1):
            sent.append(probe.serial)
            self._seen.pop(probe.serial, None)
            self._entered.discard(probe.serial)
            self._refused.discard(probe.serial)
            if probe.expected is Fate.ARRIVED:
                self._arriving.add(probe.serial)
            elif probe.packet.ingress != Place.ROUTER:
                self._entering.add(probe.serial)
            self._send(probe)
            if number % self._batch == 0:
                self._drain(0)
        self._wait(patience)
        return {serial: self._sighting(serial) for serial in sent}

    def insist(self, probes: Iterable[Probe], patience: float) -> dict[int, Sighting]:
        """``send``, and again, with ever more patience, those that were not seen anywhere (``insisted``)."""
        return insisted(self.send, probes, patience)

    def _wait(self, patience: float) -> None:
        if self._arriving or self._entering:
            for look in looks(patience):
                self._drain(look)
                if not (self._arriving or self._entering):
                    break
            patience *= SETTLE
        for look in looks(patience):
            self._drain(look)

    def _sighting(self, serial: int) -> Sighting:
        places = tuple(
            (station, IPv4Address(ends[:4]), IPv4Address(ends[4:]), port)
            for station, ends, port in self._seen.get(serial, ())
        )
        return Sighting(serial in self._entered, places, serial in self._refused, self._errors.get(serial, ""))
