"""What is asked of any router and any edge: RFC 1812, BCP 38, BCP 84, RFC 6890, RFC 2644."""

from __future__ import annotations

from bailiwick.twin.acts.nat.forwarding import (
    BROADCAST,
    DAMAGED,
    EXCEEDED,
    HOPS,
    NO_ERRORS,
    SOURCE_ROUTE,
    forwarding,
)
from bailiwick.twin.acts.nat.sizes import NEEDED, sizes
from bailiwick.twin.acts.nat.sources import FORGED, FORGED_OUTSIDE, NOWHERE, sources
from tests.conformance.requirement import Met, Requirement, tried

RFC = "RFC 1812"
ROUTING = (
    Requirement(
        RFC, "4.2.2.5", "A wrong header checksum drops the packet.", Met.YES, trials=tried(forwarding, DAMAGED)
    ),
    Requirement(
        RFC,
        "4.3.2.7",
        "No error about an error.",
        Met.YES,
        trials=tried(forwarding, NO_ERRORS),
    ),
    Requirement(
        RFC,
        "4.3.3.1",
        "Too large and not to be cut: the sender is told, with the size that fits (RFC 1191).",
        Met.YES,
        trials=tried(sizes, NEEDED),
    ),
    Requirement(
        RFC,
        "5.3.13.4",
        "Packets may choose their own way (source routes).",
        Met.NO,
        "dropped by design; RFC 7126 §4.3 and §4.4 recommend that",
        tried(forwarding, SOURCE_ROUTE),
    ),
    Requirement(
        RFC,
        "5.3.1",
        "Each hop counts one; at the last the packet is dropped and its sender told.",
        Met.YES,
        trials=tried(forwarding, HOPS, EXCEEDED),
    ),
    Requirement(
        RFC,
        "5.3.2",
        "The class of service goes on as it came.",
        Met.YES,
        trials=tried(forwarding, HOPS),
    ),
    Requirement(
        RFC,
        "5.3.4, 5.3.5",
        "What is sent to everybody stays in its network, another's broadcast address included (RFC 2644).",
        Met.YES,
        trials=tried(forwarding, BROADCAST),
    ),
    Requirement(
        RFC,
        "5.3.7",
        "Sources and destinations that cannot be are dropped.",
        Met.YES,
        trials=tried(sources, FORGED, NOWHERE),
    ),
    Requirement(
        RFC,
        "5.3.8",
        "A source is checked against where it enters.",
        Met.YES,
        "by the filter, not by the kernel's rp_filter, which would drop the answers of an exit",
        tried(sources, FORGED, FORGED_OUTSIDE),
    ),
    Requirement(
        RFC, "7", "Routes are learnt from neighbours.", Met.NONE, "a home has none to learn; no routing protocol runs"
    ),
    Requirement(
        "RFC 2827",
        "§3",
        "No forged source leaves the network (BCP 38).",
        Met.YES,
        trials=tried(sources, FORGED),
    ),
    Requirement(
        "RFC 3704",
        "uplinks",
        "With several uplinks too (BCP 84): a zone's packets bear its own sources alone.",
        Met.YES,
        trials=tried(sources, FORGED),
    ),
    Requirement(
        "RFC 3704",
        "from outside",
        "Nobody outside speaks for the home.",
        Met.YES,
        trials=tried(sources, FORGED_OUTSIDE),
    ),
    Requirement(
        "RFC 6890",
        "registry",
        "Special-purpose addresses are neither believed from outside nor sought there.",
        Met.YES,
        "but for the modem and hosts that the home file names",
        tried(sources, FORGED_OUTSIDE, NOWHERE),
    ),
)
