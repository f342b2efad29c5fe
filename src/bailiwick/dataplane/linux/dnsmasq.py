"""dnsmasq's configuration (dnsmasq(8)): what it listens on. Names and leases change no packet's fate."""

from __future__ import annotations

from bailiwick.dataplane.linux.draft import Draft, spoken
from bailiwick.dataplane.model import Listener
from bailiwick.dataplane.tally import Line
from bailiwick.packets.packet import UDP

TCP = 6
_LISTEN = frozenset(
    {"port", "interface", "except-interface", "no-dhcp-interface", "bind-interfaces", "bind-dynamic", "listen-address"}
    | {"server", "dhcp-range", "enable-tftp", "enable-ra", "no-dhcpv4-interface", "no-dhcpv6-interface", "auth-server"}
)
_FOREIGN = frozenset(
    {"conf-file", "conf-dir", "servers-file", "nftset", "ipset", "dhcp-script", "dhcp-luascript", "conf-script"}
)
_CARELESS = "names, leases and what is asked upstream: no packet's fate"


def read_dnsmasq(draft: Draft, file: str, text: str) -> None:
    """One instance. Without ``interface`` it listens on all; with, on these and on the loopback (``--interface``)."""
    said: dict[str, list[tuple[str, Line]]] = {}
    for line, spoken_ in spoken(file, text):
        name, _, value = (part.strip() for part in spoken_.removeprefix("--").partition("="))
        if name in _FOREIGN:
            draft.ledger.unknown(line, "leads to what is not in this file")
        elif name in _LISTEN:
            said.setdefault(name, []).append((value, line))
            draft.ledger.understood()
        else:
            draft.ledger.ignored(line, _CARELESS)
    everywhere = Line(file, 1)
    names = {one for value, _ in said.get("interface", ()) for one in value.split(",")}
    without = {one for value, _ in said.get("except-interface", ()) for one in value.split(",")}
    bound = frozenset(({*names, "lo"}) - without) if names and "listen-address" not in said else None
    if bound is not None and any("*" in one for one in bound):
        bound = None
    port, line = said.get("port", [("53", everywhere)])[-1]
    number = int(port) if port.isdecimal() and int(port) < 65536 else 53
    for protocol in (UDP, TCP) if number else ():
        draft.listeners.append(Listener("dns", protocol, number, bound, line, upstreams=_upstreams(said)))
    _leases(draft, said, bound)
    for _, line in said.get("enable-tftp", ()):
        draft.listeners.append(Listener("tftp", UDP, 69, bound, line))


def _upstreams(said: dict[str, list[tuple[str, Line]]]) -> tuple[tuple[str, str | None], ...]:
    """``server=[/domain/]address[#port][@interface or source address[#port]]``; without an address: nobody is asked."""
    found = []
    for value, _ in said.get("server", ()):
        address, _, by = value.rpartition("/")[2].partition("@")
        if address:
            found.append((address, by.partition("#")[0] or None))
    return tuple(found)


def _leases(draft: Draft, said: dict[str, list[tuple[str, Line]]], bound: frozenset[str] | None) -> None:
    silent = {one for value, _ in said.get("no-dhcp-interface", ()) for one in value.split(",")}
    served = None if bound is None else frozenset(bound - silent - {"lo"})
    for port, sixth in ((67, False), (547, True)):
        ranges = [line for value, line in said.get("dhcp-range", ()) if _of_ipv6(value) is sixth]
        if ranges and (served is None or served):
            draft.listeners.append(Listener("dhcpv6" if sixth else "dhcp", UDP, port, served, ranges[0]))


def _of_ipv6(value: str) -> bool:
    return ":" in value.replace("set:", "").replace("tag:", "").replace("interface:", "").replace("constructor:", "::")
