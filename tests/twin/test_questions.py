from __future__ import annotations

from ipaddress import IPv4Address

from bailiwick.packets.packet import UDP
from bailiwick.twin.acts.questions import in_turns
from bailiwick.twin.wire.conversations import Call

DNSMASQ_TAKES = 150
"""Questions under way at once, by default (dnsmasq(8), dns-forward-max)."""


def test_no_resolver_is_asked_more_than_it_takes() -> None:
    host, gateway = IPv4Address("192.168.40.2"), IPv4Address("192.168.40.1")
    calls = [Call("zone.lan.a", host, gateway, UDP, 53, bytes([number])) for number in range(250)]
    turns = list(in_turns(calls))

    assert max(len(turn) for turn in turns) < DNSMASQ_TAKES
    assert [call for turn in turns for call in turn] == calls
