"""Words of services mean what the region held: never more, and for what words can say never less."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bailiwick.adopt.services import FIELDS, words
from bailiwick.network.model import Match
from bailiwick.packets import engine, header
from bailiwick.packets.interval import EVERY_PORT, IntervalSet
from bailiwick.packets.packet import ICMP, TCP, UDP
from bailiwick.packets.possible import ICMPV6, PORTED, possible
from bailiwick.packets.region import Region
from bailiwick.proof.audit.service_names import matches

SPACE = engine.space(header.widths(4))
OTHERS = [field for field in SPACE.widths if field not in FIELDS]
EVERY = possible(SPACE).without(*OTHERS)
SCTP = 132


def meant(said: tuple[str, ...]) -> Region:
    """The packets of ``a, b except c``."""
    text, _, excepts = ", ".join(said).partition(" except ")
    there = SPACE.union(of(match) for name in text.split(", ") if name for match in matches(name))
    taken = SPACE.union(of(match) for name in excepts.split(", ") if name for match in matches(name))
    return (there - taken) & EVERY


def of(match: Match) -> Region:
    box: dict[str, IntervalSet] = {}
    if match.protocol is not None:
        box[header.PROTOCOL] = IntervalSet.single(match.protocol)
    if match.ports is not None:
        box[header.DESTINATION_PORT] = IntervalSet.span(*match.ports)
    if match.icmp_type is not None:
        box[header.ICMP_TYPE] = IntervalSet.single(match.icmp_type)
    return SPACE.box(box)


spans = st.lists(st.tuples(st.integers(0, 65535), st.integers(0, 65535)).map(sorted).map(tuple), max_size=3)
numbers = st.lists(st.sampled_from([22, 53, 80, 443, 587, 993, 8080, 1, 65535]), max_size=4)
ports = st.builds(
    lambda wide, few, turned: (
        (EVERY_PORT - IntervalSet.of([*wide, *((n, n) for n in few)]))
        if turned
        else IntervalSet.of([*wide, *((n, n) for n in few)])
    ),
    spans,
    numbers,
    st.booleans(),
)
types = st.sets(st.integers(0, 255), max_size=4).map(lambda those: IntervalSet.of((n, n) for n in those))
protocols = st.sets(st.integers(0, 255).filter(lambda n: n not in (ICMP, TCP, UDP, ICMPV6, SCTP)), max_size=4)


@given(tcp=ports, udp=ports, icmp=types, others=protocols, turned=st.booleans())
def test_words_say_what_is_there(
    tcp: IntervalSet, udp: IntervalSet, icmp: IntervalSet, others: set[int], turned: bool
) -> None:
    parts = [
        SPACE.box({header.PROTOCOL: IntervalSet.single(TCP), header.DESTINATION_PORT: tcp}),
        SPACE.box({header.PROTOCOL: IntervalSet.single(UDP), header.DESTINATION_PORT: udp}),
        SPACE.box({header.PROTOCOL: IntervalSet.single(ICMP), header.ICMP_TYPE: icmp}),
        *(SPACE.box({header.PROTOCOL: IntervalSet.single(number)}) for number in others),
    ]
    region = SPACE.union(parts) & EVERY
    region = EVERY - region if turned else region
    said = meant(words(region))
    assert said <= region
    assert not sayable(region) - said


def sayable(region: Region) -> Region:
    """Without port 0, protocol 0, and parts of protocols that have ports and no words for them."""
    zero = SPACE.among(header.DESTINATION_PORT, IntervalSet.single(0)) & SPACE.among(header.PROTOCOL, PORTED)
    return region - zero - SPACE.among(header.PROTOCOL, IntervalSet.single(0))


def test_words_are_those_that_a_person_would_take() -> None:
    def said(*names: str) -> tuple[str, ...]:
        return words(SPACE.union(of(match) for name in names for match in matches(name)) & EVERY)

    assert said("any") == ("any",)
    assert said("http", "https", "udp/53", "tcp/53", "ping") == ("web", "dns", "ping")
    assert said("tcp/8080") == ("tcp/8080",)
    assert said("tcp/20-25") == ("tcp/20-25",)
    assert words(EVERY - of(matches("smtp")[0])) == ("any except smtp",)
    assert words(EVERY & SPACE.among(header.PROTOCOL, IntervalSet.single(TCP)) - of(matches("ssh")[0])) == (
        "tcp except tcp/22",
    )


def test_a_part_of_a_protocol_without_words_goes_unsaid() -> None:
    half = {header.PROTOCOL: IntervalSet.single(SCTP), header.DESTINATION_PORT: IntervalSet.span(0, 99)}
    assert words(SPACE.box(half) & EVERY) == ()
