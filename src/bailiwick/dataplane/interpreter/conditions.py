"""Whether a test holds for a packet on its way.

A field that the packet does not have ends the rule, whether the test is negated or not (nft's ``NFT_BREAK``):
conntrack's status, direction and mark of a packet that conntrack has no entry for.
"""

from __future__ import annotations

from ipaddress import IPv4Address

from bailiwick.dataplane.interpreter.fib import LOOPBACK, Fib
from bailiwick.dataplane.interpreter.oracle import Oracle, Undecided
from bailiwick.dataplane.interpreter.packet import Address
from bailiwick.dataplane.interpreter.passing import Passing
from bailiwick.dataplane.rules import (
    AddressType,
    Among,
    AnyOf,
    Family,
    Key,
    Lookup,
    OnInterface,
    ReturnPath,
    Side,
    Test,
    Unknown,
)
from bailiwick.packets import header
from bailiwick.packets.interval import IntervalSet


class NoSuchField(Exception):
    """The packet has no such field, or nobody knows it."""


class Scrambled(Undecided):
    """The packet's field may be anything."""


def settled(passing: Passing, *fields: str) -> None:
    """Raises Scrambled where one of the fields may be anything."""
    for field in fields:
        if field in passing.scrambled:
            raise Scrambled(f"the {field} may be anything after {passing.scrambled[field]}")


def value(passing: Passing, field: str) -> int:
    """A field of ``packets.header`` as a number. Raises NoSuchField and Scrambled."""
    if field in (header.STATUS, header.DIRECTION, header.CT_MARK) and not passing.tracked:
        raise NoSuchField(field)
    settled(passing, field)
    match field:
        case header.SOURCE | header.DESTINATION:
            return int(getattr(passing, field))
        case header.SOURCE_PORT | header.DESTINATION_PORT | header.MARK | header.CT_MARK | header.STATE | header.STATUS:
            return int(getattr(passing, field))
        case header.DIRECTION:
            return int(passing.direction)
        case header.PROTOCOL | header.ICMP_TYPE | header.ICMP_CODE | header.TCP_FLAGS:
            return int(getattr(passing.header, field))
    raise ValueError(f"no field of a packet: {field}")


def named(pattern: str, name: str | None) -> bool:
    """Whether an interface's name fits a pattern, which may end in ``*``."""
    if name is None:
        return False
    return name.startswith(pattern[:-1]) if pattern.endswith("*") else name == pattern


def stands_in(passing: Passing, keys: tuple[Key, ...], entry: tuple[Side, ...]) -> bool:
    """Whether every field of the key is in its side of the entry."""
    for key, side in zip(keys, entry, strict=True):
        if isinstance(side, IntervalSet):
            number = value(passing, key.field)
            if (number if key.mask is None else number & key.mask) not in side:
                return False
        else:
            name = passing.iif if key.field == header.IIF else passing.oif
            if not any(named(pattern, name) for pattern in side):
                return False
    return True


class Conditions:
    def __init__(self, fib: Fib, oracle: Oracle) -> None:
        self._fib, self._oracle = fib, oracle

    def holds(self, test: Test | AnyOf, passing: Passing) -> bool:
        """Raises Undecided when it hangs on something that nobody was asked about."""
        try:
            return self._holds(test, passing)
        except NoSuchField:
            return False

    def _holds(self, test: Test | AnyOf, passing: Passing) -> bool:
        match test:
            case Among(field, values, mask, negated):
                number = value(passing, field)
                return ((number if mask is None else number & mask) in values) is not negated
            case Family(version, negated):
                return (passing.family == version) is not negated
            case OnInterface(side, patterns, negated):
                name = passing.iif if side == header.IIF else passing.oif
                return any(named(pattern, name) for pattern in patterns) is not negated
            case Lookup(keys, entries, negated):
                for key in keys:
                    if key.field not in (header.IIF, header.OIF):
                        value(passing, key.field)
                return any(stands_in(passing, keys, entry) for entry in entries) is not negated
            case AddressType():
                return self._address_type(test, passing)
            case ReturnPath():
                return self._return_path(test, passing)
            case AnyOf(options, negated):
                return any(all(self._holds(one, passing) for one in tests) for tests in options) is not negated
            case Unknown():
                return self._oracle.holds(test)
        raise ValueError(f"no such test: {test!r}")

    def _address_type(self, test: AddressType, passing: Passing) -> bool:
        """nft_fib_ipv4.c, nft_fib_ipv6.c and xt_addrtype.c."""
        source = test.key == header.SOURCE
        settled(passing, test.key)
        address: Address = passing.source if source else passing.destination
        symbol = passing.dynamic_source if source else passing.dynamic
        interface = passing.iif if test.limit_iif else None
        if isinstance(address, IPv4Address):
            kind = self._fib.kind(address, interface, symbol, self._oracle.holds)
        else:
            kind = self._kind6(address, passing.destination if source else passing.source, interface, symbol)
        return (kind in test.kinds) is not test.negated

    def _kind6(self, address: Address, other: Address, interface: str | None, symbol: str | None) -> str:
        """The routes are asked as for a packet from the ``other`` end, so that policy rules may refuse it."""
        local = self._fib.kind(address, interface, symbol, self._oracle.holds)
        if local in ("local", "multicast"):
            return local
        if self._fib.kind(address, None, symbol, self._oracle.holds) == "anycast":
            return "anycast"
        if not self._fib.known:
            return "unicast"
        speaks = None if other.is_multicast or int(other) == 0 else other
        found = self._fib.lookup(address, speaks, LOOPBACK, symbol=symbol, ask=self._oracle.holds)
        if found is None:
            return "unreachable"
        return found.kind if found.refused else "unicast"

    def _return_path(self, test: ReturnPath, passing: Passing) -> bool:
        present = self._returns(test, passing)
        return present is not test.missing

    def _returns(self, test: ReturnPath, passing: Passing) -> bool:
        """nft_fib4_eval: the source looked up as a destination of the device's own packet, all interfaces allowed."""
        if passing.iif == LOOPBACK and passing.hook in ("ingress", "prerouting", "input"):
            return True
        settled(passing, header.SOURCE, header.DESTINATION, *([header.MARK] if test.marked else []))
        if isinstance(passing.source, IPv4Address) and int(passing.source) == 0:
            local_group = int(passing.destination) >> 8 == 0xE00000
            if int(passing.destination) == 0xFFFFFFFF or local_group:
                return True
        if not self._fib.known:
            return self._oracle.holds(
                Unknown(f"a route to {passing.source} by {passing.iif}", True, str(passing.source))
            )
        found = self._fib.lookup(
            passing.source,
            speaker(passing.destination),
            passing.oif if passing.hook == "forward" and passing.oif and not test.any_interface else LOOPBACK,
            passing.mark if test.marked else 0,
            symbol=passing.dynamic_source,
            ask=self._oracle.holds,
        )
        if found is None or found.refused or found.kind in ("local", "anycast"):
            return False
        return test.any_interface or not found.elsewhere(passing.iif, self._oracle.holds)


def speaker(address: Address) -> Address | None:
    """``get_saddr``: nobody speaks from a multicast or broadcast address, or from none."""
    if isinstance(address, IPv4Address) and (address.is_multicast or int(address) in (0, 0xFFFFFFFF)):
        return None
    return address
