"""The router's clock: whom it asks for the time."""

from __future__ import annotations

from bailiwick.network.addresses import Unclear, whole
from bailiwick.network.draft import Draft
from bailiwick.network.model import Clock
from bailiwick.network.special import PUBLIC
from bailiwick.packets.interval import IntervalSet


def resolve_clock(draft: Draft) -> Clock | None:
    """Hosts of the home by their address, addresses that the router can meet, and names of the world."""
    servers: dict[str, None] = {}
    for index, text in enumerate(draft.home.ntp.upstreams):
        found = _server(draft, text, index)
        if found:
            servers[found] = None
    return Clock(draft.findings.spans.key("ntp"), tuple(servers)) if servers else None


def _server(draft: Draft, text: str, index: int) -> str | None:
    at = ("ntp", "upstreams", index)
    if text.replace(".", "").isdigit():
        return _address(draft, text, index)
    host = draft.hosts.get(text)
    if host is not None and len(host.legs) == 1:
        return str(host.legs[0].address)
    if host is not None:
        draft.findings.error(
            "ntp-upstream",
            f"`{text}` has {len(host.legs)} addresses, and the router asks for the time at one.",
            at,
            "write the address that it is asked at",
        )
    elif "." not in text and text not in draft.home.hosts:
        help = draft.names.suggest(text, ["host"]) or "write an address, or a whole name as `time.example.net`"
        draft.findings.error("unknown-name", f"`{text}` is no host.", at, help)
    return text if "." in text else None


def _address(draft: Draft, text: str, index: int) -> str | None:
    """None where the router cannot ask there: at itself, or where hygiene drops what it sends by an uplink."""
    at = ("ntp", "upstreams", index)
    try:
        address = whole(text)
    except Unclear as why:
        draft.findings.error("address-unclear", f"{why}.", at)
        return None
    if address in {zone.gateway for zone in draft.zones.values()}:
        draft.findings.error(
            "ntp-upstream", f"{address} is the router itself, whose clock is the one to set.", at, "name another"
        )
        return None
    near = IntervalSet.networks(zone.subnet for zone in draft.zones.values())
    near |= IntervalSet.networks(uplink.address.network for uplink in draft.uplinks.values() if uplink.address)
    near |= IntervalSet.addresses(uplink.modem for uplink in draft.uplinks.values() if uplink.modem)
    near |= IntervalSet.addresses(leg.address for host in draft.hosts.values() for leg in host.legs)
    if int(address) not in near | PUBLIC:
        draft.findings.error(
            "ntp-upstream",
            f"{address} is in no network that the router reaches, and nobody's on the internet.",
            at,
            "name a time server of the internet, or one in a zone",
        )
        return None
    return str(address)
