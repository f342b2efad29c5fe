"""Where a packet that came in goes: to the device itself, onwards, or nowhere.

IPv4: ``ip_route_input_slow`` and ``fib_validate_source`` (net/ipv4/route.c, fib_frontend.c), with rp_filter,
accept_local, route_localnet and bc_forwarding. IPv6: ``ip6_rcv_core``, ``ip6_forward``. A multicast group is taken to
be joined, so that its packets reach the input hook: what nobody listens to harms nobody.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from ipaddress import IPv4Address

from bailiwick.dataplane.interpreter.fib import LOOPBACK, Ask, Fib, Found
from bailiwick.dataplane.interpreter.packet import Address
from bailiwick.dataplane.interpreter.passing import Passing
from bailiwick.dataplane.model import Device
from bailiwick.dataplane.tally import Line

IGMP = 2


@dataclass(frozen=True, slots=True)
class Way:
    """``local``; or out by ``interface``; or neither, for a ``reason``."""

    local: bool = False
    interface: str | None = None
    gateway: Address | None = None
    reason: str = ""
    line: Line | None = None


def nowhere(reason: str, line: Line | None = None) -> Way:
    """The end of a packet that no rule dropped."""
    return Way(reason=reason, line=line)


class Arrival:
    def __init__(self, device: Device, fib: Fib) -> None:
        self._device, self._fib = device, fib

    def way(self, passing: Passing, ask: Ask) -> Way:
        if isinstance(passing.destination, IPv4Address):
            return self._way4(passing, ask)
        return self._way6(passing, ask)

    def _way4(self, passing: Passing, ask: Ask) -> Way:
        source, destination = passing.source, passing.destination
        localnet = self._setting(passing.iif, "route_localnet", either=True)
        if passing.dynamic_source is None and (source.is_multicast or int(source) == 0xFFFFFFFF):
            return nowhere("martian source")
        if passing.dynamic is None:
            if destination.is_multicast:
                return self._group(passing, ask, localnet=localnet)
            if int(destination) == 0xFFFFFFFF or int(source) == int(destination) == 0:
                return self._checked(passing, None, ask, Way(local=True))
            if int(destination) == 0 or (destination.is_loopback and not localnet and passing.iif != LOOPBACK):
                return nowhere("martian destination")
        if passing.dynamic_source is None and (
            int(source) == 0 or (source.is_loopback and not localnet and passing.iif != LOOPBACK)
        ):
            return nowhere("martian source")
        found = self._lookup(passing, ask)
        if found is None:
            if not self._fib.known:
                return Way(interface="")
            return nowhere("no route")
        if found.refused:
            return nowhere(found.kind, found.line)
        if found.kind == "local" or (found.kind == "broadcast" and not self._setting(passing.iif, "bc_forwarding")):
            return self._checked(passing, found, ask, Way(local=True, line=found.line))
        if not self._forwards(4):
            return nowhere("the device does not forward")
        if found.kind not in ("unicast", "broadcast"):
            return nowhere("martian destination", found.line)
        return self._checked(passing, found, ask, _out(found))

    def _group(self, passing: Passing, ask: Ask, *, localnet: bool) -> Way:
        """``ip_mc_validate_source``."""
        if passing.dynamic_source is None:
            if passing.source.is_loopback and not localnet:
                return nowhere("martian source")
            near = int(passing.destination) >> 8 == 0xE00000 or passing.header.protocol == IGMP
            if int(passing.source) == 0 and not near:
                return nowhere("martian source")
        return self._checked(passing, None, ask, Way(local=True))

    def refuses(self, passing: Passing) -> str:
        """Why a packet is refused before any rule of prerouting sees it (``ip6_rcv_core``); empty: it is not."""
        if isinstance(passing.destination, IPv4Address) or passing.iif == LOOPBACK:
            return ""
        if passing.source.is_multicast or passing.source.is_loopback or passing.destination.is_loopback:
            return "martian address"
        return ""

    def _way6(self, passing: Passing, ask: Ask) -> Way:
        source, destination = passing.source, passing.destination
        if passing.iif != LOOPBACK and destination.is_loopback:
            return nowhere("martian destination")
        if int(destination) == 0:
            return nowhere("martian destination")
        if destination.is_multicast:
            return Way(local=True)
        found = self._lookup(passing, ask)
        if found is None:
            if not self._fib.known:
                return Way(interface="")
            return nowhere("no route")
        if found.refused:
            return nowhere(found.kind, found.line)
        if found.kind in ("local", "anycast"):
            return Way(local=True, line=found.line)
        if not self._forwards(6):
            return nowhere("the device does not forward")
        if int(source) == 0 or source.is_link_local:
            return nowhere("a source of one link alone")
        if destination.is_link_local:
            return nowhere("a destination of one link alone")
        return _out(found)

    def _lookup(self, passing: Passing, ask: Ask) -> Found | None:
        iif = passing.iif or LOOPBACK
        found = self._fib.lookup(
            passing.destination, passing.source, iif, passing.mark, symbol=passing.dynamic, ask=ask
        )
        if not self._fib.known and found is not None and found.kind == "unicast":
            return None
        return found

    def _checked(self, passing: Passing, found: Found | None, ask: Ask, way: Way) -> Way:
        """The way, unless the source is one that nobody there may have."""
        if passing.dynamic_source is None and int(passing.source) == 0:
            return way
        reverse = int(self._value(passing.iif, "rp_filter", max))
        accepting = self._setting(passing.iif, "accept_local")
        leaves = found.interface if found is not None and not way.local else None
        if not reverse and leaves != passing.iif and accepting:
            return way
        local = self._fib.kind(passing.source, None, passing.dynamic_source, ask) == "local"
        turned = leaves == passing.iif and self._value(passing.iif, "send_redirects", max, "1") != "0"
        if not self._fib.known or not (reverse or turned or self._fib.custom_rules[4]):
            return nowhere("martian source: the device's own") if local and not accepting else way
        mark = passing.mark if self._setting(passing.iif, "src_valid_mark", either=True) else 0
        back = self._fib.lookup(
            passing.source, passing.destination, passing.iif or LOOPBACK, mark, symbol=passing.dynamic_source, ask=ask
        )
        if back is None or back.refused:
            return nowhere("rp_filter: no way back") if reverse else way
        if back.kind != "unicast" and not (back.kind == "local" and accepting):
            return nowhere(f"martian source: {back.kind}", back.line)
        if reverse == 1 and back.elsewhere(passing.iif, ask):
            return nowhere("rp_filter: the way back is another", back.line)
        return way

    def _forwards(self, version: int) -> bool:
        if not self._device.routing.forwarding:
            return False
        if version == 6:
            return self._device.settings.get("net.ipv6.conf.all.forwarding", "1") != "0"
        return self._device.settings.get("net.ipv4.ip_forward", "1") != "0"

    def _setting(self, interface: str | None, name: str, *, either: bool = False) -> bool:
        """Of an interface: its own and ``all`` together, as ``IN_DEV_ANDCONF`` or ``IN_DEV_ORCONF`` say."""
        return self._value(interface, name, max if either or name == "accept_local" else min) != "0"

    def _value(self, interface: str | None, name: str, join: Callable[[str, str], str], otherwise: str = "0") -> str:
        settings: Mapping[str, str] = self._device.settings
        every = settings.get(f"net.ipv4.conf.all.{name}", otherwise)
        default = settings.get(f"net.ipv4.conf.default.{name}", otherwise)
        return join(every, settings.get(f"net.ipv4.conf.{interface}.{name}", default))


def _out(found: Found) -> Way:
    return Way(interface=found.interface, gateway=found.gateway, line=found.line)
