from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from bailiwick.network.model import Match
from bailiwick.packets.packet import ICMP, TCP, UDP
from bailiwick.plan.protocols import disjoint, overlap, shifted

Wire = tuple[int, int]
"""A protocol number, and its port or ICMP type (0 where it has none)."""

EDGES = [0, 1, 2, 52, 53, 54, 255, 256, 65534, 65535]


def fits(match: Match, wire: Wire) -> bool:
    protocol, inner = wire
    if match.protocol is None:
        first, last = match.protocols or (0, 255)
        return first <= protocol <= last
    if match.protocol != protocol:
        return False
    if protocol == ICMP:
        return match.icmp_type is None or match.icmp_type == inner
    return match.ports is None or protocol not in (TCP, UDP) or match.ports[0] <= inner <= match.ports[1]


WIRES: list[Wire] = [
    (protocol, inner)
    for protocol in (0, 1, 2, 5, 6, 7, 16, 17, 18, 47, 254, 255)
    for inner in (EDGES if protocol in (TCP, UDP) else [e for e in EDGES if e < 256] if protocol == ICMP else [0])
]

ranges = st.tuples(st.sampled_from(EDGES), st.sampled_from(EDGES)).map(lambda pair: (min(pair), max(pair)))
bytes_ = st.sampled_from([0, 1, 5, 6, 7, 16, 17, 18, 255])
matches = st.one_of(
    st.just(Match()),
    st.builds(Match, bytes_),
    st.builds(Match, st.sampled_from([TCP, UDP]), ranges),
    st.builds(lambda a, b: Match(protocols=(min(a, b), max(a, b))), bytes_, bytes_),
    st.builds(lambda t: Match(ICMP, icmp_type=t), st.sampled_from([0, 1, 2, 52, 255])),
)
services = st.lists(matches, max_size=4).map(tuple)


@settings(max_examples=150)
@given(services, services)
def test_disjoint_keeps_what_is_meant_and_nothing_twice(wanted: tuple[Match, ...], but: tuple[Match, ...]) -> None:
    found = disjoint(wanted, but)
    for wire in WIRES:
        meant = any(fits(m, wire) for m in wanted) and not any(fits(m, wire) for m in but)
        assert sum(fits(m, wire) for m in found) == int(meant), wire


@settings(max_examples=100)
@given(services, services)
def test_overlap_is_a_common_packet(one: tuple[Match, ...], other: tuple[Match, ...]) -> None:
    common = any(any(fits(m, w) for m in one) and any(fits(m, w) for m in other) for w in WIRES)
    assert overlap(one, other) == common


@settings(max_examples=50)
@given(services)
def test_order_does_not_matter(wanted: tuple[Match, ...]) -> None:
    assert disjoint(wanted) == disjoint(tuple(sorted(wanted, key=repr))) == disjoint(wanted * 2)


def test_any_but_one_port_is_every_other_protocol_and_the_ports_around() -> None:
    *others, below, above = disjoint((Match(),), (Match(UDP, (13233, 13233)),))
    assert others == [Match(number) for number in range(256) if number != UDP]
    assert (below, above) == (Match(UDP, (0, 13232)), Match(UDP, (13234, 65535)))


def test_any_is_one_match_and_takes_up_what_it_holds() -> None:
    assert disjoint((Match(TCP, (80, 80)), Match())) == (Match(),)


def test_all_ports_of_a_protocol_are_the_protocol() -> None:
    assert disjoint((Match(TCP, (0, 99)), Match(TCP, (100, 65535)))) == (Match(TCP),)


def test_a_range_is_shifted_as_a_whole() -> None:
    assert shifted(Match(UDP, (5000, 5010)), 6000) == Match(UDP, (6000, 6010))
    assert shifted(Match(UDP, (5000, 5010)), None) == Match(UDP, (5000, 5010))
