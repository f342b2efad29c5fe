"""A reload at full rate: what is lost, what leaks though denied, and what leaves without translation."""

from __future__ import annotations

import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from bailiwick.targets.linux.nftables import firewall
from benchmarks.ruleset.lab import CLIENT, DENIED, MARTIAN, PERMITTED, ROUTER_OUTSIDE, SERVER, Lab, Stream
from benchmarks.ruleset.rules import plan_of, with_a_martian

ESTABLISHED_PER_FRESH = 60
"""Frames of established flows for each that opens one: the table of connections must not fill up."""


@dataclass(frozen=True, slots=True)
class Reloads:
    reloads: int
    frames: int
    seconds: float
    lost_established: int
    lost_fresh: int
    leaked: int
    untranslated: int


def reload_under_load(lab: Lab, number: int, seconds: float) -> Reloads:
    """Load the same rule set over and over by the product's own loader while the sender runs at full rate."""
    rules, loader = lab.folder / "firewall.nft", lab.folder / "load-firewall"
    text, script = firewall(with_a_martian(plan_of(number, hygiene=True)))
    rules.write_text(text.text)
    loader.write_text(script.text)
    return _under_load(lab, rules, ("sh", str(loader), str(rules)), seconds)


def replace_under_load(lab: Lab, number: int, seconds: float) -> Reloads:
    """For comparison: the whole table deleted and added in one transaction, as the file does when loaded by hand."""
    rules = lab.folder / "firewall.nft"
    rules.write_text(firewall(with_a_martian(plan_of(number, hygiene=True)))[0].text)
    return _under_load(lab, rules, ("nft", "-f", str(rules)), seconds)


def steady_under_load(lab: Lab, number: int, seconds: float) -> Reloads:
    """For comparison: the same load and no reload at all; what the lab itself loses."""
    rules = lab.folder / "firewall.nft"
    rules.write_text(firewall(with_a_martian(plan_of(number, hygiene=True)))[0].text)
    return _under_load(lab, rules, (), seconds)


def _under_load(lab: Lab, rules: Path, command: tuple[str, ...], seconds: float) -> Reloads:
    lab.forget()
    lab.inside(lab.router, "nft", "-f", str(rules))
    lab.inside(lab.router, "sysctl", "-qw", "net.netfilter.nf_conntrack_udp_timeout=5")
    steady = Stream(CLIENT, SERVER, 1024, 256, PERMITTED, weight=ESTABLISHED_PER_FRESH)
    lab.send([steady], count=256)
    lab.send([Stream(SERVER, ROUTER_OUTSIDE, PERMITTED, 1, 1024, 256)], count=256, back=True)
    lab.inside(lab.router, "ip", "route", "replace", f"{MARTIAN}/32", "via", SERVER)
    lab.counted()
    streams = [
        steady,
        Stream(CLIENT, SERVER, 2000, 60_000, PERMITTED),
        Stream(CLIENT, SERVER, 2000, 60_000, DENIED, weight=2),
        Stream(CLIENT, MARTIAN, 2000, 60_000, PERMITTED, weight=2),
    ]
    sender = lab.start(streams, seconds)
    reloads, end = 0, time.monotonic() + seconds - 0.3
    while time.monotonic() < end:
        if not command:
            time.sleep(0.05)
            continue
        subprocess.run(["taskset", "-c", "1", "ip", "netns", "exec", lab.router, *command], check=True)
        reloads += 1
    sent = lab.finish(sender)
    got = lab.counted()
    return Reloads(
        reloads,
        sent.frames,
        sent.elapsed / 1e9,
        sent.streams[0] - got["established"],
        sent.streams[1] - got["fresh"],
        got["leaked"],
        got["untranslated"],
    )
