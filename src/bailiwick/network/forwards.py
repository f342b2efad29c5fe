"""Forwards: the doors from the uplinks, with their host, ports and who may come in."""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import IPv4Network

from bailiwick.language import schema
from bailiwick.language.sentence import Name
from bailiwick.network.draft import Draft
from bailiwick.network.findings import Findings
from bailiwick.network.groups import Areas
from bailiwick.network.model import Forward, Leg, Match, Uplink
from bailiwick.network.services import Services
from bailiwick.network.special import SPECIAL
from bailiwick.packets.interval import EVERY_ADDRESS, PORT_MAX, IntervalSet


def resolve_forwards(areas: Areas, services: Services) -> tuple[Forward, ...]:
    """In the file's order, without those in which something failed."""
    found = (_forward(name, written, areas, services) for name, written in areas.draft.home.forward.items())
    return tuple(forward for forward in found if forward)


def _forward(name: str, written: schema.Forward, areas: Areas, services: Services) -> Forward | None:
    findings = areas.draft.findings
    spans = findings.spans
    matches = services.find(Name(written.service, spans.value("forward", name, "service")))
    leg = _leg(name, written.to, areas.draft)
    uplinks = _uplinks(name, written.uplink, areas.draft.uplinks, findings)
    sources = _sources(name, written, areas)
    if matches is None or leg is None or not uplinks or sources is None:
        return None
    if any(match.ports is None for match in matches):
        findings.error(
            "forward-service",
            f"`{written.service}` cannot be forwarded: a door needs TCP or UDP ports.",
            ("forward", name, "service"),
            "name the ports, as `https` or `udp/51820`",
        )
        return None
    return Forward(
        name=name,
        id=f"forward:{name}",
        span=spans.key("forward", name),
        uplinks=uplinks,
        sources=sources,
        matches=matches,
        host=written.to,
        place=leg.place,
        address=leg.address,
        to_port=_to_port(name, written, matches, findings),
        names=tuple(written.names),
        log=written.log,
        comment=written.comment,
        service=written.service,
        sources_text=", ".join(written.from_),
    )


def _leg(name: str, to: str, draft: Draft) -> Leg | None:
    findings = draft.findings
    at = ("forward", name, "to")
    if to == draft.router or not draft.names.is_kind(to, "host"):
        kind = draft.names.kinds.get(to)
        help = draft.names.suggest(to, ["host"])
        if to in {draft.router, "router"}:
            help = "what the router itself offers is a sentence of the policy, as `outside -> router: wireguard`"
        elif kind:
            help = f"`{to}` is a {kind}; a door leads to one host"
        findings.error("unknown-name", f"`{to}` is no host behind the router.", at, help)
        return None
    host = draft.hosts.get(to)
    if host is None:
        return None
    inner = [leg for leg in host.legs if leg.place.startswith("zone:")]
    if len(inner) == 1:
        return inner[0]
    findings.error(
        "forward-host",
        f"Host `{to}` has {len(inner)} addresses in the home's zones, and a door leads to one.",
        at,
        "forward to a host with one address in one zone",
    )
    return None


def _uplinks(name: str, wanted: str | None, uplinks: Mapping[str, Uplink], findings: Findings) -> tuple[str, ...]:
    if wanted is None:
        return tuple(uplink.id for uplink in uplinks.values() if not uplink.tunnel)
    at = ("forward", name, "uplink")
    if wanted not in uplinks:
        findings.error("unknown-name", f"`{wanted}` is no uplink.", at, "uplinks: " + ", ".join(uplinks))
    elif uplinks[wanted].tunnel:
        findings.error(
            "forward-tunnel",
            f"Nothing can be forwarded from the tunnel `{wanted}`: it is a way out alone.",
            at,
            "name an uplink that is no tunnel",
        )
    else:
        return (uplinks[wanted].id,)
    return ()


def _sources(name: str, written: schema.Forward, areas: Areas) -> IntervalSet | None:
    """Everybody when nobody was named. Only addresses beyond the uplinks can come in by one."""
    if not written.from_:
        return EVERY_ADDRESS
    findings = areas.draft.findings
    sources = IntervalSet()
    for index, text in enumerate(written.from_):
        span = findings.spans.value("forward", name, "from", index)
        area = areas.of(Name(text, span))
        if area is None:
            return None
        if text not in {"internet", "outside"} and (area.places or not area.loose):
            beyond = all(place.startswith("uplink:") for place in area.places)
            findings.error(
                "forward-from",
                f"`{text}` is no list of addresses: a door knows who comes in by their address alone."
                if beyond
                else f"`{text}` is not outside: who comes in by a door comes in by an uplink.",
                span,
                "write the addresses themselves, or a group of them"
                if beyond
                else "name groups of public addresses; zones that may reach the host come in by the same door anyway",
            )
            return None
        if area.loose and not area.loose - _never_enter(areas.draft.uplinks):
            findings.error(
                "forward-from",
                f"Nobody in `{text}` can come in: its addresses are special-purpose, and such sources never enter by "
                "an uplink.",
                span,
                "name public addresses",
            )
            return None
        sources |= area.loose if area.loose else EVERY_ADDRESS
    return sources


def _never_enter(uplinks: Mapping[str, Uplink]) -> IntervalSet:
    """Sources that hygiene drops on every uplink."""
    near = [u.address.network for u in uplinks.values() if u.address and not u.tunnel]
    modems = [IPv4Network(u.modem) for u in uplinks.values() if u.modem]
    return SPECIAL - IntervalSet.networks((*near, *modems))


def _to_port(name: str, written: schema.Forward, matches: tuple[Match, ...], findings: Findings) -> int | None:
    """The first port on the host; None when it is the same. A shift needs one unbroken range for each protocol."""
    if written.port is None:
        return None
    at = ("forward", name, "port")
    text = written.port.rpartition("/")[2]
    if not (text.isascii() and text.isdecimal() and len(text) <= 5 and 1 <= int(text) <= PORT_MAX):
        findings.error("forward-port", f"`{written.port}` is no port from 1 to {PORT_MAX}.", at, "write `port: 8443`")
        return None
    port = int(text)
    protocols = [match.protocol for match in matches]
    longest = max(match.ports[1] - match.ports[0] for match in matches if match.ports)
    if len(set(protocols)) != len(protocols) or len({match.ports for match in matches}) != 1:
        findings.error(
            "forward-port",
            f"`{written.service}` has several ports, and `port` can shift one range alone.",
            at,
            "write a forward for each",
        )
    elif port + longest > PORT_MAX:
        findings.error("forward-port", f"The range would end at {port + longest}, beyond the last port.", at)
    same = all(match.ports and match.ports[0] == port for match in matches)
    return None if same else port
