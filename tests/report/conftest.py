"""A small home, what it means, and a trial of it that was made up by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from ipaddress import IPv4Address

import pytest

from bailiwick.claims.claim import Evidence, Outcome, Witness
from bailiwick.dataplane.tally import Line
from bailiwick.intent import mean
from bailiwick.packets.packet import Packet
from bailiwick.plan import make_plan
from bailiwick.targets import render
from bailiwick.twin.result import Capability, Check, Fate, Lease, Loaded, Observation, Refutation, TwinResult
from bailiwick.twin.wire.recorder import Recorded
from bailiwick.workflow import Checked, read_text
from bailiwick.workflow.trial import Trial

HOME = """\
name: small
uplinks:
  wan: {interface: router/eth0, address: dhcp}
zones:
  lan: {subnet: 192.168.10.0/24, dhcp: {range: .100-.199}}
  things: {subnet: 192.168.20.0/24}
hosts:
  router: {router: linux, ports: {eth1: lan, eth2: things}}
  nas: {zone: lan, address: .5}
policy:
  - lan -> internet: any
  - lan -> things: https
dns: {upstreams: [9.9.9.9]}
"""


def probe(row: str, column: str, expected: Fate, seen: Fate, port: int = 443) -> Observation:
    packet = Packet(row, column, IPv4Address("192.168.10.7"), IPv4Address("192.168.20.9"), 6, 50000, port)
    return Observation(packet, row, column, expected, seen, detail="seen at <things>" if expected != seen else "")


@pytest.fixture(scope="session")
def checked() -> Checked:
    home = read_text("home.yaml", HOME, date(2026, 1, 1))
    plan = make_plan(home.network)
    return Checked(home, mean(home.network), plan, render(plan), ())


@pytest.fixture(scope="session")
def good(checked: Checked) -> Trial:
    """Everything as meant; the machine lacks VLANs."""
    claims = checked.intent.claims()
    result = TwinResult(
        capabilities=(Capability("802.1Q", False, "no tag was tried"), Capability("bridge", True)),
        observations=(
            probe("zone:lan", "zone:things", Fate.ARRIVED, Fate.ARRIVED),
            probe("zone:lan", "zone:things", Fate.DROPPED, Fate.DROPPED, port=80),
            probe("zone:things", "zone:lan", Fate.DROPPED, Fate.DROPPED),
        ),
        checks=(Check("DNS nas.home.arpa from lan", "192.168.10.5", "192.168.10.5", True),),
        evidence=tuple(Evidence(claim.id, Witness.TWIN, Outcome.CONFIRMED) for claim in claims),
        leases=(Lease("lan", "52:54:00:00:00:01", IPv4Address("192.168.10.100"), None, None, "lan", True),),
        loaded=(Loaded("sysctl net/ipv4/ip_forward", "sysctl.conf:1", True),),
        seconds=(("probes", 1.5), ("total", 2.0)),
    )
    return Trial(checked, checked.intent.matrix(), result)


@pytest.fixture(scope="session")
def bad(good: Trial) -> Trial:
    """One of each kind of difference, one lost packet, and texts that HTML must not take as its own."""
    seen = good.result
    result = TwinResult(
        capabilities=seen.capabilities,
        observations=(
            *seen.observations,
            probe("zone:things", "zone:lan", Fate.DROPPED, Fate.ARRIVED, port=22),
            probe("zone:things", "router", Fate.DROPPED, Fate.LOST),
        ),
        checks=(*seen.checks, Check("DNS <x> from lan", "a", "b", False), Check("unclear", "a", "nobody", None)),
        evidence=(Evidence(good.checked.intent.claims()[0].id, Witness.TWIN, Outcome.REFUTED, note="<it passed>"),),
        leases=(Lease("lan", "52:54:00:00:00:02", None, None, None, "", False),),
        loaded=(Loaded("nftables rule 3", "firewall.nft:7", False), Loaded("rule 4", "firewall.nft:8", None)),
        seconds=seen.seconds,
    )
    return Trial(good.checked, good.matrix, result)


@pytest.fixture(scope="session")
def refuted(good: Trial) -> Trial:
    """One claim refuted by a packet that was followed."""
    claim = next(claim for claim in good.checked.intent.claims() if claim.text == "lan -> things: https")
    seen = replace(
        probe("zone:lan", "zone:things", Fate.ARRIVED, Fate.DROPPED), detail="seen nowhere", station="zone.lan.a"
    )
    frame = bytes.fromhex("020000000001 020000000002 0800") + bytes(28)
    one = Refutation(
        claim=claim,
        observation=seen,
        asked=(claim.span,),
        lines=(Line("/etc/bailiwick/firewall.nft", 7, "drop"),),
        why="the rule written there drops it",
        foretold="forward, x (firewall.nft:7)",
        took="forward, x (firewall.nft:7)",
        station="zone.lan.a",
        frames=(Recorded(1_700_000_000_123_456_789, "zone.lan.a", "eth0", True, frame),),
    )
    evidence = Evidence(claim.id, Witness.TWIN, Outcome.REFUTED, seen.packet, seen.detail)
    return replace(good, result=replace(good.result, evidence=(evidence,), refutations=(one,)))
