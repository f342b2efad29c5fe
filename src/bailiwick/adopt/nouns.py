"""Addresses by name: zones, hosts and groups, in the words of whoever set the device up."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import IPv4Address

from bailiwick.adopt.facts import Entry, Facts, Lease
from bailiwick.adopt.layout import Layout, ZoneDraft
from bailiwick.adopt.naming import Taken, slug
from bailiwick.packets.interval import IntervalSet

_FEW = 4
"""Hosts that a side of a sentence may take away from a zone."""


@dataclass(frozen=True, slots=True)
class HostDraft:
    """``comment`` is what it was called, where the name lost something of it."""

    name: str
    zone: ZoneDraft
    address: IPv4Address
    mac: str = ""
    comment: str = ""


@dataclass(frozen=True, slots=True)
class GroupDraft:
    """``members`` are names of hosts and zones, and addresses, networks and ranges as a home file writes them."""

    name: str
    members: tuple[tuple[str, str], ...]


class Nouns:
    """Hosts of the leases, records and lists; groups are made when a sentence needs one."""

    def __init__(self, layout: Layout, facts: Facts, taken: Taken) -> None:
        self.layout, self.facts, self.taken = layout, facts, taken
        self.hosts: dict[IPv4Address, HostDraft] = {}
        self.groups: dict[str, GroupDraft] = {}
        self._forwards = Taken()
        self._lists = {name: IntervalSet.union(e.addresses for e in entries) for name, entries in facts.lists.items()}
        for lease in facts.leases:
            self._host(lease)
        for name, address in facts.records:
            self._host(Lease(address, "", name.partition(".")[0]))
        for name, entries in facts.lists.items():
            for entry in entries:
                if entry.addresses.size() == 1:
                    called = entry.comment or (name if len(entries) == 1 else "")
                    self._host(Lease(IPv4Address(entry.addresses.first()), "", called))

    def host(self, address: IPv4Address, wish: str = "") -> str | None:
        """A host's name, made where it has none yet; None for an address that is in no zone."""
        self._host(Lease(address, "", wish))
        return self.hosts[address].name if address in self.hosts else None

    def forward_name(self, *wishes: str) -> str:
        """Forwards are called by nobody: their names need not differ from those of hosts."""
        return self._forwards.take(*wishes)

    def _host(self, lease: Lease) -> None:
        zone = next((z for z in self.layout.zones if int(lease.address) in z.members), None)
        if zone is None or lease.address in self.hosts:
            return
        name = self.taken.take(lease.name, f"{zone.name}-{int(lease.address) & 255}")
        comment = lease.name if slug(lease.name) != lease.name.lower() else ""
        mac = lease.mac if zone.dhcp is not None else ""
        self.hosts[lease.address] = HostDraft(name, zone, lease.address, mac, comment)

    def side(self, addresses: IntervalSet) -> str:
        """One side of a sentence, as ``lan, mgmt except tv``."""
        said, taken = self._said(addresses, sparing=True)
        return ", ".join(said) + (f" except {', '.join(taken)}" if taken else "")

    def say(self, addresses: IntervalSet) -> list[str]:
        """Names that together are exactly these addresses: of zones, the internet, lists, hosts, else a new group."""
        return self._said(addresses, sparing=False)[0]

    def _said(self, addresses: IntervalSet, sparing: bool) -> tuple[list[str], list[str]]:
        """``sparing``: zones of which a few hosts are missing may be named, and those hosts apart."""
        left = addresses
        said: list[str] = []
        taken: list[str] = []
        if left.covers(self.layout.internet):
            said.append("internet")
            left = left - self.layout.internet
        for zone in self.layout.zones:
            missing = zone.members - left
            few = sparing and 0 < missing.size() <= _FEW and zone.gateway.network.network_address not in _each(missing)
            if not missing or few:
                said.append(zone.name)
                taken += [self.host(address) or str(address) for address in _each(missing)]
                left = left - zone.subnet
        # Nobody is at a network's own address: what is left of it needs no word.
        ends = IntervalSet.addresses(zone.gateway.network.network_address for zone in self.layout.zones)
        reach = IntervalSet.union(zone.members for zone in self.layout.zones) | self.layout.internet
        left = (left & reach) - (ends - _roomy(left))
        for name, those in self._lists.items():
            if those.size() > 1 and left.covers(those):
                said.append(self._listed(name))
                left = left - those
        said += self._hosts_in(left)
        left = left - IntervalSet.addresses(self.hosts)
        if left:
            said.append(self._made(left))
        return said, taken

    def _hosts_in(self, left: IntervalSet) -> Iterator[str]:
        for span in left.spans:
            if span[0] == span[1]:
                self.host(IPv4Address(span[0]))
        for address, host in sorted(self.hosts.items()):
            if int(address) in left:
                yield host.name

    def _listed(self, name: str) -> str:
        key = f"list {name}"
        if key not in self.groups:
            members = tuple((self._member(entry), entry.comment) for entry in self.facts.lists[name])
            members = tuple((word, "" if slug(comment) == word else comment) for word, comment in members)
            self.groups[key] = GroupDraft(self.taken.take(name, f"{name}-list"), members)
        return self.groups[key].name

    def _member(self, entry: Entry) -> str:
        if entry.addresses.size() == 1 and (host := self.hosts.get(IPv4Address(entry.addresses.first()))):
            return host.name
        return _words(entry.addresses)[0]

    def _made(self, left: IntervalSet) -> str:
        key = str(left.spans)
        if key not in self.groups:
            zone = next((z.name for z in self.layout.zones if z.members.covers(left)), "some")
            whole = IntervalSet.union(z.members for z in self.layout.zones if z.members.overlaps(left))
            like = next((name for name, those in self._lists.items() if those & whole == left), "")
            members = tuple((word, "") for word in _words(left))
            self.groups[key] = GroupDraft(self.taken.take(like, f"{zone}-{like or 'part'}"), members)
        return self.groups[key].name


def _each(addresses: IntervalSet) -> list[IPv4Address]:
    """Of a small set, each; of a large one the first few."""
    return [IPv4Address(number) for low, high in addresses.spans for number in range(low, min(high, low + _FEW) + 1)]


def _roomy(addresses: IntervalSet) -> IntervalSet:
    """The parts of more than one address."""
    return IntervalSet.of(span for span in addresses.spans if span[0] < span[1])


def _words(addresses: IntervalSet) -> list[str]:
    """Networks where they are exact, else ranges."""
    found = []
    for first, last in addresses.spans:
        nets = list(IntervalSet.span(first, last).cidrs())
        found.append(
            str(nets[0]).removesuffix("/32") if len(nets) == 1 else f"{IPv4Address(first)}-{IPv4Address(last)}"
        )
    return found
