"""Names, leases, pools and lists of a RouterOS export.

Menus and arguments after MikroTik's manual ("DHCP", "IP Pools", "DNS", "Address-lists", "PPPoE").
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from ipaddress import IPv4Address

from bailiwick.adopt.facts import Entry, Facts, Lease, Left, Pool
from bailiwick.dataplane.routeros.commands import Command, commands
from bailiwick.dataplane.routeros.source import Source
from bailiwick.dataplane.routeros.values import addresses
from bailiwick.dataplane.routeros.words import words
from bailiwick.dataplane.tally import Line, Tally

_SECTIONS = (
    ("ip firewall nat", "forward"),
    ("ip firewall", "policy"),
    ("ip dns", "dns"),
    ("ip dhcp-server lease", "hosts"),
    ("ip dhcp-server", "zones"),
    ("ip pool", "zones"),
    ("interface bridge", "ports"),
    ("interface wireguard", "uplinks"),
    ("interface", "uplinks"),
    ("routing", "route-out"),
    ("ip route", "route-out"),
    ("ip dhcp-client", "uplinks"),
    ("ip address", "zones"),
)
"""Beginnings of paths, and the section of the home file where such a line would be looked for."""
_SAID = frozenset(
    words("ip/pool ip/dhcp-server ip/dhcp-server/network ip/dhcp-server/lease ip/dns system/identity system/clock")
)
"""Menus whose lines the facts have, whatever the reader of packets calls them."""
_PERSONAL = tuple(
    words(
        "user ppp snmp radius certificate ip/ipsec ip/hotspot user-manager special-login tool/e-mail system/script "
        "system/scheduler caps-man interface/wifi interface/wireless tr069-client ip/cloud ip/smb dude container"
    )
)
_RELEASE = re.compile(r"^# .*by RouterOS (\d+\.\d+)", re.M)
_TIME = re.compile(r"(?:(\d+)w)?(?:(\d+)d)?(?:(?:(\d+):(\d+):(\d+))|(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?)")

Row = Mapping[str, str]


def read_facts(text: str, file: str, tally: Tally) -> Facts:
    """``tally`` is the account of the same text: what it could not read is left over. Raises ExportError."""
    rows: dict[str, list[Row]] = defaultdict(list)
    them = list(commands(Source.of(file, text)))
    for command in them:
        if command.verb in ("add", "set"):
            row = _row(command)
            if row.get("disabled") not in ("yes", "true"):
                rows[command.menu].append(row)
    pools = {row.get("name", ""): row.get("ranges", "") for row in rows["ip/pool"]}
    clock = _last(rows["system/clock"], "time-zone-name")
    release = _RELEASE.search(text)
    return Facts(
        release=release[1] if release else "",
        name=_last(rows["system/identity"], "name"),
        timezone=clock if "/" in clock else "",
        titles=_titles(rows),
        users={row["name"]: row["user"] for row in rows["interface/pppoe-client"] if {"name", "user"} <= row.keys()},
        leases=tuple(_leases(rows["ip/dhcp-server/lease"])),
        dhcp={row["interface"]: _pool(row, pools) for row in rows["ip/dhcp-server"] if "interface" in row},
        lists=_lists(rows["ip/firewall/address-list"]),
        records=tuple(_records(rows["ip/dns/static"])),
        upstreams=tuple(_addresses(_last(rows["ip/dns"], "servers").split(","))),
        left=tuple(_left(them, tally)),
    )


def _row(command: Command) -> Row:
    row = {one.name: one.value for one in command.arguments if one.value is not None and one.fixed}
    if command.targets and "name" not in row:
        row["target"] = command.targets[0].value
    return row


def _last(rows: Iterable[Row], key: str) -> str:
    return ([row[key] for row in rows if key in row] or [""])[-1]


def _titles(rows: Mapping[str, list[Row]]) -> dict[str, str]:
    return {
        row["name"]: row["comment"]
        for menu, those in rows.items()
        if menu.startswith("interface/") and menu.count("/") == 1
        for row in those
        if row.get("name") and row.get("comment", "defconf") != "defconf"
    }


def _leases(rows: Iterable[Row]) -> Iterable[Lease]:
    for row in rows:
        for address in _addresses([row.get("address", "")]):
            yield Lease(address, row.get("mac-address", "").lower(), row.get("comment") or row.get("host-name", ""))


def _pool(row: Row, pools: Mapping[str, str]) -> Pool:
    """The first range of the pool; a server without one answers reservations alone."""
    span = pools.get(row.get("address-pool", ""), "").split(",")[0]
    low, _, high = span.partition("-")
    bounds = tuple(_addresses([low, high or low])) if span else ()
    lease = _seconds(row.get("lease-time", "30m"))
    return Pool(*bounds, lease) if len(bounds) == 2 else Pool(None, None, lease)


def _seconds(text: str) -> str:
    """``1d12:00:00``, ``30m`` as the home file writes it; nothing where it is no length of time."""
    found = _TIME.fullmatch(text)
    if not found or not text:
        return ""
    weeks, days, h, m, s, hours, minutes, seconds = (int(group or 0) for group in found.groups())
    total = ((weeks * 7 + days) * 24 + h + hours) * 3600 + (m + minutes) * 60 + s + seconds
    for size, letter in ((86400, "d"), (3600, "h"), (60, "m")):
        if total and total % size == 0:
            return f"{total // size}{letter}"
    return f"{total}s" if total else ""


def _lists(rows: Iterable[Row]) -> dict[str, tuple[Entry, ...]]:
    """Addresses, prefixes and ranges. Names and entries that go away after a time are the router's alone."""
    found: dict[str, list[Entry]] = defaultdict(list)
    for row in rows:
        if "timeout" in row:
            continue
        try:
            found[row.get("list", "")].append(Entry(addresses(row.get("address", ""), 4), row.get("comment", "")))
        except ValueError:
            continue  # it is among the lines that could not be read
    return {name: tuple(entries) for name, entries in found.items()}


