"""What the agent tells of its device before anything is planned there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import IPv4Interface, IPv6Interface, ip_interface
from typing import Any

from bailiwick.agent.model import Generation, from_data
from bailiwick.apply.protocol import Garbled, Window


@dataclass(frozen=True, slots=True)
class Link:
    """An interface of the device. ``kind`` is "" for a card; ``default``: a default route leaves by it."""

    name: str
    mac: str
    kind: str
    addresses: tuple[IPv4Interface | IPv6Interface, ...]
    default: bool


@dataclass(frozen=True, slots=True)
class Facts:
    """``system`` and ``version`` are os-release's ID and VERSION_ID; ``units`` name to (state, whether it is active).

    ``came_by`` is the address of the device that we came to, "" where there is none. ``generation`` is the confirmed
    one, None before the first apply.
    """

    system: str
    version: str
    systemd: bool
    links: tuple[Link, ...]
    units: Mapping[str, tuple[str, bool]]
    confirmed: int
    generation: Generation | None
    window: Window | None
    came_by: str = ""
    came_from: str = ""

    def link(self, name: str) -> Link | None:
        return next((link for link in self.links if link.name == name), None)

    @staticmethod
    def of(data: Mapping[str, Any]) -> Facts:
        """Raises Garbled."""
        try:
            return Facts(
                system=str(data["system"]["id"]),
                version=str(data["system"]["version"]),
                systemd=bool(data["systemd"]),
                links=tuple(_link(link) for link in data["links"]),
                units={name: (str(state), bool(active)) for name, (state, active) in data["installed"].items()},
                confirmed=int(data["confirmed"]),
                generation=from_data(data["generation"]) if data.get("generation") else None,
                window=Window.of(data.get("window")),
                came_by=str(data.get("came_by") or ""),
                came_from=str(data.get("came_from") or ""),
            )
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise Garbled(f"What the device tells of itself cannot be read ({error}).") from error


def _link(data: Mapping[str, Any]) -> Link:
    addresses = tuple(ip_interface(text) for text in data["addresses"])
    return Link(str(data["name"]), str(data["mac"] or ""), str(data["kind"]), addresses, bool(data["default"]))
