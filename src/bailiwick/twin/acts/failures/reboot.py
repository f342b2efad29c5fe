"""The router's files applied again, and a whole reboot, in the middle of flows: what is forbidden passes at no moment.

A namespace cannot boot. What the stage does instead: the daemons are killed, links taken down, addresses, routes,
rules and connections forgotten, forwarding off; then everything comes up in the order of the units (bootup(7)). Links
keep their names and MACs, and settings of single interfaces their values.
"""

from __future__ import annotations

import json
import shutil
import socket
import struct
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from bailiwick.packets.packet import TCP
from bailiwick.twin.acts.failures.streams import AWAITED, sample, streaming
from bailiwick.twin.acts.nat.datagrams import ACK, PSH, Datagram
from bailiwick.twin.acts.nat.puppets import Puppets
from bailiwick.twin.acts.nat.speakers import PEERS, Speaker, enter, speakers
from bailiwick.twin.acts.nat.talk import came_in, comparison, opening, reply, sent_out, untried
from bailiwick.twin.acts.stage import Stage
from bailiwick.twin.layout import ROUTER
from bailiwick.twin.loaded.read_back import read_back
from bailiwick.twin.result import Check
from bailiwick.twin.scene.namespaces import batch, run_in, within

APPLIED = "the files applied again while packets flow"
REBOOT = "a reboot in the middle of flows"
TIMES = 3
DEFAULT_RULES = ("rule add pref 32766 lookup main", "rule add pref 32767 lookup default")
"""What the kernel has at boot beside the local table's (``fib_default_rules_init``, net/ipv4/fib_rules.c)."""


def applied_again(stage: Stage) -> Iterator[Check]:
    """The firewall and the exits, as a change of the home file applies them: nothing leaks, nothing open is lost."""
    with streaming(stage, sample(stage), AWAITED) as streams:
        for _ in range(TIMES):
            stage.router.apply()
    yield streams.nothing_forbidden(f"{APPLIED}: what is denied")
    yield streams.all_open(f"{APPLIED}: what is open")


def reboot(stage: Stage) -> Iterator[Check]:
    """Power off, boot; afterwards everything is there again, and connections from before go on."""
    probes = sample(stage)
    with Puppets(stage) as puppets:
        flows = [flow for speaker in speakers(stage, TCP) if (flow := _established(puppets, speaker))]
        with streaming(stage, probes) as streams:
            others = _halt(stage)
            stage.router.boot()
            batch([f"link set {name} up" for name in others], ROUTER)
            stage.router.raise_tunnels()
        yield streams.nothing_forbidden(f"{REBOOT}: what is denied")
        if not flows:
            yield untried(f"{REBOOT}: connections from before", "no zone may open TCP to the internet")
        for speaker, one, out in flows:
            yield _goes_on(puppets, speaker, one, out)
    with streaming(stage, probes, AWAITED) as after:
        pass
    yield after.all_open(f"{REBOOT}: what is open, afterwards")
    missing = [entry.subject for entry in read_back(stage.script.tree, stage.router) if entry.found is False]
    yield comparison(f"{REBOOT}: what is loaded", "afterwards", "all of it", ", ".join(missing[:5]) or "all of it")


def _established(puppets: Puppets, speaker: Speaker) -> tuple[Speaker, Datagram, Datagram] | None:
    """A connection whose opening is over, as its host and as its peer see it."""
    enter(puppets, speaker)
    opened = opening(speaker, PEERS[0], puppets.fresh_port())
    out = sent_out(puppets, speaker, opened)
    if out is None or came_in(puppets, speaker, reply(out), opened) is None:
        return None
    one = replace(opened, flags=ACK, sequence=1001, acknowledged=5001, segment_size=None)
    puppets.send(speaker.station, one)
    return speaker, one, out


def _goes_on(puppets: Puppets, speaker: Speaker, one: Datagram, out: Datagram) -> Check:
    """``nf_conntrack_tcp_loose`` takes up a connection in its middle (RFC 6092 REC-32)."""
    data = replace(one, flags=ACK | PSH, payload=b"after the reboot")
    puppets.send(speaker.station, data)
    seen = puppets.hear(speaker.far, lambda got: got.payload == data.payload)
    answer = reply(out, flags=ACK, sequence=5001, acknowledged=1017, segment_size=None)
    back = came_in(puppets, speaker, answer, one) if seen else None
    same = seen and (seen.source, seen.source_port) == (out.source, out.source_port)
    words = "go on, by the same mapping" if same and back else "lost" if not seen else f"from port {seen.source_port}"
    return comparison(f"{REBOOT}: connections from before", speaker.words, "go on, by the same mapping", words)


def _halt(stage: Stage) -> list[str]:
    """Links first, as power goes from all at once. Says which were up that no file names. Raises CommandFailed."""
    links = json.loads(run_in(ROUTER, "ip", "-j", "link", "show", "up"))
    stood_in = {interface.name for interface, _ in stage.layout.stand_ins}  # what is below them is the stage's own wire
    up = [link["ifname"] for link in links if link.get("master") not in stood_in]
    batch([f"link set {name} down" for name in up if name != "lo"], ROUTER)
    for daemon in stage.router.daemons.values():
        daemon.kill()
        daemon.wait()
    with within(ROUTER):
        Path("/proc/sys/net/ipv4/ip_forward").write_text("0")
    run_in(ROUTER, "nft", "flush ruleset")
    left = {link["ifname"] for link in json.loads(run_in(ROUTER, "ip", "-j", "link"))}  # a session goes with its pppd
    batch([f"address flush dev {one.name}" for one in stage.plan.interfaces if one.name in left], ROUTER)
    run_in(ROUTER, "ip", "-4", "route", "flush", "table", "all", "proto", "static")
    tables = {exit_.table for exit_ in stage.plan.exits} | {back.table for back in stage.plan.returns}
    for table in tables:
        run_in(ROUTER, "ip", "-4", "route", "flush", "table", str(table))
    run_in(ROUTER, "ip", "-4", "rule", "flush")
    batch(list(DEFAULT_RULES), ROUTER)
    forget_connections()
    shutil.rmtree("/run/systemd/netif", ignore_errors=True)
    Path("/run/systemd/netif").mkdir(parents=True)
    named = {"lo", *(interface.name for interface in stage.plan.interfaces)}
    return [name for name in up if name not in named]


def forget_connections() -> None:
    """Empty the router's conntrack table (``IPCTNL_MSG_CT_DELETE`` of every one,
    include/uapi/linux/netfilter/nfnetlink_conntrack.h). Raises OSError."""
    kind, request_and_acknowledge = 1 << 8 | 2, 1 | 4
    message = struct.pack("=IHHII", 20, kind, request_and_acknowledge, 1, 0) + b"\0" * 4
    with within(ROUTER), socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 12) as netfilter:
        netfilter.send(message)
        code: int = struct.unpack_from("=i", netfilter.recv(4096), 16)[0]
    if code:
        raise OSError(-code, "conntrack could not be emptied")
