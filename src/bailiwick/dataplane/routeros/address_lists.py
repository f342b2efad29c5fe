"""Address lists: what is in them for certain, and what only the running router can know."""

from __future__ import annotations

from dataclasses import dataclass

from bailiwick.dataplane.routeros.item import Item
from bailiwick.dataplane.routeros.items import Configuration
from bailiwick.dataplane.routeros.values import addresses
from bailiwick.dataplane.rules import AnyOf, Key, Lookup, Side, Test, Unknown
from bailiwick.dataplane.tally import Line
from bailiwick.packets.interval import IntervalSet

_FILLERS = frozenset({"add-src-to-address-list", "add-dst-to-address-list"})


@dataclass(frozen=True, slots=True)
class AddressList:
    """``open_end`` says why there may be more in it than is written, ``steady`` whether that stays as it is."""

    entries: tuple[tuple[Side, ...], ...] = ()
    lines: tuple[Line, ...] = ()
    open_end: str = ""
    steady: bool = True


class AddressLists:
    """The lists of one IP version; IPv4 and IPv6 have lists of their own."""

    def __init__(self, configuration: Configuration, version: int) -> None:
        self._configuration = configuration
        self._version = version
        self._filled = _filled(configuration, version)
        self._lists = self._read()

    def _read(self) -> dict[str, AddressList]:
        ip = "ip" if self._version == 4 else "ipv6"
        entries: dict[str, list[tuple[IntervalSet, Line]]] = {}
        open_ends: dict[str, str] = {}
        for item in self._configuration.of(f"{ip}/firewall/address-list"):
            name, address = item.get("list"), item.get("address")
            self._configuration.understand(item)
            why = self._vague(item)
            try:
                spans = addresses(address, self._version)
            except ValueError:
                why = why or f"`{address}` is a name, and what it stands for is known to the router alone"
            if why:
                self._configuration.doubt(item, why)
                open_ends[name] = why
                entries.setdefault(name, [])
            else:
                entries.setdefault(name, []).append((spans, item.line))
        return {
            name: AddressList(
                tuple((spans,) for spans, _ in rows),
                tuple(line for _, line in rows),
                open_ends.get(name, "") or self._filled.get(name, ""),
                name not in self._filled,
            )
            for name, rows in entries.items()
        }

    def _vague(self, item: Item) -> str:
        if item.broken or item.unsure:
            return "this entry could not be read in full"
        return "this entry goes away after a time" if item.get("timeout") else ""

    def test(self, field: str, name: str, negated: bool) -> tuple[Test | AnyOf, str]:
        """The test "is in the list", and why it is not certain (empty when it is)."""
        found = self._lists.get(name)
        if found is None:
            why = self._filled.get(name, "")
            found = AddressList(open_end=why or f"no line fills the list `{name}`", steady=not why)
        known = Lookup((Key(field),), found.entries, negated and not found.open_end, name, found.lines)
        if not found.open_end:
            return known, ""
        may = Unknown(f"{field} in {name}", found.steady, f"{self._version}:{field}:{name}" if found.steady else "")
        options: tuple[tuple[Test, ...], ...] = ((known,), (may,)) if found.entries else ((may,),)
        return AnyOf(options, negated), f"`{name}` may hold more than is written: {found.open_end}"


def _filled(configuration: Configuration, version: int) -> dict[str, str]:
    """Lists that something adds to while the router runs, and what that is."""
    ip = "ip" if version == 4 else "ipv6"
    filled: dict[str, str] = {}
    for table in ("raw", "mangle", "nat", "filter"):
        for item in configuration.items.get(f"{ip}/firewall/{table}", ()):
            if item.get("action") in _FILLERS and not item.disabled:
                filled[item.get("address-list")] = f"the rule on line {item.line.number} adds to it"
    for item in configuration.items.get(f"{ip}/firewall/address-list", ()):
        name = item.get("list")
        if name and any(name in script for script in configuration.acting_scripts):
            filled[name] = "a script may change it"
    for menu, rows in configuration.items.items():
        for item in rows:
            for name in ("address-list", "address-lists", "prefix-address-lists"):
                if "firewall" not in menu and item.get(name):
                    for one in item.get(name).split(","):
                        filled[one] = f"line {item.line.number} adds to it"
    return filled