def _records(rows: Iterable[Row]) -> Iterable[tuple[str, IPv4Address]]:
    for row in rows:
        if row.get("type", "A") == "A" and row.get("name"):
            for address in _addresses([row.get("address", "")]):
                yield row["name"], address


def _addresses(texts: Iterable[str]) -> list[IPv4Address]:
    """Those that are IPv4 addresses; names and IPv6 are not for the home file yet."""
    found = []
    for text in texts:
        try:
            found.append(IPv4Address(text))
        except ValueError:
            continue
    return found


def _left(them: Iterable[Command], tally: Tally) -> Iterable[Left]:
    """What the packets' reader did not understand, and what is about other things than packets.

    Of menus that are about who may log in, the path alone is shown: their values are not for a home file.
    """
    ignored = {line.number: why for line, why in tally.ignored}
    unknown = {line.number: (line, why) for line, why in tally.unknown}
    for command in them:
        number = command.line.number
        if number in unknown:
            line, why = unknown.pop(number)
            yield _line(line, why)
        elif number in ignored and command.verb in ("add", "set") and not _said(command):
            line = command.line
            if command.menu.startswith(_PERSONAL):
                line = Line(line.file, number, f"/{command.menu.replace('/', ' ')} {command.verb} …")
            yield _line(line, ignored[number])
    for line, why in unknown.values():
        yield _line(line, why)


def _said(command: Command) -> bool:
    if command.menu == "ip/dns/static":
        return bool(list(_records([_row(command)])))
    return command.menu in _SAID


def _line(line: Line, why: str) -> Left:
    path = line.text.replace("/", " ").strip()
    section = next((section for start, section in _SECTIONS if path.startswith(start)), "else")
    return Left(section, line.number, line.text, why)
