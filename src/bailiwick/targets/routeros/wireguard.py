"""WireGuard tunnels to a provider (manual, "WireGuard"): made with the other interfaces, up when everything stands.

What a tunnel itself sends is the router's own, and goes by the main table, in which no route leads into the tunnel. A
server's name is looked up by the router's resolver, which asks by the usual way.
"""

from __future__ import annotations

from collections.abc import Iterator

from bailiwick.plan.ids import number
from bailiwick.plan.model import Interface, Plan
from bailiwick.targets.lines import Line
from bailiwick.targets.routeros.ownership import tag
from bailiwick.targets.routeros.syntax import command

FIRST_PORT, PORTS = 13231, 10000
"""RouterOS has no random port: it would take 13231 for each tunnel, and two cannot share one."""


def tunnels(plan: Plan) -> tuple[Interface, ...]:
    """Those that we make, in the plan's order."""
    return tuple(interface for interface in plan.interfaces if interface.wireguard)


def placeholder(secret: str) -> str:
    """What stands for a key's value, between double quotes."""
    return f"@SECRET:{secret}@"


def secrets(plan: Plan) -> dict[str, str]:
    """Placeholder to the secret's name."""
    peers = (one.wireguard for one in tunnels(plan) if one.wireguard)
    return {placeholder(secret): secret for peer in peers for secret in peer.secrets}


def ends(plan: Plan) -> Iterator[Line]:
    """Each tunnel with its peer, not yet in force."""
    taken: set[int] = set()
    for one in tunnels(plan):
        peer = one.wireguard
        if peer is None:
            continue
        port = number(one.name, PORTS)
        while port in taken:
            port = (port + 1) % PORTS
        taken.add(port)
        own = {
            "name": one.name,
            "mtu": str(one.mtu),
            "listen-port": str(FIRST_PORT + port),
            "private-key": placeholder(peer.private_key),
            "disabled": "yes",
            **tag(one.id),
        }
        yield command("/interface wireguard", "add", own, (one.id,))
        theirs = {
            "name": one.name,
            "interface": one.name,
            "public-key": peer.public_key,
            **({"preshared-key": placeholder(peer.preshared_key)} if peer.preshared_key else {}),
            "endpoint-address": peer.host,
            "endpoint-port": str(peer.port),
            "allowed-address": ",".join(map(str, peer.allowed)),
            "persistent-keepalive": f"{peer.keepalive}s",
            **tag(one.id),
        }
        yield command("/interface wireguard peers", "add", theirs, (one.id,))
