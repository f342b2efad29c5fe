"""RFC 4787 (BCP 127), and what RFC 7857 (BCP 127 too) changes of it."""

from __future__ import annotations

from bailiwick.twin.acts.nat.errors import FROM_OUTSIDE, SURVIVES, errors
from bailiwick.twin.acts.nat.filtering import FILTER, filtering
from bailiwick.twin.acts.nat.hairpin import HAIRPIN, HAIRPIN_SOURCE, hairpins
from bailiwick.twin.acts.nat.mapping import (
    ADDRESS,
    CLASH,
    CLASHED_MAPPING,
    ONE_MAPPING,
    PRESERVED,
    RANGE,
    SHARED,
    mapping,
)
from bailiwick.twin.acts.nat.sizes import CUT, NEEDED, PIECES, sizes
from bailiwick.twin.acts.nat.timers import ERRORS, EXPIRED, INBOUND, OUTBOUND, UDP_TIMER, UNWANTED, timers
from tests.conformance.requirement import Met, Requirement, over, tried

RFC = "RFC 4787"
UDP = (
    Requirement(
        RFC,
        "REQ-1",
        "An inside address and port keep one outside port, whoever is spoken to.",
        Met.PARTLY,
        "as long as no other host has that port towards the same peer; then that peer, and it alone, sees another port",
        tried(mapping, *over("UDP", ONE_MAPPING, CLASHED_MAPPING)),
    ),
    Requirement(
        RFC,
        "REQ-2",
        "A host's sessions use one outside address.",
        Met.YES,
        "each uplink has one address",
        tried(mapping, *over("UDP", ADDRESS)),
    ),
    Requirement(
        RFC,
        "REQ-3",
        "No outside port serves two inside hosts at once.",
        Met.NO,
        "two hosts share a port while their peers differ (RFC 7857 allows it); to one peer never",
        tried(mapping, *over("UDP", SHARED, CLASH)),
    ),
    Requirement(
        RFC,
        "REQ-3a",
        "Ports below 1024 stay below, ports above stay above.",
        Met.YES,
        trials=tried(mapping, *over("UDP", RANGE, PRESERVED)),
    ),
    Requirement(
        RFC,
        "REQ-4",
        "Odd ports stay odd, even ones even.",
        Met.PARTLY,
        "every port is kept as it is; only one that is taken at that peer becomes any other",
        tried(mapping, *over("UDP", PRESERVED)),
    ),
    Requirement(
        RFC,
        "REQ-5",
        "A mapping lives two minutes at least, five by recommendation, and the time can be set.",
        Met.PARTLY,
        "two minutes; five for what has been a conversation for two seconds, as Linux counts",
        tried(timers, UDP_TIMER, *over("UDP", EXPIRED)),
    ),
    Requirement(
        RFC,
        "REQ-6",
        "What the inside sends keeps the mapping alive; what the outside sends may.",
        Met.YES,
        "the peer's packets keep it too, a stranger's do not",
        tried(timers, *over("UDP", OUTBOUND, INBOUND, UNWANTED)),
    ),
    Requirement(
        RFC,
        "REQ-7",
        "Inside and outside subnets do not clash when the outside one is the provider's choice.",
        Met.NONE,
        "a provider that gives an address of a subnet of the home is not tried",
    ),
    Requirement(
        RFC,
        "REQ-8",
        "Anyone may answer (for transparency), or any port of the peer (for security).",
        Met.NO,
        "stricter by design: the peer's address and port alone",
        tried(filtering, *over("UDP", FILTER)),
    ),
    Requirement(RFC, "REQ-9", "A forward works from inside too.", Met.YES, trials=tried(hairpins, HAIRPIN)),
    Requirement(
        RFC,
        "REQ-9a",
        "From inside, the service sees the caller's outside address and port.",
        Met.NO,
        "by design it sees the caller's own address, or the router's where both are in one zone",
        tried(hairpins, HAIRPIN_SOURCE),
    ),
    Requirement(
        RFC,
        "REQ-10",
        "Helpers that change what packets say are off.",
        Met.NONE,
        "no act shows it: no rule assigns a helper, and Linux has had none by itself since 6.0",
    ),
    Requirement(
        RFC,
        "REQ-11",
        "Translation and filtering never change with circumstances.",
        Met.PARTLY,
        "filtering never; a port that is taken at that peer is the one circumstance for translation",
        tried(mapping, *over("UDP", PRESERVED, CLASHED_MAPPING)),
    ),
    Requirement(
        RFC, "REQ-12", "No ICMP message ends a mapping.", Met.YES, trials=tried(errors, *over("UDP", SURVIVES))
    ),
    Requirement(
        RFC,
        "REQ-12a",
        "ICMP errors are not filtered by who sends them.",
        Met.YES,
        "a router on the way may complain as well as the peer; never one with a source that no uplink has",
        tried(errors, *over("UDP", FROM_OUTSIDE)),
    ),
    Requirement(
        RFC,
        "REQ-12b",
        "Destination unreachable comes through.",
        Met.YES,
        trials=tried(errors, *over("UDP", FROM_OUTSIDE)),
    ),
    Requirement(
        RFC, "REQ-13", "Who sends too much in one piece is told what fits.", Met.YES, trials=tried(sizes, NEEDED)
    ),
    Requirement(RFC, "REQ-13a", "What may be cut is cut and sent in order.", Met.YES, trials=tried(sizes, CUT)),
    Requirement(RFC, "REQ-14", "Pieces arrive whatever their order.", Met.YES, trials=tried(sizes, PIECES)),
    Requirement(
        RFC,
        "REQ-14a",
        "Floods of pieces do not stop whole packets.",
        Met.NONE,
        "no flood is tried; Linux bounds the memory of unfinished packets (ipfrag_high_thresh)",
    ),
    Requirement(
        "RFC 7857",
        "overlapping ports",
        "Two hosts may share an outside port when their peers differ.",
        Met.YES,
        trials=tried(mapping, *over("UDP", SHARED)),
    ),
    Requirement(
        "RFC 7857",
        "refresh",
        "Neither errors nor packets that are filtered keep a mapping alive.",
        Met.YES,
        trials=tried(timers, *over("UDP", UNWANTED, ERRORS)),
    ),
)
