"""``--match-set``: a set of ipset asked for a packet's addresses, ports and interfaces (ip_set_hash_*.c).

Without the set's dump the answer is unknown, but the same each time. A set that rules add to, delete from, or that
forgets by itself is asked both ways: what stands in it now, and what may.
"""

from __future__ import annotations

from collections.abc import Iterable

from bailiwick.dataplane.iptables.arguments import Module, NotUnderstood
from bailiwick.dataplane.iptables.header_tests import interface_test
from bailiwick.dataplane.iptables.ipset import Entry, IpSet
from bailiwick.dataplane.iptables.names import ICMP, ICMP6, TCP, UDP, WITH_PORTS, protocol_number
from bailiwick.dataplane.iptables.transport import icmp_type
from bailiwick.dataplane.iptables.values import (
    NEVER,
    Scene,
    address,
    any_of,
    marked,
    network,
    ports,
    steady,
    width,
)
from bailiwick.dataplane.rules import Key, Lookup, OnInterface, Side, Step, Test, Unknown
from bailiwick.packets import header
from bailiwick.packets.interval import IntervalSet

Options = list[tuple[Test, ...]]
Row = tuple[tuple[Key, ...], tuple[Side, ...]]
"""An entry: what it looks at, and what that must be."""

_MOST_DIMENSIONS = 6
_COUNTERS = ("packets-eq", "packets-lt", "packets-gt", "bytes-eq", "bytes-lt", "bytes-gt")


def set_match(module: Module, scene: Scene) -> tuple[Step, ...]:
    """The ``set`` match. Raises NotUnderstood."""
    option = module.get("match-set", "set")
    if option is None:
        raise NotUnderstood("a set match that names no set")
    name, flags = option.values[0], tuple(option.values[1].split(","))
    if len(flags) > _MOST_DIMENSIONS or not set(flags) <= {"src", "dst"}:
        raise NotUnderstood(f"`{option.values[1]}` are no directions of a set")
    options = _asked(name, flags, scene)
    if module.has("return-nomatch", *_COUNTERS):
        options = [(Unknown(f"set {name} by its counters or exceptions"),)]
    return any_of(options or [(NEVER,)], option.negated)


def _asked(name: str, flags: tuple[str, ...], scene: Scene) -> Options:
    text = f"set {name} {','.join(flags)}"
    found = scene.sets.get(name)
    if found is None:
        steady_ = name not in scene.grown | scene.shrunk
        return [(steady(text) if steady_ else Unknown(text),)]
    if found.kind == "list:set":
        members = (entry.parts[0] for entry in found.entries)
        options = [tests for member in members for tests in _asked_member(member, flags, scene)]
    else:
        options = _members(found, flags, scene)
    if name in scene.shrunk:
        options = [(*tests, Unknown(f"{text}: rules delete from it")) for tests in options]
    if name in scene.grown:
        options.append((Unknown(f"{text}: rules add to it"),))
    if found.broken:
        options = [
            *((*tests, Unknown(f"{text}: {found.broken}")) for tests in options),
            (Unknown(f"{text}: {found.broken}"),),
        ]
    return options


def _asked_member(name: str, flags: tuple[str, ...], scene: Scene) -> Options:
    member = scene.sets.get(name)
    if member is not None and member.kind == "list:set":
        raise NotUnderstood(f"set {name} is a list in a list")
    return _asked(name, flags, scene)


def _members(found: IpSet, flags: tuple[str, ...], scene: Scene) -> Options:
    dimensions = found.dimensions
    if len(flags) < len(dimensions):
        return []  # ip_set_core.c, ip_set_test: no match
    if found.family != scene.family and set(dimensions) & {"ip", "net"}:
        return []
    if "mac" in dimensions:
        return [(steady(f"set {found.name} {','.join(flags)}, which holds MAC addresses"),)]
    if any("nomatch" in entry.options for entry in found.entries):
        return _with_exceptions(found, flags)
    options: Options = []
    for lasting in (True, False):
        entries = [entry for entry in found.entries if entry.lasting is lasting]
        tail: tuple[Test, ...] = () if lasting else (Unknown(f"set {found.name}: an entry with a timeout"),)
        options += [(lookup, *tail) for lookup in _lookups(found, entries, flags)]
    return options


def _lookups(found: IpSet, entries: Iterable[Entry], flags: tuple[str, ...]) -> list[Test]:
    """One lookup for all entries that look at the same fields."""
    rows: dict[tuple[Key, ...], list[tuple[tuple[Side, ...], Entry]]] = {}
    for entry in entries:
        keys, sides = _row(found, entry, flags)
        rows.setdefault(keys, []).append((sides, entry))
    return [
        Lookup(keys, tuple(sides for sides, _ in group), False, found.name, tuple(entry.line for _, entry in group))
        for keys, group in rows.items()
    ]


