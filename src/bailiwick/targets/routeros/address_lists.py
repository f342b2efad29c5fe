"""Address lists: sets of addresses under one name, for rules that ask for more than one stretch.

Equal sets are one list, which is called after the first that asked for it.
"""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Address, summarize_address_range

from bailiwick.packets.interval import IntervalSet
from bailiwick.targets.lines import Line
from bailiwick.targets.routeros.names import name as plain
from bailiwick.targets.routeros.ownership import tag
from bailiwick.targets.routeros.syntax import command


class AddressLists:
    """Hands out the names of lists; ``lines`` are what fills them."""

    def __init__(self) -> None:
        self._names: dict[IntervalSet, str] = {}
        self._ids: dict[str, set[str]] = {}

    def name(self, members: IntervalSet, wanted: str, *ids: str) -> str:
        """The list that holds exactly these; ``wanted`` is what a new one is called."""
        name = self._names.get(members)
        if name is None:
            taken, name, count = set(self._names.values()), plain(wanted), 1
            while name in taken:
                count += 1
                name = plain(f"{wanted}.{count}")
            self._names[members] = name
        self._ids.setdefault(name, set()).update(ids)
        return name

    def matcher(self, side: str, members: IntervalSet, wanted: str, *ids: str) -> dict[str, str]:
        """``src`` or ``dst`` is one of these: said in place where one stretch says it, else by a list."""
        if len(members.spans) == 1:
            return {f"{side}-address": address(members.spans[0])}
        return {f"{side}-address-list": self.name(members, wanted, *ids)}

    def lines(self) -> Iterator[Line]:
        """By list in the order of asking, then by address."""
        for members, name in self._names.items():
            ids = tuple(sorted(self._ids[name]))
            for span in members.spans:
                entry = {"list": name, "address": address(span), **tag(*(ids or (f"list:{name}",)))}
                yield command("/ip firewall address-list", "add", entry, ids)


def address(span: tuple[int, int]) -> str:
    """One address, one prefix where the stretch is one, else ``first-last``."""
    first, last = IPv4Address(span[0]), IPv4Address(span[1])
    if first == last:
        return str(first)
    prefixes = list(summarize_address_range(first, last))
    return str(prefixes[0]) if len(prefixes) == 1 else f"{first}-{last}"
