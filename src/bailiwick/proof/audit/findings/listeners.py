"""The device's own services: those that the outside is let to by a rule, and those that nobody can reach."""

from __future__ import annotations

from collections.abc import Iterator

from bailiwick.dataplane.model import Listener
from bailiwick.dataplane.tally import Line
from bailiwick.network.model import Place
from bailiwick.packets import header
from bailiwick.packets.interval import IntervalSet
from bailiwick.packets.region import Region
from bailiwick.proof.audit.context import Context
from bailiwick.proof.audit.finding import Finding, Severity, Unreplayed
from bailiwick.proof.audit.reading import shown
from bailiwick.proof.audit.view import ROUTER, View

_TCP, _UDP = 6, 17
_ADMINISTRATION = {
    (_TCP, 21): "ftp",
    (_TCP, 22): "ssh",
    (_TCP, 23): "telnet",
    (_TCP, 80): "www",
    (_TCP, 443): "https",
    (_UDP, 53): "DNS",
    (_TCP, 53): "DNS",
    (_UDP, 69): "TFTP",
    (_UDP, 123): "NTP",
    (_UDP, 161): "SNMP",
    (_TCP, 445): "smb",
    (_TCP, 2049): "nfs",
    (_TCP, 3306): "mysql",
    (_TCP, 5432): "postgres",
    (_TCP, 8080): "a second www",
    (_TCP, 8291): "winbox",
    (_TCP, 8728): "api",
    (_TCP, 8729): "api-ssl",
}
"""Ports by which a device is administered, or that serve strangers as an amplifier."""
_LOGIN = frozenset({"ssh", "https"})
"""Made to stand in the street, and still better not."""
_MANY = 1 << 20


def listeners(context: Context) -> Iterator[Finding]:
    """Where no file tells what listens, the ports that most devices are administered by are watched."""
    view = context.main
    yield from _open(context, view)
    yield from _unreachable(context, view)


def _open(context: Context, view: View) -> Iterator[Finding]:
    """By an explicit rule; what falls through is told elsewhere."""
    known = {(one.protocol, one.port): one.name for one in context.device.listeners if _answers_all(one)}
    watched = {key: name for key, name in _ADMINISTRATION.items() if key in known} if known else _ADMINISTRATION
    fallen = context.falls[view.family].at("input")
    outside = view.space.union(view.entering(zone) for zone in view.zones.outside if zone.id != Place.UNKNOWN)
    let_in = (view.passes & outside & view.leaving(ROUTER)) - fallen
    names: dict[str, None] = {}
    region = view.space.nothing
    for (protocol, port), name in watched.items():
        at = let_in & _at(view, protocol, port)
        if at and _from_many(view, at):
            names[name] = None
            region |= at
    if not region or names.keys() == set(watched.values()):
        return  # everything is open, and that is told as such
    try:
        seen = context.replay(view).passing(region)
    except Unreplayed as error:
        context.defect(error)
        return
    found: dict[Line, None] = {seen.decided: None} if seen.decided is not None else {}
    mild = set(names) <= _LOGIN
    yield Finding(
        "router-open",
        Severity.MEDIUM if mild else Severity.HIGH,
        f"The outside is let to the device's own {shown(names)}.",
        "" if known else "Whether something listens there, these files do not tell.",
        str(seen),
        tuple(found),
        "take it from a VPN or a zone instead, or name the few sources that may",
    )


def _answers_all(one: Listener) -> bool:
    return one.sources is None


def _at(view: View, protocol: int, port: int) -> Region:
    return view.space.box(
        {header.PROTOCOL: IntervalSet.single(protocol), header.DESTINATION_PORT: IntervalSet.single(port)}
    )


def _from_many(view: View, region: Region) -> bool:
    only = region.without(*(field for field in view.space.widths if field != header.SOURCE))
    every = IntervalSet.span(0, (1 << view.space.widths[header.SOURCE]) - 1)
    return IntervalSet.union(box.get(header.SOURCE, every) for box in only.boxes((header.SOURCE,))).size() >= _MANY


def _unreachable(context: Context, view: View) -> Iterator[Finding]:
    """Services that somebody set up, and whose port no packet comes to: one note for all."""
    coming = view.passes & view.leaving(ROUTER)
    found: dict[str, None] = {}
    lines: dict[Line, None] = {}
    witness = ""
    for one in context.device.listeners:
        arriving = _asked(view, one)
        if one.line is None or not arriving or arriving & coming:
            continue
        try:
            seen = context.replay(view).stopped(arriving)
        except Unreplayed as error:
            context.defect(error)
            continue
        found[f"{one.name} (port {one.port})"] = None
        lines |= dict.fromkeys(line for line in (one.line, seen.decided) if line is not None)
        witness = witness or str(seen)
    if found:
        yield Finding(
            "listener-unreachable",
            Severity.NOTE,
            f"Nobody can reach {shown(found)}: the filter stops every packet to it.",
            "That is as it should be where the device itself opens the connection.",
            witness,
            tuple(lines),
            "accept it where it is wanted, or switch it off",
        )


def _asked(view: View, one: Listener) -> Region:
    """What comes to a service, before the filter has its say."""
    arriving = view.arrives & _at(view, one.protocol, one.port) & view.leaving(ROUTER)
    if one.interfaces is None:
        return arriving
    its = [view.interfaces.numbers[name] for name in one.interfaces if name in view.interfaces.numbers]
    return arriving & view.space.among(header.IIF, IntervalSet.of((number, number) for number in its))