def _row(found: IpSet, entry: Entry, flags: tuple[str, ...]) -> Row:
    dimensions = found.dimensions
    parts = entry.parts
    if len(parts) != len(dimensions):
        raise NotUnderstood(f"set {found.name}: `{','.join(parts)}` is no entry of {found.kind}")
    keys: list[Key] = []
    sides: list[Side] = []
    for dimension, part, flag in zip(dimensions, parts, flags, strict=False):
        more = _side(found, dimension, part, flag == "src", "wildcard" in entry.options)
        keys += more[0]
        sides += more[1]
    return tuple(keys), tuple(sides)


def _side(found: IpSet, dimension: str, part: str, source: bool, wildcard: bool) -> Row:
    if dimension in ("ip", "net"):
        return (Key(header.SOURCE if source else header.DESTINATION, _mask(found)),), (_addresses(part, found.family),)
    if dimension == "port":
        port = header.SOURCE_PORT if source else header.DESTINATION_PORT
        if found.kind == "bitmap:port":  # TCP and UDP alone (ip_set_bitmap_port.c, ip_set_get_ip_port)
            both = IntervalSet.of([(TCP, TCP), (UDP, UDP)])
            return (Key(header.PROTOCOL), Key(port)), (both, IntervalSet.of([ports(part, "-")]))
        return _port(part, port)
    if dimension == "iface" and not part.startswith("physdev:"):
        test = interface_test(header.IIF if source else header.OIF, part + "+" * wildcard)
        if test and isinstance(test[0], OnInterface):
            return (Key(test[0].side),), (test[0].patterns,)
    if dimension == "mark":
        mask = marked(found.options.get("markmask", "0xffffffff"))[0]
        return (Key(header.MARK, mask),), (IntervalSet.single(marked(part)[0]),)
    raise NotUnderstood(f"set {found.name} of type {found.kind} with `{part}`")


def _port(part: str, field: str) -> Row:
    """``[protocol:]port``; ICMP has ``type/code`` there, a protocol without ports 0 (ip_set_getport.c)."""
    name, colon, value = part.rpartition(":")
    number = protocol_number(name) if colon else TCP
    if not number:
        raise NotUnderstood(f"`{part}` is no port of a set")
    protocol = IntervalSet.single(number)
    if number in WITH_PORTS:
        return (Key(header.PROTOCOL), Key(field)), (protocol, IntervalSet.of([ports(value, "-")]))
    if number in (ICMP, ICMP6):
        kind, codes = icmp_type(value, 4 if number == ICMP else 6)
        code = codes if "/" in value or codes != (0, 255) else (0, 0)
        keys = (Key(header.PROTOCOL), Key(header.ICMP_TYPE), Key(header.ICMP_CODE))
        return keys, (protocol, IntervalSet.single(255 if kind is None else kind), IntervalSet.of([code]))
    return (Key(header.PROTOCOL),), (protocol,)


def _mask(found: IpSet) -> int | None:
    """``netmask`` and ``bitmask``: the packet's address is cut before it is looked up."""
    text = found.options.get("netmask") or found.options.get("bitmask")
    if text is None:
        return None
    every = "0.0.0.0" if found.family == 4 else "::"
    return network(f"{every}/{text}", found.family)[1]


def _addresses(part: str, family: int) -> IntervalSet:
    first, ranged, last = part.partition("-")
    if ranged:
        low, high = address(first, family), address(last, family)
        return IntervalSet.of([(min(low, high), max(low, high))])
    base, mask = network(part, family)
    hosts = mask ^ ((1 << width(family)) - 1)
    if hosts & (hosts + 1):
        raise NotUnderstood(f"`{part}`: a mask with holes in a set")
    return IntervalSet.span(base, base | hosts)


def _with_exceptions(found: IpSet, flags: tuple[str, ...]) -> Options:
    """``nomatch``: of the entries that hold an address the longest prefix decides (ip_set_hash_gen.h)."""
    if found.kind != "hash:net" or not all(entry.lasting for entry in found.entries):
        raise NotUnderstood(f"set {found.name} of type {found.kind} has exceptions (nomatch)")
    sized = sorted(
        ((_addresses(entry.parts[0], found.family), entry) for entry in found.entries),
        key=lambda pair: -pair[0].size(),
    )
    total = IntervalSet()
    for addresses, entry in sized:
        total = total - addresses if "nomatch" in entry.options else total | addresses
    field = header.SOURCE if flags[0] == "src" else header.DESTINATION
    lines = (found.line,)
    return [(Lookup((Key(field),), ((total,),), False, found.name, lines),)] if total else []
