"""The device as it runs at this moment, read as any other configuration is."""

from __future__ import annotations

from dataclasses import dataclass

from bailiwick.agent.look import listing
from bailiwick.dataplane.linux import Draft, device, read_links, read_routes, read_rules, read_vlans
from bailiwick.dataplane.linux.sysctl import read_sysctl
from bailiwick.dataplane.model import Device
from bailiwick.dataplane.nft import read

REDIRECTS = "net/ipv4/conf/{}/send_redirects"


@dataclass(frozen=True, slots=True)
class Running:
    """``ruleset`` is what nft lists, as a Python object."""

    device: Device
    ruleset: object


def running() -> Running:
    """Raises Unseen where a tool does not tell, and Unreadable."""
    conf = listing.SYS / "net/ipv4/conf"
    links = sorted(path.name for path in conf.iterdir()) if conf.is_dir() else []
    found = listing.listing(settings=[REDIRECTS.format(link) for link in links])
    draft, texts = Draft(), found.texts
    read_links(draft, listing.ADDRESSES, texts[listing.ADDRESSES])
    read_vlans(draft, listing.VLANS, texts[listing.VLANS])
    for version in (4, 6):
        routes, rules = listing.ROUTES[version], listing.RULES[version]
        read_routes(draft, routes, texts[routes], family=version)
        read_rules(draft, rules, texts[rules], version)
    read_sysctl(draft, {listing.SETTINGS: texts[listing.SETTINGS]})
    ruleset = found.data(listing.RULESET)
    tables, tally = read(ruleset, listing.RULESET)
    return Running(device(draft, "this device", tables, tally, routed=True), ruleset)
