"""A container on a host of a zone, on this kernel: what it may, and what a router that lets all the rest pass would let
it."""

from __future__ import annotations

import os
from dataclasses import replace
from functools import cache
from ipaddress import IPv4Address, IPv4Interface, IPv4Network

import pytest

from bailiwick.packets.packet import TCP, Packet
from bailiwick.twin import Fate, StageError, TwinOptions, TwinResult, try_network
from bailiwick.twin.acts.containers import KEPT, POLICY, cast_of
from bailiwick.twin.acts.order import played
from bailiwick.twin.layout import Layout, Line, Station
from bailiwick.twin.options import CONTAINERS
from bailiwick.twin.result import Check
from bailiwick.twin.scene.docker import PAGE, free_subnet
from bailiwick.twin.scene.namespaces import CommandFailed
from bailiwick.twin.script import Probe
from bailiwick.twin.stages import namespaces
from bailiwick.twin.stages.machine.cache import cache_directory
from bailiwick.twin.stages.machine.docker import programs
from tests.twin.homes import Home, hosted

ALONE = TwinOptions(limit=2000, just=(CONTAINERS,))
SUBJECTS = ("opens wan", "opens wan, unhidden", "opens iot", "asked by guest", "asked by iot", "Docker's rules")
LAN, IOT, FAR = (IPv4Address(text) for text in ("192.168.40.2", "192.168.50.2", "1.1.1.1"))
LAYOUT = Layout(
    (
        Station("zone.lan.a", "zone:lan", "eth1", "02:b4:00:00:00:01", (IPv4Interface("192.168.40.2/24"),)),
        Station("zone.iot.a", "zone:iot", "eth2", "02:b4:00:00:00:02", (IPv4Interface("192.168.50.2/24"),)),
    ),
    (Line("uplink:wan", "eth0", IPv4Interface("81.2.69.10/29"), IPv4Address("81.2.69.9")),),
    (),
)


def _probe(source: IPv4Address, target: IPv4Address, port: int, expected: Fate, *, translated: bool = False) -> Probe:
    places = {LAN: "zone:lan", IOT: "zone:iot", FAR: "uplink:wan"}
    packet = Packet(places[source], places[target], source, target, TCP, 40000, port, translated=translated)
    return Probe(1, "", packet, target, port, expected, "", "")


OUT, CLOSED = _probe(LAN, FAR, 443, Fate.ARRIVED), _probe(LAN, IOT, 22, Fate.REFUSED)
ASKED, DENIED = _probe(IOT, LAN, 8080, Fate.ARRIVED), _probe(IOT, LAN, 22, Fate.DROPPED)


def test_the_host_is_the_one_with_most_to_try() -> None:
    cast = cast_of((CLOSED, OUT, DENIED, ASKED), LAYOUT)

    assert cast is not None
    assert (cast.host.name, cast.out, cast.closed, cast.asked, cast.denied) == (
        "zone.lan.a",
        OUT,
        CLOSED,
        ASKED,
        DENIED,
    )


def test_one_port_open_to_some_and_closed_to_others_is_preferred() -> None:
    other, same = _probe(IOT, LAN, 443, Fate.ARRIVED), _probe(IOT, LAN, 443, Fate.DROPPED)
    cast = cast_of((OUT, DENIED, ASKED, other, same), LAYOUT)

    assert cast is not None
    assert (cast.asked, cast.denied) == (other, same)


def test_what_is_not_there_is_none_and_without_anything_there_is_no_cast() -> None:
    cast = cast_of((OUT,), LAYOUT)

    assert cast is not None
    assert (cast.closed, cast.asked, cast.denied) == (None, None, None)
    assert cast_of((), LAYOUT) is None
    assert cast_of((_probe(LAN, FAR, 443, Fate.ARRIVED, translated=True),), LAYOUT) is None


def test_docker_has_a_subnet_that_the_home_has_not() -> None:
    assert free_subnet([]) == IPv4Network("172.31.255.0/24")
    assert free_subnet([IPv4Network("172.31.240.0/20")]) == IPv4Network("172.31.239.0/24")
    with pytest.raises(CommandFailed, match="no subnet"):
        free_subnet([IPv4Network("172.0.0.0/8")])


@cache
def _path() -> str:
    try:
        files = programs(cache_directory())
    except StageError as error:
        pytest.skip(str(error))
    return ":".join({str(path.parent) for path in files.values()})


def _tried(one: Home, monkeypatch: pytest.MonkeyPatch) -> TwinResult:
    if os.geteuid():
        pytest.skip("Docker's daemon wants root")
    monkeypatch.setitem(namespaces.ENVIRONMENT, "PATH", f"{_path()}:{namespaces.ENVIRONMENT['PATH']}")
    return try_network(one.network, one.intent, one.plan, one.tree, ALONE)


def _about(result: TwinResult) -> dict[str, Check]:
    """By what is tried, in the order in which it is."""
    checks = [one for one in result.checks if "ontainer" in one.subject or "Docker" in one.subject]
    assert len(checks) == len(SUBJECTS)
    return dict(zip(SUBJECTS, checks, strict=True))


@pytest.mark.real
@pytest.mark.slow
def test_a_container_may_what_its_host_may(monkeypatch: pytest.MonkeyPatch) -> None:
    result = _tried(hosted(), monkeypatch)
    seen = {what: check.seen for what, check in _about(result).items()}

    assert result.holds
    assert seen == {
        "opens wan": "answered by uplink:wan, which sees 81.2.69.10",
        "opens wan, unhidden": KEPT,
        "opens iot": KEPT,
        "asked by iot": PAGE.decode(),
        "asked by guest": KEPT,
        "Docker's rules": POLICY,
    }


@pytest.mark.real
@pytest.mark.slow
def test_a_router_that_does_not_keep_to_the_policy_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is open is closed, and the other way about."""
    turned = '\t\toifname "eth0" drop\n\t\tip saddr 192.168.50.0/24 drop\n\t\taccept\n'

    def change(text: str) -> str:
        before, hook, after = text.partition("type filter hook forward")
        line, end, rest = after.partition("\n")
        assert hook
        return before + hook + line + end + turned + rest

    seen = _about(_tried(hosted().changed(change), monkeypatch))

    assert [what for what, check in seen.items() if check.differs] == [
        "opens wan",
        "opens iot",
        "asked by guest",
        "asked by iot",
    ]
    assert seen["opens wan"].seen == seen["asked by iot"].seen == "nothing"
    assert seen["opens iot"].seen.startswith("seen at router, zone.iot.")
    assert seen["asked by guest"].seen.startswith(f"answered {PAGE.decode()}, seen at router, zone.lan.")


def test_it_is_played_where_it_is_named_and_nowhere_else() -> None:
    longest = TwinOptions(every=True)

    assert CONTAINERS not in dict(played(longest))
    assert CONTAINERS in dict(played(replace(longest, acts=(CONTAINERS,))))
    assert CONTAINERS not in dict(played(replace(longest, acts=(CONTAINERS,), owned="cloud")))
    assert [*dict(played(ALONE))] == [CONTAINERS]
