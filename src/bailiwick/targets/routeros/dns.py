"""The router's resolver, the names that it knows, and whom it asks for all others.

An A record answers the question for its address as well (manual, "DNS", static entries), so reverse names are not
written apart. The resolver listens on every interface; who may ask it is the filter's to say.
"""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Address

from bailiwick.plan.model import Plan
from bailiwick.targets.lines import Line
from bailiwick.targets.routeros.ownership import tag
from bailiwick.targets.routeros.syntax import command

CACHE_LEAST = 512
"""KiB of cache. RouterOS counts bytes, not answers: one answer is taken for a KiB."""


def resolver(plan: Plan) -> Iterator[Line]:
    """The settings, and a line for each name that the router itself answers."""
    main = next((one for one in plan.resolvers if one.exit is None), None)
    serves = main is not None and main.serves
    said = {
        "servers": ",".join(map(str, servers(plan))),
        "allow-remote-requests": "yes" if serves else "no",
        "cache-size": f"{max(CACHE_LEAST, main.cache if main else 0)}KiB",
        "use-doh-server": "",
    }
    yield command("/ip dns", "set", said, (main.id,) if main else ())
    for record in main.records if main is not None and serves else ():
        one = f"record:{record.name}"
        arguments = {"name": record.name, "type": "A", "address": str(record.address), **tag(one)}
        yield command("/ip dns static", "add", arguments, (one,))


def servers(plan: Plan) -> tuple[IPv4Address, ...]:
    """Whom the router asks for names: the world's resolvers, or the host that answers the home, as DHCP names it."""
    main = next((one for one in plan.resolvers if one.exit is None), None)
    if main is not None and main.serves:
        return main.upstreams
    told = tuple(dict.fromkeys(server.resolver for server in plan.dhcp))
    return told or (main.upstreams if main is not None else ())
