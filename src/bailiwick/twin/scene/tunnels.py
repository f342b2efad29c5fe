"""A tunnel that the home leaves to another program: WireGuard, with keys that the stage makes (wg(8)).

The provider's socket is where the internet is on this stage, beyond the usual uplink, and its interface at the
provider's concentrator: a WireGuard interface sends and hears in the network namespace that it was made in, wherever
it is moved to (net/wireguard, ``wg_newlink``). So what the tunnel carries goes through the router twice.

Where the kernel has no WireGuard, a program is each of the two ends (``userspace``), and another joins the provider's
to the stations' wire (``handover``).
"""

from __future__ import annotations

import time
from ipaddress import IPv4Address
from pathlib import Path

from bailiwick.twin.layout import ROUTER, Layout
from bailiwick.twin.scene.concentrator import Concentrator
from bailiwick.twin.scene.handover import hand_over
from bailiwick.twin.scene.namespaces import CommandFailed, batch, run, run_in, within
from bailiwick.twin.scene.userspace import NEVER_PLANNED, start

PORT = 51820
SERVERS = int(IPv4Address("5.41.0.1"))
"""Beyond the usual uplink everything answers; these are the providers' servers."""
EVERYTHING = "0.0.0.0/0,::/0"
ANSWERED_FROM = """\
add table ip servers
add chain ip servers answers {{ type filter hook postrouting priority 0; }}
add rule ip servers answers udp sport {port} ip saddr set {address}
"""
"""A program does not always answer from the address that it was asked at, as the kernel does."""
KEYS = Path("/run/stage")
END = "session"
"""The provider's interface, at its concentrator."""
ASKED_TWICE = 12.0
"""Seconds: a question that is lost is asked again after five, and a bit (REKEY_TIMEOUT, the WireGuard paper's §6.1)."""
LONGEST = 65535
"""The greatest MTU of a tun is this less a header (``tun_net_initialize``, drivers/net/tun.c)."""


def make_tunnel(one: Concentrator, layout: Layout) -> None:
    """Both ends, down and without addresses. Nothing where they are there already. Raises CommandFailed."""
    name, number = one.interface.name, layout.lines.index(one.line)
    if any(line.split(": ")[1] == name for line in run_in(ROUTER, "ip", "-o", "link").splitlines()):
        return
    internet = _internet(one, layout)
    (our_key, ours), (their_key, _) = (_keys(f"{one.namespace}.{end}") for end in ("router", "provider"))
    # Only from an address that an interface has does WireGuard answer (inet_confirm_addr, drivers/net/wireguard).
    batch([f"address add {_server(number)}/32 dev lo"], internet)
    key = ("private-key", their_key, "listen-port", str(PORT + number))
    listening = (*key, "peer", ours, "allowed-ips", EVERYTHING)
    mtu = one.interface.mtu or 1420
    if layout.userspace:
        start(name, ROUTER)
        batch([f"link set {name} mtu {mtu}"], ROUTER)
        run_in(ROUTER, "wg", "set", name, "private-key", our_key)
        theirs = f"{END}{NEVER_PLANNED}{number}"
        start(theirs, internet)
        run_in(internet, "nft", "-f", "-", text=ANSWERED_FROM.format(port=PORT + number, address=_server(number)))
        run_in(internet, "wg", "set", theirs, *listening)
        # The program hears at once that it is up where it was started, and once a second elsewhere (its
        # tun/tun_linux.go). Any length passes here, as it does by tc: what fits is the router's affair.
        there = f"link set {theirs} netns {one.namespace} name {END} mtu {LONGEST}"
        batch([f"link set {theirs} up", there], internet)
        batch([f"link set {END} up"], one.namespace)
        hand_over(one, END)
    else:
        batch([f"link add {name} mtu {mtu} type wireguard"], ROUTER)
        batch([f"link add {END} type wireguard", f"link set {END} netns {one.namespace}"], internet)
        run_in(ROUTER, "wg", "set", name, "private-key", our_key, *_provider(one, number))
        run_in(one.namespace, "wg", "set", END, *listening)
        batch([f"link set {END} up"], one.namespace)
        run_in(one.namespace, "tc", "-batch", "-", text="".join(f"{line}\n" for line in one.passing(END)))
    one.tell()


def _internet(one: Concentrator, layout: Layout) -> str:
    """The namespace beyond the usual uplink. Raises CommandFailed where there is none."""
    usual = next((line for line in layout.lines if line.uplink not in layout.tunnels), None)
    if usual is None:
        raise CommandFailed(f"{one.interface.name} has no other uplink to go by")
    return f"{usual.uplink.replace(':', '.')}.far"


def _server(number: int) -> IPv4Address:
    return IPv4Address(SERVERS + number)


def _keys(name: str) -> tuple[str, str]:
    """A new private key's file, and the public key."""
    path = KEYS / f"{name}.key"
    path.touch(mode=0o600)
    path.write_text(run("wg", "genkey"))
    return str(path), _public(name)


def _public(name: str) -> str:
    return run("wg", "pubkey", text=(KEYS / f"{name}.key").read_text()).strip()


def _provider(one: Concentrator, number: int) -> tuple[str, ...]:
    """As the router's end knows it, for wg(8)."""
    peer = ("peer", _public(f"{one.namespace}.provider"), "allowed-ips", EVERYTHING)
    return (*peer, "endpoint", f"{_server(number)}:{PORT + number}", "persistent-keepalive", "25")


def raise_tunnel(one: Concentrator, layout: Layout, ready: float) -> str:
    """The address, the interface up, and the first handshake. What went wrong with that one, in words, is the home's
    affair: its rules and routes may keep the tunnel from its server. Raises CommandFailed when the stage's fails."""
    name = one.interface.name
    batch([f"address replace {one.line.address} dev {name}", f"link set {name} up"], ROUTER)
    if layout.userspace:
        _meet(one, layout, time.monotonic() + ready)
        ready = min(ready, ASKED_TWICE)
    deadline = time.monotonic() + ready
    while not any(int(line.split()[1]) for line in _handshakes(name)):
        if time.monotonic() > deadline:
            return f"no handshake with its provider within {ready:g} seconds"
        time.sleep(0.02)
    return ""


def _meet(one: Concentrator, layout: Layout, deadline: float) -> None:
    """The router's end gets to know the provider's, anew after a reboot, once that one hears: who asks in vain asks
    again only after a while. Raises CommandFailed."""
    name, number = one.interface.name, layout.lines.index(one.line)
    while not _hears(_internet(one, layout), PORT + number):
        if time.monotonic() > deadline:
            raise CommandFailed(f"{name}: its provider does not listen")
        time.sleep(0.02)
    peer = _provider(one, number)
    run_in(ROUTER, "wg", "set", name, *peer[:2], "remove", *peer)


def _hears(namespace: str, port: int) -> bool:
    with within(namespace):
        lines = Path("/proc/thread-self/net/udp").read_text().splitlines()[1:]
    return any(int(line.split()[1].partition(":")[2], 16) == port for line in lines)


def listening_port(one: Concentrator) -> int:
    """Of the router's end; 0 while it is down or gone."""
    try:
        return int(run_in(ROUTER, "wg", "show", one.interface.name, "listen-port"))
    except CommandFailed:
        return 0


def _handshakes(name: str) -> list[str]:
    return run_in(ROUTER, "wg", "show", name, "latest-handshakes").splitlines()
