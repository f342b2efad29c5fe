"""DHCP and names of a RouterOS configuration, as they are handed out.

Menus and arguments after MikroTik's manual ("DHCP", "IP Pools", "DNS"). An argument that is not known here may change
what a client is told, so it is a doubt; so is a value that cannot be read.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from ipaddress import IPv4Address, IPv4Network
from typing import TypeVar

from bailiwick.dataplane.handouts import DhcpNetwork, DhcpOption, DhcpServer, Handouts, Name, Reservation
from bailiwick.dataplane.routeros.defaults import seconds
from bailiwick.dataplane.routeros.item import Item
from bailiwick.dataplane.routeros.items import Configuration

T = TypeVar("T")

_KNOWN = {
    "ip/pool": {"name", "ranges"},
    "ip/dhcp-server": {"name", "interface", "address-pool", "lease-time"},
    "ip/dhcp-server/network": {"address", "gateway", "dns-server", "domain", "ntp-server", "dhcp-option"},
    "ip/dhcp-server/option": {"name", "code", "value", "force"},
    "ip/dhcp-server/lease": {"address", "mac-address", "server"},
    "ip/dns/static": {"name", "type", "address"},
}
_DNS = {"servers", "allow-remote-requests", "cache-size"}
_EVERYWHERE = {"comment", "disabled"}
_STATIC_ONLY = "static-only"
_BYTES = re.compile(r"0x((?:[0-9A-Fa-f]{2})+)")
"""The one form of an option's value that says its bytes; all others are RouterOS' to convert."""
_VENDOR_SPECIFIC = 43
"""The code that RouterOS has a word for."""


def read_handouts(configuration: Configuration) -> Handouts:
    """Raises nothing: what cannot be read is among the doubts."""
    return _Handouts(configuration).read()


class _Handouts:
    def __init__(self, configuration: Configuration) -> None:
        self.configuration = configuration
        self.doubts = list(configuration.aside)

    def read(self) -> Handouts:
        pools = dict(self._each("ip/pool", self._pool))
        options = self._options()
        networks = tuple(self._each("ip/dhcp-server/network", lambda item: self._network(item, options)))
        servers = tuple(self._each("ip/dhcp-server", lambda item: self._server(item, pools)))
        reservations = tuple(self._each("ip/dhcp-server/lease", self._reservation))
        names = tuple(self._each("ip/dns/static", self._name))
        dns = self.configuration.setting("ip/dns")
        upstreams: tuple[IPv4Address, ...] = ()
        if dns.lines:
            self._strange(dns, _DNS | {"use-doh-server"})
            if dns.get("use-doh-server"):
                self.doubts.append((dns.lines[-1], "names are asked for over HTTPS"))
            try:
                upstreams = _addresses(dns.get("servers"))
            except ValueError as error:
                self.doubts.append((dns.lines[-1], str(error)))
        self._given()
        for item in self.configuration.items.get("ip/dhcp-server/matcher", ()):
            if not item.disabled:
                self.doubts.append((item.line, "what some clients are told otherwise is not read here"))
        return Handouts(
            servers,
            networks,
            reservations,
            names,
            dns.yes("allow-remote-requests"),
            upstreams,
            dns.lines[-1] if dns.lines else None,
            tuple(self.doubts),
        )

    def _given(self) -> None:
        """Resolvers that a provider names are asked as well (manual, "DNS", dynamic servers)."""
        for menu, usual in (("ip/dhcp-client", True), ("interface/pppoe-client", False)):
            for item in self.configuration.items.get(menu, ()):
                if not item.disabled and item.yes("use-peer-dns", usual):
                    self.doubts.append((item.line, "the router asks whichever resolvers its provider names"))

    def _each(self, menu: str, read: Callable[[Item], T]) -> Iterator[T]:
        for item in self.configuration.items.get(menu, ()):
            if item.disabled:
                continue
            self._strange(item, _KNOWN[menu])
            self.doubts.extend((item.line, doubt) for doubt in item.doubts)
            try:
                yield read(item)
            except ValueError as error:
                self.doubts.append((item.line, str(error)))

    def _strange(self, item: Item, known: set[str]) -> None:
        for name in item.values:
            if name not in known | _EVERYWHERE:
                self.doubts.append((item.line, f"what `{name}` changes for clients is not read here"))

    def _pool(self, item: Item) -> tuple[str, tuple[tuple[IPv4Address, IPv4Address], ...]]:
        ranges = []
        for piece in item.get("ranges").split(","):
            first, _, last = piece.partition("-")
            ranges.append((IPv4Address(first), IPv4Address(last or first)))
        return item.get("name"), tuple(ranges)

    def _server(self, item: Item, pools: dict[str, tuple[tuple[IPv4Address, IPv4Address], ...]]) -> DhcpServer:
        pool = item.get("address-pool", _STATIC_ONLY)
        if pool != _STATIC_ONLY and pool not in pools:
            raise ValueError(f"there is no pool `{pool}`")
        said = item.get("lease-time")
        lease = seconds(said) if said else None
        if said and lease is None:
            raise ValueError(f"`{said}` is no time")
        own = () if pool == _STATIC_ONLY else pools[pool]
        return DhcpServer(item.get("name"), item.get("interface"), own, lease, item.line)

    def _options(self) -> dict[str, DhcpOption]:
        """By name. One that no network names is told to nobody."""
        found: dict[str, DhcpOption] = {}
        for name, option in self._each("ip/dhcp-server/option", self._option):
            if name in found:
                self.doubts.append((option.line, f"there are two options `{name}`"))
            found[name] = option
        return found

    def _option(self, item: Item) -> tuple[str, DhcpOption]:
        code, value = item.get("code"), _BYTES.fullmatch(item.get("value"))
        number = int(code) if code.isdecimal() else _VENDOR_SPECIFIC if code == "vendor-specific" else 0
        if not 1 <= number <= 254:
            raise ValueError(f"there is no DHCP option `{code}`")
        if value is None:
            raise ValueError(f"which bytes `{item.get('value')}` is cannot be told: `0x0578` says them")
        return item.get("name"), DhcpOption(number, bytes.fromhex(value[1]), item.yes("force"), item.line)

    def _network(self, item: Item, options: dict[str, DhcpOption]) -> DhcpNetwork:
        names = item.get("dhcp-option").split(",") if item.get("dhcp-option") else []
        for name in names:
            if name not in options:
                raise ValueError(f"there is no option `{name}`")
        return DhcpNetwork(
            IPv4Network(item.get("address")),
            _addresses(item.get("gateway")),
            _addresses(item.get("dns-server")),
            _addresses(item.get("ntp-server")),
            item.get("domain"),
            item.line,
            tuple(options[name] for name in names),
        )

    def _reservation(self, item: Item) -> Reservation:
        address, mac = IPv4Address(item.get("address")), item.get("mac-address").lower()
        return Reservation(item.get("server", "all"), address, mac, item.line)

    def _name(self, item: Item) -> Name:
        if item.get("type", "A") != "A":
            raise ValueError(f"what an answer of the type {item.get('type')} says is not read here")
        return Name(item.get("name").lower(), IPv4Address(item.get("address")), item.line)


def _addresses(text: str) -> tuple[IPv4Address, ...]:
    """Raises ValueError."""
    return tuple(IPv4Address(one) for one in text.split(",")) if text else ()
