"""How the router maps inside ends to outside ones (RFC 4787 §4, RFC 5382 §4.1 and §7.1, RFC 5508 §3.1).

Linux keeps the source port while no other connection to the same peer has it, and takes one at random otherwise
(``nf_nat_l4proto_unique_tuple``, net/netfilter/nf_nat_core.c). Where that is not what a requirement asks, the check
says what Linux does; docs/conformance.md says that it is not what was asked.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from bailiwick.packets.packet import ICMP
from bailiwick.twin.acts.nat.datagrams import Datagram
from bailiwick.twin.acts.nat.puppets import Puppets
from bailiwick.twin.acts.nat.speakers import PEERS, Speaker
from bailiwick.twin.acts.nat.talk import NAMES, came_in, comparison, each_speaker, opening, reply, sent_out, untried
from bailiwick.twin.acts.stage import Stage
from bailiwick.twin.result import Check

ONE_MAPPING = "NAT: one mapping whoever is spoken to"
ADDRESS = "NAT: the uplink's address alone"
PRESERVED = "NAT: source ports kept, odd and even, one after the other"
RANGE = "NAT: source ports below 1024 stay below"
SHARED = "NAT: one outside port for two hosts who speak to different peers"
CLASH = "NAT: two hosts with one source port who speak to the same peer"
CLASHED_MAPPING = "NAT: mappings of a host whose port another has taken at one peer"
TURNS = 5


def mapping(stage: Stage) -> Iterator[Check]:
    """For each protocol and each uplink by which somebody may open it."""
    yield from each_speaker(stage, ONE_MAPPING, _played)


def _played(puppets: Puppets, speaker: Speaker) -> Iterator[Check]:
    yield from _alone(puppets, speaker)
    yield from _together(puppets, speaker)


def _where(speaker: Speaker) -> str:
    return f"{NAMES[speaker.protocol]} from {speaker.words}"


def _ports(*seen: Datagram | None) -> str:
    return ", ".join(str(one.source_port) if one else "lost" for one in seen)


def _alone(puppets: Puppets, speaker: Speaker) -> Iterator[Check]:
    where = _where(speaker)
    first = puppets.fresh_port()
    out = [sent_out(puppets, speaker, opening(speaker, peer, first)) for peer in PEERS]
    if speaker.protocol != ICMP and speaker.ports[0] < speaker.ports[1]:
        out.append(sent_out(puppets, speaker, opening(speaker, PEERS[0], first, speaker.port + 1)))
    yield comparison(ONE_MAPPING, where, _ports(*[out[0]] * len(out)), _ports(*out))
    addresses = {one.source for one in out if one}
    yield comparison(ADDRESS, where, str(speaker.outside), ", ".join(sorted(map(str, addresses))))
    kept = [puppets.fresh_port() + number % 2 for number in range(TURNS)]
    seen = [sent_out(puppets, speaker, opening(speaker, PEERS[0], port)) for port in kept]
    yield comparison(PRESERVED, where, ", ".join(map(str, kept)), _ports(*seen))
    low = sent_out(puppets, speaker, opening(speaker, PEERS[0], 700 + puppets.fresh_port() % 300))
    shown = "below 1024" if low and low.source_port < 1024 else _ports(low)
    yield comparison(RANGE, where, "below 1024", shown)


def _together(puppets: Puppets, speaker: Speaker) -> Iterator[Check]:
    where = _where(speaker)
    if not speaker.others:
        yield untried(f"{CLASH}, {where}", "one host alone may speak there")
        return
    station, address = speaker.others[0]
    port = puppets.fresh_port()
    mine = sent_out(puppets, speaker, opening(speaker, PEERS[0], port))
    other = replace(speaker, station=station, source=address)
    apart = sent_out(puppets, other, opening(other, PEERS[1], port))
    yield comparison(SHARED, where, _ports(mine, mine), _ports(mine, apart))
    beside = sent_out(puppets, other, opening(other, PEERS[0], port))
    if mine is None or beside is None:
        yield Check(f"{CLASH}, {where}", "two mappings, each answered", f"ports {_ports(mine, beside)}", False)
        return
    answered = [
        came_in(puppets, who, reply(seen), opening(who, PEERS[0], port))
        for who, seen in ((speaker, mine), (other, beside))
    ]
    differ = "two mappings" if mine.source_port != beside.source_port else "one mapping"
    seen = f"{differ}, {'each answered' if all(answered) else 'not each answered'}"
    yield comparison(CLASH, where, "two mappings, each answered", seen)
    ways = "one for each peer" if apart and apart.source_port != beside.source_port else "one for both"
    yield comparison(CLASHED_MAPPING, where, "one for each peer", ways)
