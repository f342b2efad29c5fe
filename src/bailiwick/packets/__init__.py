"""Sets of packets: addresses, ports and places, and the algebra over them. Pure mathematics; knows no home."""

from bailiwick.packets.interval import IntervalSet
from bailiwick.packets.packet import Packet
from bailiwick.packets.space import Cube, Names, PacketSet

__all__ = ["Cube", "IntervalSet", "Names", "Packet", "PacketSet"]
