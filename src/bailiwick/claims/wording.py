"""Places and packets in the words of the home file."""

from __future__ import annotations

from bailiwick.packets.packet import ICMP, TCP, UDP, Packet


def place_words(place: str) -> str:
    """``zone:lan`` as ``lan``; ``router``, ``internet`` and ``outside`` as they are."""
    kind, _, name = place.partition(":")
    return name if kind in ("zone", "uplink", "host") else place


def packet_words(packet: Packet, sent_to: str = "") -> str:
    """``lan 192.168.40.10 -> services 192.168.20.5 tcp/443``.

    ``sent_to`` is where it was aimed on the wire, when a destination NAT brought it to its destination.
    """
    what = {
        ICMP: f"icmp type {packet.icmp_type}",
        TCP: f"tcp/{packet.destination_port}",
        UDP: f"udp/{packet.destination_port}",
    }.get(packet.protocol, f"protocol {packet.protocol}")
    sides = f"{place_words(packet.ingress)} {packet.source} -> {place_words(packet.egress)} {packet.destination}"
    if sent_to:
        return f"{sides} {what} (sent to {sent_to})"
    return f"{sides} {what} (brought by a forward)" if packet.translated else f"{sides} {what}"
