"""What holds of every home: shown on homes that are made up, with packets near their edges."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bailiwick.claims.claim import Verdict
from bailiwick.intent import Intent, Kind, mean
from bailiwick.language import loads
from bailiwick.network.model import Network
from bailiwick.network.resolve import resolve
from bailiwick.packets.space import PacketSet
from tests.homes import generate_home
from tests.intent.draws import Draws
from tests.intent.flows import TODAY
from tests.intent.naive import Reader

seeds = st.integers(0, 1 << 20)
few = settings(max_examples=25, deadline=None)


@cache
def network_of(seed: int) -> Network:
    chance = Random(seed)
    files = generate_home(chance.randint(1, 5), chance.randint(0, 10), chance.randint(0, 15), seed)
    return resolve(loads(files), TODAY).network


def intent_of(seed: int) -> Intent:
    return mean(network_of(seed))


def differences(seed: int, packets: int) -> list[str]:
    network, intent, reader = network_of(seed), intent_of(seed), Reader(network_of(seed))
    draws = Draws(network, seed)
    found = []
    for _ in range(packets):
        packet = draws.packet()
        meant = intent.accepts(packet)
        if bool(meant) != reader.accepts(packet):
            found.append(f"{packet}: {[one.id for one in meant]}, forbidden by {intent.forbids(packet)}")
    return found


@given(seeds)
@few
def test_the_page_read_packet_by_packet_says_the_same(seed: int) -> None:
    assert differences(seed, 300) == []


@pytest.mark.deep
@pytest.mark.parametrize("seed", range(300))
def test_the_page_read_packet_by_packet_says_the_same_many_times(seed: int) -> None:
    assert differences(seed, 2000) == []


@given(seeds)
@few
def test_what_is_meant_is_accepted_unless_hygiene_forbids_it(seed: int) -> None:
    intent = intent_of(seed)
    for one in intent.meant:
        packet = one.packets.sample(intent.hosts)
        assert intent.forbids(packet) or one.id in {found.id for found in intent.accepts(packet)}


@given(seeds)
@few
def test_the_order_of_the_policy_does_not_matter(seed: int) -> None:
    network = network_of(seed)
    backwards = mean(replace(network, policy=tuple(reversed(network.policy))))
    draws = Draws(network, seed)
    intent = mean(network)
    for _ in range(100):
        packet = draws.packet()
        assert {one.id for one in intent.accepts(packet)} == {one.id for one in backwards.accepts(packet)}


@given(seeds)
@few
def test_one_more_sentence_never_closes_anything(seed: int) -> None:
    network = network_of(seed)
    less, more = mean(replace(network, policy=network.policy[:-1])), mean(network)
    draws = Draws(network, seed)
    for _ in range(100):
        packet = draws.packet()
        assert {one.id for one in less.accepts(packet)} <= {one.id for one in more.accepts(packet)}


@given(seeds)
@few
def test_those_with_their_own_way_out_never_leave_by_another(seed: int) -> None:
    network, intent = network_of(seed), intent_of(seed)
    for claim in intent.claims():
        if claim.verdict is Verdict.ACCEPT:
            for route in network.routes_out:
                for cube in claim.packets.cubes():
                    if any(place.startswith("uplink:") and place != route.uplink for place in cube.egress.members):
                        for extent in route.sources:
                            assert extent.place not in cube.ingress or not extent.addresses & cube.sources


@given(seeds)
@few
def test_claims_leave_no_packet_between_two_places_unsaid(seed: int) -> None:
    """Accepted, forbidden, or denied by the rest: every packet that routing can bring, and none both ways."""
    intent = intent_of(seed)
    claims = intent.claims()
    draws = Draws(network_of(seed), seed)
    for _ in range(50):
        packet = draws.packet()
        own = [claim for claim in claims if not claim.id.startswith(("deny:", "accept:")) and packet in claim.packets]
        verdicts = {claim.verdict for claim in own}
        assert verdicts == ({Verdict.ACCEPT} if intent.accepts(packet) else verdicts & {Verdict.DENY})


@given(seeds)
@few
def test_ids_are_unique_and_stable(seed: int) -> None:
    intent = intent_of(seed)
    ids = [claim.id for claim in intent.claims()]
    assert len(set(ids)) == len(ids)
    assert ids == [claim.id for claim in intent_of(seed).claims()]


@given(seeds)
@few
def test_nothing_enters_by_a_tunnel_or_an_unknown_interface(seed: int) -> None:
    intent = intent_of(seed)
    tunnels = [uplink.id for uplink in intent.network.uplinks.values() if uplink.tunnel]
    for one in intent.meant:
        if one.kind is not Kind.ROUTER:
            for cube in one.packets.cubes():
                assert not any(place in cube.ingress for place in (*tunnels, "unknown"))


@given(seeds)
@few
def test_a_sentence_never_accepts_what_it_excepts(seed: int) -> None:
    """A service after ``except``: the sentence without its ``except`` accepts no less, and the difference is that."""
    network = network_of(seed)
    whole = mean(replace(network, policy=tuple(replace(sentence, but=()) for sentence in network.policy)))
    excepted = {sentence.id: sentence for sentence in network.policy if sentence.but}
    without = {one.id: one.packets for one in whole.meant}
    for one in mean(network).meant:
        if one.id in excepted:
            only = replace(excepted[one.id], matches=excepted[one.id].but, but=())
            taken = mean(replace(network, policy=(only,))).meant[0].packets
            assert not one.packets & taken
            assert one.packets | (without[one.id] & taken) == without[one.id]
        elif one.kind is Kind.POLICY:
            assert one.packets == without[one.id] != PacketSet()
