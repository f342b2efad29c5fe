"""RFC 5508 (BCP 148)."""

from __future__ import annotations

from bailiwick.twin.acts.nat.errors import (
    BAD_CHECKSUM,
    BAD_QUOTED,
    FROM_INSIDE,
    FROM_OUTSIDE,
    QUENCH,
    UNKNOWN,
    WITH_OPTIONS,
    errors,
)
from bailiwick.twin.acts.nat.filtering import FILTER, filtering
from bailiwick.twin.acts.nat.forwarding import EXCEEDED, forwarding
from bailiwick.twin.acts.nat.hairpin import HAIRPIN_ERROR, hairpins
from bailiwick.twin.acts.nat.mapping import ONE_MAPPING, mapping
from bailiwick.twin.acts.nat.timers import ERRORS, QUERY_TIMER, timers
from tests.conformance.requirement import Met, Requirement, over, tried

RFC = "RFC 5508"
ICMP = (
    Requirement(
        RFC,
        "REQ-1",
        "Queries from inside pass, and their answers come back.",
        Met.YES,
        "where a sentence opens ICMP to the zone",
        tried(filtering, *over("ICMP", FILTER)),
    ),
    Requirement(
        RFC,
        "REQ-1a",
        "A query's identifier is mapped to one, whoever is asked.",
        Met.YES,
        "unless another host asks the same peer with the same one",
        tried(mapping, *over("ICMP", ONE_MAPPING)),
    ),
    Requirement(
        RFC, "REQ-2", "A query may take a minute, and the time can be set.", Met.YES, trials=tried(timers, QUERY_TIMER)
    ),
    Requirement(
        RFC, "REQ-3", "An error with a wrong checksum is dropped.", Met.YES, trials=tried(errors, BAD_CHECKSUM)
    ),
    Requirement(
        RFC,
        "REQ-3a",
        "An error that quotes a header with a wrong checksum is dropped.",
        Met.NO,
        "Linux does not look at the quoted header's checksum; the error still has to fit a connection",
        tried(errors, BAD_QUOTED),
    ),
    Requirement(
        RFC, "REQ-3b", "Options in the quoted header are stepped over.", Met.YES, trials=tried(errors, WITH_OPTIONS)
    ),
    Requirement(
        RFC,
        "REQ-3c",
        "The quoted packet's own checksum is not looked at.",
        Met.YES,
        "errors pass that quote no more than part of a packet",
        tried(errors, FROM_OUTSIDE),
    ),
    Requirement(
        RFC, "REQ-3d", "Extensions behind the quoted packet do no harm.", Met.NONE, "no error with extensions is tried"
    ),
    Requirement(
        RFC,
        "REQ-4",
        "From outside: destination and quoted header are turned back, type and code stay; else dropped.",
        Met.YES,
        trials=tried(errors, FROM_OUTSIDE, UNKNOWN),
    ),
    Requirement(
        RFC,
        "REQ-5",
        "From inside: quoted header turned, type and code stay, the source is the outside address.",
        Met.YES,
        "for errors of another host inside too",
        tried(errors, FROM_INSIDE),
    ),
    Requirement(
        RFC,
        "REQ-6",
        "An error neither keeps a query's mapping nor ends it.",
        Met.YES,
        trials=tried(timers, *over("ICMP", ERRORS)),
    ),
    Requirement(
        RFC,
        "REQ-7",
        "Queries, and errors, turn round at the router.",
        Met.PARTLY,
        "errors do; a query to the router's own address is the router's, no mapping is looked for",
        tried(hairpins, HAIRPIN_ERROR),
    ),
    Requirement(
        RFC,
        "REQ-8",
        "What may not pass is told so.",
        Met.PARTLY,
        "in zones with `refuse: reject`; silence elsewhere, by the owner's choice",
    ),
    Requirement(
        RFC,
        "REQ-9",
        "Policy may keep errors from being sent to some networks.",
        Met.YES,
        "a permission; zones without `refuse: reject` use it",
    ),
    Requirement(
        RFC,
        "REQ-10a",
        "Destination unreachable, time exceeded and echo pass.",
        Met.YES,
        trials=(*tried(errors, FROM_OUTSIDE), *tried(forwarding, EXCEEDED), *tried(filtering, *over("ICMP", FILTER))),
    ),
    Requirement(
        RFC,
        "REQ-10c",
        "Source quench does not pass.",
        Met.NO,
        "Linux counts it among the errors of a known connection; hosts ignore it (RFC 6633)",
        tried(errors, QUENCH),
    ),
    Requirement(RFC, "REQ-11", "Other types may pass.", Met.NONE, "a permission; nothing to try"),
)
