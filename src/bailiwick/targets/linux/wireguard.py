"""WireGuard tunnels that networkd makes: their own keys, and the sections of a ``.netdev`` (systemd.netdev(5)).

A tunnel is made without a route into it: those of the exits' tables are in its ``.network``, and what WireGuard itself
sends is the router's own and goes by the main table, to which the tunnel never belongs. A server's name is looked up
by networkd, where the router asks for names, again and again until there is an answer.
"""

from __future__ import annotations

from bailiwick.plan.model import Interface, Plan
from bailiwick.targets.artifact import Artifact
from bailiwick.targets.lines import Line, artifact
from bailiwick.targets.linux.ini import Entry, Section, literal

READER = "root:systemd-network"
"""networkd has given up root when it reads a key, and asks for such an owner with mode 0640 (systemd.netdev(5))."""


def tunnels(plan: Plan) -> tuple[Interface, ...]:
    """Those that we make, in the plan's order."""
    return tuple(interface for interface in plan.interfaces if interface.wireguard)


def key_file(tunnel: Interface) -> str:
    """Where our private key of a tunnel is on the router."""
    return f"/etc/bailiwick/wireguard/{tunnel.name}.key"


def preshared_file(tunnel: Interface) -> str:
    """Where the key is that a tunnel's two ends share, if they do."""
    return f"/etc/bailiwick/wireguard/{tunnel.name}.preshared.key"


def placeholder(secret: str) -> str:
    """What stands for a key's value: base64 needs no quotes."""
    return f"@SECRET:{secret}@"


def keys(plan: Plan) -> tuple[Artifact, ...]:
    """A file for each key with nothing but that: networkd takes no comment in one."""
    return tuple(
        artifact(
            file,
            [Line(placeholder(secret), (tunnel.id,))],
            mode=0o640,
            owner=READER,
            reload="networkctl reload",
            secrets={placeholder(secret): secret},
        )
        for tunnel in tunnels(plan)
        if tunnel.wireguard
        for file, secret in zip((key_file(tunnel), preshared_file(tunnel)), tunnel.wireguard.secrets, strict=False)
    )


def sections(tunnel: Interface) -> tuple[Section, Section]:
    """Our end and the provider's. Raises ValueError for a tunnel that is not ours."""
    peer, ids = tunnel.wireguard, (tunnel.id,)
    if peer is None:
        raise ValueError(f"{tunnel.id} is made by another program")
    shared = (Entry("PresharedKeyFile", literal(preshared_file(tunnel)), ids),) if peer.preshared_key else ()
    return (
        Section(
            "WireGuard",
            (
                Entry("PrivateKeyFile", literal(key_file(tunnel)), ids),
                Entry("RouteTable", "off", ids, why="Only who must leave by it does: no route into it is made here."),
            ),
        ),
        Section(
            "WireGuardPeer",
            (
                Entry("PublicKey", peer.public_key, ids),
                *shared,
                Entry("Endpoint", peer.endpoint, ids),
                Entry("AllowedIPs", ",".join(map(str, peer.allowed)), ids),
                Entry("PersistentKeepalive", str(peer.keepalive), ids),
            ),
        ),
    )
