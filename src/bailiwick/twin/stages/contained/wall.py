"""The wires around a box, which outlast its power cuts: a switch each, with the box at one end and stations at it."""

from __future__ import annotations

from dataclasses import dataclass

from bailiwick.twin.scene.namespaces import batch, run_in
from bailiwick.twin.stages.contained.held import Held

CARD = "eth0"
"""Of every station."""


@dataclass(frozen=True, slots=True)
class Station:
    """A machine on one wire; ``netns`` is its network namespace, and its card is ``eth0``."""

    name: str
    netns: str

    def run(self, *command: str, text: str | None = None) -> str:
        """Raises CommandFailed."""
        return run_in(self.netns, *command, text=text)

    def addressed(self, address: str, gateway: str = "") -> None:
        """It has this address (``192.168.1.5/24``) and no other, and its default route."""
        lines = ["address flush dev eth0", f"address add {address} dev eth0"]
        batch([*lines, f"route replace default via {gateway}"] if gateway else lines, self.netns)


class Wall:
    """Wires by name. What is at a wire hears whatever is said on it, and keeps its card when the box goes dark."""

    def __init__(self) -> None:
        self._switches = Held()
        self.stations: dict[str, Station] = {}
        self._held: list[Held] = []
        self._wires: list[str] = []
        self._plugs: dict[str, tuple[str, str]] = {}  # the box's card: its wire, its hardware address
        self._ends: dict[str, str] = {}  # the box's card: the switch's port
        self._ports = 0

    def _port(self, wire: str) -> str:
        """The name of a switch's next port; the switch is made with its first."""
        if wire not in self._wires:
            self._wires.append(wire)
            bridge = f"wire{self._wires.index(wire)}"
            quiet = f"link add {bridge} type bridge mcast_snooping 0 forward_delay 0"
            batch([quiet, f"link set {bridge} up"], self._switches.path)
        self._ports += 1
        return f"port{self._ports}"

    def _cable(self, wire: str, card: str, netns: str, mac: str) -> str:
        """The switch's port."""
        port = self._port(wire)
        bridge = f"wire{self._wires.index(wire)}"
        address = f" address {mac}" if mac else ""
        batch(
            [
                f"link add {port} type veth peer name {card}{address} netns {netns}",
                f"link set {port} master {bridge} up",
            ],
            self._switches.path,
        )
        return port

    def plug(self, card: str, wire: str, netns: str, mac: str = "") -> None:
        """The box's card on this wire; the box sets it up itself."""
        self._plugs[card] = (wire, mac)
        self._ends[card] = self._cable(wire, card, netns, mac)

    def carrier(self, card: str, there: bool) -> None:
        """The cable of the box's card is drawn at the switch, or put in again."""
        batch([f"link set {self._ends[card]} {'up' if there else 'down'}"], self._switches.path)

    def plug_again(self, netns: str) -> None:
        """After a power cut: its cards went with its namespace."""
        for card, (wire, mac) in self._plugs.items():
            self._ends[card] = self._cable(wire, card, netns, mac)

    def pull(self, card: str, netns: str) -> None:
        """The box's card goes, as a USB one would."""
        del self._plugs[card]
        batch([f"link delete {card}"], netns)

    def station(self, name: str, wire: str, address: str = "", gateway: str = "", mac: str = "") -> Station:
        """Another machine on a wire, up, with an address where one is given."""
        held = Held()
        self._held.append(held)
        self._cable(wire, CARD, held.path, mac)
        batch(["link set lo up", f"link set {CARD} up"], held.path)
        station = self.stations[name] = Station(name, held.path)
        if address:
            station.addressed(address, gateway)
        return station

    def close(self) -> None:
        for held in (self._switches, *self._held):
            held.close()
