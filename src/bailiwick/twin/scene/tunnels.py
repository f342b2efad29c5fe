"""A tunnel that the home leaves to another program: WireGuard, with keys that the stage makes (wg(8)).

The provider's socket is where the internet is on this stage, beyond the usual uplink, and its interface at the
provider's concentrator: a WireGuard interface sends and hears in the network namespace that it was made in, wherever
it is moved to (net/wireguard, ``wg_newlink``). So what the tunnel carries goes through the router twice.
"""

from __future__ import annotations

import time
from ipaddress import IPv4Address
from pathlib import Path

from bailiwick.twin.layout import ROUTER, Layout
from bailiwick.twin.scene.concentrator import Concentrator
from bailiwick.twin.scene.namespaces import CommandFailed, batch, run, run_in

PORT = 51820
SERVERS = int(IPv4Address("5.41.0.1"))
"""Beyond the usual uplink everything answers; these are the providers' servers."""
EVERYTHING = "0.0.0.0/0,::/0"
KEYS = Path("/run/stage")
END = "session"
"""The provider's interface, at its concentrator."""


def make_tunnel(one: Concentrator, layout: Layout) -> None:
    """Both ends, down and without addresses. Nothing where they are there already. Raises CommandFailed."""
    name, number = one.interface.name, layout.lines.index(one.line)
    if any(line.split(": ")[1] == name for line in run_in(ROUTER, "ip", "-o", "link").splitlines()):
        return
    usual = next((line for line in layout.lines if line.uplink not in layout.tunnels), None)
    if usual is None:
        raise CommandFailed(f"{name} has no other uplink to go by")
    internet = f"{usual.uplink.replace(':', '.')}.far"
    batch([f"link add {name} mtu {one.interface.mtu or 1420} type wireguard"], ROUTER)
    # Only from an address that an interface has does WireGuard answer (inet_confirm_addr, drivers/net/wireguard).
    server = IPv4Address(SERVERS + number)
    made = [f"link add {END} type wireguard", f"link set {END} netns {one.namespace}"]
    batch([f"address add {server}/32 dev lo", *made], internet)
    (our_key, ours), (their_key, theirs) = (_keys(f"{one.namespace}.{end}") for end in ("router", "provider"))
    endpoint = f"{server}:{PORT + number}"
    peer = ("peer", theirs, "allowed-ips", EVERYTHING, "endpoint", endpoint, "persistent-keepalive", "25")
    run_in(ROUTER, "wg", "set", name, "private-key", our_key, *peer)
    listening = ("listen-port", str(PORT + number), "peer", ours, "allowed-ips", EVERYTHING)
    run_in(one.namespace, "wg", "set", END, "private-key", their_key, *listening)
    batch([f"link set {END} up"], one.namespace)
    run_in(one.namespace, "tc", "-batch", "-", text="".join(f"{line}\n" for line in one.passing(END)))
    one.tell()


def _keys(name: str) -> tuple[str, str]:
    """A new private key's file, and the public key."""
    key = run("wg", "genkey")
    path = KEYS / f"{name}.key"
    path.touch(mode=0o600)
    path.write_text(key)
    return str(path), run("wg", "pubkey", text=key).strip()


def raise_tunnel(one: Concentrator, ready: float) -> None:
    """The address, the interface up, and the first handshake, within ``ready`` seconds. Raises CommandFailed."""
    name = one.interface.name
    batch([f"address replace {one.line.address} dev {name}", f"link set {name} up"], ROUTER)
    deadline = time.monotonic() + ready
    while not any(int(line.split()[1]) for line in _handshakes(name)):
        if time.monotonic() > deadline:
            raise CommandFailed(f"{name}: no handshake with its provider within {ready:g} seconds")
        time.sleep(0.1)


def listening_port(one: Concentrator) -> int:
    """Of the router's end; 0 while it is down or gone."""
    try:
        return int(run_in(ROUTER, "wg", "show", one.interface.name, "listen-port"))
    except CommandFailed:
        return 0


def _handshakes(name: str) -> list[str]:
    return run_in(ROUTER, "wg", "show", name, "latest-handshakes").splitlines()
