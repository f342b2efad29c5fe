"""``python -m benchmarks.reload [SECONDS]``: loads under load, each contestant for so long, as a table of Markdown.

The lab is that of ``benchmarks.ruleset``. Of every 63 frames 60 belong to established flows that are permitted, one
opens a permitted flow, two open flows that are not.
"""

from __future__ import annotations

import platform
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from benchmarks.reload.contestants import Contestants, Root, furnish
from benchmarks.ruleset.lab import CLIENT, DENIED, PERMITTED, ROUTER_OUTSIDE, SERVER, Lab, Stream, run

NUMBER = 60
SECONDS = 15.0
STEADY, FRESH, FORBIDDEN = 60, 1, 2
"""Frames of each kind in a round of the sender."""


@dataclass(frozen=True, slots=True)
class Lost:
    """Totals over all loads. ``each``: seconds that one takes."""

    reloads: int
    each: float
    frames: int
    established: int
    fresh: int
    leaked: int
    untranslated: int


def measure(lab: Lab, command: tuple[str, ...], seconds: float) -> Lost:
    """Load again and again while the sender runs at full rate. ``command`` () loads nothing."""
    lab.forget_connections()
    lab.inside(lab.router, "sysctl", "-qw", "net.netfilter.nf_conntrack_udp_timeout=5")
    steady = Stream(CLIENT, SERVER, 1024, 256, PERMITTED, weight=STEADY)
    lab.send([steady], count=256)
    lab.send([Stream(SERVER, ROUTER_OUTSIDE, PERMITTED, 1, 1024, 256)], count=256, back=True)
    lab.counted()
    streams = [
        steady,
        Stream(CLIENT, SERVER, 2000, 60_000, PERMITTED, weight=FRESH),
        Stream(CLIENT, SERVER, 2000, 60_000, DENIED, weight=FORBIDDEN),
    ]
    sender = lab.start(streams, seconds)
    begun, reloads, spent = time.monotonic(), 0, 0.0
    while command and time.monotonic() - begun + spent / max(reloads, 1) < seconds - 0.3:
        before = time.monotonic()
        run("taskset", "-c", "1", "ip", "netns", "exec", lab.router, *command)
        spent += time.monotonic() - before
        reloads += 1
    sent, got = lab.finish(sender), lab.counted()
    return Lost(
        reloads,
        spent / max(reloads, 1),
        sent.frames,
        sent.streams[0] - got["established"],
        sent.streams[1] - got["fresh"],
        got["leaked"],
        got["untranslated"],
    )


def main() -> None:
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else SECONDS
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("ended from outside"))
    with tempfile.TemporaryDirectory(prefix="reload-") as name:
        folder = Path(name)
        field = Contestants(Root.made(folder), NUMBER)
        print(f"Measured {date.today().isoformat()}, Linux {platform.release()}, {run('nft', '--version').strip()}.\n")
        head = f"{NUMBER} permissions | loads | ms each | frames | lost, established | lost, opening | let through"
        print(f"| {head} | without NAT |\n|---|---:|---:|---:|---:|---:|---:|---:|", flush=True)
        for at, (words, contestant) in enumerate(
            (
                ("no load", field.nothing),
                ("load-firewall", field.loader),
                ("table deleted and added, `nft -f`", field.table),
                ("iptables-restore", field.restore("nft")),
                ("iptables-legacy-restore", field.restore("legacy")),
                ("script: policy DROP, flush, add", field.script(opening=False)),
                ("script: policy ACCEPT, flush, add, policy DROP", field.script(opening=True)),
                ("firewall-cmd --reload", field.firewalld),
                ("shorewall reload", field.shorewall),
            )
        ):
            lab = Lab(folder, at)
            try:
                furnish(lab)
                with contestant(lab) as command:
                    print(f"| {words} | {_cells(measure(lab, command, seconds))} |", flush=True)
            finally:
                lab.close()


def _cells(lost: Lost) -> str:
    each = f"{lost.each * 1000:,.0f}" if lost.reloads else ""
    losses = (lost.established, lost.fresh, lost.leaked, lost.untranslated)
    return " | ".join([str(lost.reloads), each, f"{lost.frames:,}", *(f"{one:,}" for one in losses)])


if __name__ == "__main__":
    try:
        main()
    except subprocess.CalledProcessError as error:
        sys.exit(f"{' '.join(error.cmd)}: {error.stderr}")
